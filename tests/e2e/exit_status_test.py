# SPDX-License-Identifier: Apache-2.0
#
# exit_status_test.py: the table of contract.md, "Exit status". 130 and 143 are in interrupt_test.py.

import json
import os
import shutil
import unittest

import image_archive
import meridian_cli as meridian
import samples


class Done(unittest.TestCase):
    def setUp(self):
        self.folder = meridian.scratch(self)

    def test_a_clean_image_is_0(self):
        done = meridian.scan(samples.archive(self.folder))
        self.assertEqual(done.code, 0, done)
        self.assertTrue(done.json["complete"])

    def test_findings_without_fail_on_are_0(self):
        done = meridian.scan(samples.archive(self.folder, samples.leaky()))
        self.assertEqual(done.code, 0, done)
        self.assertTrue(done.json["findings"])

    def test_a_store_without_images_is_0_and_the_text_says_so(self):
        root = samples.empty_docker(self.folder)
        done = meridian.run("--host-root", root, "scan", "--plugin-dir", meridian.HELLO)
        self.assertEqual(done.code, 0, done)
        self.assertRegex(done.out + done.err, "0 targets|no image")

    def test_findings_at_or_above_fail_on_are_1(self):
        ref = samples.archive(self.folder, samples.leaky())  # a finding of severity info
        done = meridian.scan(ref, "--fail-on", "info")
        self.assertEqual(done.code, 1, done)
        self.assertTrue(done.json["complete"])
        done = meridian.scan(ref, "--fail-on", "high", "--rule", "hello/hello-file=critical")
        self.assertEqual(done.code, 1, done)

    def test_findings_below_fail_on_are_0(self):
        done = meridian.scan(samples.archive(self.folder, samples.leaky()), "--fail-on", "low")
        self.assertEqual(done.code, 0, done)

    def test_a_clean_image_with_fail_on_is_0(self):
        done = meridian.scan(samples.archive(self.folder), "--fail-on", "info")
        self.assertEqual(done.code, 0, done)


class Usage(unittest.TestCase):
    """2, and nothing is scanned: no report on standard output, a reason on standard error."""

    def setUp(self):
        self.folder = meridian.scratch(self)
        self.ref = samples.archive(self.folder)

    def refuse(self, *args, names=()):
        done = meridian.run(*args)
        self.assertEqual(done.code, 2, done)
        self.assertEqual(done.out, "", done)
        for name in names:
            self.assertIn(name, done.err)
        self.assertTrue(done.err.strip(), "no reason given")

    def refuse_scan(self, *args, names=()):
        self.refuse("scan", "--plugin-dir", meridian.HELLO, *args, names=names)

    def test_an_unknown_command_or_option(self):
        self.refuse("frobnicate")
        self.refuse_scan("--frobnicate", self.ref, names=["frobnicate"])

    def test_a_value_outside_its_set(self):
        for option, value in (("--format", "yaml"), ("--fail-on", "terrible"), ("--severity", "x"),
                              ("--jobs", "0"), ("--jobs", "many"), ("--deadline", "soon"),
                              ("--progress", "maybe"), ("--isolation", "full"),
                              ("--log-level", "shout")):
            with self.subTest(option=option, value=value):
                self.refuse_scan(option, value, self.ref, names=[value])

    def test_an_archive_or_directory_that_does_not_exist(self):
        for transport in ("docker-archive", "dir"):
            with self.subTest(transport):
                absent = os.path.join(self.folder, "absent")
                self.refuse_scan(transport + ":" + absent, names=[absent])

    def test_a_reference_that_names_nothing_in_an_archive(self):
        self.refuse_scan(self.ref + ":absent:9", names=["absent:9"])

    def test_a_reference_that_names_nothing_in_a_store(self):
        root = samples.empty_docker(os.path.join(self.folder, "host"))
        self.refuse("--host-root", root, "scan", "--plugin-dir", meridian.HELLO, "absent", names=["absent"])

    def test_one_bad_reference_among_good_ones(self):
        self.refuse_scan(self.ref, "dir:" + self.folder + "/absent", names=["absent"])

    def test_a_transport_that_is_not_built_yet(self):
        self.refuse_scan("docker://registry.local/any:1", names=["docker"])

    def test_no_plugin(self):
        empty = os.path.join(self.folder, "plugins")
        self.refuse("scan", "--plugin-dir", empty, self.ref, names=[empty])
        os.mkdir(empty)
        self.refuse("scan", "--plugin-dir", empty, self.ref, names=[empty])

    def test_a_plugin_that_is_not_there(self):
        self.refuse_scan("--plugin", "absent", self.ref, names=["absent"])
        self.refuse_scan("--skip-plugin", "absent", self.ref, names=["absent"])

    def test_a_wrong_configuration_key_is_named_with_its_plugin_and_the_accepted_keys(self):
        self.refuse_scan("--set", "hello.frobnicate=1", self.ref, names=["frobnicate", "hello", "greeting", "most"])
        self.refuse_scan("--set", "absent.key=1", self.ref, names=["absent"])
        self.refuse_scan("--rule", "hello/absent=off", self.ref, names=["absent"])

    def test_a_store_of_a_kind_that_does_not_exist(self):
        self.refuse_scan("--store", "frobnicate=/x", names=["frobnicate"])


