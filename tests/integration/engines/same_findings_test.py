# SPDX-License-Identifier: Apache-2.0
#
# same_findings_test.py: the plugins that look inside of things, over the stores of real engines: the same findings in each.

import base64
import gzip
import os
import shutil
import sys
import time
import unittest

import image_archive
import meridian_cli as meridian
from image_archive import Image, Layer
from zip_file import zipped

for name in ("docker", "containerd", "podman"):
    sys.path.insert(0, os.path.join(meridian.SOURCE, "tests/integration", name))
import containerd_engine  # noqa: E402
import engine as docker_engine  # noqa: E402
import podman_engine  # noqa: E402

NAME = "localhost/inside:1"
TOKENS = ["ghp_zQWBuTSOoRi4A9spHc" + "VY5ncnsDkxkJ" + "0mLq17", "npm_fwiNmMu8k8Uwb0FAh" + "6hI0Yj6GbF0aE4" + "Ljot1"]
LOG4J = "org/apache/logging/log4j/core/"
STATUS = "Package: %s\nStatus: install ok installed\nVersion: %s\nArchitecture: amd64\nSource: %s\n\n"
ENGINES = {}


def image():
    with open(shutil.which("busybox"), "rb") as program:
        base = Layer().directory("bin").file("bin/busybox", program.read(), 0o755).symlink("bin/sh", "busybox")
    base.directory("tmp").directory("etc").file("etc/os-release", 'ID=debian\nVERSION_ID="12"\n')
    base.file("var/lib/dpkg/status", STATUS % ("libssl3", "3.0.5-1", "openssl"))
    base.file("etc/shadow", "root:$1$abcdefgh$G//4keteveJp0qb8z2DxG/:19000:0:99999:7:::\n", 0o640)  # "password"
    base.file("srv/gone.log.gz", gzip.compress(b"token=" + TOKENS[0].encode(), mtime=0))
    top = Layer().whiteout("srv/gone.log.gz")
    top.file("var/lib/dpkg/status", STATUS % ("libssl3", "3.0.5-1", "openssl") + STATUS % ("xz-utils", "5.4.1-0.2", "xz-utils"))
    top.file("srv/app.jar", zipped({"BOOT-INF/lib/log4j-core.jar": zipped({
        LOG4J + "lookup/JndiLookup.class": b"lookup", LOG4J + "net/JndiManager.class": b"manager",
        "META-INF/maven/org.apache.logging.log4j/log4j-core/pom.properties":
            "version=2.14.1\ngroupId=org.apache.logging.log4j\nartifactId=log4j-core\n"})}))
    top.file("srv/secret.yaml", "kind: Secret\ndata:\n  token: %s\n" % base64.b64encode(TOKENS[1].encode()).decode())
    top.file("usr/bin/find", b"\x7fELF find", 0o4755)
    return Image(NAME, [base, top])


def setUpModule():
    for why_not in (docker_engine.why_not, containerd_engine.why_not, podman_engine.why_not):
        if why_not():
            meridian.skip(why_not())
    # A shell's redirection writes into the container's own layer.
    command = ("/bin/busybox", "sh", "-c", "echo token=%s >/written; exec /bin/busybox sleep 6000" % TOKENS[1])
    docker = ENGINES["docker"] = docker_engine.Engine()
    unittest.addModuleCleanup(docker.close)
    docker.start()
    archive = image_archive.write(docker.home + "/inside.tar", [image()])
    docker.docker("load", "-q", "-i", archive)
    docker.docker("run", "-d", "--network", "none", "--cgroup-parent", docker_engine.CGROUP_PARENT, "--name", "one", NAME, *command)
    containerd = ENGINES["containerd"] = containerd_engine.Containerd()
    unittest.addModuleCleanup(containerd.close)
    containerd.start()
    containerd.ctr("images", "import", archive)
    containerd.ctr("run", "-d", "--null-io", NAME, "one", *command)
    podman = ENGINES["podman"] = podman_engine.Podman()
    unittest.addModuleCleanup(podman.close)
    podman.podman("load", "-q", "-i", archive)
    podman.podman("run", "-d", "--network", "none", "--name", "one", NAME, *command)
    ENGINES["archive"] = "docker-archive:" + archive


class SameFindings(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.data = os.path.join(ENGINES["docker"].home, "data")
        done = meridian.run("--data-dir", cls.data, "data", "import", os.path.join(meridian.SOURCE, "tests/data/vulnerabilities"))
        assert done.code == 0, done
        docker, containerd, podman = (ENGINES[name] for name in ("docker", "containerd", "podman"))
        stores = {"docker": ("--host-root", docker.host, "--store", "docker=" + docker.data),
                  "containerd": ("--host-root", "/", "--store", "containerd=%s,%s" % (containerd.root, containerd.state)),
                  "podman": ("--host-root", "/", "--store", "containers-storage=%s,%s" % (podman.root, podman.run_root))}
        cls.reports = {name: cls.scan(*words) for name, words in stores.items()}
        cls.reports["archive"] = cls.scan(ENGINES["archive"])

    @classmethod
    def scan(cls, *words):
        deadline = time.monotonic() + 20
        while True:  # the shell in the container may not have come to its echo
            done = meridian.run("--data-dir", cls.data, "--no-discover", "scan", "--plugin-dir", meridian.BUNDLES, "--format", "json",
                                *words)
            assert done.code == 0, done
            report = meridian.validate(done.json)
            if words[0] == ENGINES["archive"] or '"written"' in done.out or time.monotonic() > deadline:
                return report
            time.sleep(0.2)

    @staticmethod
    def found(report, kind):
        targets = {target["id"] for target in report["targets"] if target["kind"] == kind}
        assert len(targets) == 1, report["targets"]
        return sorted((one["plugin"].rpartition(".")[2], one["rule"], one["severity"], one["location"].get("path", ""),
                       one["location"].get("field", ""), one["location"].get("layer", {}).get("index", -1),
                       one.get("detail", {}).get("id", "") if isinstance(one.get("detail"), dict) else "")
                      for one in report["findings"] if set(one.get("targets", [one.get("target")])) & targets)

    def test_an_image_is_the_same_in_each_store(self):
        expected = self.found(self.reports["archive"], "image")
        rules = {rule for _, rule, *_ in expected}
        self.assertLessEqual({"github-token", "npm-token", "log4shell", "vulnerable-package"}, rules, expected)
        self.assertIn(("secrets", "srv/gone.log.gz", "unpacked", 0), [(one[0], *one[3:6]) for one in expected])
        self.assertIn(("secrets", "srv/secret.yaml", "data:token", 1), [(one[0], *one[3:6]) for one in expected])
        self.assertLessEqual({"CVE-2022-3602", "CVE-2021-44228"}, {one[6] for one in expected})
        self.assertLessEqual({"weak-password", "privilege-escalation"}, {one[0] for one in expected})
        for name in ("docker", "containerd", "podman"):
            with self.subTest(name):
                self.assertEqual(self.found(self.reports[name], "image"), expected)

    def test_of_a_container_what_was_written_in_it(self):
        for name in ("docker", "containerd", "podman"):
            with self.subTest(name):
                written = [one for one in self.found(self.reports[name], "container") if one[3] == "written"]
                self.assertEqual([(one[0], one[1]) for one in written], [("secrets", "npm-token")])

    def test_nothing_was_left_out(self):
        for name, report in self.reports.items():
            with self.subTest(name):
                self.assertEqual(report["gaps"], [])


if __name__ == "__main__":
    meridian.release_only()
    unittest.main()
