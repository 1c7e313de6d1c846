# SPDX-License-Identifier: Apache-2.0
#
# faults_test.py: a plugin that breaks costs its own result, says so, and changes nothing that the
# others say. Built without sanitizers only: their run-time libraries have their own handlers.
#
# Each fault in each place, in a lane with four others and in one of its own; that is hundreds of scans:
# MERIDIAN_FAULTS=all runs them (tests/full), without it each fault and each place comes several times.
# In a PID namespace of its own, so that a hole costs the test and not the machine.

import collections
import concurrent.futures
import hashlib
import json
import os
import random
import re
import shlex
import shutil
import tempfile
import unittest

import docker_store
import meridian_cli as meridian

FAULT = "org.meridian.fixture.fault"
# Lanes have their plugins in the order of their ids.
NAMED = {"first": FAULT.replace("org", "aaa"), "middle": FAULT, "last": FAULT.replace("org", "zzz")}
OTHERS = ("inventory", "privileges", "hello", "viewer")
TRIGGER = "etc/hello-trigger"
BOX = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child")
AT_ONCE = 3  # most of a cell is waiting: for processes, and for a deadline

# What breaks, and what kind of gap it is.
KINDS = {"null-write": "crash", "stack-overflow": "crash", "abort": "crash", "throw-out": "crash",
         "throw": "exception", "exit": "crash", "_exit": "crash", "loop": "timeout", "allocate": "memory",
         "close-all": "crash", "leak": "crash", "deadlock": "timeout", "thread": "exception", "stop": "timeout"}
# What is cut, or goes nowhere, and is no fault of the pair.
FLOODS = {"findings": "limit", "large-finding": None, "stdout-flood": None}
SHOWN = ("file", "match", "image", "container", "finish_layer", "finish_target")
LOADED = ("configure", "constructor")
ALONE, SHARED = "a lane of its own", "middle"


def cells():
    """(fault, place, where in its lane) of all, or of those that CI runs."""
    everything = [(what, place, lane) for what in (*KINDS, *FLOODS) for place in (*SHOWN, *LOADED, "destroy")
                  for lane in (SHARED, ALONE)
                  # Before and after a scan there is nothing to report to.
                  if not (what in ("findings", "large-finding") and place not in SHOWN)]
    ends = [(what, "file", lane) for what in ("null-write", "throw", "loop", "close-all", "findings")
            for lane in ("first", "last")]
    if os.environ.get("MERIDIAN_FAULTS") == "all":
        return everything + ends
    random.Random(5).shuffle(everything)
    chosen, seen = list(ends), collections.Counter()
    for what, place, lane in everything:
        # Each fault in three places, each place with five faults; one that waits for five seconds, twice.
        waits = place in LOADED and KINDS.get(what) == "timeout"
        if (seen[what] >= 3 and seen[place] >= 5) or (waits and seen["waits"] >= 1):
            continue
        chosen.append((what, place, lane))
        seen.update((what, place, "waits") if waits else (what, place))
    return chosen


def replaced(path, old, new):
    """In a file, bytes by as many others."""
    assert len(old) == len(new)
    with open(path, "rb") as file:
        content = file.read()
    assert old in content, (path, old)
    with open(path, "wb") as file:
        file.write(content.replace(old, new))


class Bundles:
    """A plugin directory, and a host that counts all of them as of its own build, or none."""

    def __init__(self, folder, identity=FAULT, at_load="none"):
        self.identity = identity
        self.directory = os.path.join(folder, "plugins")
        for name in (*OTHERS, "fault"):
            shutil.copytree(meridian.fixture(name)[0], os.path.join(self.directory, name))
        library = os.path.join(self.directory, "fault/fault.so")
        mark = b"fault at load: "
        room = 32 - len(mark)
        replaced(library, mark + b"none".ljust(room, b"\0"), mark + at_load.encode().ljust(room, b"\0"))
        for path in (library, os.path.join(self.directory, "fault/plugin.json")):
            replaced(path, FAULT.encode(), identity.encode())
        prefix = os.path.join(folder, "prefix")
        os.makedirs(os.path.join(prefix, "bin"))
        os.makedirs(os.path.join(prefix, "lib/meridian"))
        self.host = shutil.copy2(meridian.BINARY, os.path.join(prefix, "bin/meridian"))
        with open(os.path.join(prefix, "lib/meridian/own-bundles"), "w") as listed:
            for bundle in sorted(os.listdir(self.directory)):
                with open(os.path.join(self.directory, bundle, bundle + ".so"), "rb") as file:
                    listed.write("sha256:%s\n" % hashlib.sha256(file.read()).hexdigest())


