# SPDX-License-Identifier: Apache-2.0
#
# spec_test.py: what `show` says of containers that a real engine runs, against what that engine gave its runtime
# (config.json), and against `docker inspect`.
#
# The same containers are shown twice: as they are, and with the engine's exec root hidden, so that their specs have to be made of
# what the engine stored.
#
# In the release build only, see README.md.

import json
import os
import shutil
import subprocess
import unittest

import jsonschema
import meridian_cli as meridian
import engine as engines
import expected_paths
import inspect_keys
import inspect_rules
import run_variants

ENGINE = None
RECORDED = {}     # name -> object of `show`, exec root in sight
SYNTHESISED = {}  # name -> object of `show`, exec root hidden
INSPECTED = {}    # name -> `docker inspect`
HIDDEN = []       # in front of a command: it does not see the exec root


def shown(kind, names, **how):
    done = meridian.run("--host-root", "/", "--store", "docker=" + ENGINE.data_root, "--no-discover", "show", kind, *names,
                        "--format", "json", **how)
    if done.code != 0:
        raise AssertionError(str(done))
    return {one["target"]["names"][0]: one for one in done.json["objects"]}


def exec_root():
    return os.path.join(ENGINE.home, "exec")


def setUpModule():
    global ENGINE
    ENGINE = engines.Engine()
    run_variants.add_runtime(ENGINE)
    unittest.addModuleCleanup(ENGINE.close)
    ENGINE.start()
    with open(shutil.which("busybox"), "rb") as program:
        binds = run_variants.prepare(ENGINE, program.read())
    wanted = run_variants.variants(binds, os.path.join(ENGINE.home, "seccomp.json"), run_variants.a_disk())
    run_variants.run_all(ENGINE, wanted)
    ENGINE.docker("create", "--name", "created", "--network", "none", run_variants.IMAGE)
    ENGINE.docker("stop", "-t", "0", "interactive", "danger-stopped")
    ENGINE.docker("pause", "labels")
    names = [*wanted, "created"]
    HIDDEN[:] = ["unshare", "--mount", "--propagation", "private", "sh", "-c", 'mount -t tmpfs tmpfs "$0" && exec "$@"', exec_root()]
    RECORDED.update(shown("container", names))
    SYNTHESISED.update(shown("container", names, prefix=HIDDEN))
    for one in json.loads(ENGINE.docker("inspect", *names).stdout):
        INSPECTED[one["Name"][1:]] = one


def bundle_spec(name):
    """What the engine gave the runtime; None once it has ended."""
    bundle = os.path.join(exec_root(), "containerd/daemon/io.containerd.runtime.v2.task/moby", INSPECTED[name]["Id"])
    for file in ("config.engine.json", "config.json"):
        path = os.path.join(bundle, file)
        if os.path.exists(path):
            with open(path) as text:
                return json.load(text)
    return None


def running():
    return [name for name in RECORDED if INSPECTED[name]["State"]["Running"]]


# What a spec made of the records may lack or order otherwise, and why. Nothing else may differ.
HOOKS = "hooks: they name the daemon's own process and its network controller, which are nowhere on disk"
RULES = "linux.seccomp.syscalls: the rules of the default profile are compiled into dockerd"
ORDER = "mounts of one depth and groups of --group-add: the engine keeps them in Go maps, whose order is chance"


def comparable(spec, name):
    """The spec without what the three reasons above are about."""
    spec = json.loads(json.dumps(spec))
    spec.pop("hooks", None)  # HOOKS
    if not name.startswith("seccomp-file"):
        spec["linux"].get("seccomp", {}).pop("syscalls", None)  # RULES
    spec["mounts"] = {mount["destination"]: mount for mount in spec["mounts"]}  # ORDER
    if "groups" in name:
        spec["process"]["user"]["additionalGids"].sort()  # ORDER
    # Go leaves out what is empty, and so do we; `capabilities: {}` is the one that it writes.
    return spec


