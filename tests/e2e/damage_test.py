# SPDX-License-Identifier: Apache-2.0
#
# damage_test.py: a corrupt, missing or huge file costs its object a gap that names the file; the
# rest goes on. The same for a data root on disk: tests/integration/docker.

import gzip
import json
import os
import unittest

import image_archive
import meridian_cli as meridian
import samples


class DamagedArchive(unittest.TestCase):
    def setUp(self):
        self.folder = meridian.scratch(self)
        self.good, self.bad = samples.leaky("good:1", 1), samples.leaky("bad:1", 2)
        self.parts = image_archive.members([self.good, self.bad])
        self.config = self.bad.id[7:] + ".json"
        self.layer = self.bad.diff_ids()[0][7:] + "/layer.tar"

    def scan(self, *args):
        path = image_archive.write_members(os.path.join(self.folder, "damaged.tar"), self.parts)
        return meridian.scan("docker-archive:" + path, *args)

    def costs_only_the_bad_one(self, named, kinds):
        """The good image is scanned as ever; a gap of one of `kinds` names what was damaged."""
        done = self.scan()
        self.assertEqual(done.code, 3, done)
        report = done.json
        self.assertFalse(report["complete"])
        self.assertIn(("good:1", "etc/hello.conf"), {place[:2] for place in meridian.places(report)}, done)
        self.assertNotIn("bad:1", {place[0] for place in meridian.places(report)})
        self.assertTrue(meridian.coverage(report, "good:1")["hello"]["complete"])
        gaps = [gap for gap in report["gaps"]
                if gap["kind"] in kinds and named in gap.get("path", "") + " " + gap["message"]]
        self.assertTrue(gaps, "no gap of %s names %s: %s" % (kinds, named, report["gaps"]))

    def test_a_configuration_that_is_no_json(self):
        self.parts[self.config] = b"{nonsense"
        self.costs_only_the_bad_one(self.config, ["corrupt", "integrity"])

    def test_a_configuration_that_is_missing(self):
        del self.parts[self.config]
        self.costs_only_the_bad_one(self.config, ["corrupt", "unreadable"])

    def test_a_configuration_that_is_huge(self):
        self.parts[self.config] = b" " * (17 << 20)
        self.costs_only_the_bad_one(self.config, ["limit"])

    def test_a_configuration_that_is_deeply_nested(self):
        self.parts[self.config] = b"[" * 100_000
        self.costs_only_the_bad_one(self.config, ["limit", "corrupt"])

    def test_a_configuration_of_the_wrong_shape(self):
        self.parts[self.config] = b'{"config": 7, "rootfs": {"diff_ids": {"a": 1}}, "history": "x"}'
        self.costs_only_the_bad_one(self.config, ["corrupt", "integrity"])

    def test_a_layer_that_is_missing(self):
        del self.parts[self.layer]
        self.costs_only_the_bad_one(self.layer, ["corrupt", "unreadable"])

    def test_a_layer_that_is_junk(self):
        self.parts[self.layer] = b"\x93junk" * 1000
        self.costs_only_the_bad_one(self.layer.split("/")[0], ["corrupt", "integrity"])

    def test_a_layer_with_other_content_than_its_diff_id_is_an_error_of_integrity(self):
        self.parts[self.layer] = samples.clean().layers[0].tar()
        done = self.scan()
        report = done.json
        kinds = {gap["kind"] for gap in report["gaps"]}
        self.assertIn("integrity", kinds, report["gaps"])
        self.assertFalse(report["complete"])
        self.assertEqual(done.code, 3)
        self.assertEqual(meridian.coverage(report, "bad:1")["hello"]["result"], "error")
        for layer in meridian.target(report, "bad:1")["layers"]:
            self.assertNotEqual(layer["identity"], "verified")

    def test_a_layer_cut_in_the_middle_keeps_what_was_read(self):
        layer = image_archive.Layer().file("etc/hello.first", "x").file("z/last", "x" * 100_000)
        self.bad = image_archive.Image("bad:1", [layer])
        self.parts = image_archive.members([self.good, self.bad])
        self.layer = self.bad.diff_ids()[0][7:] + "/layer.tar"
        self.parts[self.layer] = self.parts[self.layer][:60_000]
        done = self.scan()
        self.assertEqual(done.code, 3, done)
        self.assertLessEqual({("good:1", "etc/hello.conf"), ("bad:1", "etc/hello.first")},
                             {place[:2] for place in meridian.places(done.json)})
        self.assertEqual(meridian.coverage(done.json, "bad:1")["hello"]["result"], "error")

    def test_a_gzip_layer_with_a_broken_end(self):
        whole = gzip.compress(self.bad.layers[0].tar(), mtime=0)
        self.parts[self.layer] = whole[:-20]
        done = self.scan()
        self.assertEqual(done.code, 3, done)
        self.assertIn("good:1", {place[0] for place in meridian.places(done.json)})
        self.assertTrue(done.json["gaps"])

    def test_a_manifest_that_names_a_layer_outside_the_archive(self):
        manifest = json.loads(self.parts["manifest.json"])
        manifest[1]["Layers"] = ["../../../../etc/passwd"]
        self.parts["manifest.json"] = json.dumps(manifest).encode()
        self.costs_only_the_bad_one("etc/passwd", ["corrupt", "unreadable", "refused"])

    def test_a_manifest_that_is_junk_is_not_nothing_found(self):
        self.parts["manifest.json"] = b"{"
        done = self.scan()
        self.assertIn(done.code, (2, 3), done)
        self.assertIn("manifest.json", done.out + done.err)

    def test_an_archive_cut_in_the_middle(self):
        path = image_archive.write_members(os.path.join(self.folder, "whole.tar"), self.parts)
        with open(path, "rb") as whole:
            content = whole.read()
        for size in (100, 512, 1500, len(content) // 2):
            with self.subTest(size=size):
                with open(os.path.join(self.folder, "cut.tar"), "wb") as out:
                    out.write(content[:size])
                done = meridian.scan("docker-archive:" + os.path.join(self.folder, "cut.tar"))
                self.assertIn(done.code, (2, 3), done)


class HostileDirectory(unittest.TestCase):
    def test_devices_fifos_and_links_out_of_the_root_are_not_opened(self):
        folder = meridian.scratch(self)
        ref = samples.root_directory(folder, {"etc/hello.conf": "x"})
        root = ref[4:]
        os.mkfifo(os.path.join(root, "etc/hello.pipe"))
        outside = os.path.join(folder, "outside")
        with open(outside, "w") as out:
            out.write("x")
        os.symlink(outside, os.path.join(root, "etc/hello.link"))
        os.symlink("..", os.path.join(root, "etc/loop"))
        done = meridian.scan(ref)
        self.assertEqual(done.code, 0, done)
        self.assertEqual({place[1] for place in meridian.places(done.json, "hello-file")}, {"etc/hello.conf"})

    def test_names_that_are_no_utf8_or_hold_control_bytes(self):
        folder = meridian.scratch(self)
        names = ["hello-\udce9", "hello\nbreak", "hello\x1b[31m"]
        ref = samples.root_directory(folder, {"etc/" + name: "x" for name in names})
        done = meridian.scan(ref)
        self.assertEqual(done.code, 0, done)
        self.assertEqual({place[1] for place in meridian.places(done.json, "hello-file")},
                         {"etc/" + name for name in names})
        table = meridian.run("scan", "--plugin-dir", meridian.HELLO, ref)
        self.assertNotIn("\x1b[31m", table.out)
        self.assertNotIn("hello\nbreak", table.out)


if __name__ == "__main__":
    unittest.main()
