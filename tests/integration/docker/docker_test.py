# SPDX-License-Identifier: Apache-2.0
#
# docker_test.py: secrets planted in a real engine's images and containers are found where they are,
# from its data root, from a host root with a relocated data root, and from `docker save`.
#
# In the release build only, see README.md.

import functools
import json
import os
import shutil
import subprocess
import tempfile
import unittest

import meridian_cli as meridian
import corpus
import engine as engines
import opens
import references
from planted import token, token_rule

ENGINE = None
RULE = token_rule()
GREETING = "hello-file"
VIEWER = os.path.join(os.environ["MERIDIAN_FIXTURES"], "viewer")
VIEWER_ID = "org.meridian.fixture.viewer"


def setUpModule():
    global ENGINE
    ENGINE = engines.Engine()
    unittest.addModuleCleanup(ENGINE.close)
    ENGINE.start()
    corpus.build_images(ENGINE)
    corpus.run_containers(ENGINE)
    os.makedirs(os.path.join(ENGINE.host, "var/lib"))
    os.symlink(ENGINE.data, os.path.join(ENGINE.host, "var/lib/docker"))


def scan_store(*args, **how):
    """The data root where it is, given by hand."""
    return meridian.scan("--host-root", "/", "--store", "docker=" + ENGINE.data_root, "--no-discover", *args, **how)


@functools.lru_cache(maxsize=None)
def whole():
    """The data root with plugin secrets; what most tests look at. Two thirds of a scan are its patterns."""
    return scan_store("--jobs", 2, plugins=meridian.SECRETS)


def list_store(*args):
    return meridian.run("--host-root", "/", "--store", "docker=" + ENGINE.data_root, "--no-discover", "list", *args)


def found(report, rule=RULE):
    """Target name -> {(path, layer index, visibility)} of one rule."""
    result = {name: set() for name in meridian.target_names(report).values()}
    for name, path, _, layer, visibility in meridian.places(report, rule):
        result[name].add((path, layer, visibility))
    return result


def identities(report, names):
    """What must not depend on how an image is stored: one set of tuples for the targets `names`."""
    ids = {meridian.target(report, name)["id"]: name for name in names}
    return {(ids[finding["target"]], finding["fingerprint"], finding["rule"],
             meridian.path_of(finding["location"]), finding["location"].get("line"),
             finding["location"].get("layer", {}).get("index"), finding["location"]["visibility"])
            for finding in report["findings"] if finding["target"] in ids}


class Premises(unittest.TestCase):
    """The engine really made what the other tests are about."""

    def test_the_directory_is_opaque_on_disk(self):
        top = ENGINE.layer_directories("opaque:1")[4]
        self.assertEqual(os.getxattr(os.path.join(top, "d"), "trusted.overlay.opaque"), b"y")

    def test_the_images_share_the_bases_layers(self):
        base = ENGINE.layer_directories("base:1")
        for image in corpus.IMAGES[1:]:
            self.assertEqual(ENGINE.layer_directories(image)[:3], base)

    def test_the_containers_are_in_their_states(self):
        states = {name: ENGINE.inspect(name)["State"]["Status"] for name in corpus.IN_CONTAINERS}
        self.assertEqual(states, {"running": "running", "stopped": "exited", "created": "created"})


