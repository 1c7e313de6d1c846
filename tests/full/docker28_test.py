# SPDX-License-Identifier: Apache-2.0
#
# docker28_test.py: Docker 28 with the containerd image store, from Debian sid (debootstrap, about two
# minutes; MERIDIAN_SID_ROOT names one that is there and is kept). `tests/full/run` runs it.
#
# Once with the containerd that dockerd runs itself, once with one of the machine. What is expected is
# what the engine says: its list, its inspect, its export of a container, what it gave the runtime.

import concurrent.futures
import json
import os
import shlex
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import unittest

import meridian_cli as meridian
import image_archive
from apt_mirror import mirror
from image_archive import Image, Layer
from planted import token, token_rule

sys.path.insert(0, os.path.join(meridian.SOURCE, "tests/integration/docker"))
import corpus  # noqa: E402
import engine as engines  # noqa: E402
import run_variants  # noqa: E402
from spec_test import comparable  # noqa: E402

PACKAGES = "ca-certificates,docker.io,docker-cli,runc,containerd,iptables,procps"
ROOT = None
TASKS = "containerd/daemon/io.containerd.runtime.v2.task/moby"


class PrivateEngine(engines.Engine):
    """A daemon of another Debian, inside its root; its files lie where an Engine's do."""

    def __init__(self, root, options=()):
        super().__init__(driver=None, config={"features": {"containerd-snapshotter": True}}, options=options)
        self.root = root

    def private_setup(self):
        root, home = shlex.quote(self.root), shlex.quote(self.home)
        inner = shlex.quote(self.root + self.home)
        mounts = ["mount --bind %s %s" % (root, root)]  # runc wants / to be a mount point
        mounts += ["mount --rbind /%s %s/%s" % (name, root, name) for name in ("proc", "sys", "dev")]
        mounts += ["mkdir -p " + inner, "mount --bind %s %s" % (home, inner),
                   "mount -t tmpfs tmpfs %s/run" % root]
        return "set -e; " + "; ".join(mounts) + "; set -- chroot %s \"$@\"; " % root

    def containerd_socket(self):
        return os.path.join(self.home, "exec/containerd/containerd.sock")


class SystemEngine(PrivateEngine):
    """With a containerd that the daemon finds: its root is not the default one, and `host` says so."""

    def __init__(self, root):
        super().__init__(root)
        self.options = ["--containerd", self.containerd_socket()]
        self.containerd = None
        self.write_host("etc/docker/daemon.json", json.dumps({"data-root": self.data, "containerd": "/run/ctd.sock"}))
        self.write_host("etc/containerd/config.toml", "version = 3\nimports = ['conf.d/*.toml']\n")
        self.write_host("etc/containerd/conf.d/root.toml", "root = '/srv/ctd'\n[grpc]\naddress = '/run/ctd.sock'\n")

    def write_host(self, path, text):
        place = os.path.join(self.host, path)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "w") as out:
            out.write(text)

    def containerd_socket(self):
        return os.path.join(self.home, "ctd.sock")

    def start(self):
        config = os.path.join(self.home, "containerd.toml")
        with open(config, "w") as out:
            out.write("version = 3\n")
        self.containerd = self.spawn(super().private() + [
            "containerd", "--config", config, "--root", self.host + "/srv/ctd",
            "--state", os.path.join(self.home, "ctd"), "--address", self.containerd_socket()])
        deadline = time.monotonic() + engines.READY_SECONDS
        while not os.path.exists(self.containerd_socket()):
            if time.monotonic() > deadline or self.containerd.poll() is not None:
                raise RuntimeError("no containerd:\n" + self.tail())
            time.sleep(0.1)
        super().start()

    def private(self):
        return ["nsenter", "-t", str(self.containerd.pid), "-m", "chroot", self.root]

    def stop(self):
        try:
            super().stop()
        finally:
            if self.containerd is not None:
                engines.end(self.containerd)


