# SPDX-License-Identifier: Apache-2.0
#
# scratch_test.py: a plugin that declares scratch space has a folder of its own, no larger than that, of
# which nothing is left, whoever ends the scan.

import os
import re
import shutil
import signal
import subprocess
import time
import unittest

import meridian_cli as meridian
import samples

SCRATCH = os.path.join(meridian.FIXTURES, "scratch")
ID = "org.meridian.fixture.scratch"
MIB = 1 << 20


class Scratch(unittest.TestCase):
    def setUp(self):
        self.folder = meridian.scratch(self)
        self.temporary = os.path.join(self.folder, "tmp")
        os.mkdir(self.temporary)
        self.ref = samples.root_directory(self.folder, {"etc/hello1": "x", "etc/hello2": "y"})

    def options(self, settings):
        return [word for key, value in settings.items() for word in ("--set", "%s.%s=%s" % (ID, key, value))]

    def scan(self, prefix=(), args=(), **settings):
        return meridian.scan(self.ref, "--jobs", "1", *args, *self.options(settings), plugins=SCRATCH, prefix=prefix,
                             env={"TMPDIR": self.temporary})

    def said(self, done):
        return sorted(finding["message"] for finding in done.json["findings"])

    def test_it_has_what_it_declared(self):
        done = self.scan(bytes=500_000)
        self.assertEqual(done.code, 0, done)
        self.assertEqual(self.said(done), ["found 0, wrote 500000", "found 1, wrote 500000"])
        self.assertEqual(os.listdir(self.temporary), [])
        if not meridian.SANITIZED and os.geteuid() == 0:
            self.assertEqual(done.json["host"]["sandbox_level"], meridian.scan(self.ref).json["host"]["sandbox_level"])

    def test_it_has_no_more(self):
        for settings in ({"bytes": 4 * MIB}, {"bytes": 100_000, "files": 100}):
            with self.subTest(settings):
                done = self.scan(**settings)
                self.assertEqual(done.code, 0, done)
                for message in self.said(done):
                    stopped = re.search(r"stopped after (\d+): (ENOSPC|EFBIG)$", message)
                    self.assertTrue(stopped, message)
                    self.assertLessEqual(int(stopped[1]), MIB)
                self.assertEqual(os.listdir(self.temporary), [])

    def test_so_has_who_is_no_root(self):
        if os.geteuid() != 0:
            self.skipTest("needs root to become somebody else")
        shutil.chown(self.temporary, 1000, 1000)
        for folder, _, _ in os.walk(self.folder):
            os.chmod(folder, 0o755)
        done = self.scan(prefix=("setpriv", "--reuid", "1000", "--regid", "1000", "--clear-groups"), bytes=4 * MIB)
        self.assertEqual(done.code, 0, done)
        self.assertRegex(self.said(done)[0], "stopped after [0-9]+: (ENOSPC|EFBIG)$")
        self.assertEqual(os.listdir(self.temporary), [])

    def test_a_crash_leaves_nothing_to_the_next_worker(self):
        done = self.scan(bytes=900_000, crash="true")
        self.assertEqual(done.code, 3, done)
        self.assertEqual(os.listdir(self.temporary), [])

    def test_somewhere_without_room_costs_the_plugin(self):
        os.rmdir(self.temporary)
        done = meridian.scan(self.ref, "--plugin-dir", meridian.HELLO, plugins=SCRATCH, env={"TMPDIR": self.temporary})
        self.assertEqual(done.code, 3, done)
        self.assertIn("no scratch space", done.out)
        self.assertTrue(done.json["findings"])

    def test_what_a_killed_scan_left_is_removed_by_the_next(self):
        scan = subprocess.Popen(
            [meridian.BINARY, "scan", "--plugin-dir", SCRATCH, *self.options({"bytes": 1000, "pause": 60}), self.ref],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=meridian.environment(TMPDIR=self.temporary))
        end = time.monotonic() + 60
        while not os.listdir(self.temporary) and time.monotonic() < end:
            time.sleep(0.05)
        time.sleep(0.5)
        scan.send_signal(signal.SIGKILL)
        scan.wait()
        left = os.listdir(self.temporary)
        self.assertEqual(len(left), 1, left)
        path = os.path.join(self.temporary, left[0])
        if os.geteuid() == 0:
            self.assertEqual(os.listdir(path), [])  # it was memory of the lane's own
        self.scan()
        self.assertEqual(os.listdir(self.temporary), left)  # too young to be nobody's
        os.utime(path, (time.time() - 3600,) * 2)
        self.scan()
        self.assertEqual(os.listdir(self.temporary), [])


if __name__ == "__main__":
    unittest.main()