class Specs(unittest.TestCase):
    maxDiff = None

    def test_at_least_forty_containers_run(self):
        self.assertGreaterEqual(len(running()), 40)

    def test_a_running_containers_spec_is_the_recorded_one(self):
        for name in running():
            with self.subTest(name):
                self.assertEqual(RECORDED[name]["spec_origin"], "recorded")
                if "keeping" not in INSPECTED[name]["HostConfig"]["Runtime"]:
                    self.assertEqual(RECORDED[name]["spec"], bundle_spec(name))

    def test_the_synthesised_spec_is_the_containers_own(self):
        for name in running():
            with self.subTest(name):
                self.assertEqual(SYNTHESISED[name]["spec_origin"], "synthesised")
                self.assertEqual(comparable(SYNTHESISED[name]["spec"], name), comparable(bundle_spec(name), name))

    def test_mounts_are_made_from_the_top(self):
        for name in running():
            with self.subTest(name):
                for spec in (SYNTHESISED[name]["spec"], bundle_spec(name)):
                    own = [mount["destination"].count("/") for mount in spec["mounts"] if mount.get("type") == "bind" or
                           mount.get("source") == "tmpfs" and mount["destination"] != "/dev"]
                    inits = [i for i, mount in enumerate(spec["mounts"]) if mount["destination"] == "/sbin/docker-init"]
                    self.assertEqual(own[len(inits):], sorted(own[len(inits):]))

    def test_stopped_and_created_ones_have_a_synthesised_spec(self):
        for name in ("interactive", "created"):
            with self.subTest(name):
                self.assertEqual(RECORDED[name]["spec_origin"], "synthesised")
                plain = comparable(RECORDED["plain"]["spec"], name)
                mine = comparable(RECORDED[name]["spec"], name)
                self.assertEqual({**mine["mounts"]}.keys(), plain["mounts"].keys())
                for same in (("process", "capabilities"), ("process", "user"), ("linux", "namespaces"), ("linux", "seccomp"),
                             ("linux", "resources"), ("linux", "maskedPaths")):
                    self.assertEqual(mine[same[0]][same[1]], plain[same[0]][same[1]])


class Privileges(unittest.TestCase):
    """The typed face of the same specs: recorded and synthesised say the same."""
    maxDiff = None

    def test_both_specs_give_the_same(self):
        for name in running():
            if "keeping" in INSPECTED[name]["HostConfig"]["Runtime"]:
                continue  # its recorded spec has lost what this machine cannot give
            with self.subTest(name):
                first, second = (dict(one[name]["privileges"]) for one in (RECORDED, SYNTHESISED))
                for one in (first, second):
                    one["mounts"] = sorted(one["mounts"], key=lambda mount: mount["destination"])
                    one["additional_gids"] = sorted(one["additional_gids"])
                self.assertEqual(first, second)

    def of(self, name):
        return SYNTHESISED[name]["privileges"]

    def sharing(self, name, kind):
        return next((one["sharing"], one["container"]) for one in self.of(name)["namespaces"] if one["type"] == kind)

    def test_they_say_what_was_asked_for(self):
        plain = self.of("plain")
        self.assertEqual((plain["capabilities"]["added"], plain["capabilities"]["dropped"]), ([], []))
        self.assertEqual((plain["privileged"], plain["all_devices"], plain["seccomp"]), (False, False, "filter"))
        self.assertEqual(self.of("caps-add")["capabilities"]["added"], ["CAP_NET_ADMIN", "CAP_SYS_ADMIN"])
        self.assertEqual(self.of("caps-drop")["capabilities"]["dropped"], ["CAP_NET_RAW", "CAP_MKNOD"])
        self.assertEqual(self.of("caps-drop-all")["capabilities"]["bounding"], [])
        for name in ("privileged", "privileged-user", "privileged-read-only", "privileged-device"):
            self.assertTrue(self.of(name)["privileged"], name)
        self.assertTrue(self.of("caps-add-all")["capabilities"]["all"])
        self.assertFalse(self.of("caps-add-all")["privileged"])
        self.assertFalse(self.of("caps-add-all-but")["capabilities"]["all"])
        self.assertEqual(self.of("seccomp-unconfined")["seccomp"], "none")
        self.assertTrue(self.of("no-new-privileges")["no_new_privileges"])
        self.assertTrue(self.of("read-only")["read_only_root"])
        self.assertEqual(self.of("user-name")["uid"], 1000)
        self.assertEqual(self.of("systempaths-unconfined")["masked_paths"], [])
        self.assertEqual(self.of("privileged")["runtime_handler"], "keeping")

    def test_namespaces_of_the_host_and_of_others(self):
        whole = INSPECTED["plain"]["Id"]
        for name, kind, wanted in (
                ("plain", "pid", ("private", "")), ("pid-host", "pid", ("host", "")), ("net-host", "network", ("host", "")),
                ("ipc-host", "ipc", ("host", "")), ("uts-host", "uts", ("host", "")), ("plain", "user", ("host", "")),
                ("cgroupns-private", "cgroup", ("private", "")), ("cgroupns-host", "cgroup", ("host", "")),
                ("pid-container", "pid", ("joined", whole)), ("net-container", "network", ("joined", whole)),
                ("ipc-container", "ipc", ("joined", INSPECTED["ipc-shareable"]["Id"]))):
            with self.subTest(name, kind=kind):
                self.assertEqual(self.sharing(name, kind), wanted)