def setUpModule():
    global ROOT
    reason = engines.why_not()
    if reason:
        meridian.skip(reason)
    ROOT = os.environ.get("MERIDIAN_SID_ROOT")
    if ROOT:
        return
    if not shutil.which("debootstrap"):
        meridian.skip("debootstrap is not installed")
    ROOT = tempfile.mkdtemp(prefix="meridian-sid-", dir="/var/tmp")
    unittest.addModuleCleanup(shutil.rmtree, ROOT, ignore_errors=True)
    subprocess.run(["debootstrap", "--variant=minbase", "--include=" + PACKAGES, "sid", ROOT, mirror()],
                   check=True, stdout=subprocess.DEVNULL, timeout=1800)


def fill(engine):
    folder = tempfile.mkdtemp(dir=engine.home)
    base = Layer().file("bin/busybox", corpus.busybox(), 0o755).file(
        "etc/passwd", "root:x:0:0::/:/bin/sh\napp:x:41:42::/:/bin/sh\n").file("etc/group", "app:x:42:\n")
    secret = Layer().directory("srv").file("srv/deleted.key", token(300) + "\n")
    path = os.path.join(folder, "images.tar")
    image_archive.write(path, [
        Image("demo:1", [base, secret, Layer().whiteout("srv/deleted.key")]),
        Image("other:1", [base, Layer().directory("srv").file("srv/app.conf", token(301) + "\n")])])
    engine.docker("load", "-i", path)
    engine.docker("tag", "demo:1", "registry.local:5000/team/demo:2")
    write = "echo $0 > /srv/runtime.conf"
    engine.docker("run", "-d", "--name", "running", "--network", "none", "--cap-add", "NET_ADMIN", "--tmpfs", "/tt",
                  "demo:1", "/bin/busybox", "sh", "-c", write + "; /bin/busybox sleep 6000", token(302))
    engine.docker("run", "--name", "stopped", "--network", "none", "other:1", "/bin/busybox", "sh", "-c",
                  write, token(303))
    engine.docker("create", "--name", "created", "--network", "none", "--user", "app", "--privileged", "-v", "vol:/data",
                  "other:1", "/bin/busybox")


