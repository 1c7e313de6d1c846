# SPDX-License-Identifier: Apache-2.0
#
# containerd_test.py: what is read from a real containerd's files, against what ctr and the kernel say.

import functools
import json
import os
import shutil
import unittest

import containerd_engine as engines
import image_archive
import meridian_cli as meridian
from image_archive import Image, Layer
from planted import token, token_rule
from tree_summary import summary

ENGINE = None
RULE = token_rule()
NAME = "docker.io/library/demo:1"


def busybox():
    with open(shutil.which("busybox"), "rb") as program:
        return program.read()


def images():
    base = Layer().directory("bin").file("bin/busybox", busybox(), 0o755).symlink("bin/sh", "busybox")
    base.directory("etc").directory("tmp").directory("d").file("d/old", "old").file("etc/gone", token(1))
    top = Layer().whiteout("etc/gone").opaque("d").file("d/new", "new").file("etc/here", token(2))
    return [Image("demo:1", [base, top], env=["A=1"])]


def setUpModule():
    global ENGINE
    ENGINE = engines.Containerd()
    unittest.addModuleCleanup(ENGINE.close)
    ENGINE.start()
    archive = image_archive.write(ENGINE.home + "/demo.tar", images())
    for space in ("default", "other"):
        ENGINE.ctr("images", "import", archive, space=space)
    run = ["run", "-d", "--null-io", "--env", "B=2", "--label", "app=web"]
    ENGINE.ctr(*run, NAME, "running", "/bin/busybox", "sh", "-c",
               "echo %s > /etc/written; rm /bin/sh; exec /bin/busybox sleep 6000" % token(3))
    ENGINE.ctr("containers", "create", NAME, "created", "/bin/busybox", "true")
    ENGINE.ctr("run", "--null-io", NAME, "ended", "/bin/busybox", "false", check=False)
    ENGINE.ctr("run", "-d", "--null-io", "--snapshotter", "native", NAME, "copied", "/bin/busybox", "sleep", "6000")
    ENGINE.ctr("run", "-d", "--null-io", NAME, "elsewhere", "/bin/busybox", "sleep", "6000", space="other")
    deadline = 100
    while not os.path.exists(ENGINE.mounted_root("running") + "/etc/written") and deadline:
        deadline -= 1
        engines.time.sleep(0.1)


def options():
    return ("--host-root", "/", "--no-discover", "--store", "containerd=%s,%s" % (ENGINE.root, ENGINE.state))


@functools.lru_cache(maxsize=None)
def listed(kind):
    done = meridian.run(*options(), "list", kind, "--format", "json")
    assert done.code == 0, done
    return json.loads(done.out)


def shown(container):
    done = meridian.run(*options(), "show", "container", container, "--format", "json")
    assert done.code == 0, done
    return done.json["objects"][0]


class Lists(unittest.TestCase):
    def test_each_namespace_is_a_runtime(self):
        runtimes = listed("runtimes")["runtimes"]
        self.assertEqual(sorted((one["kind"], one["namespace"]) for one in runtimes),
                         [("containerd", space) for space in ENGINE.lines("namespaces", "ls", "-q")])

    def test_images_are_those_that_ctr_lists_and_one_in_two_namespaces_is_one(self):
        targets = listed("images")["targets"]
        self.assertEqual(len(targets), 1)
        target = targets[0]
        self.assertEqual(target["id"], images()[0].id)
        self.assertEqual(target["names"], ["demo:1"])
        places = {one["namespace"]: one["names"] for one in target["present_in"]}
        for space in ("default", "other"):
            self.assertEqual(places[space], ENGINE.lines("images", "ls", "-q", space=space))
        self.assertEqual([one["diff_id"] for one in target["layers"]], images()[0].diff_ids())

    def test_containers_are_those_that_ctr_lists(self):
        targets = listed("containers")["targets"]
        for space in ("default", "other"):
            ours = sorted(one["id"] for one in targets if one["present_in"][0]["namespace"] == space)
            self.assertEqual(ours, ENGINE.lines("containers", "ls", "-q", space=space))

    def test_states_are_those_of_the_tasks(self):
        states = {one["id"]: one["state"] for one in listed("containers")["targets"]}
        self.assertEqual(states, {"running": "running", "created": "created", "ended": "created", "copied": "running",
                                  "elsewhere": "running"})  # ctr removes the task of one that ran in front


    def test_a_name_of_one_namespace(self):
        for ref, code in (("containerd:other/demo:1", 0), ("containerd:default/running", 0), ("containerd:other/running", 2),
                          ("containerd:none/demo:1", 2), ("docker-daemon:demo:1", 2), ("containers-storage:demo:1", 2)):
            with self.subTest(ref):
                done = meridian.run(*options(), "fs", "stat", ref, "etc")
                self.assertEqual(done.code, code, done)


