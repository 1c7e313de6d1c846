# SPDX-License-Identifier: Apache-2.0
#
# isolation_test.py: plugins in processes of their own say what they say in this one, and the report
# says how well they were locked in.

import os
import shutil
import tempfile
import unittest

import meridian_cli as meridian
import samples

def bundles(test, *more):
    """A plugin directory with this build's bundles and `more` fixtures."""
    directory = os.path.join(meridian.scratch(test), "plugins")
    shutil.copytree(meridian.BUNDLES, directory)
    for name in more:
        shutil.copytree(os.path.join(meridian.FIXTURES, name), os.path.join(directory, name))
    return directory


class Isolation(unittest.TestCase):
    def setUp(self):
        self.ref = samples.archive(meridian.scratch(self), samples.leaky())

    def test_every_mode_gives_the_same_report(self):
        plugins = bundles(self, "hello", "viewer")
        if meridian.SANITIZED:  # compiling a hundred patterns takes seconds there, in each process
            shutil.rmtree(os.path.join(plugins, "secrets"))
        none = meridian.scan(self.ref, "--isolation", "none", plugins=plugins)
        self.assertEqual(none.code, 0, none)
        self.assertTrue(none.json["findings"])
        for mode in ("auto", "plugin"):
            for jobs in ("1", "3"):
                with self.subTest(mode, jobs=jobs):
                    done = meridian.scan(self.ref, "--isolation", mode, "--jobs", jobs, plugins=plugins)
                    self.assertEqual((done.code, meridian.steady(done.out)), (0, meridian.steady(none.out)), done.err)

    def test_files_on_disk_come_as_descriptors(self):
        tree = tempfile.mkdtemp(dir=meridian.scratch(self))
        os.makedirs(os.path.join(tree, "etc"))
        for number in range(300):
            with open(os.path.join(tree, "etc", "hello%d" % number), "w") as file:
                file.write("x" * number)
        os.setxattr(os.path.join(tree, "etc", "hello1"), "user.greeting", b"hi")
        reports = [meridian.scan("dir:" + tree, "--isolation", mode) for mode in ("none", "auto")]
        self.assertEqual([done.code for done in reports], [0, 0], reports[1])
        self.assertEqual(meridian.steady(reports[0].out), meridian.steady(reports[1].out))
        self.assertEqual(reports[1].json["statistics"]["files_opened"], 300)

    def test_the_report_says_the_level(self):
        self.assertEqual(meridian.scan(self.ref, "--isolation", "none").json["host"]["sandbox_level"], "none")
        level = meridian.scan(self.ref).json["host"]["sandbox_level"]
        self.assertRegex(level, r"^(full|partial: .+)$")
        if meridian.SANITIZED:
            self.assertIn("memory limit", level)

    def test_a_lesser_sandbox_than_required_is_a_usage_error(self):
        none = meridian.scan(self.ref, "--isolation", "none", "--require-sandbox", "full")
        self.assertEqual((none.code, none.out), (2, ""), none)
        self.assertIn("--require-sandbox full", none.err)
        auto = meridian.scan(self.ref, "--require-sandbox", "full")
        full = meridian.scan(self.ref).json["host"]["sandbox_level"] == "full"
        self.assertEqual(auto.code, 0 if full else 2, auto)

    def test_a_plugin_that_does_not_load_costs_itself(self):
        directory = bundles(self, "wrong_manifest")
        done = meridian.scan(self.ref, plugins=directory)
        self.assertEqual(done.code, 3, done)
        self.assertIn("refused", {gap["kind"] for gap in done.json["gaps"]})
        self.assertNotIn("error", {row["result"] for row in done.json["coverage"]})

    def test_lanes_are_no_command_for_people(self):
        done = meridian.run("lane")
        self.assertNotEqual(done.code, 0)
        self.assertEqual(done.out, "")


if __name__ == "__main__":
    unittest.main()
