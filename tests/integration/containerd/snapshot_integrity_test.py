# SPDX-License-Identifier: Apache-2.0
#
# snapshot_integrity_test.py: plugin `layer-integrity` over a real containerd's snapshots and blobs: clean, and with one thing changed.

import glob
import os
import shutil
import stat
import subprocess
import unittest

import containerd_engine as engines
import image_archive
import meridian_cli as meridian
from image_archive import Image, Layer

ENGINE = None
PLUGIN = os.path.join(meridian.BUNDLES + "-on-request", "layer_integrity")
NAME = "docker.io/library/whole:1"


def image():
    with open(shutil.which("busybox"), "rb") as program:
        base = Layer().directory("bin").file("bin/busybox", program.read(), 0o4755).symlink("bin/sh", "busybox")
    base.directory("etc").directory("d").file("d/old", "old").file("etc/gone", "x").file("etc/large", "0123456789" * 200000)
    top = Layer().whiteout("etc/gone").opaque("d").file("d/new", "new").file("etc/here", "here", 0o600)
    return Image("whole:1", [base, top], env=["A=1"])


def setUpModule():
    global ENGINE
    ENGINE = engines.Containerd()
    unittest.addModuleCleanup(ENGINE.close)
    ENGINE.start()
    ENGINE.ctr("images", "import", image_archive.write(ENGINE.home + "/whole.tar", [image()]))
    ENGINE.ctr("containers", "create", NAME, "one", "/bin/busybox", "true")


class Containerd(unittest.TestCase):
    def copy(self):
        """The whole root, as it is, to be damaged."""
        root = os.path.join(ENGINE.home, self.id().rsplit(".", 1)[1])
        subprocess.run(["cp", "-a", ENGINE.root, root], check=True)
        self.addCleanup(subprocess.run, ["rm", "-rf", root], check=True)
        return root

    def place(self, root, name):
        found = glob.glob(root + "/io.containerd.snapshotter.v1.overlayfs/snapshots/*/fs/" + name)
        self.assertEqual(len(found), 1, found)
        return found[0]

    def scan(self, root, *more):
        return meridian.scan("--host-root", "/", "--no-discover", "--store", "containerd=%s,%s" % (root, ENGINE.state), *more,
                             plugins=PLUGIN)

    def changed(self, root, rule="layer-changed"):
        """Differences, as reported for the image and for its container alike, in a lane and without."""
        reports = [self.scan(root, "--isolation", mode) for mode in ("auto", "none")]
        self.assertEqual(*(meridian.steady(one.out) for one in reports))
        report = reports[0].json
        self.assertEqual(report["gaps"], [], report)
        self.assertEqual({(one["rule"], one["severity"]) for one in report["findings"]}, {(rule, "high")})
        self.assertEqual({one["target"] for one in report["findings"]}, {one["id"] for one in report["targets"]})
        return {one["evidence"]["text"] for one in report["findings"]}

    def test_a_clean_store_has_no_finding_and_no_gap(self):
        done = self.scan(ENGINE.root)
        self.assertEqual((done.code, done.json["findings"], done.json["gaps"]), (0, [], []), done)
        self.assertEqual(len(done.json["targets"]), 2)

    def test_one_byte(self):
        root = self.copy()
        path = self.place(root, "etc/large")
        before = os.stat(path)
        with open(path, "r+b") as file:
            file.seek(1234567)
            file.write(b"X")
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        self.assertEqual(self.changed(root), {"etc/large (content)"})

    def test_one_mode_bit_one_added_and_one_removed_file(self):
        root = self.copy()
        os.chmod(self.place(root, "etc/here"), 0o604)
        self.assertEqual(self.changed(root), {"etc/here (mode)"})
        with open(os.path.join(os.path.dirname(self.place(root, "d/new")), "added"), "w") as out:
            out.write("x")
        self.assertEqual(self.changed(root), {"d/added (added), etc/here (mode)"})
        os.remove(self.place(root, "d/new"))
        self.assertEqual(self.changed(root), {"d/added (added), d/new (removed), etc/here (mode)"})

    def test_a_blob_that_is_not_its_digest(self):
        root = self.copy()
        blobs = glob.glob(root + "/io.containerd.content.v1.content/blobs/sha256/*")
        path = max(blobs, key=os.path.getsize)
        os.chmod(path, stat.S_IRUSR | stat.S_IWUSR)
        with open(path, "r+b") as file:
            file.seek(os.path.getsize(path) // 2)
            byte = file.read(1)
            file.seek(-1, os.SEEK_CUR)
            file.write(bytes([byte[0] ^ 1]))
        self.assertEqual(self.changed(root, "blob-changed"), {"(blob)"})

    def test_a_blob_that_is_gone_is_a_gap(self):
        root = self.copy()
        os.remove(max(glob.glob(root + "/io.containerd.content.v1.content/blobs/sha256/*"), key=os.path.getsize))
        done = self.scan(root)
        self.assertEqual(done.json["findings"], [], done)
        messages = [gap["message"] for gap in done.json["gaps"] if gap.get("plugin")]
        self.assertEqual(len(messages), 2, done)
        self.assertIn("is not kept", messages[0])


if __name__ == "__main__":
    if engines.why_not():
        meridian.skip(engines.why_not())
    unittest.main()
