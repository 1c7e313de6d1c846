# SPDX-License-Identifier: Apache-2.0
#
# layer_integrity_test.py: plugin `layer-integrity` over a real data root: clean, and with one thing changed on disk after the build.

import glob
import os
import stat
import subprocess
import unittest

import meridian_cli as meridian
import corpus
import engine as engines

PLUGIN = os.path.join(meridian.BUNDLES + "-on-request", "layer_integrity")
IMAGE = "whole:1"
DOCKERFILE = """FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "sh", "-c", "/bin/busybox mkdir -p /etc/deep/er /gone /tmp && cd /etc && echo root:x:0 > passwd && echo x > deep/er/file \\
 && /bin/busybox ln passwd hard && /bin/busybox ln -s passwd soft && /bin/busybox mkfifo fifo && echo y > /gone/file && /bin/busybox chown 7:8 deep \\
 && /bin/busybox chmod 4755 /bin/busybox && /bin/busybox touch -d 2001-02-03 deep/er"]
RUN ["/bin/busybox", "sh", "-c", "/bin/busybox rm -r /gone /etc/soft; /bin/busybox mkdir /gone; echo z > /gone/new; echo more >> /etc/passwd"]
COPY odd /
"""
FILES = {"Dockerfile": DOCKERFILE, "busybox": corpus.busybox(), "odd/na me\u00fc": "1", "odd/empty": "", "odd/large": "0123456789" * 200000}


def store(root):
    return "--host-root", "/", "--store", "docker=" + root, "--no-discover"


def scan(root, *more, **how):
    return meridian.scan(*store(root), *more, plugins=PLUGIN, **how)


class Driver:
    """Tests of one storage driver; `folder` is where its layers have their files."""

    @classmethod
    def setUpClass(cls):
        cls.engine = engines.Engine(driver=cls.driver)
        cls.addClassCleanup(cls.engine.close)
        cls.engine.start()
        cls.engine.build(IMAGE, FILES)
        cls.engine.docker("create", "--name", "one", "--network", "none", IMAGE, "/bin/busybox", "true")

    def copy(self):
        """The whole data root, as it is, to be damaged."""
        root = os.path.join(self.engine.host, "copy-" + self.id().rsplit(".", 1)[1])
        subprocess.run(["cp", "-a", self.engine.data_root, root], check=True)
        self.addCleanup(subprocess.run, ["rm", "-rf", root], check=True)
        return root

    def place(self, root, name):
        """A file of a layer: of the highest that has it."""
        found = [os.path.join(folder, name) for folder in self.folders(root)]
        return [path for path in found if os.path.lexists(path)][-1]

    def changed(self, root, *more):
        """Differences, as reported for the image and for its container alike."""
        done = scan(root, *more)
        self.assertEqual(done.json["gaps"], [], done)
        kinds = {one["id"]: one["kind"] for one in done.json["targets"]}
        by_kind = {}
        for one in done.json["findings"]:
            self.assertEqual((one["rule"], one["severity"]), ("layer-changed", "high"), done)
            by_kind.setdefault(kinds[one["target"]], set()).add(one["evidence"]["text"])
        self.assertEqual(set(by_kind), self.kinds, done)
        self.assertEqual({frozenset(found) for found in by_kind.values()}, {frozenset(by_kind["image"])})
        return by_kind["image"]

    def test_a_clean_store_has_no_finding_and_no_gap(self):
        for mode in ("auto", "none"):
            done = scan(self.engine.data_root, "--isolation", mode)
            self.assertEqual((done.code, done.json["findings"], done.json["gaps"]), (0, [], []), done)

    def test_one_byte(self):
        root = self.copy()
        path = self.place(root, "large")
        before = os.stat(path)
        with open(path, "r+b") as file:
            file.seek(1234567)
            file.write(b"X")
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        self.assertEqual(self.changed(root), {"large (content)"})
        self.assertEqual(self.changed(root, "--isolation", "none"), {"large (content)"})

    def test_one_mode_bit(self):
        root = self.copy()
        path = self.place(root, self.a_file)
        os.chmod(path, stat.S_IMODE(os.stat(path).st_mode) | stat.S_IWOTH)
        self.assertEqual(self.changed(root), {self.a_file + " (mode)"})

    def test_one_removed_file(self):
        root = self.copy()
        os.remove(self.place(root, "empty"))
        self.assertEqual(self.changed(root), {"empty (removed)"})


class Overlay2(Driver, unittest.TestCase):
    driver = "overlay2"
    kinds = {"image", "container"}
    a_file = "etc/passwd"

    def folders(self, root):
        return [os.path.join(root, os.path.relpath(folder, self.engine.data_root))
                for folder in self.engine.layer_directories(IMAGE)]

    def test_one_added_file(self):
        root = self.copy()
        with open(os.path.join(os.path.dirname(self.place(root, "etc/deep/er/file")), "added"), "w") as out:
            out.write("x")
        self.assertEqual(self.changed(root), {"etc/deep/er/added (added)"})

    def test_a_whiteout_that_is_gone_and_one_that_came(self):
        root = self.copy()
        whiteout = self.place(root, "etc/soft")
        self.assertTrue(stat.S_ISCHR(os.lstat(whiteout).st_mode))
        os.remove(whiteout)
        os.mknod(os.path.join(os.path.dirname(self.place(root, "large")), "bin"), stat.S_IFCHR, 0)
        self.assertEqual(self.changed(root), {"etc/soft (whiteout removed)", "bin (whiteout added)"})

    def test_an_owner_a_link_and_a_size(self):
        root = self.copy()
        os.chown(self.place(root, "empty"), 1, 0)
        with open(self.place(root, "large"), "a") as out:
            out.write("x")
        found = self.changed(root)
        self.assertEqual(len(found), 1)
        self.assertRegex(found.pop(), r"^empty \(owner\), large \((size|size, mtime)\)$")

    def test_no_cache_answers_for_it(self):
        root = self.copy()
        cache = ("--cache", os.path.join(meridian.scratch(self), "cache"))
        for _ in range(2):
            self.assertEqual(scan(root, *cache).json["findings"], [])
        path = self.place(root, "empty")
        os.chmod(path, 0o777)
        self.assertEqual(self.changed(root, *cache), {"empty (mode)"})

    def test_a_record_that_is_gone_is_a_gap(self):
        root = self.copy()
        subprocess.run(["find", root, "-name", "tar-split.json.gz", "-delete"], check=True)
        done = scan(root)
        self.assertEqual(done.json["findings"], [], done)
        self.assertGreater(len(done.json["gaps"]), 3)
        self.assertEqual({one["complete"] for one in done.json["coverage"]}, {False}, done)


class Vfs(Driver, unittest.TestCase):
    driver = "vfs"
    kinds = {"image"}  # a container is its folder alone, which nothing records
    a_file = "na me\u00fc"  # of the highest layer: in its folder are all those below, which are no part of it

    def folders(self, root):
        """Of the image's layers, in any order; what is asked for is in one."""
        for path in glob.glob(root + "/image/vfs/layerdb/sha256/*/cache-id"):
            with open(path) as text:
                yield os.path.join(root, "vfs/dir", text.read())


if __name__ == "__main__":
    if engines.why_not():
        meridian.skip(engines.why_not())
    unittest.main()