def scanned(*args, prefix=(), plugins=("privileges", "inventory")):
    folders = [word for name in plugins for word in ("--plugin-dir", os.path.join(meridian.BUNDLES, name))]
    return meridian.run("scan", "--host-root", "/", "--store", "docker=" + ENGINE.data_root, "--no-discover", "--format",
                        "json", *folders, *args, prefix=prefix)


class PathsToTheHost(unittest.TestCase):
    """Plugin privileges, over all of them."""
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.recorded = scanned("container")
        cls.synthesised = scanned("container", prefix=HIDDEN)

    def found(self, done):
        """Container -> its findings; one of each container, also of those without any."""
        report = done.json
        names = meridian.target_names(report)
        out = {name: [] for name in names.values()}
        self.assertEqual(len(out), len(report["targets"]))
        for finding in report["findings"]:
            out[names[finding["target"]]].append(finding)
        return out

    def test_each_container_has_its_paths_and_no_other(self):
        # That of a running one with the runtime in front of runc has lost what this machine cannot give.
        found = self.found(self.synthesised)
        self.assertEqual(set(found), set(INSPECTED))
        for name, findings in found.items():
            with self.subTest(name):
                said = [(finding["rule"], finding["severity"]) for finding in findings]
                self.assertEqual(sorted(said), sorted(expected_paths.EXPECTED.get(name, ())))

    def test_a_default_container_has_none(self):
        for done in (self.recorded, self.synthesised):
            found = self.found(done)
            self.assertEqual((found["plain"], found["created"], found["interactive"]), ([], [], []))

    def test_each_finding_says_what_opens_the_path_and_what_to_change(self):
        for finding in self.synthesised.json["findings"]:
            with self.subTest(finding["rule"], target=finding["target"]):
                self.assertTrue(finding["evidence"]["text"])
                self.assertTrue(finding["remediation"])
                self.assertTrue(finding["references"])
                self.assertIn("would start it with", finding["message"])

    def test_the_recorded_spec_gives_the_same_findings(self):
        recorded, synthesised = self.found(self.recorded), self.found(self.synthesised)
        for name in running():
            if "keeping" in INSPECTED[name]["HostConfig"]["Runtime"]:
                continue
            with self.subTest(name):
                self.assertEqual([one["fingerprint"] for one in recorded[name]],
                                 [one["fingerprint"] for one in synthesised[name]])

    def test_a_stopped_one_does_not_end_the_scan_and_is_judged(self):
        # Trap 1 of reference/veinmind.md, part 7.
        self.assertEqual(self.recorded.code, 0, self.recorded.err)
        self.assertFalse(INSPECTED["danger-stopped"]["State"]["Running"])
        found = self.found(self.recorded)["danger-stopped"]
        self.assertEqual({finding["rule"] for finding in found}, {"engine-socket", "cap-sys-admin"})
        self.assertEqual(self.recorded.json["gaps"], [])

    def test_two_targets_are_each_scanned_once(self):
        # Trap 2.
        report = scanned("container", "danger-etc", "plain", "danger-etc").json
        self.assertEqual(sorted(meridian.target_names(report).values()), ["danger-etc", "plain"])
        self.assertEqual([finding["rule"] for finding in report["findings"]], ["host-config-mount"])

    def test_no_kernel_version_is_judged(self):
        # Trap 4: under the one other kernel string that a kernel can be made to show.
        old = scanned("container", "plain", "danger-etc", prefix=["setarch", "--uname-2.6"])
        self.assertEqual(old.code, 0, old)
        self.assertRegex(old.json["host"]["kernel"], r"^2\.6\.")
        self.assertEqual([finding["rule"] for finding in old.json["findings"]], ["host-config-mount"])


