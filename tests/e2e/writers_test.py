# SPDX-License-Identifier: Apache-2.0
#
# writers_test.py: one image as twelve tools wrote it (tests/data/writers) is one image to us.

import io
import os
import subprocess
import tarfile
import unittest

import meridian_cli as meridian

SOURCE = os.path.join(meridian.SOURCE, "tests/data/writers/writers.tar.xz")
DOCKER = ["demo-save-legacy.tar", "demo-save-28g.tar", "demo-save-c8d28.tar", "pod58-docker.tar", "skopeo-da.tar",
          "ctr-export.tar"]
OCI_ARCHIVES = ["demo-save-28g.tar", "demo-save-c8d28.tar", "pod58-oci.tar", "oci-gz.tar", "ctr-export.tar"]
OCI = ["oci-plain", "oci-zstd", "oci-zc"]


def layers(target):
    return [(layer["diff_id"], layer["identity"], layer["created_by"]) for layer in target["layers"]]


class Writers(unittest.TestCase):
    def setUp(self):
        self.folder = meridian.scratch(self)
        unpacked = subprocess.run(["xz", "-dc", SOURCE], stdout=subprocess.PIPE, check=True).stdout
        with tarfile.open(fileobj=io.BytesIO(unpacked)) as archive:
            archive.extractall(self.folder)

    def refs(self):
        for transport, names in (("docker-archive", DOCKER), ("oci-archive", OCI_ARCHIVES), ("oci", OCI)):
            for name in names:
                named = ":demo:1" if name == "ctr-export.tar" else ""
                yield "%s:%s%s" % (transport, os.path.join(self.folder, name), named)

    def test_the_same_layers_verified_whoever_wrote_them(self):
        first = None
        for ref in self.refs():
            with self.subTest(ref):
                done = meridian.scan(ref)
                self.assertEqual(done.code, 0, done)
                report = done.json
                self.assertTrue(report["complete"], report["gaps"])
                target, = report["targets"]
                first = first or target
                self.assertEqual(len(target["layers"]), 4)
                self.assertEqual({layer["identity"] for layer in target["layers"]}, {"verified"})
                self.assertEqual(layers(target), layers(first))

    def test_the_same_files_whoever_wrote_them(self):
        first = None
        for ref in self.refs():
            with self.subTest(ref):
                seen = [meridian.run("fs", "ls", ref, path) for path in ("", "etc", "bin")]
                seen.append(meridian.run("fs", "cat", ref, "etc/passwd"))
                for done in seen:
                    self.assertEqual(done.code, 0, done)
                texts = [done.out for done in seen]
                first = first or texts
                self.assertEqual(texts, first)
                self.assertNotIn("gone", texts[1])
                self.assertGreater(texts[2].count("\n"), 200)

    def test_an_attestation_is_no_image(self):
        ref = "oci-archive:" + os.path.join(self.folder, "att-c8d.tar")
        done = meridian.scan(ref, "--platform", "linux/amd64")
        self.assertEqual(done.code, 0, done)
        target, = done.json["targets"]
        self.assertEqual(target["names"], ["docker.io/library/att:1"])
        self.assertEqual(len(target["layers"]), 1)
        by_docker = meridian.scan("docker-archive:" + os.path.join(self.folder, "att-c8d.tar")).json
        self.assertEqual(by_docker["targets"][0]["id"], target["id"])

    def test_several_images_in_one_archive(self):
        for transport in ("docker-archive", "oci-archive"):
            ref = transport + ":" + os.path.join(self.folder, "ctr-export.tar")
            done = meridian.scan(ref)
            self.assertEqual(done.code, 0, done)
            self.assertEqual(len(done.json["targets"]), 2)


if __name__ == "__main__":
    unittest.main()
