# SPDX-License-Identifier: Apache-2.0
#
# hostile_archive_test.py: layers that no honest writer makes, read in 256 MiB: a scan ends, in time, and says
# what it could not look at. Figures are claims about the release build; a sanitizer gets small ones.

import os
import unittest

import hostile_tar as tar
import hostile_tree
import cgroup
import meridian_cli as meridian

MIB, GIB, TIB = 1 << 20, 1 << 30, 1 << 40
HELLO = tar.entry(b"etc/hello.conf", b"x")
SMALL = meridian.SANITIZED


class HostileArchive(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(hostile_tree.folder())
        # Shadow memory is not what is claimed.
        self.scan = meridian.scan if SMALL else cgroup.limited(self).scan

    def layer(self, *pieces, pack=tar.plain):
        return tar.one_layer(self.folder, list(pieces), pack)

    def found(self, done):
        return {place[1] for place in meridian.places(done.json, "hello-file")}

    def is_gap(self, done, kind, *words):
        """The scan says so; the image's target is not clean."""
        gaps = [gap for gap in done.json["gaps"] if gap["kind"] == kind]
        told = [gap.get("path", "") + " " + gap["message"] for gap in gaps]
        self.assertTrue(any(all(word in text for word in words) for text in told), (words, done.json["gaps"]))
        self.assertFalse(done.json["complete"])

    # Names

    def test_names_that_leave_the_tree_stay_in_it(self):
        ref = self.layer(tar.entry(b"../../etc/hello-up", b"1"), tar.entry(b"/etc/hello-absolute", b"2"),
                         tar.entry(b"etc/../../../etc/./hello-dots", b"3"), tar.entry(b"//etc//hello-double", b"4"),
                         tar.entry(b"..", kind=b"5"), tar.entry(b"/", kind=b"5"), HELLO)
        done = self.scan(ref)
        self.assertEqual((done.code, self.found(done)),
                         (0, {"etc/hello-up", "etc/hello-absolute", "etc/hello-dots", "etc/hello-double",
                              "etc/hello.conf"}), done)
        self.assertEqual(meridian.run("fs", "cat", ref, "/../../etc/hello-up").out, "1")

    def test_a_root_that_is_no_directory(self):
        for name in (b"..", b".", b"a/.."):
            with self.subTest(name):
                done = self.scan(self.layer(tar.entry(name, b"file"), HELLO))
                self.assertEqual(self.found(done), {"etc/hello.conf"}, done)
                self.is_gap(done, "corrupt", "root")

    def test_links_out_of_the_tree_lead_nowhere(self):
        up = b"../" * 40
        ref = self.layer(
            tar.entry(b"etc/hello-link", kind=b"2", link=b"/etc/passwd"),
            tar.entry(b"etc/hello-up", kind=b"2", link=up + b"etc/passwd"),
            tar.entry(b"loop", kind=b"2", link=b"loop"),
            tar.entry(b"etc/hello-hard", kind=b"1", link=up + b"etc/passwd"),
            tar.entry(b"etc/hello-host", kind=b"1", link=b"/etc/passwd"),
            tar.entry(b"out", kind=b"2", link=b"/etc"), tar.entry(b"out/hello-below-a-link", b"1"), HELLO)
        done = self.scan(ref)
        self.assertLessEqual({"etc/hello.conf"}, self.found(done), done)
        self.assertFalse({"etc/hello-link", "etc/hello-up", "etc/hello-hard", "etc/hello-host"} & self.found(done))
        self.is_gap(done, "corrupt", "etc/hello-hard", "hard link")
        self.is_gap(done, "unsupported", "out/hello-below-a-link")
        for path in ("etc/hello-link", "etc/hello-up", "etc/hello-hard", "loop", "out/passwd"):
            shown = meridian.run("fs", "cat", ref, path)
            self.assertNotEqual(shown.code, 0, shown)
            self.assertEqual(shown.out, "", shown)

    def test_specials_are_entries_like_any_other(self):
        kinds = ((b"3", "character-device"), (b"4", "block-device"), (b"6", "fifo"))
        ref = self.layer(*[tar.entry(b"etc/hello-" + kind, kind=kind) for kind, _ in kinds], HELLO)
        done = self.scan(ref)
        self.assertEqual((done.code, self.found(done)), (0, {"etc/hello.conf"}), done)
        files = meridian.run("fs", "ls", ref, "etc", "--format", "json").json["files"]
        self.assertEqual({one["type"] for one in files}, {name for _, name in kinds} | {"file"})

    def test_names_with_newlines_and_invalid_utf8(self):
        names = [b"etc/hello\nbreak", b"etc/hello-\xff\xfe", b"etc/hello-\x1b[31m"]
        ref = self.layer(*[tar.entry(name, b"x") for name in names])
        done = self.scan(ref)
        wanted = {os.fsdecode(name) for name in names}
        self.assertEqual((done.code, self.found(done)), (0, wanted), done)
        raw = meridian.run("fs", "find", "-0", ref, "--type", "f").out
        self.assertEqual(set(raw.split("\0")) - {""}, wanted)
        self.assertNotIn("\x1b", meridian.run("fs", "ls", ref, "etc").out)

    def test_long_and_deep_paths(self):
        long = b"etc/" + b"/".join([b"p" * 200] * 20)  # 4,023 bytes
        ref = self.layer(tar.entry(long + b"/file", b"x"), tar.entry(b"d/" * 2000 + b"file", b"x"),
                         tar.entry(b"n/" * 40_000 + b"file", b"x"), HELLO)
        done = self.scan(ref)
        self.assertEqual(self.found(done), {"etc/hello.conf"}, done)
        self.is_gap(done, "limit", "d/d/d", "1024 levels")
        self.is_gap(done, "limit", "n/n/n", "65536")
        self.assertEqual(meridian.run("fs", "cat", ref, os.fsdecode(long) + "/file").out, "x")

    def test_duplicates_are_one_file_and_the_last_wins(self):
        count = 1_000 if SMALL else 20_000
        ref = self.layer(*[tar.entry(b"etc/hello.conf", b"%d" % i) for i in range(count)],
                         tar.entry(b"x", b"file"), tar.entry(b"x", kind=b"5"), tar.entry(b"x/in", b"1"),
                         tar.entry(b"y", kind=b"5"), tar.entry(b"y/gone", b"1"), tar.entry(b"y", b"file"))
        self.assertEqual(self.found(self.scan(ref)), {"etc/hello.conf"})
        self.assertEqual(meridian.run("fs", "cat", ref, "etc/hello.conf").out, str(count - 1))
        self.assertEqual(meridian.run("fs", "ls", "-0", ref, "x").out, "in\0")
        self.assertEqual(meridian.run("fs", "cat", ref, "y").out, "file")
        self.assertNotEqual(meridian.run("fs", "cat", ref, "y/gone").code, 0)

    # Sizes

    def test_sizes_that_are_negative_or_beyond_the_archive(self):
        for field in (tar.base256(-1), tar.base256(-(1 << 62)), tar.base256(1 << 62), tar.base256(1 << 80),
                      b"77777777777\0", b"-0000000001\0", b"not a number"):
            with self.subTest(field):
                bad = tar.header(b"etc/bad", size_field=field) + b"y" * 512
                done = self.scan(self.layer(HELLO, bad, tar.entry(b"etc/hello-behind", b"x")))
                self.assertIn("etc/hello.conf", self.found(done), done)
                self.assertTrue(done.json["gaps"] or "etc/hello-behind" in self.found(done), done)
                self.assertIn(done.code, (0, 3), done)

    def test_a_sparse_terabyte(self):
        ref = self.layer(tar.gnu_sparse(b"etc/hello.sparse", TIB), tar.gnu_sparse(b"srv/disk.env", TIB), HELLO)
        done = self.scan(ref, "--plugin-dir", meridian.SECRETS, "--set", "secrets.max_file_size=%d" % (2 * TIB))
        self.assertLessEqual({"etc/hello.conf"}, self.found(done), done)
        self.is_gap(done, "limit", "etc/hello.sparse", str(TIB))
        self.is_gap(done, "limit", "srv/disk.env", str(TIB))
        stat = meridian.run("fs", "stat", ref, "srv/disk.env", "--format", "json").json["files"][0]
        self.assertEqual(stat["size"], TIB)
        self.assertEqual(meridian.run("fs", "cat", ref, "srv/disk.env").code, 3)

    def test_a_layer_of_a_thousand_to_one(self):
        size = 64 * MIB if SMALL else GIB
        pieces = [*tar.zero_file(b"srv/zeros", size), HELLO]
        done = self.scan(self.layer(*pieces, pack=lambda layer: tar.zstd(layer, stored=124)))
        self.assertEqual((done.code, self.found(done), done.json["gaps"]), (0, {"etc/hello.conf"}, []), done)

    def test_a_decompression_bomb_is_a_limit(self):
        """Thirty thousand to one."""
        blob = tar.zstd(tar.ended([HELLO, *tar.zero_file(b"srv/zeros", GIB if SMALL else 256 * GIB)]))
        ref = tar.image_archive(self.folder + "/bomb.tar", [(None, blob)])
        done = self.scan(ref)
        self.assertEqual((done.code, self.found(done)), (3, {"etc/hello.conf"}), done)
        self.is_gap(done, "limit", "decompression bomb")

    # Numbers

    def test_a_million_entries(self):
        thousands = 20 if SMALL else 1000

        def pieces():
            yield from tar.many_entries(thousands)
            yield HELLO
        ref = tar.image_archive(self.folder + "/many.tar", [(None, tar.gzipped(tar.ended(pieces())))])
        done = self.scan(ref)
        self.assertEqual(self.found(done), {"etc/hello.conf"}, done)
        self.assertEqual(done.json["statistics"]["files"], thousands * 1000 + 1)
        self.assertLessEqual({gap["kind"] for gap in done.json["gaps"]}, {"integrity"})

    def test_pax_attributes_without_end(self):
        """2 GiB of attributes that the index would keep, in a few megabytes."""
        value = b"v" * 60_000
        attributes = tar.pax([(b"SCHILY.xattr.security.%d" % i, value) for i in range(16)])
        count = 20 if SMALL else 2_000

        def pieces():
            yield HELLO
            for number in range(count):
                yield attributes + tar.header(b"etc/file.%04d" % number)
        ref = tar.image_archive(self.folder + "/pax.tar", [(None, tar.gzipped(tar.ended(pieces())))])
        done = self.scan(ref)
        self.assertEqual(self.found(done), {"etc/hello.conf"}, done)
        if not SMALL:
            self.assertEqual(done.code, 3, done)
            self.is_gap(done, "limit", "links and attributes", str(128 * MIB))

    def test_a_pax_header_that_is_larger_than_any(self):
        for kind in (b"x", b"g", b"L", b"K"):
            with self.subTest(kind):
                huge = tar.header(b"huge", 64 * MIB, kind=kind)
                ref = tar.image_archive(self.folder + "/huge.tar", [(None, tar.gzipped(tar.ended(
                    [HELLO, huge, tar.Zeros(64 * MIB), HELLO])))])
                done = self.scan(ref)
                self.assertEqual((done.code, self.found(done)), (3, {"etc/hello.conf"}), done)
                self.is_gap(done, "limit", "1048576")

    def test_long_names_and_hard_links_without_end(self):
        """Hard links of one long name again and again: 400 MB of names if each were kept."""
        name = b"h/" + b"/".join([b"n" * 250] * 200)
        count = 100 if SMALL else 8_000

        def pieces():
            yield HELLO
            link = tar.entry(name, kind=b"1", link=b"etc/hello.conf")
            for _ in range(count // 100):
                yield link * 100
        ref = tar.image_archive(self.folder + "/links.tar", [(None, tar.gzipped(tar.ended(pieces())))])
        done = self.scan(ref)
        self.assertIn("etc/hello.conf", self.found(done), done)
        if not SMALL:
            self.is_gap(done, "limit", str(128 * MIB))

    def test_members_of_the_image_archive_with_long_names(self):
        """The archive around the layers is foreign too: 60 KiB of name for each of its members."""
        count = 100 if SMALL else 4_000
        long = [tar.entry(b"%08d/" % i + b"m" * 60_000, b"") for i in range(8)]
        path = os.path.join(self.folder, "members.tar")
        with open(path, "wb") as out:
            tar.write(out, tar.gzipped(tar.ended(long[i % 8] for i in range(count))))
        done = self.scan("docker-archive:" + path)
        self.assertEqual(done.code, 2, done)
        self.assertIn("names of more than" if not SMALL else "manifest.json", done.err)


@unittest.skipIf(meridian.SANITIZED, "memory is claimed of the release build")
class TenGigabytes(unittest.TestCase):
    """An image of 10 GB and 321,003 files, as three zstd layers, is listed in less than 100 MB."""

    @classmethod
    def setUpClass(cls):
        cls.folder = cls.enterClassContext(hostile_tree.folder())

        def layer(number):
            yield from tar.zero_file(b"opt/model.%d" % number, 10_000_000_000 // 3)
            yield from tar.many_entries(107, first=107 * number)
        cls.ref = tar.image_archive(cls.folder + "/large.tar",
                                    [(tar.digest(tar.ended(layer(i))), tar.zstd(tar.ended(layer(i)), stored=124))
                                     for i in range(3)])

    def test_lists_and_finds_in_100_mb(self):
        done, lines, memory = cgroup.measured("fs", "find", self.ref, "--type", "f")
        print("fs find: %d MB for %d files" % (memory // 1_000_000, lines))
        self.assertEqual(done.code, 0, done)
        self.assertEqual(lines, 3 * 107_001)
        self.assertLess(memory, 100_000_000)


if __name__ == "__main__":
    unittest.main()