class Faults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        place = tempfile.TemporaryDirectory(prefix="meridian-test-")
        cls.addClassCleanup(place.cleanup)
        cls.folder = place.name
        cls.root = docker_store.make(cls.folder, [
            {"etc/hello1": "hi", "etc/before": "x", TRIGGER: "FAULT-1\n", "etc/after": "y"},
            {"etc/hello2": "hi"}])
        cls.bundles = {lane: cls.bundles_of(lane, identity=identity) for lane, identity in NAMED.items()}
        cls.reference = {lane: cls.scan(cls.bundles[SHARED], cls.host_of(cls.bundles[SHARED], lane)).json
                         for lane in (SHARED, ALONE)}

    @classmethod
    def bundles_of(cls, name, **what):
        folder = os.path.join(cls.folder, name)
        os.makedirs(folder)
        return Bundles(folder, **what)

    @staticmethod
    def host_of(bundles, lane):
        return meridian.BINARY if lane == ALONE else bundles.host

    @classmethod
    def scan(cls, bundles, host, where="", what="none", timeout="300ms"):
        options = [word for key, value in (("where", where), ("what", what))
                   for word in ("--set", "%s.%s=%s" % (bundles.identity, key, value))]
        return meridian.run("--host-root", cls.root, "scan", "--plugin-dir", bundles.directory, "--format", "json",
                            "--timeout", timeout, *options, prefix=BOX, binary=host)

    def others(self, document, identity):
        """All that the report has of the other plugins."""
        report = json.loads(meridian.steady(json.dumps(document)))
        return {key: [row for row in report[key] if identity not in (row.get("plugin"), row.get("id"))]
                for key in ("findings", "facts", "coverage", "gaps", "plugins", "targets")}

    def test_without_a_fault_all_is_well(self):
        for report in self.reference.values():
            self.assertEqual((report["gaps"], len(report["targets"])), ([], 2))
            seen = [finding["message"] for finding in report["findings"] if finding["plugin"] == FAULT]
            self.assertEqual(sorted(seen), sorted(["file", "file", "file", "match"] * 2))
            told = [one for one in report["findings"] if one["location"].get("path") == TRIGGER]
            self.assertIn("org.meridian.fixture.hello", {one["plugin"] for one in told})

    def test_matrix(self):
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            running = {cell: pool.submit(self.run_cell, *cell) for cell in cells()}
            for (what, place, lane), done in running.items():
                with self.subTest(what=what, place=place, lane=lane):
                    self.check(what, place, lane, *done.result())

    def run_cell(self, what, place, lane):
        """The scan, and that of its `reproduce` line if there is one."""
        if place == "constructor":
            bundles = self.bundles_of("%s in %s" % (what, lane), at_load=what)
        else:
            bundles = self.bundles[SHARED if lane == ALONE else lane]
        timeout = "60s" if what in FLOODS else "300ms"
        done = self.scan(bundles, self.host_of(bundles, lane), place, what, timeout)
        report = json.loads(done.out)
        # A flood's hundred thousand findings are many times one; their schema is that of the first.
        own = [one for one in report["findings"] if one["plugin"] == bundles.identity]
        report["findings"] = [one for one in report["findings"] if one["plugin"] != bundles.identity] + own[:10]
        report = meridian.validate(report)
        lines = [gap["reproduce"] for gap in report["gaps"] if "reproduce" in gap]
        again = None
        if lines:
            words = shlex.split(lines[0])
            assert words[0] == "meridian", words
            again = meridian.run(*words[1:], "--format", "json", prefix=BOX)
        return bundles.identity, done.code, report, done.err, again

    def check(self, what, place, lane, identity, code, report, said, again):
        without = self.reference[ALONE if lane == ALONE else SHARED]
        self.assertEqual(self.others(report, identity), self.others(without, FAULT), said)
        rows = [row for row in report["coverage"] if row["plugin"] == identity]
        gaps = [gap for gap in report["gaps"] if gap.get("plugin") == identity]
        if what in FLOODS:
            self.assertEqual(code, 0, said)
            self.assertEqual({row["result"] for row in rows}, {"findings"}, rows)
            if FLOODS[what]:
                self.assertIn(FLOODS[what], {gap["kind"] for gap in gaps})
            return
        kind = "shutdown" if place == "destroy" else KINDS[what]
        broken = [gap for gap in gaps if gap["kind"] == kind]
        self.assertTrue(broken, (said, gaps))
        if place == "destroy":
            self.assertEqual({row["result"] for row in rows}, {"findings"}, rows)
            self.assertFalse(report["complete"])
        else:
            self.assertEqual(code, 3, said)
            concerned = {"image": {"image"}, "container": {"container"}}.get(place, {"image", "container"})
            kinds = {target["id"]: target["kind"] for target in report["targets"]}
            failed = {kinds[row["target"]] for row in rows if row["result"] == "error"}
            self.assertEqual(failed, concerned, rows)
        path = TRIGGER if place in ("file", "match") else None
        self.assertEqual({gap.get("path") for gap in broken}, {path}, gaps)

        self.assertIsNotNone(again, broken)
        if place in LOADED:  # it is the only plugin there, so nothing is scanned
            self.assertEqual(again.code, 2, again)
            self.assertIn(identity, again.err)
            self.assertIn(re.sub("0x[0-9a-f]+", "0x", broken[0]["message"].split(": ", 1)[1]),
                          re.sub("0x[0-9a-f]+", "0x", again.err))
            return
        seen = {(gap["kind"], gap["plugin"], gap.get("path")) for gap in again.json["gaps"] if "plugin" in gap}
        self.assertIn((kind, identity, path), seen, again)


if __name__ == "__main__":
    meridian.release_only()
    unittest.main()
