# SPDX-License-Identifier: Apache-2.0
#
# rootless_test.py: a podman without root, of a user that only a mount namespace of the test's own knows, with ranges of
# subordinate ids: its store is found, its containers run, their files and users are what that podman says.

import json
import os
import shlex
import shutil
import subprocess
import tempfile
import unittest

import image_archive
import meridian_cli as meridian
import podman_engine as engines
from image_archive import Image, Layer
from planted import token, token_rule

ID, FIRST_UID, FIRST_GID = 54321, 300000, 400000
RULE = token_rule()
USER = None


def image():
    with open(shutil.which("busybox"), "rb") as program:
        base = Layer().directory("bin").file("bin/busybox", program.read(), 0o755).symlink("bin/sh", "busybox")
    base.directory("etc").directory("tmp").directory("d").file("d/old", "old").file("etc/gone", token(1))
    top = Layer().whiteout("etc/gone").opaque("d").file("d/new", "new").file("etc/here", token(2))
    return Image("localhost/demo:1", [base, top], env=["A=1"])


class User:
    """Its home, and the namespace in which /etc has it and /run is empty."""

    def __init__(self):
        self.home = tempfile.mkdtemp(prefix="meridian-rootless-", dir="/var/tmp")
        self.root = self.home + "/.local/share/containers/storage"
        self.run = "/run/user/%d" % ID
        lines = ["mount -t tmpfs tmpfs {0}/etc", "mkdir {0}/etc/upper {0}/etc/work",
                 "mount -t overlay overlay -o lowerdir=/etc,upperdir={0}/etc/upper,workdir={0}/etc/work /etc",
                 "echo 'rootless:x:{1}:{1}::{0}:/bin/sh' >> /etc/passwd", "echo 'rootless:x:{1}:' >> /etc/group",
                 "echo rootless:{2}:65536 > /etc/subuid", "echo rootless:{3}:65536 > /etc/subgid",
                 "mount -t tmpfs tmpfs /run", "mkdir -p {4}", "chown {1}:{1} {4}", "echo", "exec sleep 6000"]
        os.mkdir(self.home + "/etc")
        with open(self.home + "/containers.conf", "w") as out:
            out.write(engines.CONF + 'cgroup_manager = "cgroupfs"\nevents_logger = "file"\n')
        image_archive.write(self.home + "/demo.tar", [image()])
        os.chmod(self.home + "/demo.tar", 0o644)
        os.chown(self.home, ID, ID)
        script = "; ".join(lines).format(shlex.quote(self.home), ID, FIRST_UID, FIRST_GID, self.run)
        self.holder = subprocess.Popen(["unshare", "--mount", "--propagation", "private", "sh", "-ec", script],
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self.holder.stdout.readline()
        self.inside = ("nsenter", "--target", str(self.holder.pid), "--mount")

    def podman(self, *words, check=True):
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": self.home, "XDG_RUNTIME_DIR": self.run, "LC_ALL": "C.UTF-8",
                       "CONTAINERS_CONF": self.home + "/containers.conf"}
        done = subprocess.run([*self.inside, "setpriv", "--reuid", str(ID), "--regid", str(ID), "--clear-groups", "podman",
                               "--storage-driver", "overlay", *words], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=engines.COMMAND_SECONDS, env=environment, cwd=self.home)
        if check and done.returncode != 0:
            raise RuntimeError("podman %s: %s%s" % (" ".join(words), done.stdout, done.stderr))
        return done

    def close(self):
        try:
            self.podman("rm", "--all", "--force", "--time", "0", check=False)
            # What holds its user and mount namespaces together.
            pause = subprocess.run([*self.inside, "cat", self.run + "/libpod/tmp/pause.pid"], capture_output=True, text=True, check=False)
            if pause.returncode == 0:
                os.kill(int(pause.stdout), 9)
        finally:
            # What conmon starts behind a container that ended would make the folder anew.
            for pid in filter(str.isdigit, os.listdir("/proc")):
                try:
                    if os.stat("/proc/" + pid).st_uid == ID:
                        os.kill(int(pid), 9)
                except OSError:
                    pass  # it has ended
            self.holder.kill()
            self.holder.communicate()
            engines.remove_folder(self.home)


def setUpModule():
    global USER
    USER = User()
    unittest.addModuleCleanup(USER.close)
    USER.podman("load", "-q", "-i", USER.home + "/demo.tar")
    words = "echo %s > /etc/written; /bin/busybox chown 7:8 /etc/written; /bin/busybox rm /etc/here; exec /bin/busybox sleep 6000"
    USER.podman("run", "-d", "--name", "running", "--network", "none", "localhost/demo:1", "/bin/busybox", "sh", "-c", words % token(3))
    USER.podman("run", "-d", "--name", "other-user", "--network", "none", "--user", "5:6", "localhost/demo:1", "/bin/busybox", "sleep", "6000")
    USER.podman("run", "-d", "--name", "kept-id", "--network", "none", "--userns", "keep-id", "localhost/demo:1", "/bin/busybox", "sleep", "6000")
    USER.podman("create", "--name", "created", "--network", "none", "localhost/demo:1", "/bin/busybox", "true")


