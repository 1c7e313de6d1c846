# SPDX-License-Identifier: Apache-2.0
#
# podman_test.py: what is read of a real podman's and buildah's files, against what they say and what the kernel mounts.

import functools
import json
import os
import shutil
import subprocess
import unittest

import image_archive
import meridian_cli as meridian
import podman_engine as engines
from image_archive import Image, Layer
from planted import token, token_rule
from tree_summary import summary

RULE = token_rule()
ENGINES = {}


def busybox():
    with open(shutil.which("busybox"), "rb") as program:
        return program.read()


def images():
    base = Layer().directory("bin").file("bin/busybox", busybox(), 0o755).symlink("bin/sh", "busybox")
    base.directory("etc").directory("tmp").directory("d").file("d/old", "old").file("etc/gone", token(1))
    top = Layer().whiteout("etc/gone").opaque("d").file("d/new", "new").file("etc/here", token(2))
    return [Image("localhost/demo:1", [base, top], env=["A=1"])]


def fill(engine):
    archive = image_archive.write(engine.home + "/demo.tar", images())
    engine.podman("load", "-q", "-i", archive)
    engine.podman("tag", "localhost/demo:1", "quay.io/x/y:3")
    run = ["--network", "none", "--label", "app=web", "--env", "B=2", "-v", "pv1:/data"]
    engine.podman("run", "-d", "--name", "running", *run, "localhost/demo:1", "/bin/busybox", "sh", "-c",
                  "echo %s > /etc/written; rm /bin/sh; exec /bin/busybox sleep 6000" % token(3))
    engine.podman("run", "--name", "ended", "--network", "none", "localhost/demo:1", "/bin/busybox", "sh", "-c", "exit 4",
                  check=False)
    engine.podman("create", "--name", "created", "--network", "none", "-v", "pv2:/more", "localhost/demo:1", "/bin/busybox", "true")
    engine.podman("pod", "create", "--name", "pod1", "--infra=false")
    engine.podman("create", "--pod", "pod1", "--name", "in-pod", "localhost/demo:1", "/bin/busybox", "true")
    engine.buildah("from", "--name", "working", "localhost/demo:1")


def setUpModule():
    for driver in ("overlay", "vfs"):
        engine = ENGINES[driver] = engines.Podman(driver)
        unittest.addModuleCleanup(engine.close)
        fill(engine)
    more = ENGINES["additional"] = engines.Podman("overlay", [ENGINES["overlay"].root])
    unittest.addModuleCleanup(more.close)
    more.podman("create", "--name", "elsewhere", "--network", "none", "localhost/demo:1", "/bin/busybox", "true")


def options(*names):
    words = ["--host-root", "/", "--no-discover"]
    for name in names or ("overlay",):
        words += ["--store", "containers-storage=%s,%s" % (ENGINES[name].root, ENGINES[name].run_root)]
    return words


@functools.lru_cache(maxsize=None)
def listed(kind, *names):
    done = meridian.run(*options(*names), "list", kind, "--format", "json")
    assert done.code == 0, done
    return meridian.validate(json.loads(done.out))["targets"]


def shown(container, *names):
    done = meridian.run(*options(*names), "show", "container", container, "--format", "json")
    assert done.code == 0, done
    return done.json["objects"][0]