class InventoryFacts(unittest.TestCase):
    """Plugin inventory, against `docker inspect`."""
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        report = scanned(plugins=["inventory"]).json
        with open(os.path.join(meridian.SOURCE, "plugins/inventory/inventory-1.schema.json")) as text:
            schema = json.load(text)
        cls.facts = {}
        names = meridian.target_names(report)
        for fact in report["facts"]:
            card = json.loads(fact["data"])
            jsonschema.validate(card, schema)
            cls.facts[names[fact["target"]]] = card

    def test_every_container_has_one(self):
        self.assertEqual(set(self.facts), {*INSPECTED, run_variants.IMAGE})

    def test_they_say_what_the_engine_says(self):
        for name, inspected in INSPECTED.items():
            with self.subTest(name):
                card, config = self.facts[name], inspected["Config"]
                self.assertEqual(card["created"], inspected["Created"])
                self.assertEqual(card["state"], inspected["State"]["Status"])
                self.assertEqual(card["image_id"], inspected["Image"])
                self.assertEqual(card["user"], config["User"])
                self.assertEqual(card["working_dir"], config["WorkingDir"])
                self.assertEqual(card["entrypoint"], config["Entrypoint"] or [])
                self.assertEqual(card["command"], config["Cmd"])
                self.assertEqual(card["exposed_ports"], sorted(config["ExposedPorts"]))
                self.assertEqual(card["labels"], config["Labels"])
                self.assertEqual(card["environment"], [entry.split("=")[0] for entry in config["Env"]])
                if "keeping" not in inspected["HostConfig"]["Runtime"]:
                    self.assertEqual(card["run"]["privileged"], inspected["HostConfig"]["Privileged"])
                self.assertEqual(card["run"]["read_only_root"], inspected["HostConfig"]["ReadonlyRootfs"])
                mounted = {mount["destination"] for mount in card["mounts"]}
                self.assertLessEqual({mount["Destination"] for mount in inspected["Mounts"]
                                      if not mount["Destination"].startswith("/dev/")}, mounted)

    def test_the_image(self):
        card, inspected = self.facts[run_variants.IMAGE], ENGINE.inspect(run_variants.IMAGE)
        self.assertEqual((card["kind"], card["names"], card["platform"], card["created"]),
                         ("image", [run_variants.IMAGE], "%s/%s" % (inspected["Os"], inspected["Architecture"]),
                          inspected["Created"]))
        self.assertEqual(card["layers"]["count"], len(inspected["RootFS"]["Layers"]))
        self.assertEqual(card["layers"]["bytes"], inspected["Size"])
        self.assertNotIn("run", card)


class States(unittest.TestCase):
    def test_a_running_process_is_checked_by_its_start_time(self):
        for name in running():
            with self.subTest(name):
                run = RECORDED[name]["run"]
                self.assertEqual(run["liveness"], "verified")
                self.assertEqual(run["pid"], INSPECTED[name]["State"]["Pid"])
                with open("/proc/%d/stat" % run["pid"]) as stat:
                    self.assertEqual(run["start_time"], int(stat.read().rsplit(") ", 1)[1].split()[19]))

    def test_without_the_runtimes_record_a_pid_is_all_there_is(self):
        self.assertEqual(SYNTHESISED["plain"]["run"]["liveness"], "alive")

    def test_states(self):
        self.assertEqual({name: RECORDED[name]["target"]["state"] for name in ("plain", "labels", "interactive", "created")},
                         {"plain": "running", "labels": "paused", "interactive": "exited", "created": "created"})
        self.assertEqual(RECORDED["interactive"]["run"]["liveness"], "not-running")

    def test_text_is_for_people(self):
        done = meridian.run("--store", "docker=" + ENGINE.data_root, "--no-discover", "show", "container", "caps-add")
        self.assertEqual(done.code, 0, done)
        for line in ("capabilities added  CAP_NET_ADMIN CAP_SYS_ADMIN", "(verified)", "runtime spec        recorded"):
            self.assertIn(line, done.out)


class Inspect(unittest.TestCase):
    """`docker inspect`, key by key: equal, mapped, or listed as not on disk."""
    maxDiff = None

    def check(self, inspected, one, rules):
        inspect_rules.check(self, inspected, one, rules)

    def test_containers(self):
        for name, inspected in INSPECTED.items():
            with self.subTest(name):
                self.check(inspected, RECORDED[name], inspect_keys.CONTAINER)

    def test_the_image(self):
        one = shown("image", [run_variants.IMAGE])[run_variants.IMAGE]
        self.check(ENGINE.inspect(run_variants.IMAGE), one, inspect_keys.IMAGE)

    def test_an_unknown_key_is_noticed(self):
        inspected = {**INSPECTED["plain"], "FromTheFuture": 1}
        with self.assertRaises(AssertionError):
            self.check(inspected, RECORDED["plain"], inspect_keys.CONTAINER)


if __name__ == "__main__":
    meridian.release_only()
    if engines.why_not():
        meridian.skip(engines.why_not())
    unittest.main()
