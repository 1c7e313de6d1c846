# SPDX-License-Identifier: Apache-2.0
#
# fs_test.py: `fs ls|cat REF PATH` shows the merged view: what a container would see.

import subprocess
import tempfile
import unittest

import meridian_cli as meridian
import samples
from image_archive import Image, Layer


def layered():
    return Image("layered:1", [
        Layer().directory("d").file("d/gone", "1").file("d/kept", "lower").file("d/changed", "old")
        .directory("o").file("o/hidden", "1").file("top", "t"),
        Layer().whiteout("d/gone").file("d/changed", "new\n").opaque("o").file("o/new", "n")
        .symlink("to-kept", "/d/kept").symlink("to-host", "../../../../../../etc/passwd")])


class MergedView(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="meridian-test-")
        cls.addClassCleanup(folder.cleanup)
        cls.ref = samples.archive(folder.name, layered(), samples.clean())
        cls.ref += ":layered:1"

    def names(self, path):
        done = meridian.run("fs", "ls", self.ref, path)
        self.assertEqual(done.code, 0, done)
        return {line.split(" -> ")[0].split()[-1].rstrip("/").split("/")[-1] for line in done.out.splitlines() if line}

    def test_ls_hides_what_a_later_layer_deleted(self):
        self.assertEqual(self.names("/d"), {"kept", "changed"})

    def test_ls_of_an_opaque_directory_shows_only_the_upper_one(self):
        self.assertEqual(self.names("/o"), {"new"})

    def test_ls_of_the_root_with_and_without_a_leading_slash(self):
        wanted = {"d", "o", "top", "to-kept", "to-host"}
        self.assertEqual(self.names("/"), wanted)
        self.assertEqual(self.names("."), wanted)

    def test_cat_gives_the_upper_content_exactly(self):
        done = meridian.run("fs", "cat", self.ref, "/d/changed")
        self.assertEqual((done.code, done.out), (0, "new\n"), done)
        self.assertEqual(meridian.run("fs", "cat", self.ref, "d/kept").out, "lower")

    def test_cat_follows_a_link_inside_the_image(self):
        self.assertEqual(meridian.run("fs", "cat", self.ref, "/to-kept").out, "lower")

    def test_cat_of_a_link_to_the_hosts_files_stays_inside(self):
        done = meridian.run("fs", "cat", self.ref, "/to-host")
        self.assertNotEqual(done.code, 0, done)
        self.assertEqual(done.out, "")

    def test_a_hidden_or_absent_path_is_an_error_that_names_it(self):
        for path in ("/d/gone", "/o/hidden", "/absent", "/d/.wh.gone", "/top/below-a-file"):
            with self.subTest(path):
                done = meridian.run("fs", "cat", self.ref, path)
                self.assertNotEqual(done.code, 0, done)
                self.assertEqual(done.out, "")
                self.assertIn(path.lstrip("/"), done.err)

    def test_cat_of_a_directory_is_an_error(self):
        self.assertNotEqual(meridian.run("fs", "cat", self.ref, "/d").code, 0)

    def test_binary_content_passes_unchanged(self):
        folder = meridian.scratch(self)
        content = bytes(range(256)) * 20_000
        ref = samples.archive(folder, Image("b:1", [Layer().file("b", content)]))
        done = subprocess.run([meridian.BINARY, "fs", "cat", ref, "/b"], stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=60, env=meridian.environment())
        self.assertEqual(done.stdout, content)


class Reference(unittest.TestCase):
    def test_an_ambiguous_reference_is_an_error_that_lists_the_candidates(self):
        images = [layered(), samples.clean()]
        done = meridian.run("fs", "ls", samples.archive(meridian.scratch(self), *images), "/")
        self.assertEqual(done.code, 2, done)
        for image in images:
            self.assertIn(image.id, done.err)

    def test_a_reference_that_names_nothing(self):
        ref = samples.archive(meridian.scratch(self), samples.clean())
        self.assertEqual(meridian.run("fs", "ls", ref + ":absent:1", "/").code, 2)

    def test_a_plain_directory(self):
        ref = samples.root_directory(meridian.scratch(self), {"a/b": "text", "a/.wh.c": "an ordinary file"})
        self.assertEqual(meridian.run("fs", "cat", ref, "/a/b").out, "text")
        self.assertEqual(meridian.run("fs", "cat", ref, "/a/.wh.c").out, "an ordinary file")


if __name__ == "__main__":
    unittest.main()