class Lists(unittest.TestCase):
    def test_images_are_those_that_podman_lists(self):
        for name in ("overlay", "vfs"):
            with self.subTest(name):
                theirs = ENGINES[name].json("images", "--format", "json", "--no-trunc")
                ours = listed("images", name)
                self.assertEqual({one["id"] for one in ours}, {"sha256:" + one["Id"].replace("sha256:", "") for one in theirs})
                self.assertEqual({word for one in ours for word in one["names"] if "@" not in word},
                                 {word for one in theirs for word in one["Names"]})
                self.assertEqual([one["diff_id"] for one in ours[0]["layers"]], images()[0].diff_ids())

    def test_containers_and_their_states_are_those_that_podman_lists(self):
        words = {"running": "running", "exited": "exited", "created": "created", "configured": "created"}
        for name in ("overlay", "vfs"):
            with self.subTest(name):
                theirs = {one["Id"]: (one["Names"], words[one["State"]]) for one in ENGINES[name].json("ps", "-a", "--format", "json")}
                ours = {one["id"]: (one["names"], one["state"]) for one in listed("containers", name)}
                # buildah's is none of podman's list.
                working = [key for key, value in ours.items() if value[0] == ["working"]]
                self.assertEqual(len(working), 1)
                ours.pop(working[0])
                self.assertEqual(ours, theirs)

    def test_a_name_of_this_engine(self):
        for ref, code in (("containers-storage:localhost/demo:1", 0), ("containers-storage:running", 0), ("docker-daemon:demo:1", 2),
                          ("containers-storage:absent", 2)):
            with self.subTest(ref):
                self.assertEqual(meridian.run(*options(), "fs", "stat", ref, "etc").code, code)

    def test_one_image_in_two_stores_is_one(self):
        targets = listed("images", "overlay", "vfs")
        self.assertEqual(len(targets), 1)
        self.assertEqual(len(targets[0]["present_in"]), 2)

    def test_an_image_of_an_additional_store_is_there(self):
        # Its storage.conf is not announced where --store names it.
        done = meridian.run("--host-root", self.root_with_conf(), "list", "images", "--format", "json")
        self.assertEqual(done.code, 0, done)
        self.assertEqual([one["id"] for one in done.json["targets"]], [images()[0].id], done)

    def root_with_conf(self):
        """A machine's root in which that engine's storage.conf is the system's."""
        folder = meridian.scratch(self)
        os.makedirs(folder + "/etc/containers")
        more, first = ENGINES["additional"], ENGINES["overlay"]
        for engine in (more, first):
            os.makedirs(os.path.dirname(folder + engine.root))
            subprocess.run(["cp", "-a", "--one-file-system", engine.root, folder + engine.root], check=True)
        shutil.copy(more.home + "/storage.conf", folder + "/etc/containers/storage.conf")
        return folder


class Shows(unittest.TestCase):
    maxDiff = None

    @unittest.skipIf(engines.ROOT, "the folder is in the other Debian's root")
    def test_a_container_of_a_folder_is_listed_and_a_gap(self):
        engine = engines.Podman()
        self.addCleanup(engine.close)
        os.makedirs(engine.home + "/folder/bin")
        engine.podman("create", "--name", "folder", "--network", "none", "--rootfs", engine.home + "/folder", "/bin/true")
        done = meridian.run("--host-root", "/", "--no-discover", "--store", "containers-storage=" + engine.root, "list", "containers",
                            "--format", "json")
        self.assertEqual([one["names"] for one in done.json["targets"]], [["folder"]], done)
        self.assertEqual([gap["kind"] for gap in done.json["gaps"]], ["unsupported"], done)

    def test_a_container_is_what_podman_inspects(self):
        for name in ("overlay", "vfs"):
            for container in ("running", "ended", "created", "in-pod"):
                with self.subTest(name, container=container):
                    ours, theirs = shown(container, name), ENGINES[name].json("inspect", container)[0]
                    state = theirs["State"]
                    self.assertEqual(ours["target"]["id"], theirs["Id"])
                    self.assertEqual("sha256:" + theirs["Image"], ours["target"]["image_id"])
                    self.assertEqual(ours["image_name"], theirs["ImageName"])
                    self.assertEqual(ours["labels"], theirs["Config"]["Labels"] or {})
                    self.assertEqual(ours["created"][:19], theirs["Created"][:19])
                    self.assertEqual(ours["run"]["pid"], state["Pid"] if state["Running"] else 0)
                    self.assertEqual(ours["run"]["exit_code"], state["ExitCode"])
                    self.assertEqual(ours["run"]["oom_killed"], state["OOMKilled"])
                    self.assertEqual(ours["run"]["started"][:19], state["StartedAt"][:19])
                    self.assertEqual(ours["target"]["isolation"]["runtime"], theirs["OCIRuntime"])
                    self.assertEqual(ours["target"]["isolation"]["kind"], "shared-kernel")
                    self.assertEqual({one["destination"]: one["name"] for one in ours["mounts"] if one["type"] == "volume"},
                                     {one["Destination"]: one["Name"] for one in theirs["Mounts"] if one["Type"] == "volume"})
                    self.assertEqual([word for word in ours["spec"]["process"]["env"] if word == "B=2"],
                                     [word for word in theirs["Config"]["Env"] if word == "B=2"])
                    self.assertEqual(bool(theirs["Pod"]), "pod" in ours["target"])
                    if theirs["Pod"]:
                        self.assertEqual((ours["target"]["pod"]["uid"], ours["target"]["pod"]["name"]), (theirs["Pod"], "pod1"))

    def test_a_running_one_has_its_process_and_no_other(self):
        ours = shown("running")
        pid = ENGINES["overlay"].json("inspect", "running")[0]["State"]["Pid"]
        self.assertEqual((ours["run"]["pid"], ours["run"]["liveness"]), (pid, "alive" if engines.ROOT else "verified"))
        self.assertEqual([one["pid"] for one in ours["processes"]], [pid])


