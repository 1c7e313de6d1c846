# SPDX-License-Identifier: Apache-2.0
#
# kills_test.py: SIGKILL to any process of a scan at any moment: the scan ends, with a valid report or
# none, and leaves no process and no file. MERIDIAN_KILLS: how often (tests/full: 200).

import json
import os
import random
import signal
import subprocess
import time
import unittest

import meridian_cli as meridian

KILLS = int(os.environ.get("MERIDIAN_KILLS", "12"))


def started(pid):
    """When the process began, in clock ticks; None: there is none."""
    try:
        with open("/proc/%d/stat" % pid) as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else int(fields[19])


def family(root):
    """{pid: start} of the process and all its descendants."""
    children = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open("/proc/%s/stat" % name) as stat:
                parent = int(stat.read().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(name))
    found, waiting = {}, [root]
    while waiting:
        pid = waiting.pop()
        begin = started(pid)
        if begin is not None:
            found[pid] = begin
        waiting += children.get(pid, [])
    return found


class Kills(unittest.TestCase):
    def setUp(self):
        self.folder = meridian.scratch(self)
        tree = os.path.join(self.folder, "tree/etc")
        os.makedirs(tree)
        for number in range(3000):
            with open(os.path.join(tree, "hello%d" % number), "w") as out:
                out.write("x" * (number % 50))
        self.ref = "dir:" + os.path.dirname(tree)
        self.temporary = os.path.join(self.folder, "tmp")
        os.mkdir(self.temporary)
        self.report = os.path.join(self.folder, "report.json")

    def scan(self):
        return subprocess.Popen(
            [meridian.BINARY, "scan", "--plugin-dir", meridian.HELLO, "--jobs", "2", "--output",
             "json=" + self.report, self.ref],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            # The leak check starts a process of its own, and waits for ever for one that was killed.
            env=meridian.environment(TMPDIR=self.temporary, ASAN_OPTIONS="detect_leaks=0"))

    def wait_for_end(self, processes):
        end = time.monotonic() + 20
        while time.monotonic() < end:
            left = [pid for pid, begin in processes.items() if started(pid) == begin]
            if not left:
                return []
            time.sleep(0.05)
        return left

    def test_any_process_at_any_moment(self):
        whole = self.scan()
        begun = time.monotonic()
        self.assertEqual(whole.wait(), 0, whole.stderr.read())
        whole.stderr.close()
        duration = time.monotonic() - begun
        with open(self.report) as report:
            expected = len(json.load(report)["findings"])
        dice = random.Random(5)
        for turn in range(KILLS):
            if os.path.exists(self.report):
                os.remove(self.report)
            scan = self.scan()
            time.sleep(dice.random() * duration)
            processes = family(scan.pid)
            victim = dice.choice(sorted(processes) or [scan.pid])
            with self.subTest(turn=turn, host=victim == scan.pid):
                try:
                    os.kill(victim, signal.SIGKILL)
                except ProcessLookupError:
                    pass
                processes.update(family(scan.pid))
                code = scan.wait(timeout=meridian.SECONDS)
                said = scan.stderr.read()
                scan.stderr.close()
                self.assertEqual(self.wait_for_end(processes), [], said)
                self.assertEqual(os.listdir(self.temporary), [])
                if os.path.exists(self.report):
                    with open(self.report) as report:
                        document = meridian.validate(json.load(report))
                    if code == 0:
                        self.assertEqual(len(document["findings"]), expected)
                else:
                    self.assertIn(code, (-signal.SIGKILL, 2), said)


if __name__ == "__main__":
    unittest.main()
