# SPDX-License-Identifier: Apache-2.0
#
# golden_test.py: a whole report of one tiny image, in each format and from each transport, compared
# with golden/.
# MERIDIAN_UPDATE_GOLDEN=1 rewrites the files; the test then fails once, so that nobody forgets it.

import os
import re
import unittest

import image_archive
import meridian_cli as meridian
from oci_layout import Layout
from planted import token

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden")


def tiny():
    layers = [image_archive.Layer("COPY app /app").directory("app").file("app/key", token(1) + "\n")
              .file("app/conf", "# line 1\ntoken " + token(2) + "\n"),
              image_archive.Layer("RUN rm /app/key").whiteout("app/key")]
    return image_archive.Image("tiny:1", layers, env=["PATH=/bin", "API_TOKEN=" + token(3)])


def normal(text, folder):
    """Without what differs by run, machine or build; nothing else is touched."""
    text = meridian.steady(text.replace(folder, "FOLDER"))
    text = re.sub(r'("host": ?\{\s*"root": ?)"[^"]*"(,\s*"name": ?)"[^"]*"(,\s*"kernel": ?)"[^"]*"'
                  r'(,\s*"parallel_container": ?)\w+', r'\1"ROOT"\2"NAME"\3"KERNEL"\4false', text)
    text = re.sub(r"on host \S+ \((root [^,]*, )?kernel [^,]*?(, in a parallel container)?, ",
                  "on host NAME (kernel KERNEL, ", text)
    return re.sub(r'"(digest|rules_digest)": ?"sha256:[0-9a-f]{64}"', r'"\1": "DIGEST"', text)


def docker_archive(path):
    return "docker-archive:" + image_archive.write(path, [tiny()])


def oci(path):
    return Layout().add(tiny(), "plain called gzip").write_directory(path[:-4])


def oci_archive(path):
    return Layout().add(tiny(), "zstd").write_archive(path)


class Golden(unittest.TestCase):
    maxDiff = None

    def compare(self, write, **suffixes):
        """Format -> end of the golden file's name."""
        folder = meridian.scratch(self)
        done, texts = meridian.scan_formats(suffixes, "--no-color", write(os.path.join(folder, "tiny.tar")),
                                            plugins=meridian.SECRETS)
        self.assertEqual(done.code, 0, done)
        for form, suffix in suffixes.items():
            with self.subTest(form):
                self.compare_text(normal(texts[form], folder), os.path.join(GOLDEN, "tiny" + suffix))

    def compare_text(self, ours, path):
        if os.environ.get("MERIDIAN_UPDATE_GOLDEN"):
            with open(path, "w") as out:
                out.write(ours)
            self.fail("rewrote " + path)
        with open(path) as text:
            self.assertEqual(ours, text.read(), "MERIDIAN_UPDATE_GOLDEN=1 rewrites " + path)

    def test_docker_archive(self):
        self.compare(docker_archive, table=".txt", json=".json", jsonl=".jsonl")

    def test_oci(self):
        self.compare(oci, json="-oci.json")

    def test_oci_archive(self):
        self.compare(oci_archive, table="-oci-archive.txt", json="-oci-archive.json")


if __name__ == "__main__":
    unittest.main()