class Trees(unittest.TestCase):
    maxDiff = None

    def names(self, container, name):
        done = meridian.run(*options(name), "fs", "find", container, "-0")
        self.assertEqual(done.code, 0, done)
        return sorted(one.strip("/") for one in done.out.split("\0") if one.strip("/"))

    @unittest.skipIf(engines.ROOT, "its mounts are in a namespace that is gone")
    def test_the_merged_view_is_the_kernels(self):
        for name in ("overlay", "vfs"):
            for container in ("running", "ended"):
                with self.subTest(name, container=container):
                    mounted = ENGINES[name].podman("mount", container).stdout.strip()
                    theirs = summary(mounted)
                    self.assertIn("d/new", theirs)
                    self.assertNotIn("d/old", theirs)
                    self.assertEqual(self.names(container, name), sorted(theirs))

    def test_findings_are_where_they_are(self):
        image = {("etc/gone", 0, "shadowed"), ("etc/here", 1, "visible")}
        plain = {"created": image, "ended": image, "in-pod": image, "working": image,
                 "running": image | {("etc/written", 2, "visible"), (None, None, "none")}}
        whole = {key: {("etc/here", 0, "visible")} for key in plain}
        whole["running"] |= {("etc/written", 0, "visible"), (None, None, "none")}
        for name, containers in (("overlay", plain), ("vfs", whole)):
            with self.subTest(name):
                done = meridian.scan(*options(name), plugins=meridian.SECRETS)
                self.assertEqual(done.code, 0, done)
                found = {one: set() for one in meridian.target_names(done.json).values()}
                for one, path, _, layer, visibility in meridian.places(done.json, RULE):
                    found[one].add((path, layer, visibility))
                self.assertEqual({key: value for key, value in found.items() if key in containers}, containers)
                self.assertEqual([value for key, value in found.items() if key not in containers], [image])
                self.assertEqual(done.json["gaps"], [])

    def test_without_trusted_attributes_image_layers_are_the_same(self):
        done = meridian.run(*options(), "fs", "find", "localhost/demo:1", "-0",
                            prefix=("setpriv", "--bounding-set", "-sys_admin", "--inh-caps", "-sys_admin"))
        self.assertEqual(done.code, 0, done)
        self.assertEqual(sorted(done.out.split("\0")), sorted(meridian.run(
            *options(), "fs", "find", "localhost/demo:1", "-0").out.split("\0")))


class Unchanged(unittest.TestCase):
    """Last, since it changes what was pulled."""

    def check(self, name):
        done = meridian.run("scan", "--format", "json", "--plugin-dir", os.path.join(
            os.path.dirname(meridian.BUNDLES), "bundles-on-request/layer_integrity"), *options(name), "image")
        self.assertIn(done.code, (0, 3), done)
        return done.json

    def test_a_changed_file_of_a_layer_is_named(self):
        for name, folder in (("overlay", "overlay/%s/diff"), ("vfs", "vfs/dir/%s")):
            with self.subTest(name):
                report = self.check(name)
                self.assertEqual((report["findings"], report["gaps"]), ([], []))
                with open(ENGINES[name].root + "/%s-layers/layers.json" % name) as text:
                    top = next(one["id"] for one in json.load(text) if one.get("diff-digest") == images()[0].diff_ids()[1])
                path = os.path.join(ENGINES[name].root, folder % top, "etc/here")
                was = os.stat(path)
                with open(path, "r+b") as content:
                    content.write(b"!")
                os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))
                found = self.check(name)["findings"]
                self.assertEqual([one["rule"] for one in found], ["layer-changed"])
                self.assertIn("etc/here", json.dumps(found))


if __name__ == "__main__":
    reason = engines.why_not()
    if reason:
        meridian.skip(reason)
    unittest.main()