def run(*args):
    done = meridian.run("--host-root", "/", *args, "--format", "json", prefix=USER.inside)
    return done


def of_user(entries):
    return [one for one in entries if any(place["store_root"] == USER.root for place in one["present_in"])]


class Rootless(unittest.TestCase):
    maxDiff = None

    def test_the_store_is_found_and_says_whose_it_is(self):
        rows = [one for one in json.loads(run("list", "runtimes").out)["runtimes"] if one["root"] == USER.root]
        self.assertEqual([(one["kind"], one["driver"], one["found_by"], one["images"], one["containers"]) for one in rows],
                         [("podman", "overlay", "rootless: rootless", 1, 4)])

    def test_containers_and_their_states(self):
        done = run("list", "containers")
        self.assertEqual({one["names"][0]: one["state"] for one in of_user(done.json["targets"])},
                         {"running": "running", "other-user": "running", "kept-id": "running", "created": "created"})
        # Where the kernel maps no ids for it, podman copies the image for --userns keep-id, into two folders.
        gaps = [(gap["kind"], gap["message"]) for gap in done.json["gaps"] if USER.home in gap.get("path", "")]
        self.assertEqual(gaps, [("unsupported", "has 'diff1': its files are not in one folder")])

    def shown(self, name):
        done = run("--store", "containers-storage=%s,%s/containers" % (USER.root, USER.run), "--no-discover", "show", "container", name)
        self.assertEqual(done.code, 0, done)
        return done.json["objects"][0]

    def test_its_users_are_the_kernels(self):
        for name in ("running", "other-user", "kept-id"):
            with self.subTest(name):
                one = self.shown(name)
                self.assertEqual(one["run"]["liveness"], "verified")
                with open("/proc/%d/status" % one["run"]["pid"]) as status:
                    uid = next(int(line.split()[1]) for line in status if line.startswith("Uid:"))
                privileges = one["privileges"]
                self.assertEqual(privileges["host_uid"], uid)
                with open("/proc/%d/uid_map" % one["run"]["pid"]) as mapped:
                    theirs = [tuple(map(int, line.split())) for line in mapped]
                self.assertEqual([(part["container_id"], part["host_id"], part["size"]) for part in privileges["uid_mappings"]], theirs)
                share = {part["type"]: part["sharing"] for part in privileges["namespaces"]}
                self.assertEqual(share["user"], "private")

    def test_the_merged_view_is_that_podmans(self):
        theirs = USER.podman("unshare", "sh", "-c", 'cd "$(podman --storage-driver overlay mount running)" && find . -mindepth 1 -printf "%P\\n"').stdout
        done = meridian.run("--host-root", "/", "--store", "containers-storage=" + USER.root, "--no-discover", "fs", "find", "running", "-0",
                            prefix=USER.inside)
        self.assertEqual(done.code, 0, done)
        ours = sorted(word.strip("/") for word in done.out.split("\0") if word.strip("/"))
        self.assertEqual(ours, sorted(theirs.split("\n")[:-1]))
        self.assertIn("d/new", ours)
        self.assertNotIn("etc/here", ours)
        # As on disk: what the container calls 7:8.
        listed = meridian.run("--host-root", "/", "--store", "containers-storage=" + USER.root, "--no-discover", "fs", "stat", "running",
                              "etc/written", prefix=USER.inside)
        self.assertIn(str(FIRST_UID + 6), listed.out)
        self.assertIn(str(FIRST_GID + 7), listed.out)

    def test_findings_and_layers_that_nobody_changed(self):
        folders = [meridian.SECRETS, os.path.join(os.path.dirname(meridian.BUNDLES), "bundles-on-request/layer_integrity")]
        plugins = [word for folder in folders for word in ("--plugin-dir", folder)]
        done = run("--store", "containers-storage=%s,%s/containers" % (USER.root, USER.run), "--no-discover", "scan", *plugins,
                   "localhost/demo:1", "running", "other-user", "created")
        self.assertEqual(done.code, 0, done)
        self.assertEqual(done.json["gaps"], [])
        self.assertEqual({one["rule"] for one in done.json["findings"]}, {RULE})
        written = [one for one in done.json["findings"] if one["location"].get("path") == "etc/written"]
        self.assertEqual(len(written), 1)


if __name__ == "__main__":
    reason = engines.why_not() or (None if shutil.which("newuidmap") else "newuidmap is not installed (apt-get install uidmap)")
    if reason:
        meridian.skip(reason)
    if engines.ROOT:
        meridian.skip("rootless podman is refused in another Debian's root")
    unittest.main()
