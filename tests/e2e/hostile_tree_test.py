# SPDX-License-Identifier: Apache-2.0
#
# hostile_tree_test.py: directories that try to lead a scan out, to stop it or to exhaust it, as a plain root
# file system and as a layer in Docker's store. What cannot be looked at is a gap that says why.

import os
import time
import unittest

import hostile_tree
import meridian_cli as meridian
import opens

TIB = 1 << 40
IMAGE = "hostile:1"
PATTERNS = meridian.SECRETS  # reads what it may; `hello` only asks for names


def kinds(gaps):
    return {gap["kind"] for gap in gaps}


class HostileTree(unittest.TestCase):
    def setUp(self):
        in_memory = hostile_tree.MEMORY if os.path.isdir(hostile_tree.MEMORY) else None
        self.folder = self.enterContext(hostile_tree.folder(in_memory))
        self.outside = os.path.join(self.folder, "outside")
        hostile_tree.put(self.outside, "hello.conf", b"must not be read\n")
        os.symlink("hello.conf", os.path.join(self.outside, "hello-link"))

    def both(self, fill):
        """Arguments for an image of Docker's store with one layer that `fill` fills, and for that layer's
        folder as a root file system."""
        host, roots = os.path.join(self.folder, "host"), []
        hostile_tree.docker_store(host, IMAGE, [lambda tree: (fill(tree), roots.append(tree))])
        yield "dir", roots[0], ["dir:" + roots[0]]
        yield "docker", roots[0], ["--host-root", host, IMAGE]

    def found(self, report):
        return {place[1] for place in meridian.places(report, "hello-file")}

    def test_links_out_of_the_tree_lead_nowhere(self):
        def fill(root):
            hostile_tree.links(root, self.outside)
            hostile_tree.put(root, "etc/hello.conf")
        for name, _, args in self.both(fill):
            with self.subTest(name):
                done = meridian.scan(*args)
                self.assertEqual(done.code, 0, done)
                self.assertEqual(self.found(done.json), {"etc/hello.conf"})
                for path in ("etc/hello-absolute", "etc/hello-dots", "etc/hello-folder/hello.conf", "loop-a",
                             "out/hello.conf", "etc/hello-proc", "up/" * 30 + "out/hello.conf"):
                    shown = meridian.run("fs", "cat", *args, path)
                    self.assertNotEqual(shown.code, 0, shown)
                    self.assertEqual(shown.out, "", shown)
                self.assertIn("40", meridian.run("fs", "cat", *args, "loop-a").err)
                self.assertEqual(meridian.run("fs", "cat", *args, "up/../etc/hello-empty-parent/etc/hello.conf").out,
                                 "x")

    def test_specials_are_listed_and_not_opened(self):
        made = []

        def fill(root):
            hostile_tree.put(root, "etc/hello.conf")
            made.extend(hostile_tree.specials(root))
        for name, _, args in self.both(fill):
            with self.subTest(name):
                done = meridian.scan(*args)
                self.assertEqual((done.code, self.found(done.json)), (0, {"etc/hello.conf"}), done)
                wanted = {"hello.conf", *(os.path.basename(path) for path in made)}
                listed = meridian.run("fs", "ls", "-0", *args, "etc")
                self.assertEqual(set(listed.out.split("\0")), wanted | {""})
                for path in wanted - {"hello.conf"}:
                    shown = meridian.run("fs", "cat", *args, "etc/" + path)
                    self.assertEqual((shown.code, shown.out), (3, ""), shown)

    @unittest.skipIf(meridian.SANITIZED, "a sanitizer's leak checker fails below strace; the release build counts")
    def test_nothing_outside_and_no_special_is_opened(self):
        made = []

        def fill(root):
            hostile_tree.links(root, self.outside)
            hostile_tree.put(root, "etc/hello.conf")
            hostile_tree.put(root, "srv/key.pem")
            made.extend(hostile_tree.specials(root))
        for name, tree, args in self.both(fill):
            for command in (["scan", "--plugin-dir", meridian.HELLO, "--plugin-dir", PATTERNS, *args],
                            ["fs", "find", *args], ["fs", "ls", *args, "out"], ["fs", "cat", *args, "etc/hello-host"],
                            ["fs", "cat", *args, "etc/hello-fifo"]):
                with self.subTest(name, command=command[:2]):
                    _, calls = opens.every([meridian.BINARY, *command], meridian.environment())
                    self.assertTrue([path for path, _ in calls if path.startswith(tree)], "strace saw nothing")
                    self.assertEqual([path for path, _ in calls if path.startswith(self.outside)
                                      or path in ("/etc/passwd", "/dev/zero")], [])
                    # An O_PATH descriptor names a file and does nothing to it.
                    self.assertEqual([path for path, how in calls if path in made and "O_PATH" not in how], [])

    def test_a_sparse_terabyte_is_a_limit_and_not_an_hour(self):
        def fill(root):
            hostile_tree.sparse(root, "srv/disk.env", TIB, start=b"KEY=value\n" * 100)
            hostile_tree.sparse(root, "etc/hello.sparse", TIB)
            hostile_tree.put(root, "etc/hello.conf")
        for name, _, args in self.both(fill):
            with self.subTest(name):
                done = meridian.scan(*args, "--plugin-dir", PATTERNS, "--set", "secrets.max_file_size=%d" % (2 * TIB),
                                     timeout=60)
                self.assertEqual(self.found(done.json), {"etc/hello.conf", "etc/hello.sparse"}, done)
                gaps = [gap for gap in done.json["gaps"] if gap["kind"] == "limit"]
                self.assertLessEqual({"srv/disk.env"}, {gap["path"] for gap in gaps})
                self.assertIn(str(64 << 30), gaps[0]["message"])
                listed = meridian.run("fs", "find", *args, "--size", "+1000G")
                self.assertEqual(set(listed.out.split()), {"srv/disk.env", "etc/hello.sparse"})

    def test_names_with_newlines_and_invalid_utf8(self):
        names = [b"etc/hello\nbreak", b"etc/hello-\xff\xfe", b"etc/hello-\x1b[31m", b"etc/hello-" + b"n" * 240]

        def fill(root):
            for name in names:
                hostile_tree.put(root, name)
        wanted = {os.fsdecode(name) for name in names}
        for kind, _, args in self.both(fill):
            with self.subTest(kind):
                done = meridian.scan(*args)
                self.assertEqual((done.code, self.found(done.json)), (0, wanted), done)
                raw = meridian.run("fs", "find", "-0", *args, "--type", "f")
                self.assertEqual(set(raw.out.split("\0")) - {""}, wanted)
                for command in ("ls", "find"):
                    shown = meridian.run("fs", command, *args, "etc").out
                    self.assertFalse(set(shown) & {"\x1b", "\udcff"}, shown)
                    self.assertIn("hello\\x0abreak\n", shown)
                files = meridian.run("fs", "find", "--format", "json", *args, "--type", "f").json["files"]
                self.assertEqual({meridian.path_of(one) for one in files}, wanted)

    def test_paths_longer_than_the_kernels_own(self):
        parts = ["p" * 200] * 30  # 6,000 bytes
        long = "/".join(parts)

        def fill(root):
            hostile_tree.deep(os.path.join(root, "etc"), parts)
        for name, _, args in self.both(fill):
            with self.subTest(name):
                found = meridian.run("fs", "find", *args, "--name", "hello")
                self.assertEqual((found.code, found.out), (0, "etc/%s/hello\n" % long), found)
                self.assertEqual(meridian.run("fs", "cat", *args, "etc/%s/hello" % long).code, 0)
                self.assertEqual(meridian.scan(*args).code, 0)

    def test_a_depth_of_two_thousand_is_a_limit_that_names_the_place(self):
        def fill(root):
            hostile_tree.put(root, "etc/hello.conf")
            hostile_tree.deep(os.path.join(root, "deep"), ["d"] * 2000)
        for name, _, args in self.both(fill):
            with self.subTest(name):
                done = meridian.scan(*args)
                self.assertEqual(self.found(done.json), {"etc/hello.conf"}, done)
                gaps = done.json["gaps"]
                self.assertEqual(kinds(gaps), {"limit"}, gaps)
                self.assertTrue(gaps[0]["path"].startswith("deep/d/d/"))
                self.assertIn("1024 levels", gaps[0]["message"])
                self.assertEqual(meridian.scan(*args, "--require-complete").code, 3)
                found = meridian.run("fs", "find", *args, "--name", "hello*")
                self.assertEqual((found.code, found.out), (3, "etc/hello.conf\n"), found)
                self.assertIn("1024 levels", found.err)

    def test_a_hundred_thousand_entries_in_one_directory(self):
        count = 5_000 if meridian.SANITIZED else 100_000

        def fill(root):
            hostile_tree.crowd(os.path.join(root, "crowd"), count)
            hostile_tree.put(root, "etc/hello.conf")
        for name, _, args in self.both(fill):
            with self.subTest(name):
                done = meridian.scan(*args, timeout=60)
                self.assertEqual((done.code, done.json["statistics"]["files"]), (0, count + 1), done)
                if name == "dir":
                    continue  # the same look-ups
                listed = meridian.run("fs", "ls", *args, "crowd", timeout=60)
                lines = listed.out.splitlines()
                self.assertEqual((listed.code, len(lines)), (0, count), listed.err)
                self.assertEqual(lines, sorted(lines))

    def test_a_directory_swapped_for_a_link_while_it_is_walked(self):
        for name, tree, args in self.both(lambda root: [
                hostile_tree.put(root, "etc/hello-%d/x" % number) for number in range(200)]):
            evil = os.path.join(self.folder, "evil")
            if not os.path.lexists(evil):
                os.symlink(self.outside, evil)
            # etc itself, where `hello` looks: the files of outside/ would be etc/hello.conf.
            with self.subTest(name), hostile_tree.Swapping(os.path.join(tree, "etc"), evil) as swapping:
                for _ in range(4 if meridian.SANITIZED else 15):
                    done = meridian.scan(*args)
                    self.assertIn(done.code, (0, 3), done)
                    self.assertEqual(self.found(done.json), set(), done)
                    self.assertLessEqual(kinds(done.json["gaps"]), {"changed"}, done)
                    shown = meridian.run("fs", "cat", *args, "etc/hello.conf")
                    self.assertEqual(shown.out, "", shown)
            self.assertGreater(swapping.times, 100)

    def test_a_file_truncated_while_it_is_read(self):
        size = 8 << 20

        def fill(root):
            hostile_tree.put(root, "srv/app.env", b"A=b\n" * (size // 4))

        def flicker(path):
            os.truncate(path, 10)
            time.sleep(0.001)
            os.truncate(path, size)
            time.sleep(0.001)
        for name, tree, args in self.both(fill):
            with self.subTest(name), hostile_tree.Repeating(lambda: flicker(os.path.join(tree, "srv/app.env"))):
                for _ in range(2 if meridian.SANITIZED else 5):
                    done = meridian.scan(*args, plugins=PATTERNS)
                    self.assertIn(done.code, (0, 3), done)
                    self.assertLessEqual(kinds(done.json["gaps"]), {"changed"}, done)
                    self.assertIn(meridian.run("fs", "cat", *args, "srv/app.env").code, (0, 3))


if __name__ == "__main__":
    unittest.main()
