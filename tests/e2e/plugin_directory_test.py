# SPDX-License-Identifier: Apache-2.0
#
# plugin_directory_test.py: junk in the plugin directory is refused by name, the good ones load.

import json
import os
import shutil
import unittest

import meridian_cli as meridian
import samples


class PluginDirectory(unittest.TestCase):
    def setUp(self):
        self.folder = meridian.scratch(self)
        self.plugins = os.path.join(self.folder, "plugins")
        shutil.copytree(meridian.HELLO, os.path.join(self.plugins, "hello"))
        self.ref = samples.archive(self.folder, samples.leaky())

    def put(self, path, content, mode=0o644):
        place = os.path.join(self.plugins, path)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "wb") as out:
            out.write(content if isinstance(content, bytes) else content.encode())
        os.chmod(place, mode)

    def bundle(self, name, change=None, library=None):
        """A copy of the good bundle with its manifest or library changed."""
        place = os.path.join(self.plugins, name)
        shutil.copytree(meridian.HELLO, place)
        with open(os.path.join(place, "plugin.json")) as text:
            manifest = json.load(text)
        if change:
            change(manifest)
            with open(os.path.join(place, "plugin.json"), "w") as out:
                json.dump(manifest, out)
        if library is not None:
            with open(os.path.join(place, manifest["library"]), "wb") as out:
                out.write(library)
        return place

    def library(self):
        with open(os.path.join(meridian.HELLO, "hello.so"), "rb") as so:
            return so.read()

    def scan(self):
        return meridian.scan(self.ref, plugins=self.plugins)

    def refused(self, code, *names):
        """The good plugin found its secret; each name has a gap `refused`; the exit status is `code`."""
        done = self.scan()
        self.assertEqual(done.code, code, done)
        report = done.json
        self.assertIn(("leaky:1", "etc/hello.conf"), {place[:2] for place in meridian.places(report)}, done)
        gaps = [gap for gap in report["gaps"] if gap["kind"] == "refused"]
        for name in names:
            mine = [gap for gap in gaps if name in gap.get("path", "") + gap["message"]]
            self.assertTrue(mine, "no refusal names %s: %s" % (name, report["gaps"]))
            self.assertTrue(all(gap["message"] for gap in mine))
        return gaps

    def test_junk_without_manifest_or_note_does_not_change_the_exit_status(self):
        self.put("notes.txt", "hello")
        self.put("junk.so", b"\x7fELF" + b"\xff" * 500, 0o755)
        self.put("cut.so", self.library()[:1000], 0o755)
        self.put("empty.so", b"")
        self.put("folder/readme.md", "nothing here")
        os.symlink("/absent", os.path.join(self.plugins, "dangling"))
        os.mkfifo(os.path.join(self.plugins, "pipe"))
        self.refused(0, "junk.so", "cut.so", "empty.so", "folder")

    def test_a_library_of_the_machine_is_not_run(self):
        shutil.copy(os.path.realpath("/usr/lib/x86_64-linux-gnu/libc.so.6")
                    if os.path.exists("/usr/lib/x86_64-linux-gnu/libc.so.6") else "/bin/sh",
                    os.path.join(self.plugins, "libfoo.so"))
        self.refused(0, "libfoo.so")

    def test_a_manifest_that_is_no_json(self):
        self.put("bad/plugin.json", "{nonsense")
        self.refused(3, "bad")

    def test_a_manifest_with_a_misspelt_key(self):
        self.bundle("bad", lambda manifest: manifest.update(verison="1"))
        gaps = self.refused(3, "bad")
        self.assertTrue(any("verison" in gap["message"] for gap in gaps), gaps)

    def test_a_manifest_whose_library_is_missing(self):
        place = self.bundle("bad", lambda manifest: manifest.update(library="absent.so"))
        os.remove(os.path.join(place, "hello.so"))
        self.refused(3, "bad")

    def test_a_manifest_whose_library_lies_elsewhere(self):
        self.bundle("bad", lambda manifest: manifest.update(library="../hello/hello.so"))
        self.refused(3, "bad")

    def test_a_manifest_that_disagrees_with_the_library(self):
        self.bundle("other-id", lambda manifest: manifest.update(id="org.example.other"))
        self.bundle("other-version", lambda manifest: manifest.update(version="99.9.9"))
        self.refused(3, "other-id", "other-version")

    def test_a_library_that_is_damaged(self):
        whole = self.library()
        self.bundle("cut", library=whole[:len(whole) // 2])
        self.bundle("zeros", library=bytes(len(whole)))
        self.bundle("headless", library=whole[:64] + bytes(4096))
        self.refused(3, "cut", "zeros", "headless")

    def test_a_second_bundle_of_the_same_id(self):
        self.bundle("twin")
        done = self.scan()
        self.assertEqual(done.code, 3, done)
        self.assertEqual(len(done.json["plugins"]), 1)
        self.assertTrue([gap for gap in done.json["gaps"] if gap["kind"] == "refused"])

    def test_a_fixture_whose_manifest_lies(self):
        place, _ = meridian.fixture("wrong_manifest")
        shutil.copytree(place, os.path.join(self.plugins, "wrong_manifest"))
        self.refused(3, "wrong_manifest")

    def test_a_huge_manifest(self):
        self.put("huge/plugin.json", b" " * (2 << 20))
        self.refused(3, "huge")

    def test_a_fixture_that_is_good_loads_beside_it(self):
        place, manifest = meridian.fixture("slow")
        shutil.copytree(place, os.path.join(self.plugins, "slow"))
        done = self.scan()
        self.assertEqual(done.code, 0, done)
        self.assertIn(manifest["id"], [one["id"] for one in done.json["plugins"]])
        self.assertIn("slow", meridian.coverage(done.json, "leaky:1"))

    def test_nothing_but_junk_is_2(self):
        only = os.path.join(self.folder, "only-junk")
        os.mkdir(only)
        with open(os.path.join(only, "junk.so"), "w") as out:
            out.write("junk")
        done = meridian.scan(self.ref, plugins=only)
        self.assertEqual(done.code, 2, done)
        self.assertIn("junk.so", done.err)


class Selection(unittest.TestCase):
    def setUp(self):
        self.ref = samples.archive(meridian.scratch(self), samples.leaky())
        self.slow, _ = meridian.fixture("slow")

    def test_a_skipped_plugin_is_covered_as_skipped(self):
        done = meridian.scan(self.ref, "--plugin-dir", self.slow, "--skip-plugin", "hello")
        self.assertEqual(done.code, 0, done)
        self.assertEqual({name: entry["result"] for name, entry in meridian.coverage(done.json, "leaky:1").items()},
                         {"hello": "skipped", "slow": "clean"})
        self.assertEqual(done.json["findings"], [])

    def test_a_chosen_plugin_is_the_only_one_that_runs(self):
        done = meridian.scan(self.ref, "--plugin-dir", self.slow, "--plugin", "hello")
        self.assertEqual(done.code, 0, done)
        self.assertEqual({name: entry["result"] for name, entry in meridian.coverage(done.json, "leaky:1").items()},
                         {"hello": "findings", "slow": "skipped"})

    def test_a_rule_that_is_off_is_silent_and_a_severity_is_overridden(self):
        off = meridian.scan(self.ref, "--rule", "hello/hello-file=off").json
        self.assertEqual({finding["rule"] for finding in off["findings"]}, {"hello-target"})
        high = meridian.scan(self.ref, "--rule", "hello/hello-file=high").json
        self.assertEqual({finding["rule"]: finding["severity"] for finding in high["findings"]},
                         {"hello-file": "high", "hello-target": "info"})

    def test_options_reach_the_plugin(self):
        report = meridian.scan(self.ref, "--set", "hello.greeting=moin").json
        self.assertTrue([one for one in report["findings"] if one["message"].startswith("moin, ")])


if __name__ == "__main__":
    unittest.main()