class Docker28:
    """What both have in common; a subclass has `make` and `where`."""

    @classmethod
    def setUpClass(cls):
        cls.engine = cls.make()
        cls.addClassCleanup(cls.engine.close)
        cls.engine.start()
        fill(cls.engine)

    def test_it_is_what_the_others_are_about(self):
        info = json.loads(self.engine.docker("info", "--format", "{{json .}}").stdout)
        self.assertEqual(info["Driver"], "overlayfs")
        self.assertGreaterEqual(int(info["ServerVersion"].split(".")[0]), 28)
        self.assertFalse(os.path.exists(os.path.join(self.engine.data_root, "image")))

    def test_images(self):
        done = meridian.run(*self.where(), "list", "images", "--format", "json")
        self.assertEqual(done.code, 0, done)
        listed = {name: image for image in done.json["targets"] for name in image["names"]}
        for name in ("demo:1", "other:1", "registry.local:5000/team/demo:2"):
            inspected = self.engine.inspect(name)
            self.assertEqual([place["id"] for place in listed[name]["present_in"]], [inspected["Id"]])
            self.assertEqual([layer["diff_id"] for layer in listed[name]["layers"]],
                             inspected["RootFS"]["Layers"])
        self.assertEqual(len(done.json["targets"]), 2)

    def test_containers_once(self):
        done = meridian.run(*self.where(), "list", "containers", "--format", "json")
        self.assertEqual(done.code, 0, done)
        listed = {one["names"][0]: one for one in done.json["targets"]}
        self.assertEqual(len(done.json["targets"]), 3)
        for name, state in (("running", "running"), ("stopped", "exited"), ("created", "created")):
            self.assertEqual(listed[name]["id"], self.engine.inspect(name)["Id"])
            self.assertEqual(listed[name]["state"], state)
            self.assertEqual([layer["kind"] for layer in listed[name]["layers"]][-3:],
                             ["image", "init", "writable"])

    def test_secrets_are_found_where_they_are(self):
        report = meridian.scan(*self.where(), plugins=meridian.SECRETS).json
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
            path = os.path.join(self.engine.home, name + ".tar")
            self.engine.docker("export", "-o", path, name)
            with tarfile.open(path) as archive:
                exported = {entry.name.strip("/") for entry in archive if entry.name.startswith("srv/")}
            done = meridian.run(*self.where(), "fs", "ls", name, "srv")
            self.assertEqual(done.code, 0, done)
            shown = {"srv/" + line.split()[-1].split("/")[-1] for line in done.out.splitlines()}
            self.assertEqual(shown, {entry for entry in exported if entry != "srv"})

    def show(self, kind, name):
        done = meridian.run(*self.where(), "show", kind, name, "--format", "json")
        self.assertEqual(done.code, 0, done)
        one, = done.json["objects"]
        return one

    def test_show_image(self):
        shown, inspected = self.show("image", "demo:1"), self.engine.inspect("demo:1")
        self.assertEqual(shown["config"]["rootfs"]["diff_ids"], inspected["RootFS"]["Layers"])
        self.assertEqual(self.show("image", inspected["Id"])["target"], shown["target"])

    def test_specs_of_what_does_not_run_are_made(self):
        for name in ("stopped", "created"):
            shown, inspected = self.show("container", name), self.engine.inspect(name)
            self.assertEqual(shown["spec_origin"], "synthesised")
            self.assertEqual(shown["spec"]["root"]["path"], os.path.join(
                self.engine.data_root, "rootfs/overlayfs", inspected["Id"]))
            self.assertEqual(shown["spec"]["process"]["args"], [inspected["Path"], *inspected["Args"]])
            self.assertEqual([mount["destination"] for mount in shown["mounts"]],
                             [mount["Destination"] for mount in inspected["Mounts"]])
        self.assertEqual(shown["spec"]["process"]["user"]["uid"], 41)
        self.assertTrue(shown["privileges"]["privileged"])


class PrivateContainerd(Docker28, unittest.TestCase):
    @classmethod
    def make(cls):
        return PrivateEngine(ROOT)

    def where(self):
        return ["--host-root", "/", "--store", "docker=" + self.engine.data_root, "--no-discover"]

    def test_what_runs_is_what_the_runtime_was_given(self):
        shown, inspected = self.show("container", "running"), self.engine.inspect("running")
        self.assertEqual(shown["spec_origin"], "recorded")
        self.assertEqual(shown["run"]["liveness"], "verified")
        self.assertEqual(shown["run"]["pid"], inspected["State"]["Pid"])
        with open(os.path.join(self.engine.home, "exec", TASKS, inspected["Id"], "config.json")) as file:
            self.assertEqual(shown["spec"], json.load(file))
        self.assertIn("CAP_NET_ADMIN", shown["privileges"]["capabilities"]["added"])
        self.assertEqual([mount["destination"] for mount in shown["mounts"]], ["/tt"])

    def test_a_database_that_is_written_meanwhile_is_read_whole(self):
        ends = threading.Event()
        changes = []

        def change():
            while not ends.is_set():
                name = "moving:%d" % len(changes)
                self.engine.docker("tag", "demo:1", name)
                self.engine.docker("rmi", name)
                changes.append(name)

        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            changing = pool.submit(change)
            try:
                looks = 0
                # A change that failed ends it; result() below says why.
                while (looks < 20 or len(changes) <= 10) and not changing.done():
                    done = meridian.run(*self.where(), "list", "images", "--format", "json")
                    self.assertEqual((done.code, done.err), (0, ""), done)
                    names = {name for image in done.json["targets"] for name in image["names"]}
                    self.assertLessEqual({"demo:1", "other:1"}, names)
                    self.assertEqual(len(done.json["targets"]), 2)
                    looks += 1
            finally:
                ends.set()
            changing.result()

    def test_an_image_that_is_not_unpacked_is_read_from_its_blobs(self):
        path = os.path.join(self.engine.home, "packed.tar")
        image_archive.write(path, [Image("packed:1", [Layer().directory("srv").file("srv/packed.key", token(304) + "\n")])])
        subprocess.run(["ctr", "--address", self.engine.containerd_socket(), "-n", "moby", "images", "import",
                        "--no-unpack", path], check=True, stdout=subprocess.DEVNULL)
        self.addCleanup(self.engine.docker, "rmi", "packed:1")
        report = meridian.scan(*self.where(), "image", "packed:1", plugins=meridian.SECRETS).json
        self.assertEqual(report["gaps"], [])
        self.assertEqual([(name, path) for name, path, _, _, _ in meridian.places(report, token_rule())],
                         [("packed:1", "srv/packed.key")])
        done = meridian.run(*self.where(), "fs", "cat", "packed:1", "srv/packed.key")
        self.assertEqual(done.out, token(304) + "\n")


