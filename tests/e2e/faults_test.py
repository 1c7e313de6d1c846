# SPDX-License-Identifier: Apache-2.0
#
# faults_test.py: a plugin that breaks costs its own result, says so, and changes nothing that the
# others say. Built without sanitizers only: their run-time libraries have their own handlers.
#
# Inside a PID namespace of its own, so that a hole costs the test and not the machine.

import hashlib
import json
import os
import shlex
import shutil
import tempfile
import unittest

import meridian_cli as meridian
import samples
from image_archive import Image, Layer

FAULT = "org.meridian.fixture.fault"
BOX = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child")
PLACES = ("file", "match", "image", "finish_layer", "finish_target")
# What breaks, and what kind of gap it is.
KINDS = {"null-write": "crash", "stack-overflow": "crash", "abort": "crash", "throw-out": "crash",
         "throw": "exception", "exit": "crash", "_exit": "crash", "loop": "timeout",
         "allocate": "memory", "close-all": "crash", "leak": "crash", "deadlock": "timeout", "thread": "exception",
         "stop": "timeout"}


class Faults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        place = tempfile.TemporaryDirectory(prefix="meridian-test-")
        cls.addClassCleanup(place.cleanup)
        cls.folder = place.name
        cls.ref = samples.archive(cls.folder, Image("faulty:1", [
            Layer().directory("etc").file("etc/hello1", "hi").file("etc/before", "x")
            .file("etc/trigger", "FAULT-1\n").file("etc/after", "y"),
            Layer().file("etc/hello2", "hi")]))
        # The host with a list of "bundles of this build" that has them all: one lane.
        cls.plugins = os.path.join(cls.folder, "plugins")
        shutil.copytree(meridian.BUNDLES, cls.plugins)
        for name in ("hello", "fault"):
            shutil.copytree(os.path.join(meridian.FIXTURES, name), os.path.join(cls.plugins, name))
        prefix = os.path.join(cls.folder, "prefix")
        os.makedirs(os.path.join(prefix, "bin"))
        os.makedirs(os.path.join(prefix, "lib/meridian"))
        cls.host = shutil.copy2(meridian.BINARY, os.path.join(prefix, "bin/meridian"))
        with open(os.path.join(prefix, "lib/meridian/own-bundles"), "w") as listed:
            for bundle in sorted(os.listdir(cls.plugins)):
                with open(os.path.join(cls.plugins, bundle, bundle + ".so"), "rb") as library:
                    listed.write("sha256:%s\n" % hashlib.sha256(library.read()).hexdigest())
        cls.reference = cls.scan(cls.host)

    @classmethod
    def scan(cls, host, where="", what="none", *more):
        done = meridian.run("scan", "--plugin-dir", cls.plugins, "--format", "json",
                            *(() if "--timeout" in more else ("--timeout", "300ms")), "--set", FAULT + ".where=" + where, "--set", FAULT + ".what=" + what, *more, cls.ref,
                            prefix=BOX, binary=host)
        return done

    def others(self, done):
        """All that the report has of the other plugins."""
        report = json.loads(meridian.steady(json.dumps(done.json)))
        return {key: [row for row in report[key] if row.get("plugin") != FAULT and row.get("id") != FAULT]
                for key in ("findings", "facts", "coverage", "gaps", "plugins", "targets")}

    def check(self, host, where, what):
        done = self.scan(host, where, what)
        self.assertEqual(done.code, 3, done)
        self.assertEqual(self.others(done), self.others(self.reference), done.err)
        rows = [row for row in done.json["coverage"] if row["plugin"] == FAULT]
        self.assertEqual([row["result"] for row in rows], ["error"], rows)
        gaps = [gap for gap in done.json["gaps"] if gap.get("plugin") == FAULT]
        self.assertIn(KINDS[what], {gap["kind"] for gap in gaps}, gaps)
        if where in ("file", "match"):
            self.assertIn("etc/trigger", {gap.get("path") for gap in gaps}, gaps)
        return gaps[0]["reproduce"]

    def test_without_a_fault_all_is_well(self):
        self.assertEqual(self.reference.code, 0, self.reference)
        seen = [finding for finding in self.reference.json["findings"] if finding["plugin"] == FAULT]
        self.assertEqual(len(seen), 4, seen)

    def test_matrix_in_a_shared_lane(self):
        for what in KINDS:
            for where in PLACES:
                with self.subTest(what=what, where=where):
                    self.check(self.host, where, what)

    def test_in_a_lane_of_its_own(self):
        for what in KINDS:
            with self.subTest(what):
                again = shlex.split(self.check(meridian.BINARY, "file", what))
                self.assertEqual(again[0], "meridian")
                done = meridian.run(*again[1:], "--format", "json", prefix=BOX)
                self.assertEqual({row["plugin"] for row in done.json["coverage"] if row["result"] == "error"},
                                 {FAULT}, done)

    def test_while_it_is_loaded(self):
        for host in (self.host, meridian.BINARY):
            for what in ("null-write", "abort", "exit", "close-all"):
                with self.subTest(what, host=host):
                    done = self.scan(host, "configure", what)
                    self.assertEqual(done.code, 3, done)
                    others = self.others(done)
                    self.assertEqual(others, self.others(self.reference), done.err)
                    rows = [row for row in done.json["coverage"] if row["plugin"] == FAULT]
                    self.assertEqual([row["result"] for row in rows], ["error"], rows)
                    self.assertIn("configure", rows[0]["reason"])

    def test_in_its_constructors(self):
        for name in ("fault_null_write", "fault_exit", "fault_loop"):
            with self.subTest(name):
                plugins = os.path.join(self.folder, name)
                for bundle in ("hello", name):
                    shutil.copytree(os.path.join(meridian.FIXTURES, bundle), os.path.join(plugins, bundle))
                done = meridian.scan("--timeout", "300ms", self.ref, plugins=plugins, prefix=BOX)
                self.assertEqual(done.code, 3, done)
                rows = {row["plugin"].rsplit(".", 1)[-1]: row for row in done.json["coverage"]}
                self.assertEqual(rows["hello"]["result"], "findings", done)
                broken = rows[name.replace("_", "-")]
                self.assertEqual(broken["result"], "error", broken)
                self.assertIn("load", broken["reason"])

    def test_when_it_is_destroyed(self):
        for what in ("null-write", "exit", "loop"):
            with self.subTest(what):
                done = self.scan(self.host, "destroy", what)
                self.assertEqual(done.code, 0, done)
                gaps = [gap for gap in done.json["gaps"] if gap.get("plugin") == FAULT]
                self.assertEqual([gap["kind"] for gap in gaps], ["shutdown"], gaps)

    def test_floods_are_cut(self):
        for what, kind in (("findings", "limit"), ("large-finding", None), ("stdout-flood", None)):
            with self.subTest(what):
                done = self.scan(self.host, "file", what, "--timeout", "60s")
                self.assertEqual(done.code, 0, done)
                self.assertEqual([row["result"] for row in done.json["coverage"] if row["plugin"] == FAULT],
                                 ["findings"])
                self.assertEqual(self.others(done), self.others(self.reference), done.err)
                if kind:
                    self.assertIn(kind, {gap["kind"] for gap in done.json["gaps"]})


if __name__ == "__main__":
    meridian.release_only()
    unittest.main()
