# SPDX-License-Identifier: Apache-2.0
#
# interrupt_test.py: Ctrl-C and --deadline ask first; 2 s later the host writes the report with what was
# found, names the callback in flight as error, and leaves.
#
# Fixture `slow` stays in a callback and does not look at cancelled().

import json
import signal
import time
import unittest

import meridian_cli as meridian
import samples
from image_archive import Image, Layer

GRACE = 2.0
SLACK = 10.0  # a busy machine and a sanitizer; a host that waits for the callback needs far longer


class Interrupt(unittest.TestCase):
    def setUp(self):
        self.slow, self.manifest = meridian.fixture("slow")
        self.folder = meridian.scratch(self)
        # Layer 0 is done long before anything stops; layer 1 is where `slow` stays.
        image = Image("app:1", [Layer().file("etc/hello.conf", "x"),
                                Layer().file("srv/slow.txt", "slow\n")])
        self.ref = samples.archive(self.folder, image)

    def command(self, *args):
        return ["scan", "--plugin-dir", meridian.HELLO, "--plugin-dir", self.slow, "--format", "json", "--jobs", "2",
                *args, self.ref]

    def interrupt(self, number):
        """Sends the signal once `slow` is in its callback; (exit status, report, seconds it took)."""
        process = meridian.start(*self.command())
        try:
            time.sleep(1.5 if not meridian.SANITIZED else 4)
            self.assertIsNone(process.poll(), "the scan ended before the signal")
            begin = time.monotonic()
            process.send_signal(number)
            out, err = process.communicate(timeout=meridian.SECONDS)
            return process.returncode, meridian.validate(json.loads(out)), time.monotonic() - begin
        finally:
            if process.poll() is None:
                process.kill()
                process.communicate()

    def check(self, report, took):
        self.assertGreater(took, GRACE - 0.5)
        self.assertLess(took, GRACE + SLACK)
        self.assertFalse(report["complete"])
        self.assertEqual({place[1] for place in meridian.places(report, "hello-file")}, {"etc/hello.conf"})
        pair = meridian.coverage(report, "app:1")["slow"]
        self.assertEqual((pair["result"], pair["complete"]), ("error", False), pair)
        self.assertIn("srv/slow.txt", json.dumps(report["gaps"]) + json.dumps(pair))

    def test_sigint_ends_with_130_and_what_was_found(self):
        code, report, took = self.interrupt(signal.SIGINT)
        self.assertEqual(code, 130)
        self.check(report, took)

    def test_sigterm_ends_with_143_and_what_was_found(self):
        code, report, took = self.interrupt(signal.SIGTERM)
        self.assertEqual(code, 143)
        self.check(report, took)

    def test_a_deadline_ends_with_3_and_what_was_found(self):
        begin = time.monotonic()
        done = meridian.run(*self.command("--deadline", "1s"))
        self.assertEqual(done.code, 3, done)
        self.check(done.json, time.monotonic() - begin - 1)

    def test_a_second_ctrl_c_leaves_at_once(self):
        process = meridian.start(*self.command())
        time.sleep(1.5 if not meridian.SANITIZED else 4)
        process.send_signal(signal.SIGINT)
        time.sleep(0.2)
        begin = time.monotonic()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=meridian.SECONDS)
        self.assertLess(time.monotonic() - begin, GRACE + SLACK)
        self.assertIn(process.returncode, (130, -signal.SIGINT))

    def test_a_deadline_that_is_not_reached_changes_nothing(self):
        done = meridian.scan(self.ref, "--deadline", "10m")
        self.assertEqual(done.code, 0, done)
        self.assertTrue(done.json["complete"])


if __name__ == "__main__":
    unittest.main()
