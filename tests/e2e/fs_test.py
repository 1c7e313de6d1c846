# SPDX-License-Identifier: Apache-2.0
#
# fs_test.py: `fs ls|cat|stat|find REF PATH` shows the merged view: what a container would see.

import json
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


class Origin(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="meridian-test-")
        cls.addClassCleanup(folder.cleanup)
        lower, upper = layered().layers
        lower.created_by, upper.created_by = "RUN make lower", "COPY upper /"
        cls.image = Image("layered:1", [lower, upper])
        cls.ref = samples.archive(folder.name, cls.image)

    def stat(self, path, *args):
        return meridian.run("fs", "stat", self.ref, path, *args, "--format", "json").json["files"][0]

    def test_stat_names_the_layer_that_the_file_comes_from(self):
        ids = self.image.diff_ids()
        self.assertEqual(self.stat("d/kept")["layer"], {"index": 0, "id": ids[0], "created_by": "RUN make lower"})
        self.assertEqual(self.stat("d/changed")["layer"], {"index": 1, "id": ids[1], "created_by": "COPY upper /"})
        text = meridian.run("fs", "stat", self.ref, "/d/changed").out
        self.assertIn("layer:      1 (%s)\n" % ids[1], text)
        self.assertIn("created by: COPY upper /\n", text)

    def test_stat_of_a_link_is_of_the_link_unless_a_slash_follows(self):
        one = self.stat("to-kept")
        self.assertEqual((one["type"], one["link"]), ("symlink", "/d/kept"))
        self.assertEqual(meridian.run("fs", "stat", self.ref, "to-kept/").code, 2)  # a file, not a directory
        self.assertEqual(self.stat("/")["path"], "")

    def test_one_layer_alone_shows_its_own_files_and_markers(self):
        self.assertEqual(self.stat("d/changed", "--layer", "0")["layer"]["index"], 0)
        self.assertEqual(self.stat("d/changed", "--layer", "1")["layer"]["index"], 1)
        listed = meridian.run("fs", "ls", "-0", "--layer", "1", self.ref, "d").out
        self.assertEqual(set(listed.split("\0")), {".wh.gone", "changed", ""})
        done = meridian.run("fs", "ls", "--layer", "2", self.ref, "/")
        self.assertEqual(done.code, 2, done)
        self.assertIn("there are 2 layers", done.err)


class Find(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="meridian-test-")
        cls.addClassCleanup(folder.cleanup)
        layer = (Layer().directory("usr").directory("usr/bin").file("usr/bin/su", "x" * 5000, 0o4755)
                 .file("usr/bin/wall", "x" * 1024, 0o2755).file("usr/bin/ls", "x" * 1023, 0o755)
                 .file("etc/a.conf", "").file("etc/new\nline", "x").file("etc/\udcff", "x")
                 .symlink("bin", "usr/bin").fifo("pipe").device("dev/null"))
        cls.ref = samples.archive(folder.name, Image("find:1", [layer, Layer().whiteout("etc/a.conf")]))

    def find(self, *args):
        done = meridian.run("fs", "find", "-0", self.ref, *args)
        self.assertEqual(done.code, 0, done)
        return set(done.out.split("\0")) - {""}

    def test_each_condition_and_all_together(self):
        self.assertEqual(self.find("--name", "*s*"), {"usr", "usr/bin/su", "usr/bin/ls"})
        self.assertEqual(self.find("--name", "su", "--name", "ls"), {"usr/bin/su", "usr/bin/ls"})
        self.assertEqual(self.find("--path", "usr/**", "--type", "f"), {"usr/bin/su", "usr/bin/wall", "usr/bin/ls"})
        self.assertEqual(self.find("--type", "lpc"), {"bin", "pipe", "dev/null"})
        self.assertEqual(self.find("--perm", "6000"), {"usr/bin/su", "usr/bin/wall"})
        self.assertEqual(self.find("--size", "+1k"), {"usr/bin/su"})
        self.assertEqual(self.find("--size", "1k"), {"usr/bin/wall"})
        self.assertEqual(self.find("--size=-1k", "--path", "usr/**"), {"usr/bin/ls"})
        self.assertEqual(self.find("--size", "-1k", "--path", "usr/**"), {"usr/bin/ls"})
        self.assertEqual(self.find("--perm", "6000", "--name", "w*", "--size", "+0"), {"usr/bin/wall"})

    def test_it_starts_where_it_is_told_and_sees_what_shows(self):
        self.assertEqual(self.find("bin"), {"usr/bin", "usr/bin/su", "usr/bin/wall", "usr/bin/ls"})
        self.assertEqual(self.find("usr/bin/su"), {"usr/bin/su"})
        self.assertEqual(self.find("etc"), {"etc", "etc/new\nline", "etc/\udcff"})
        self.assertIn("etc/a.conf", self.find("--layer", "0", "etc"))

    def test_names_are_escaped_for_people_and_exact_in_json(self):
        text = meridian.run("fs", "find", self.ref, "etc").out
        self.assertEqual(set(text.splitlines()), {"etc", "etc/new\\x0aline", "etc/\\xff"})
        files = meridian.run("fs", "find", self.ref, "etc", "--format", "json").json["files"]
        self.assertEqual({meridian.path_of(one) for one in files}, self.find("etc"))
        lines = meridian.run("fs", "find", self.ref, "etc", "--format", "jsonl").out.splitlines()
        self.assertEqual([json.loads(line) for line in lines], files)
        self.assertEqual(meridian.run("fs", "find", self.ref, "--name", "no", "--format", "json").json["files"], [])

    def test_what_is_malformed_or_not_there_is_2(self):
        for args in (["--size", "x"], ["--size=-0"], ["--size", "99999999999G"], ["--perm", "9"], ["--perm", "0"],
                     ["--type", "z"], ["--name", "[a"], ["absent"], ["--print0", "--format", "json"]):
            with self.subTest(args):
                done = meridian.run("fs", "find", self.ref, *args)
                self.assertEqual((done.code, done.out), (2, ""), done)
        done = meridian.run("fs", "stat", self.ref, "absent", "--format", "json")
        self.assertEqual((done.code, done.out), (2, ""), done)

    def test_a_host_without_a_store_is_4(self):
        done = meridian.run("--host-root", meridian.scratch(self), "fs", "ls", "any:1", "/")
        self.assertEqual(done.code, 4, done)


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
