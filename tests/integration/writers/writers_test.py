# SPDX-License-Identifier: Apache-2.0
#
# writers_test.py: one image, written by each tool that Debian has, is one image to us.
#
# In the release build only: the claim is about formats, and tests/e2e shows the rest sanitized.

import os
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, os.path.join(os.environ["MERIDIAN_SOURCE"], "tests/integration/docker"))

import meridian_cli as meridian
from engine import Engine, why_not
from planted import token, token_rule

NAME = "team/app:1"
TOOLS = ("skopeo", "podman", "buildah", "ctr")
POLICY = '{"default": [{"type": "insecureAcceptAnything"}]}'
SECONDS = 120


class Writers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.engine = Engine()
        cls.engine.__enter__()
        cls.addClassCleanup(cls.engine.__exit__, None, None, None)
        cls.folder = os.path.join(cls.engine.home, "written")
        os.makedirs(cls.folder)
        cls.policy = os.path.join(cls.engine.home, "policy.json")
        with open(cls.policy, "w") as out:
            out.write(POLICY)
        cls.engine.build(NAME, {
            "Dockerfile": "FROM scratch\nCOPY busybox /bin/busybox\nCOPY srv /srv/\n"
                          "RUN [\"/bin/busybox\", \"ln\", \"/srv/kept\", \"/srv/linked\"]\n"
                          "RUN [\"/bin/busybox\", \"rm\", \"-r\", \"/srv/gone\", \"/srv/folder\"]\n"
                          "COPY srv/kept /srv/folder/again\nENV A=1\n",
            "busybox": Path(shutil.which("busybox")).read_bytes(),
            "srv/kept": token(1) + "\n", "srv/gone": token(2) + "\n", "srv/folder/inside": token(3) + "\n"})
        cls.saved = cls.place("docker.tar")
        cls.engine.docker("save", "-o", cls.saved, NAME)

    @classmethod
    def place(cls, name):
        return os.path.join(cls.folder, name)

    def run_tool(self, *words):
        """Runs with nothing of the machine's own configuration or stores."""
        home = os.path.join(self.engine.home, "home")
        os.makedirs(home, exist_ok=True)
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS,
                              check=False, env={"PATH": os.environ["PATH"], "HOME": home, "TMPDIR": self.folder})
        self.assertEqual(done.returncode, 0, "%s\n%s%s" % (" ".join(words), done.stdout, done.stderr))
        return done.stdout.strip()

    def store_options(self, tool):
        root = os.path.join(self.engine.home, tool)
        return ["--root", root + "/root", "--runroot", root + "/run", "--storage-driver", "vfs"]

    def skopeo(self):
        source = "docker-archive:" + self.saved
        for target, options in (
                ("docker-archive:" + self.place("skopeo-docker.tar") + ":" + NAME, []),
                ("oci-archive:" + self.place("skopeo-oci.tar") + ":" + NAME, []),
                ("oci:" + self.place("skopeo-oci") + ":" + NAME, []),
                ("oci:" + self.place("skopeo-zstd") + ":" + NAME, ["--dest-compress-format", "zstd"])):
            self.run_tool("skopeo", "--policy", self.policy, "copy", "-q", *options, source, target)
            yield target if target.count(":") < 3 else target[:-len(NAME) - 1]

    def podman(self):
        podman = ["podman", *self.store_options("podman")]
        self.run_tool(*podman, "load", "-q", "--signature-policy", self.policy, "-i", self.saved)
        for form, name in (("docker-archive", "podman-docker.tar"), ("oci-archive", "podman-oci.tar"),
                           ("oci-dir", "podman-oci")):
            self.run_tool(*podman, "save", "-q", "--format", form, "-o", self.place(name), NAME)
            yield form.replace("oci-dir", "oci") + ":" + self.place(name)

    def buildah(self):
        buildah = ["buildah", *self.store_options("buildah")]
        image = self.run_tool(*buildah, "pull", "-q", "--signature-policy", self.policy, "docker-archive:" + self.saved)
        for target in ("oci-archive:" + self.place("buildah-oci.tar"), "oci:" + self.place("buildah-oci")):
            self.run_tool(*buildah, "push", "-q", "--signature-policy", self.policy, image, target + ":" + NAME)
            yield target

    def containerd(self):
        socket = os.path.join(self.engine.home, "exec/containerd/containerd.sock")
        ctr = ["ctr", "-a", socket, "-n", "meridian-test", "images"]
        self.run_tool(*ctr, "import", "--no-unpack", self.saved)
        self.run_tool(*ctr, "export", self.place("ctr.tar"), "docker.io/" + NAME)
        yield "docker-archive:" + self.place("ctr.tar")
        yield "oci-archive:" + self.place("ctr.tar")

    def seen(self, ref):
        """What we say of one: target, layers, findings and files, without names of places."""
        done = meridian.scan(ref, plugins=meridian.SECRETS)
        self.assertEqual(done.code, 0, done)
        report = done.json
        self.assertTrue(report["complete"], report["gaps"])
        target, = report["targets"]
        layers = [(layer["diff_id"], layer["identity"], layer["created_by"]) for layer in target["layers"]]
        self.assertEqual({identity for _, identity, _ in layers}, {"verified"})
        findings = sorted((finding["fingerprint"], finding["location"]["path"], finding["location"]["layer"]["index"],
                           finding["location"]["visibility"], len(finding.get("occurrences", [])))
                          for finding in report["findings"] if finding["rule"] == token_rule())
        files = [meridian.run("fs", "ls", ref, path).out for path in ("", "bin", "srv", "srv/folder")]
        files.append(meridian.run("fs", "cat", ref, "srv/linked").out)
        return layers, findings, files

    def test_one_image_by_every_writer(self):
        expected = self.seen("docker-archive:" + self.saved)
        shown = {path: visibility for _, path, _, visibility, _ in expected[1]}
        self.assertEqual(shown, {"srv/kept": "visible", "srv/linked": "visible", "srv/gone": "shadowed",
                                 "srv/folder/inside": "shadowed", "srv/folder/again": "visible"})
        self.assertEqual(expected[2][4], token(1) + "\n")
        written = 0
        for writer in (self.skopeo, self.podman, self.buildah, self.containerd):
            for ref in writer():
                written += 1
                with self.subTest(ref):
                    self.assertEqual(self.seen(ref), expected)
        self.assertEqual(written, 11)


if __name__ == "__main__":
    meridian.release_only()
    reason = why_not() or next(("not installed: " + tool for tool in TOOLS if not shutil.which(tool)), None)
    if reason:
        meridian.skip(reason)
    unittest.main()
