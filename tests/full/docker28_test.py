# SPDX-License-Identifier: Apache-2.0
#
# docker28_test.py: Docker 28 with the containerd image store, from Debian sid (debootstrap, about two
# minutes; MERIDIAN_SID_ROOT names one that is there and is kept). `tests/full/run` runs it.
#
# What is expected is what the engine says: its list, its inspect, and its export of a container.

import json
import os
import shlex
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest

import meridian_cli as meridian
import image_archive
from image_archive import Image, Layer
from planted import token, token_rule

sys.path.insert(0, os.path.join(meridian.SOURCE, "tests/integration/docker"))
import corpus  # noqa: E402
import engine as engines  # noqa: E402

PACKAGES = "ca-certificates,docker.io,docker-cli,runc,containerd,iptables,procps"
MIRROR = os.environ.get("MERIDIAN_DEBIAN_MIRROR", "http://deb.debian.org/debian")
ENGINE = None


class Docker28(engines.Engine):
    """A daemon of another Debian, inside its root; its files lie where an Engine's do."""

    def __init__(self, root):
        super().__init__(driver=None, config={"features": {"containerd-snapshotter": True}})
        self.root = root

    def private_setup(self):
        root, home = shlex.quote(self.root), shlex.quote(self.home)
        inner = shlex.quote(self.root + self.home)
        mounts = ["mount --bind %s %s" % (root, root)]  # runc wants / to be a mount point
        mounts += ["mount --rbind /%s %s/%s" % (name, root, name) for name in ("proc", "sys", "dev")]
        mounts += ["mkdir -p " + inner, "mount --bind %s %s" % (home, inner),
                   "mount -t tmpfs tmpfs %s/run" % root]
        return "set -e; " + "; ".join(mounts) + "; set -- chroot %s \"$@\"; " % root


def sid_root():
    kept = os.environ.get("MERIDIAN_SID_ROOT")
    if kept:
        return kept
    if not shutil.which("debootstrap"):
        meridian.skip("debootstrap is not installed")
    place = tempfile.mkdtemp(prefix="meridian-sid-", dir="/var/tmp")
    unittest.addModuleCleanup(shutil.rmtree, place, ignore_errors=True)
    subprocess.run(["debootstrap", "--variant=minbase", "--include=" + PACKAGES, "sid", place, MIRROR],
                   check=True, stdout=subprocess.DEVNULL, timeout=1800)
    return place


def setUpModule():
    global ENGINE
    reason = engines.why_not()
    if reason:
        meridian.skip(reason)
    ENGINE = Docker28(sid_root())
    unittest.addModuleCleanup(ENGINE.close)
    ENGINE.start()
    folder = tempfile.mkdtemp(dir=ENGINE.home)
    base = Layer().file("bin/busybox", corpus.busybox(), 0o755).file("etc/passwd", "root:x:0:0::/:/bin/sh\n")
    secret = Layer().directory("srv").file("srv/deleted.key", token(300) + "\n")
    path = os.path.join(folder, "images.tar")
    image_archive.write(path, [
        Image("demo:1", [base, secret, Layer().whiteout("srv/deleted.key")]),
        Image("other:1", [base, Layer().directory("srv").file("srv/app.conf", token(301) + "\n")])])
    ENGINE.docker("load", "-i", path)
    ENGINE.docker("tag", "demo:1", "registry.local:5000/team/demo:2")
    write = "echo $0 > /srv/runtime.conf"
    ENGINE.docker("run", "-d", "--name", "running", "--network", "none", "demo:1", "/bin/busybox", "sh",
                  "-c", write + "; /bin/busybox sleep 6000", token(302))
    ENGINE.docker("run", "--name", "stopped", "--network", "none", "other:1", "/bin/busybox", "sh", "-c",
                  write, token(303))
    ENGINE.docker("create", "--name", "created", "--network", "none", "other:1", "/bin/busybox")


def run(*args):
    return ["--host-root", "/", "--store", "docker=" + ENGINE.data_root, "--no-discover", *args]


class Docker28Store(unittest.TestCase):
    def test_it_is_what_the_others_are_about(self):
        info = json.loads(ENGINE.docker("info", "--format", "{{json .}}").stdout)
        self.assertEqual(info["Driver"], "overlayfs")
        self.assertGreaterEqual(int(info["ServerVersion"].split(".")[0]), 28)
        self.assertFalse(os.path.exists(os.path.join(ENGINE.data_root, "image")))

    def test_images(self):
        done = meridian.run(*run("list", "images", "--format", "json"))
        self.assertEqual(done.code, 0, done)
        listed = {name: image for image in done.json["targets"] for name in image["names"]}
        for name in ("demo:1", "other:1", "registry.local:5000/team/demo:2"):
            inspected = ENGINE.inspect(name)
            self.assertEqual([place["id"] for place in listed[name]["present_in"]], [inspected["Id"]])
            self.assertEqual([layer["diff_id"] for layer in listed[name]["layers"]],
                             inspected["RootFS"]["Layers"])
        self.assertEqual(len(done.json["targets"]), 2)

    def test_containers_once(self):
        done = meridian.run(*run("list", "containers", "--format", "json"))
        self.assertEqual(done.code, 0, done)
        listed = {one["names"][0]: one for one in done.json["targets"]}
        self.assertEqual(len(done.json["targets"]), 3)
        for name, state in (("running", "running"), ("stopped", "exited"), ("created", "created")):
            self.assertEqual(listed[name]["id"], ENGINE.inspect(name)["Id"])
            self.assertEqual(listed[name]["state"], state)
            self.assertEqual([layer["kind"] for layer in listed[name]["layers"]][-3:],
                             ["image", "init", "writable"])

    def test_secrets_are_found_where_they_are(self):
        report = meridian.scan(*run(), plugins=meridian.SECRETS).json
        self.assertEqual(report["gaps"], [])
        found = {(name, path, visibility) for name, path, _, _, visibility
                 in meridian.places(report, token_rule())}
        deleted, app, runtime = "srv/deleted.key", "srv/app.conf", "srv/runtime.conf"
        command = (None, "none")  # the token stands in the container's command too
        self.assertEqual(found, {
            ("running", *command), ("stopped", *command), ("demo:1", deleted, "shadowed"), ("other:1", app, "visible"),
            ("running", deleted, "shadowed"), ("running", runtime, "visible"),
            ("stopped", app, "visible"), ("stopped", runtime, "visible"),
            ("created", app, "visible")})

    def test_the_merged_view_is_what_the_engine_exports(self):
        for name in ("running", "stopped", "created"):
            path = os.path.join(ENGINE.home, name + ".tar")
            ENGINE.docker("export", "-o", path, name)
            with tarfile.open(path) as archive:
                exported = {entry.name.strip("/") for entry in archive if entry.name.startswith("srv/")}
            done = meridian.run(*run("fs", "ls", name, "srv"))
            self.assertEqual(done.code, 0, done)
            shown = {"srv/" + line.split()[-1].split("/")[-1] for line in done.out.splitlines()}
            self.assertEqual(shown, {entry for entry in exported if entry != "srv"})


if __name__ == "__main__":
    unittest.main()