class Shows(unittest.TestCase):
    def test_a_container_is_what_ctr_says(self):
        ours, theirs = shown("running"), ENGINE.info("running")
        self.assertEqual(ours["image_name"], theirs["Image"])
        self.assertEqual(ours["labels"], theirs["Labels"])
        self.assertEqual(ours["privileges"]["runtime_handler"], theirs["Runtime"]["Name"])
        self.assertEqual(ours["spec"]["process"]["env"][-1], "B=2")
        self.assertEqual(ours["created"], theirs["CreatedAt"].split(".")[0] + "Z")
        self.assertEqual(ours["spec"], theirs["Spec"])

    def test_a_running_one_has_its_process_and_no_other(self):
        pid = int(ENGINE.ctr("tasks", "ls").stdout.split("running")[1].split()[0])
        ours = shown("running")
        # Another Debian's runtime keeps its records in a /run of its own.
        self.assertEqual((ours["run"]["pid"], ours["run"]["liveness"]), (pid, "alive" if engines.ROOT else "verified"))
        self.assertEqual([one["pid"] for one in ours["processes"]], [pid])


class Trees(unittest.TestCase):
    maxDiff = None

    def names(self, container):
        done = meridian.run(*options(), "fs", "find", container, "-0")
        self.assertEqual(done.code, 0, done)
        return sorted(name.strip("/") for name in done.out.split("\0") if name.strip("/"))

    def test_the_merged_view_is_the_kernels(self):
        for container in ("running", "copied"):
            with self.subTest(container):
                theirs = summary(ENGINE.mounted_root(container))
                self.assertIn("d/new", theirs)
                self.assertNotIn("d/old", theirs)
                self.assertEqual(self.names(container), sorted(theirs))

    def test_findings_are_where_they_are(self):
        done = meridian.scan(*options(), plugins=meridian.SECRETS)
        self.assertEqual(done.code, 0, done)
        found = {name: set() for name in meridian.target_names(done.json).values()}
        for name, path, _, layer, visibility in meridian.places(done.json, RULE):
            found[name].add((path, layer, visibility))
        # What `running` writes is in its command too.
        image = {("etc/gone", 0, "shadowed"), ("etc/here", 1, "visible")}
        self.assertEqual(found, {
            "demo:1": image, "created": image, "ended": image, "elsewhere": image,
            "running": image | {("etc/written", 2, "visible"), (None, None, "none")},
            "copied": {("etc/here", 0, "visible")}})
        self.assertEqual(done.json["gaps"], [])

    def test_removed_blobs_are_not_missed_while_the_snapshots_are_there(self):
        for space in ("default", "other"):
            ENGINE.ctr("content", "rm", *images()[0].diff_ids(), space=space)
            self.assertFalse(set(images()[0].diff_ids()) & set(ENGINE.lines("content", "ls", "-q", space=space)))
        done = meridian.run(*options(), "fs", "cat", "demo:1", "etc/here")
        self.assertEqual((done.code, done.out), (0, token(2)), done)


if __name__ == "__main__":
    reason = engines.why_not()
    if reason:
        meridian.skip(reason)
    unittest.main()
