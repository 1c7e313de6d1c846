# SPDX-License-Identifier: Apache-2.0
#
# all_engines_test.py: a host with Docker, containerd (with pods) and podman at once, each running and removing containers
# for a minute, while it is listed and scanned: nothing crashes, nothing is twice, what stays is there each time, and
# every gap is about something that came or went.

import json
import os
import re
import shutil
import sys
import threading
import time
import unittest

import meridian_cli as meridian
import image_archive
from image_archive import Image, Layer

for name in ("docker", "containerd", "podman"):
    sys.path.insert(0, os.path.join(meridian.SOURCE, "tests/integration", name))
import containerd_engine  # noqa: E402
import engine as docker_engine  # noqa: E402
import podman_engine  # noqa: E402
from cri_client import Cri  # noqa: E402
from cri_test import CONFIG, images as pod_images  # noqa: E402

SECONDS = 60
ID = re.compile(r"[0-9a-f]{64}")


def archive(folder):
    with open(shutil.which("busybox"), "rb") as program:
        base = Layer().directory("bin").file("bin/busybox", program.read(), 0o755).directory("etc").directory("tmp")
    return image_archive.write(folder + "/churn.tar", [Image("localhost/churn:1", [base, Layer().file("etc/hello.churn", "x")])])


class Docker:
    def __init__(self):
        self.engine = docker_engine.Engine()
        self.engine.start()
        self.engine.docker("load", "-q", "-i", archive(self.engine.home))
        self.stays = self.run("stays")

    def run(self, name):
        return self.engine.docker("run", "-d", "--name", name, "--network", "none", "localhost/churn:1", "/bin/busybox", "sleep",
                                  "6000").stdout.strip()

    def churn(self, number):
        one = self.run("churn-%d" % number)
        self.engine.docker("rm", "-f", one)
        return one

    def store(self):
        return "docker=%s,%s/exec" % (self.engine.data_root, self.engine.home)

    def close(self):
        self.engine.close()


class Containerd:
    def __init__(self):
        self.engine = containerd_engine.Containerd(CONFIG)
        os.mkdir(self.engine.home + "/cni")
        self.engine.start()
        self.engine.ctr("images", "import", image_archive.write(self.engine.home + "/images.tar", pod_images()), space="k8s.io")
        self.cri = Cri(self.engine.home + "/socket")
        self.sandbox, self.stays = self.run("stays", 1)

    def run(self, name, number):
        pod = self.cri.pod(name, "churn", "%032x" % number, self.engine.home + "/logs")
        sandbox = self.cri.run_pod(pod)
        one = self.cri.create(sandbox, pod, "main", "docker.io/library/demo:1", ["/bin/busybox", "sleep", "6000"])
        self.cri.start(one)
        return sandbox, one

    def churn(self, number):
        sandbox, one = self.run("churn-%d" % number, number + 2)
        self.cri.remove_pod(sandbox)
        return sandbox + " " + one

    def store(self):
        return "containerd=%s,%s" % (self.engine.root, self.engine.state)

    def close(self):
        self.cri.remove_pod(self.sandbox)
        self.cri.close()
        self.engine.close()


class Podman:
    def __init__(self):
        self.engine = podman_engine.Podman()
        self.engine.podman("load", "-q", "-i", archive(self.engine.home))
        self.stays = self.run("stays")

    def run(self, name):
        return self.engine.podman("run", "-d", "--name", name, "--network", "none", "localhost/churn:1", "/bin/busybox", "sleep",
                                  "6000").stdout.strip()

    def churn(self, number):
        one = self.run("churn-%d" % number)
        self.engine.podman("rm", "-f", "--time", "0", one)
        return one

    def store(self):
        return "containers-storage=%s,%s" % (self.engine.root, self.engine.run_root)

    def close(self):
        self.engine.close()


class AllEngines(unittest.TestCase):
    def test_while_containers_come_and_go(self):
        engines = []
        for kind in (Docker, Containerd, Podman):
            engines.append(kind())
            self.addCleanup(engines[-1].close)
        stop, failed, gone = threading.Event(), [], set()

        def work(engine):
            number = 0
            while not stop.is_set():
                number += 1
                try:
                    gone.update(ID.findall(engine.churn(number)))
                except Exception as problem:  # noqa: BLE001: told below
                    failed.append(problem)
                    return

        threads = [threading.Thread(target=work, args=(engine,)) for engine in engines]
        options = ["--host-root", "/", "--no-discover"]
        for engine in engines:
            options += ["--store", engine.store()]
        stays = {engine.stays for engine in engines}
        gaps, scans, lists = [], 0, 0
        for thread in threads:
            thread.start()
        try:
            deadline = time.monotonic() + SECONDS
            while time.monotonic() < deadline and not failed:
                for command in (["list", "containers", "--format", "json"],
                                ["scan", "--plugin-dir", meridian.HELLO, "--format", "json", "--cache", "none"]):
                    done = meridian.run(*options, *command)
                    self.assertIn(done.code, (0, 3), done)
                    document = meridian.validate(json.loads(done.out))
                    ids = [one["id"] for one in document["targets"]]
                    self.assertEqual(len(ids), len(set(ids)), ids)
                    self.assertLessEqual(stays, set(ids), done.err)
                    self.assertEqual(len(document.get("findings", ())), len({json.dumps(one) for one in document.get("findings", ())}))
                    scans, lists = scans + (command[0] == "scan"), lists + (command[0] == "list")
                    gaps += document.get("gaps", ())
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        self.assertEqual(failed, [])
        unexplained = [gap for gap in gaps if not set(ID.findall(json.dumps(gap))) & gone
                       and (not gap.get("path", "").startswith("/") or os.path.exists(gap["path"]))]
        print("%d scans, %d lists, %d containers came and went, %d gaps" % (scans, lists, len(gone), len(gaps)), flush=True)
        self.assertEqual(unexplained, [])
        self.assertEqual([gap for gap in gaps if set(ID.findall(json.dumps(gap))) & stays], [])
        self.assertGreater(scans, 3)


if __name__ == "__main__":
    for reason in (docker_engine.why_not(), containerd_engine.why_not(), podman_engine.why_not()):
        if reason:
            meridian.skip(reason)
    unittest.main(verbosity=2)
