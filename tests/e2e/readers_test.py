# SPDX-License-Identifier: Apache-2.0
#
# readers_test.py: archives are decoded in processes that hold nothing but one blob; what ends one of
# them costs its blob.

import gzip
import json
import os
import random
import re
import signal
import subprocess
import unittest

import image_archive
import meridian_cli as meridian
import opens
from image_archive import Image, Layer


def noise(size, seed=1):
    bits = random.Random(seed)
    return b"".join(bits.randbytes(min(1 << 20, size - at)) for at in range(0, size, 1 << 20))


def readers_of(root):
    """Pids of the processes that read a blob for process `root`: grandchildren, through `meridian reader`."""
    parents = {}
    for name in os.listdir("/proc"):
        try:
            with open("/proc/%s/stat" % name) as stat, open("/proc/%s/cmdline" % name) as words:
                parents[int(name)] = (int(stat.read().rsplit(")", 1)[1].split()[1]), words.read().split("\0"))
        except (OSError, ValueError):
            continue
    main = [pid for pid, (parent, words) in parents.items() if parent == root and words[1:2] == ["reader"]]
    return [pid for pid, (parent, _) in parents.items() if parent in main]


class Readers(unittest.TestCase):
    def setUp(self):
        self.folder = meridian.scratch(self)

    def archive(self, *layers, compress=False, name="images.tar"):
        image = Image("big:1", [Layer().file("etc/hello", "x"), *layers])
        return "docker-archive:" + image_archive.write(os.path.join(self.folder, name), [image], compress)

    @unittest.skipIf(meridian.SANITIZED, "the sanitizers' own calls are in the way of strace")
    def test_no_other_process_reads_a_layer_but_to_hash_it(self):
        ref = self.archive(Layer().file("srv/data", noise(3_000_000)).file("etc/hello2", noise(300_000)), compress=True)
        log = os.path.join(self.folder, "log")
        done = subprocess.run(
            ["strace", "-f", "-y", "-qq", "-e", "trace=pread64,read,execve,clone,clone3,fork,vfork", "-e", "signal=none",
             "-o", log, meridian.BINARY, "scan", "--plugin-dir", meridian.HELLO, "--format", "json", ref],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=120, env=meridian.environment())
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        mains, children, taken, asked = set(), set(), {}, {}
        with open(log, errors="surrogateescape") as lines:
            for pid, call in opens.whole_calls(lines):
                if "execve(" in call and '"reader"' in call:
                    mains.add(pid)
                made = re.search(r"\b(?:clone3?|fork|vfork)\(.*= (\d+)$", call)
                if made and pid in mains:
                    children.add(made[1])
                got = re.search(r"\b(?:pread64|read)\(\d+<[^>]*images\.tar>.*?, (\d+)(?:, \d+)?\)\s+= (\d+)$", call)
                if got:
                    taken[pid] = taken.get(pid, 0) + int(got[2])
                    asked.setdefault(pid, set()).add(int(got[1]))
        self.assertTrue(mains and children)
        self.assertGreater(sum(taken.get(pid, 0) for pid in children), 3_000_000)
        # A thread for each blob that does nothing else.
        hashing = {pid for pid, sizes in asked.items() if 1 << 20 in sizes and pid not in children}
        self.assertTrue(hashing)
        # Magic bytes, the manifest, the configuration.
        self.assertLess(sum(size for pid, size in taken.items() if pid not in children | hashing), 100_000)

    def test_a_report_is_that_of_a_scan_without_them(self):
        small = Layer().file("etc/hello1", "a").hard_link("etc/hello3", "etc/hello1").symlink("l", "etc")
        large = Layer().file("etc/hello4", noise(2_000_000)).file("etc/hello5", b"")
        cut = Layer().bytes_instead(Layer().file("etc/hello6", noise(500_000)).tar()[:200_000])
        broken = Layer().bytes_instead(gzip.compress(noise(300_000))[:-9])
        none = Layer().bytes_instead(b"no tar at all" * 100)
        wanted = 0
        for layers in ([small], [small, large], [cut], [broken, small], [none]):
            for compress in (False, True):
                with self.subTest(len(layers), compress=compress):
                    ref = self.archive(*layers, compress=compress)
                    scans = [meridian.scan(ref, "--isolation", mode) for mode in ("none", "auto")]
                    self.assertEqual(scans[0].code, scans[1].code, scans[1])
                    self.assertEqual(*[meridian.steady(one.out) for one in scans])
                    wanted += len(scans[1].json["findings"])
        self.assertGreater(wanted, 10)

    def test_one_that_is_killed_costs_its_blob(self):
        size = 20_000_000
        for attempt in range(4):
            ref = self.archive(Layer().file("srv/a", noise(size)), compress=True, name="a%d.tar" % attempt)
            scan = meridian.start("scan", "--plugin-dir", meridian.HELLO, "--format", "json", ref)
            while scan.poll() is None:  # all of them: the first may only list the members
                for pid in readers_of(scan.pid):
                    try:
                        os.kill(pid, signal.SIGKILL)
                    except ProcessLookupError:
                        continue
            out, err = scan.communicate(timeout=meridian.SECONDS)
            report = meridian.validate(json.loads(out)) if out else None
            if report is None or "SIGKILL" not in json.dumps(report["gaps"]):
                size *= 2  # it was done before
                continue
            self.assertEqual(scan.returncode, 3, err)
            gap = [one for one in report["gaps"] if "its reader was ended by SIGKILL" in one["message"]]
            self.assertTrue(gap, report["gaps"])
            self.assertEqual({row["result"] for row in report["coverage"]}, {"error"})
            return
        self.fail("no reader could be killed in time")

    def test_nothing_is_left_behind(self):
        ref = self.archive(Layer().file("srv/a", noise(5_000_000)), Layer().file("srv/b", "b"))
        path = ref.partition(":")[2]
        for command in (["fs", "cat", ref, "etc/hello"], ["fs", "ls", ref, "/srv"], ["fs", "stat", ref, "etc/hello"]):
            self.assertEqual(meridian.run(*command).code, 0, command)
        users = []
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                files = ["/proc/%s/fd/%s" % (name, number) for number in os.listdir("/proc/%s/fd" % name)]
                users += [name for file in files if os.readlink(file) == path]
            except OSError:
                continue  # it has ended
        self.assertEqual(users, [])

    def test_they_are_no_command_for_people(self):
        done = meridian.run("reader")
        self.assertNotEqual(done.code, 0)
        self.assertEqual(done.out, "")


if __name__ == "__main__":
    unittest.main()