class Incomplete(unittest.TestCase):
    def setUp(self):
        self.folder = meridian.scratch(self)

    def damaged(self):
        """An archive of two images; the configuration of the second is no JSON."""
        broken = image_archive.Image("broken:1", samples.clean().layers, config=b"{nonsense")
        return samples.archive(self.folder, samples.leaky(), broken)

    def test_a_target_that_cannot_be_read_is_3(self):
        done = meridian.scan(self.damaged())
        self.assertEqual(done.code, 3, done)
        self.assertFalse(done.json["complete"])
        self.assertEqual({place[0] for place in meridian.places(done.json)}, {"leaky:1"})

    def test_3_wins_over_1(self):
        self.assertEqual(meridian.scan(self.damaged(), "--fail-on", "info").code, 3)

    def test_a_refused_plugin_beside_a_good_one_is_3(self):
        plugins = os.path.join(self.folder, "plugins")
        shutil.copytree(meridian.HELLO, os.path.join(plugins, "hello"))
        os.mkdir(os.path.join(plugins, "bad"))
        with open(os.path.join(plugins, "bad/plugin.json"), "w") as out:
            out.write('{"id": "org.example.bad"}')
        done = meridian.scan(samples.archive(self.folder, samples.leaky()), plugins=plugins)
        self.assertEqual(done.code, 3, done)
        self.assertTrue(done.json["findings"], "the good plugin did not run")

    def test_a_file_that_is_no_archive_is_not_0_and_is_named(self):
        junk = os.path.join(self.folder, "junk.tar")
        with open(junk, "wb") as out:
            out.write(b"this is not an archive\n" * 100)
        done = meridian.scan("docker-archive:" + junk)
        self.assertIn(done.code, (2, 3), done)
        self.assertIn("junk.tar", done.out + done.err)

    def test_an_output_that_cannot_be_written_is_not_0_and_is_named(self):
        place = os.path.join(self.folder, "absent/report.json")
        done = meridian.scan("--output", place, samples.archive(self.folder))
        self.assertIn(done.code, (2, 3), done)
        self.assertIn(place, done.err)

    def test_a_single_gap_counts_only_with_require_complete(self):
        ref = samples.archive(self.folder, samples.leaky())
        limit = ["--set", "secrets.max_file_size=8"]  # etc/hello.conf is larger: a gap of kind limit
        done, texts = meridian.scan_formats(("json", "table"), ref, *limit, plugins=meridian.SECRETS)
        self.assertEqual(done.code, 0, done)
        report = json.loads(texts["json"])
        self.assertEqual([gap["kind"] for gap in report["gaps"]], ["limit"])
        self.assertFalse(report["complete"])
        self.assertEqual(meridian.scan(ref, *limit, "--require-complete", plugins=meridian.SECRETS).code, 3)
        self.assertIn("clean (incomplete: 1)", texts["table"])


class NothingToScan(unittest.TestCase):
    def test_no_store_is_4_with_the_places_that_were_looked_at(self):
        done = meridian.scan("--host-root", meridian.scratch(self))
        self.assertEqual(done.code, 4, done)
        self.assertIn("/var/lib/docker", done.out + done.err)

    def test_no_discover_without_a_store_is_4(self):
        done = meridian.scan("--host-root", samples.empty_docker(meridian.scratch(self)), "--no-discover")
        self.assertEqual(done.code, 4, done)

    def test_with_transport_references_no_store_is_looked_for(self):
        folder = meridian.scratch(self)
        done = meridian.scan("--host-root", os.path.join(folder, "absent"), samples.archive(folder))
        self.assertIn(done.code, (0, 2), done)
        done = meridian.scan("--host-root", samples.empty_docker(meridian.scratch(self)), samples.archive(folder))
        self.assertEqual(done.code, 0, done)
        self.assertEqual([one["names"] for one in done.json["targets"]], [["clean:1"]])


if __name__ == "__main__":
    unittest.main()
