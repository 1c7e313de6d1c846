# SPDX-License-Identifier: Apache-2.0
#
# isolation_test.py: plugins run in process for now, and nothing pretends otherwise.

import unittest

import meridian_cli as meridian
import samples


class Isolation(unittest.TestCase):
    def setUp(self):
        self.ref = samples.archive(meridian.scratch(self), samples.leaky())

    def test_auto_and_plugin_are_refused_by_name(self):
        for mode in ("auto", "plugin"):
            with self.subTest(mode):
                done = meridian.scan(self.ref, "--isolation", mode)
                self.assertEqual((done.code, done.out), (2, ""), done)
                self.assertIn("--isolation", done.err)
                self.assertIn("none", done.err)

    def test_none_is_the_default(self):
        default, none = meridian.scan(self.ref), meridian.scan(self.ref, "--isolation", "none")
        self.assertEqual((default.code, none.code), (0, 0), none)
        self.assertEqual(meridian.steady(default.out), meridian.steady(none.out))

    def test_a_required_sandbox_is_refused(self):
        done = meridian.scan(self.ref, "--require-sandbox", "full")
        self.assertEqual((done.code, done.out), (2, ""), done)
        self.assertIn("--require-sandbox", done.err)

    def test_the_report_says_that_there_is_no_sandbox(self):
        self.assertEqual(meridian.scan(self.ref).json["host"]["sandbox_level"], "none")


if __name__ == "__main__":
    unittest.main()