class DataRoot(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.done = whole()

    def test_it_ends_well_and_complete(self):
        self.assertEqual(self.done.code, 0, self.done)
        self.assertTrue(self.done.json["complete"])
        self.assertEqual(self.done.json["gaps"], [])

    def test_every_secret_is_found_where_it_is_and_nothing_else(self):
        self.maxDiff = None
        self.assertEqual(found(self.done.json), corpus.EVERYWHERE)

    def test_only_the_planted_rule_fires(self):
        self.assertEqual({finding["rule"] for finding in self.done.json["findings"]}, {RULE})

    def test_no_value_stands_in_the_report(self):
        table = meridian.run("--store", "docker=" + ENGINE.data_root, "--no-discover", "scan", "--plugin-dir",
                             meridian.SECRETS, "--log-level", "debug")
        for text in (self.done.out, self.done.err, table.out, table.err):
            for value in corpus.VALUES:
                self.assertNotIn(value, text)
                self.assertNotIn(value[8:30], text)

    def test_every_pair_of_target_and_plugin_is_covered_and_complete(self):
        report = self.done.json
        pairs = {(entry["target"], entry["plugin"]): entry for entry in report["coverage"]}
        self.assertEqual(len(pairs), len(report["targets"]) * len(report["plugins"]))
        self.assertEqual({(entry["result"], entry["complete"]) for entry in pairs.values()}, {("findings", True)})

    def test_a_container_has_its_images_layers_then_init_then_writable(self):
        for name in corpus.IN_CONTAINERS:
            with self.subTest(name):
                one = meridian.target(self.done.json, name)
                self.assertEqual([layer["kind"] for layer in one["layers"]], ["image"] * 5 + ["init", "writable"])
                self.assertEqual([layer["identity"] for layer in one["layers"]], ["recorded"] * 5 + ["local"] * 2)
                self.assertEqual(one["image_id"], ENGINE.inspect(name)["Image"])

    def test_layers_are_what_the_engine_says(self):
        for name in corpus.IMAGES:
            with self.subTest(name):
                diff_ids = [layer["diff_id"] for layer in meridian.target(self.done.json, name)["layers"]]
                self.assertEqual(diff_ids, ENGINE.inspect(name)["RootFS"]["Layers"])

    def test_each_layer_is_scanned_once(self):
        targets = self.done.json["targets"]
        layers = [layer.get("diff_id") or layer["id"] for one in targets for layer in one["layers"]]
        statistics = self.done.json["statistics"]
        self.assertEqual((statistics["layers"], statistics["layers_unique"]), (len(layers), len(set(layers))))

    def test_a_reference_chooses_by_name_and_by_id(self):
        image, container = ENGINE.inspect("opaque:1")["Id"], ENGINE.inspect("running")["Id"]
        for args, names in ((["image", "opaque"], {"opaque:1"}), (["image", image], {"opaque:1"}),
                            (["image", image[7:19]], {"opaque:1"}), (["container", "running"], {"running"}),
                            (["container", container[:12]], {"running"}), (["container"], set(corpus.IN_CONTAINERS)),
                            (["image"], set(corpus.IMAGES))):
            with self.subTest(args):
                report = scan_store(*args).json
                self.assertEqual(set(meridian.target_names(report).values()), names)
                self.assertEqual(found(report, GREETING), {name: corpus.GREETINGS[name] for name in names})

    def test_jobs_and_order_change_nothing(self):
        wanted = meridian.steady(self.done.out)
        for jobs in (1, 3, 8):
            with self.subTest(jobs=jobs):
                again = scan_store("--jobs", jobs, "--shuffle", jobs, plugins=meridian.SECRETS)
                self.assertEqual(meridian.steady(again.out), wanted)


class HostRoot(unittest.TestCase):
    """The data root lies at /srv/docker-data of a machine whose root is not ours."""

    def found_there(self, *args, **how):
        done = meridian.scan("--host-root", ENGINE.host, *args, **how)
        self.assertEqual(done.code, 0, done)
        self.assertEqual(done.json["host"]["root"], ENGINE.host)
        return done.json

    def test_an_absolute_link_at_the_default_place(self):
        self.assertEqual(os.readlink(os.path.join(ENGINE.host, "var/lib/docker")), "/srv/docker-data")
        self.assertFalse(os.path.exists("/srv/docker-data"), "the link would work without a host root")
        report = self.found_there(plugins=meridian.SECRETS)
        self.assertEqual(found(report), corpus.EVERYWHERE)
        self.assertEqual(identities(report, corpus.EVERYWHERE), identities(whole().json, corpus.EVERYWHERE))

    def test_the_root_from_the_environment(self):
        done = meridian.scan(env={"MERIDIAN_HOST_ROOT": ENGINE.host})
        self.assertEqual((done.code, found(done.json, GREETING)), (0, corpus.GREETINGS), done)

    def test_a_data_root_that_daemon_json_announces(self):
        link, config = os.path.join(ENGINE.host, "var/lib/docker"), os.path.join(ENGINE.host, "etc/docker")
        os.remove(link)
        self.addCleanup(os.symlink, ENGINE.data, link)
        os.makedirs(config)
        self.addCleanup(shutil.rmtree, config)
        with open(os.path.join(config, "daemon.json"), "w") as out:
            json.dump({"data-root": ENGINE.data}, out)
        self.assertEqual(found(self.found_there(), GREETING), corpus.GREETINGS)

    def test_a_store_is_named_below_the_host_root(self):
        report = self.found_there("--no-discover", "--store", "docker=" + ENGINE.data)
        self.assertEqual(found(report, GREETING), corpus.GREETINGS)


class Save(unittest.TestCase):
    """The same images as `docker save` archives: what is found must not depend on where from."""

    @classmethod
    def setUpClass(cls):
        cls.path = os.path.join(ENGINE.home, "save.tar")
        ENGINE.docker("save", "-o", cls.path, *corpus.IMAGES)
        cls.done = meridian.scan("docker-archive:" + cls.path, plugins=meridian.SECRETS)

    def test_every_secret_is_found_where_it_is(self):
        self.assertEqual(self.done.code, 0, self.done)
        self.assertEqual(found(self.done.json), corpus.IN_IMAGES)

    def test_paths_rules_layers_visibility_and_fingerprints_are_those_of_the_data_root(self):
        self.assertEqual(identities(self.done.json, corpus.IMAGES),
                         identities(whole().json, corpus.IMAGES))

    def test_identities_are_verified_here_and_recorded_there(self):
        for report, identity in ((self.done.json, "verified"), (whole().json, "recorded")):
            layers = [layer for one in report["targets"] if one["kind"] == "image" for layer in one["layers"]]
            self.assertEqual({layer["identity"] for layer in layers}, {identity})

    def test_an_image_in_both_is_one_target(self):
        done = scan_store("image", *corpus.IMAGES, "docker-archive:" + self.path)
        self.assertEqual(done.code, 0, done)
        self.assertEqual({one["names"][0]: len(one["present_in"]) for one in done.json["targets"]},
                         dict.fromkeys(corpus.IMAGES, 2))


class MergedView(unittest.TestCase):
    """What a plugin is shown of whole targets: from layer directories, from a saved archive, and from a plain
    directory, against what the engine itself exports."""
    LOOK = ("/bin/ls", "etc/../srv", "d", "d/sub", "srv/app.conf", "no/such", "bin")

    @classmethod
    def setUpClass(cls):
        cls.options = ["--set", "%s.look=%s" % (VIEWER_ID, json.dumps(cls.LOOK))]
        cls.archive = os.path.join(ENGINE.home, "merged.tar")
        ENGINE.docker("save", "-o", cls.archive, *corpus.IMAGES)
        cls.store = scan_store(*cls.options, plugins=VIEWER)

    @staticmethod
    def shown(done, name):
        """(rule, path or field, layer) -> what the plugin saw."""
        wanted = meridian.target(done.json, name)["id"]
        return {(one["rule"], meridian.path_of(one["location"]) or one["location"]["field"],
                 one["location"].get("layer", {}).get("index")): one["evidence"]["text"]
                for one in done.json["findings"] if one["target"] == wanted}

    def test_layer_directories_and_the_archive_of_them_show_the_same(self):
        done = meridian.scan("docker-archive:" + self.archive, *self.options, plugins=VIEWER)
        self.assertEqual((self.store.code, done.code), (0, 0), done)
        for name in corpus.IMAGES:
            with self.subTest(name):
                self.assertEqual(self.shown(done, name), self.shown(self.store, name))

    def test_a_target_shows_the_files_that_the_engine_exports(self):
        for name in ("running", "stopped", "created"):
            with self.subTest(name):
                tree = os.path.join(ENGINE.home, "export-" + name)
                os.makedirs(tree)
                self.addCleanup(shutil.rmtree, tree)
                packed = os.path.join(ENGINE.home, "export.tar")
                ENGINE.docker("export", "-o", packed, name)
                subprocess.run(["tar", "-C", tree, "-xf", packed], check=True)
                done = meridian.scan("dir:" + tree, *self.options, plugins=VIEWER)
                exported = {key[:2]: seen for key, seen in self.shown(done, done.json["targets"][0]["id"]).items()}
                ours = {key[:2]: seen for key, seen in self.shown(self.store, name).items()}
                self.assertGreater(len(ours), corpus.BASE_FILES)
                self.assertEqual(ours, exported)


@unittest.skipIf(meridian.SANITIZED, "a sanitizer's leak checker fails below strace; the release build counts")
class Opens(unittest.TestCase):
    """Counted from outside: one read of the base for the four images and three containers on it."""

    @classmethod
    def setUpClass(cls):
        command = [meridian.BINARY, "--host-root", "/", "--store", "docker=" + ENGINE.data_root, "--no-discover",
                   "scan", "--plugin-dir", meridian.SECRETS, "--format", "json", "--jobs", "2"]
        done, cls.opened = opens.count(command, ENGINE.data_root, meridian.environment())
        if done.returncode != 0:
            raise AssertionError("under strace: %d\n%s" % (done.returncode, done.stderr.decode()))
        cls.report = meridian.validate(json.loads(done.stdout))

    def layer(self, image, index):
        return os.path.relpath(ENGINE.layer_directories(image)[index], ENGINE.data_root)

    def test_the_counter_counts(self):
        files = [os.path.join(ENGINE.layer_directories("base:1")[2], "opt/tree", name)
                 for name in ("00/000.conf", "00/000.conf", "01/001.conf")]
        _, opened = opens.count(["cat", *files], ENGINE.data_root, meridian.environment())
        self.assertEqual(sorted(opened.values()), [1, 2])

    def test_the_trace_is_of_the_same_scan(self):
        self.assertEqual(found(self.report), corpus.EVERYWHERE)

    def test_each_file_of_the_shared_layer_is_opened_once(self):
        prefix = self.layer("base:1", corpus.BASE_LAYER) + "/opt/"
        times = {path[len(prefix):]: count for path, count in self.opened.items() if path.startswith(prefix)}
        self.assertEqual(times, {path: 1 for path in corpus.base_files()})

    def test_no_file_of_any_layer_is_opened_twice(self):
        twice = {path: count for path, count in self.opened.items() if "/diff/" in path and count > 1}
        self.assertEqual(twice, {})

    def test_the_merged_mount_of_a_running_container_is_not_touched(self):
        self.assertEqual([path for path in self.opened if "/merged/" in path or "/work/" in path], [])

    def test_the_statistics_agree(self):
        files = [path for path in self.opened if "/diff/" in path]
        self.assertEqual(self.report["statistics"]["files_opened"], len(files))


@unittest.skipIf(meridian.SANITIZED, "see Opens")
class OpensOfAPluginThatAsksForLittle(unittest.TestCase):
    def test_only_subscribed_files_are_opened_and_each_once(self):
        command = [meridian.BINARY, "--host-root", "/", "--store", "docker=" + ENGINE.data_root, "--no-discover",
                   "scan", "--plugin-dir", meridian.HELLO, "--format", "json"]
        done, opened = opens.count(command, ENGINE.data_root, meridian.environment())
        self.assertEqual(done.returncode, 0, done.stderr)
        wanted = {os.path.relpath(os.path.join(ENGINE.layer_directories(image)[layer], path), ENGINE.data_root): 1
                  for image in corpus.IMAGES for path, layer, _ in corpus.GREETINGS[image]}
        self.assertEqual({path: times for path, times in opened.items() if "/diff/" in path}, wanted)


class Look(unittest.TestCase):
    """fs and list."""

    def fs(self, verb, name, path):
        return meridian.run("--host-root", ENGINE.host, "fs", verb, name, path)

    def test_cat_shows_what_the_container_would_see(self):
        self.assertIn("# rotated", self.fs("cat", "overwritten:1", "/srv/app.conf").out)
        self.assertEqual(self.fs("cat", "stopped", "/d/new").out, "new\n")
        self.assertEqual(self.fs("cat", "running", "/srv/runtime.conf").out.strip(), token(200))

    def test_what_is_deleted_is_not_there(self):
        for name, path in (("deleted:1", "/srv/deleted.key"), ("opaque:1", "/d/sub/token.conf"),
                           ("running", "/opt/tree/deep/token.conf")):
            with self.subTest(name):
                done = self.fs("cat", name, path)
                self.assertNotEqual(done.code, 0, done)
                self.assertEqual(done.out, "")

    def test_ls_agrees_with_the_running_container(self):
        for folder in ("/", "/srv", "/bin", "/opt/tree/deep"):
            with self.subTest(folder):
                there = set(ENGINE.docker("exec", "running", "ls", "-A", folder).stdout.split())
                if folder == "/":  # mount points that runc makes in the container, of no layer's content
                    there -= {"proc", "sys", "dev"}
                done = self.fs("ls", "running", folder)
                ours = {line.split(" -> ")[0].split()[-1].rstrip("/").split("/")[-1]
                        for line in done.out.splitlines() if line}
                self.assertEqual(ours - {"proc", "sys", "dev"}, there, done)

    def test_list_images_shows_what_docker_images_shows(self):
        listed = list_store("images", "--format", "json").json["targets"]
        theirs = set(ENGINE.docker("images", "--no-trunc", "--format", "{{.ID}}").stdout.split())
        self.assertEqual({one["present_in"][0]["id"] for one in listed}, theirs)
        every = list_store("images", "--all", "--format", "json").json["targets"]
        theirs = set(ENGINE.docker("images", "--all", "--no-trunc", "--format", "{{.ID}}").stdout.split())
        self.assertEqual({one["present_in"][0]["id"] for one in every}, theirs)
        self.assertGreater(len(every), len(listed))

    def test_list_containers_shows_names_states_and_images(self):
        listed = list_store("containers", "--format", "json").json["targets"]
        self.assertEqual({(one["names"][0], one["state"], one["image_id"]) for one in listed},
                         {(name, ENGINE.inspect(name)["State"]["Status"], ENGINE.inspect(name)["Image"])
                          for name in corpus.IN_CONTAINERS})
        table = list_store("containers")
        for name in corpus.IN_CONTAINERS:
            self.assertIn(name, table.out)


class References(references.References, unittest.TestCase):
    @classmethod
    def engine(cls):
        return ENGINE


class WithoutSysAdmin(unittest.TestCase):
    """uid 0 with CAP_DAC_READ_SEARCH alone: the kernel hides trusted.overlay.opaque and says nothing."""

    ALONE = ("setpriv", "--bounding-set=-all,+dac_read_search", "--inh-caps=-all")

    @classmethod
    def setUpClass(cls):
        cls.done = scan_store(plugins=meridian.SECRETS, prefix=cls.ALONE)

    def test_the_attribute_is_hidden_there(self):
        top = os.path.join(ENGINE.layer_directories("opaque:1")[4], "d")
        code = "import os; print('trusted.overlay.opaque' in os.listxattr(%r))" % top
        for prefix, seen in (((), "True"), (self.ALONE, "False")):
            told = subprocess.run([*prefix, "/usr/bin/python3", "-c", code], capture_output=True, text=True, check=True)
            self.assertEqual(told.stdout.strip(), seen)

    def test_images_are_reported_as_with_every_right(self):
        images = {one["id"] for one in whole().json["targets"] if one["kind"] == "image"}
        for part in ("targets", "findings", "coverage", "gaps"):
            def of_images(report):
                return [{key: value for key, value in entry.items() if key != "milliseconds"} for entry in report[part]
                        if (entry["id"] if part == "targets" else entry.get("target")) in images]
            self.assertEqual(of_images(self.done.json), of_images(whole().json))
        self.assertEqual(found(self.done.json)["opaque:1"], corpus.OPAQUE)

    def test_containers_are_flagged_with_a_gap_that_names_the_capability(self):
        report = self.done.json
        self.assertEqual(self.done.code, 0, self.done)
        self.assertFalse(report["complete"])
        for one in report["targets"]:
            with self.subTest(one["names"]):
                container = one["kind"] == "container"
                self.assertEqual(one.get("overlay_markers"), "incomplete" if container else None)
                gaps = [gap for gap in report["gaps"] if gap.get("target") == one["id"]]
                self.assertEqual([gap["kind"] for gap in gaps], ["privilege"] if container else [])
                self.assertTrue(all("CAP_SYS_ADMIN" in gap["mend"] for gap in gaps))

    def test_what_a_container_holds_is_found_all_the_same(self):
        for name, places in corpus.IN_CONTAINERS.items():
            self.assertEqual({place[:2] for place in found(self.done.json)[name]}, {place[:2] for place in places})

    def test_the_merged_view_warns(self):
        done = meridian.run("--host-root", ENGINE.host, "fs", "ls", "running", "/", prefix=self.ALONE)
        self.assertEqual(done.code, 0, done)
        self.assertIn("CAP_SYS_ADMIN", done.err)


class Redirected(unittest.TestCase):
    """What an image may bring into overlay2 (dockerd stores trusted.overlay.* of a layer), in a copy of the store."""

    @classmethod
    def setUpClass(cls):
        cls.host = tempfile.mkdtemp(prefix="meridian-test-")
        cls.addClassCleanup(shutil.rmtree, cls.host)
        data = cls.host + "/var/lib/docker"
        os.makedirs(os.path.dirname(data))
        subprocess.run(["cp", "-a", ENGINE.data_root, data], check=True)
        top = os.path.join(data, os.path.relpath(ENGINE.layer_directories("opaque:1")[4], ENGINE.data_root))
        os.mkdir(top + "/moved")
        os.setxattr(top + "/moved", "trusted.overlay.redirect", b"/opt")
        os.makedirs(top + "/etc", exist_ok=True)
        with open(top + "/etc/hello.copy", "wb") as out:
            out.truncate(100)
        os.setxattr(top + "/etc/hello.copy", "trusted.overlay.metacopy", b"")

    def test_what_a_redirect_shows_is_visible_under_its_merged_name_too(self):
        report = meridian.scan("--host-root", self.host, "image", "opaque:1", plugins=meridian.SECRETS).json
        moved = {("moved" + path[3:], layer, visibility) for path, layer, visibility in corpus.BASE}
        self.assertEqual(found(report)["opaque:1"], corpus.OPAQUE | moved)
        self.assertIn("unsupported", {gap["kind"] for gap in report["gaps"]})
        done = meridian.run("--host-root", self.host, "fs", "ls", "opaque:1", "/moved/tree/deep")
        self.assertIn("token.conf", done.out)

    def test_the_zeros_of_a_metacopy_file_are_a_gap_and_no_content(self):
        report = meridian.scan("--host-root", self.host, "image", "opaque:1").json
        self.assertIn(("unsupported", "etc/hello.copy"), {(gap["kind"], gap.get("path")) for gap in report["gaps"]})
        self.assertEqual(found(report, GREETING)["opaque:1"], corpus.GREETINGS["opaque:1"])
        done = meridian.run("--host-root", self.host, "fs", "cat", "opaque:1", "/etc/hello.copy")
        self.assertNotEqual(done.code, 0, done)


class Damage(unittest.TestCase):
    """A damaged copy of the data root: each damage costs what it hit, by name; the rest goes on."""

    def setUp(self):
        self.host = os.path.join(meridian.scratch(self), "host")
        self.data = self.host + "/var/lib/docker"
        os.makedirs(os.path.dirname(self.data))
        subprocess.run(["cp", "-a", ENGINE.data_root, self.data], check=True)

    def file(self, *parts):
        return os.path.join(self.data, *parts)

    def write(self, path, content):
        with open(path, "wb") as out:
            out.write(content)

    def costs(self, named, lost, kinds=("corrupt", "integrity", "unreadable")):
        """Targets `lost` are not found complete; all others are as ever; a gap names the file."""
        done = meridian.scan("--host-root", self.host)
        self.assertEqual(done.code, 3, done)
        report = done.json
        self.assertFalse(report["complete"])
        rest = {name: places for name, places in corpus.GREETINGS.items() if name not in lost}
        self.assertEqual({name: places for name, places in found(report, GREETING).items() if name in rest}, rest)
        gaps = [gap for gap in report["gaps"]
                if gap["kind"] in kinds and named in gap.get("path", "") + gap["message"]]
        self.assertTrue(gaps, "no gap of %s names %s: %s" % (kinds, named, report["gaps"]))

    def image_config(self, name):
        digest = ENGINE.inspect(name)["Id"][7:]
        return digest, self.file("image/overlay2/imagedb/content/sha256", digest)

    def test_the_copy_itself_is_whole(self):
        done = meridian.scan("--host-root", self.host)
        self.assertEqual((done.code, found(done.json, GREETING)), (0, corpus.GREETINGS), done)

    def test_an_image_configuration_that_is_junk(self):
        digest, path = self.image_config("opaque:1")
        self.write(path, b"{nonsense")
        self.costs(digest, {"opaque:1", "stopped"})

    def test_an_image_configuration_that_is_missing(self):
        digest, path = self.image_config("opaque:1")
        os.remove(path)
        self.costs(digest, {"opaque:1", "stopped"})

    def test_an_image_configuration_that_is_another_ones(self):
        digest, path = self.image_config("opaque:1")
        shutil.copy(self.image_config("deleted:1")[1], path)
        self.costs(digest, {"opaque:1", "stopped"})

    def test_an_image_configuration_that_is_huge(self):
        digest, path = self.image_config("opaque:1")
        os.truncate(path, 1 << 33)
        self.costs(digest, {"opaque:1", "stopped"}, ["limit"])

    def test_a_fifo_in_the_place_of_a_file(self):
        digest, path = self.image_config("opaque:1")
        os.remove(path)
        os.mkfifo(path)
        self.costs(digest, {"opaque:1", "stopped"})

    def test_a_container_record_that_is_junk(self):
        container = ENGINE.inspect("stopped")["Id"]
        self.write(self.file("containers", container, "config.v2.json"), b"[")
        self.costs(container, {"stopped"})

    def test_a_container_whose_mount_record_leads_out(self):
        container = ENGINE.inspect("stopped")["Id"]
        self.write(self.file("image/overlay2/layerdb/mounts", container, "mount-id"), b"../../../../etc")
        self.costs(container, {"stopped"})

    def test_a_layer_whose_directory_is_missing(self):
        cache = os.path.basename(os.path.dirname(ENGINE.layer_directories("opaque:1")[3]))
        shutil.rmtree(self.file("overlay2", cache))
        self.costs(cache, {"opaque:1", "stopped"})

    def test_a_layer_whose_directory_is_a_link_out_of_the_store(self):
        cache = os.path.basename(os.path.dirname(ENGINE.layer_directories("opaque:1")[3]))
        shutil.rmtree(self.file("overlay2", cache, "diff"))
        os.symlink("/etc", self.file("overlay2", cache, "diff"))
        self.costs(cache, {"opaque:1", "stopped"}, ("corrupt", "integrity", "unreadable", "refused"))

    def test_repositories_that_are_junk_cost_the_names_only(self):
        self.write(self.file("image/overlay2/repositories.json"), b"\0\0\0")
        done = meridian.scan("--host-root", self.host)
        self.assertEqual(done.code, 3, done)
        self.assertIn("repositories.json", json.dumps(done.json["gaps"]))
        containers = {name: corpus.GREETINGS[name] for name in corpus.IN_CONTAINERS}
        self.assertEqual({name: places for name, places in found(done.json, GREETING).items() if name in containers},
                         containers)


class Neighbour(unittest.TestCase):
    def test_a_scan_writes_nothing_below_the_host_root(self):
        data = os.path.join(meridian.scratch(self), "host")
        subprocess.run(["cp", "-a", ENGINE.data_root, data], check=True)
        before = self.state(data)
        self.assertEqual(meridian.scan("--store", "docker=" + data, "--no-discover").code, 0)
        self.assertEqual(self.state(data), before)

    @staticmethod
    def state(root):
        found = {}
        for folder, folders, files in os.walk(root):
            for name in folders + files:
                status = os.lstat(os.path.join(folder, name))
                found[os.path.join(folder, name)] = (status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        return found


if __name__ == "__main__":
    meridian.release_only()
    reason = engines.why_not()
    if reason:
        meridian.skip(reason)
    unittest.main()