class SystemContainerd(Docker28, unittest.TestCase):
    """Found by discovery below a host root: daemon.json, containerd's configuration and its import."""

    @classmethod
    def make(cls):
        return SystemEngine(ROOT)

    def where(self):
        return ["--host-root", self.engine.host]

    def test_dockerd_runs_none(self):
        self.assertFalse(os.path.exists(os.path.join(self.engine.data_root, "containerd/daemon")))


class Specs(unittest.TestCase):
    """Of many containers the spec made of their records is what the engine gave the runtime."""
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.engine = PrivateEngine(ROOT)
        cls.addClassCleanup(cls.engine.close)
        cls.engine.start()
        binds = run_variants.prepare(cls.engine, corpus.busybox(), shared_root=False)
        every = run_variants.variants(binds, os.path.join(cls.engine.home, "seccomp.json"), run_variants.a_disk())
        # Not in this root: a runtime that is a Python program; shared mounts, which binding "/" needs too.
        cls.wanted = {name: args for name, args in every.items()
                      if "keeping" not in args and not name.startswith("danger-root")
                      and not any(word in str(arg) for arg in args for word in ("rshared", "rslave"))}
        run_variants.run_all(cls.engine, cls.wanted)
        exec_root = os.path.join(cls.engine.home, "exec")
        hidden = ["unshare", "--mount", "--propagation", "private", "sh", "-c", 'mount -t tmpfs tmpfs "$0" && exec "$@"',
                  exec_root]
        done = meridian.run("--host-root", "/", "--store", "docker=" + cls.engine.data_root, "--no-discover", "show",
                            "container", *cls.wanted, "--format", "json", prefix=hidden)
        if done.code != 0:
            raise AssertionError(str(done))
        cls.made = {one["target"]["names"][0]: one for one in done.json["objects"]}
        cls.given = {}
        for name in cls.wanted:
            with open(os.path.join(exec_root, TASKS, cls.made[name]["target"]["id"], "config.json")) as file:
                cls.given[name] = json.load(file)

    def comparable(self, spec, name):
        spec = comparable(spec, name)
        del spec["ociVersion"]  # of the daemon's build, which is not on disk
        if name.startswith("privileged"):  # those that the daemon itself has
            with open("/proc/self/status") as status:
                bounding = int(next(line for line in status if line.startswith("CapBnd")).split()[1], 16)
            own = {name for i, name in enumerate(run_variants.CAPABILITIES.split()) if bounding >> i & 1}
            for kind, names in spec["process"]["capabilities"].items():
                spec["process"]["capabilities"][kind] = sorted(own & set(names))
        return spec

    def test_at_least_forty(self):
        self.assertGreaterEqual(len(self.wanted), 40)

    def test_the_synthesised_spec_is_the_containers_own(self):
        for name in self.wanted:
            with self.subTest(name):
                self.assertEqual(self.made[name]["spec_origin"], "synthesised")
                self.assertEqual(self.comparable(self.made[name]["spec"], name), self.comparable(self.given[name], name))


if __name__ == "__main__":
    unittest.main()
