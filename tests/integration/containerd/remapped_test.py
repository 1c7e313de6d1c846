# SPDX-License-Identifier: Apache-2.0
#
# remapped_test.py: a container for whose user namespace containerd copied its image's files, with their owners shifted:
# it stands on its image all the same.

import os
import shutil
import unittest

import containerd_engine as engines
import image_archive
import meridian_cli as meridian
from image_archive import Image, Layer

FIRST = 100000


def image():
    with open(shutil.which("busybox"), "rb") as program:
        base = Layer().directory("bin").file("bin/busybox", program.read(), 0o755)
    return Image("docker.io/library/demo:1", [base.directory("etc").file("etc/hello1", "x")])


class Remapped(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.engine = engines.Containerd()
        cls.addClassCleanup(cls.engine.close)
        cls.engine.start()
        os.chmod(cls.engine.home, 0o711)  # its uid 0 is another one's
        cls.engine.ctr("images", "import", image_archive.write(cls.engine.home + "/demo.tar", [image()]))
        ids = "0:%d:65536" % FIRST
        # Whether it can be started is the machine's affair; its snapshots are made before.
        cls.engine.ctr("run", "-d", "--null-io", "--uidmap", ids, "--gidmap", ids, "docker.io/library/demo:1", "shifted", "/bin/busybox",
                       "sleep", "6000", check=False)

    def run_on(self, *words):
        return meridian.run("--host-root", "/", "--no-discover", "--store", "containerd=%s,%s" % (self.engine.root, self.engine.state), *words)

    def test_its_layers_are_the_images_the_copy_and_its_own(self):
        copy = [line for line in self.engine.lines("snapshots", "ls") if line.endswith("-%d-%d" % (FIRST, FIRST))]
        self.assertTrue(copy)
        done = self.run_on("scan", "--plugin-dir", meridian.HELLO, "--format", "json", "--cache", "none")
        self.assertEqual((done.code, done.json["gaps"]), (0, []), done)
        layers = {one["kind"]: [layer["id"] for layer in one["layers"]] for one in done.json["targets"]}
        self.assertEqual(layers["container"][:1], layers["image"])
        self.assertEqual(len(layers["container"]), 3, layers)
        stat = self.run_on("fs", "stat", "shifted", "etc/hello1")
        self.assertIn("%d:%d" % (FIRST, FIRST), stat.out)


if __name__ == "__main__":
    if engines.why_not():
        meridian.skip(engines.why_not())
    unittest.main()
