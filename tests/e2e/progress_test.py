# SPDX-License-Identifier: Apache-2.0
#
# progress_test.py: progress is for a terminal; a pipe gets nothing of it.

import os
import pty
import select
import subprocess
import time
import unittest

import meridian_cli as meridian
import samples
from image_archive import Image, Layer


def many():
    return [Image("app%d:1" % number, [Layer().file("opt/%d-%d" % (number, name), "x\n" * 500)
                                       for name in range(20)]) for number in range(10)]


class Progress(unittest.TestCase):
    def setUp(self):
        self.folder = meridian.scratch(self)
        self.ref = samples.archive(self.folder, *many())

    def test_a_pipe_gets_none(self):
        for mode in ([], ["--progress", "auto"], ["--progress", "never"]):
            with self.subTest(mode):
                done = meridian.scan(self.ref, *mode)
                self.assertEqual((done.code, done.err), (0, ""), done)

    def test_a_terminal_gets_targets_and_bytes_and_the_report_none_of_it(self):
        slow, _ = meridian.fixture("slow")  # a scan of milliseconds shows nothing
        ref = samples.archive(self.folder, *many(), Image("slow:1", [Layer().file("slow", "x")]), name="slow.tar")
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        process = subprocess.Popen(
            [meridian.BINARY, "scan", "--plugin-dir", meridian.HELLO, "--format", "json", "--progress", "auto",
             "--plugin-dir", slow, "--set", "slow.seconds=1", "--jobs", "1", ref], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=theirs,
            env=meridian.environment(TERM="xterm"))
        os.close(theirs)
        with process.stdout:
            out = process.stdout.read()
        process.wait(meridian.SECONDS)
        shown = self.drain(ours)
        self.assertEqual(process.returncode, 0, shown)
        self.assertTrue(out.lstrip().startswith(b"{"))
        self.assertRegex(shown, rb"/11 targets.*B", "neither targets nor bytes are shown")

    @staticmethod
    def drain(terminal):
        shown, end = b"", time.monotonic() + 5
        while time.monotonic() < end and select.select([terminal], [], [], 0.5)[0]:
            try:
                piece = os.read(terminal, 65536)
            except OSError:  # EIO: the other side is closed
                break
            if not piece:
                break
            shown += piece
        return shown


if __name__ == "__main__":
    unittest.main()
