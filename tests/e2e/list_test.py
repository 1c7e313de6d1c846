# SPDX-License-Identifier: Apache-2.0
#
# list_test.py: `list images|containers` and `version`. Against a real engine: tests/integration/docker.

import json
import os
import unittest

import meridian_cli as meridian
import samples


class List(unittest.TestCase):
    def test_a_store_without_images(self):
        root = samples.empty_docker(meridian.scratch(self))
        for kind in ("images", "containers"):
            with self.subTest(kind):
                done = meridian.run("--host-root", root, "list", kind, "--format", "json")
                self.assertEqual(done.code, 0, done)
                self.assertEqual(done.json["schema"], "meridian.list/1")
                self.assertEqual(done.json["targets"], [])

    def test_no_store_is_4(self):
        done = meridian.run("--host-root", meridian.scratch(self), "list", "images")
        self.assertEqual(done.code, 4, done)
        self.assertIn("/var/lib/docker", done.out + done.err)

    def test_runtimes_say_what_could_not_be_looked_at(self):
        root = samples.empty_docker(meridian.scratch(self))
        whole = meridian.run("--host-root", root, "list", "runtimes")
        self.assertEqual((whole.code, whole.err), (0, ""), whole)
        os.makedirs(os.path.join(root, "etc/docker"), exist_ok=True)
        with open(os.path.join(root, "etc/docker/daemon.json"), "w") as out:
            out.write("{")
        for arguments in ((), ("--format", "json")):
            with self.subTest(arguments):
                done = meridian.run("--host-root", root, "list", "runtimes", *arguments)
                self.assertEqual(done.code, 3, done)
                self.assertIn("corrupt /etc/docker/daemon.json", done.err)
                self.assertIn("/var/lib/docker", done.out)

    def test_an_unknown_kind_is_2(self):
        self.assertEqual(meridian.run("list", "frobnicators").code, 2)


class Version(unittest.TestCase):
    def test_text_is_one_line_that_names_the_program(self):
        done = meridian.run("version")
        self.assertEqual(done.code, 0, done)
        self.assertRegex(done.out.splitlines()[0], r"^meridian \d+\.\d+\.\d+")

    def test_json(self):
        done = meridian.run("version", "--format", "json")
        self.assertEqual(done.code, 0, done)
        self.assertRegex(json.loads(done.out)["version"], r"^\d+\.\d+\.\d+")

    def test_it_is_the_version_of_the_report(self):
        report = meridian.scan(samples.archive(meridian.scratch(self))).json
        self.assertEqual(report["meridian"]["version"],
                         json.loads(meridian.run("version", "--format", "json").out)["version"])


if __name__ == "__main__":
    unittest.main()
