# SPDX-License-Identifier: Apache-2.0
#
# containerd_engine.py: a containerd of our own, for tests: own root, state, socket, mount namespace.
#
# It needs no network and touches no other engine. What it started ends with close(), by pid.

import json
import os
import shlex
import shutil
import signal
import subprocess
import tempfile
import time

ROOT = os.environ.get("MERIDIAN_CONTAINERD_ROOT", "")  # of another Debian, whose containerd runs: tests/full
READY_SECONDS = 30
STOP_SECONDS = 20
COMMAND_SECONDS = 60
CONFIG = """version = 2
root = "{home}/root"
state = "{home}/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "{home}/socket"
"""


class Unavailable(Exception):
    """This machine cannot run a containerd; says why."""


def why_not():
    if os.geteuid() != 0:
        return "containerd needs root"
    missing = [name for name in ("containerd", "ctr", "runc", "busybox") if not shutil.which(name)]
    return "not installed: " + ", ".join(missing) if missing else None


class Containerd:
    def __init__(self, config=CONFIG):
        self.config = config
        # Not below $TMPDIR: overlay's upper directory needs a real file system, and a socket's path
        # has at most 107 bytes.
        self.home = tempfile.mkdtemp(prefix="meridian-containerd-", dir="/var/tmp")
        self.root, self.state = self.home + "/root", self.home + "/state"
        self.process = None

    def start(self):
        reason = why_not()
        if reason:
            raise Unavailable(reason)
        config = self.home + "/config.toml"
        with open(config, "w") as out:
            out.write(self.config.format(home=self.home))
        with open(self.home + "/log", "a") as log:
            self.process = subprocess.Popen(
                ["unshare", "--mount", "--propagation", "private", *self.inside(), "containerd", "--config", config],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        deadline = time.monotonic() + READY_SECONDS
        while self.ctr("version", check=False).returncode != 0:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("containerd is not ready:\n" + self.tail())
            time.sleep(0.1)

    def inside(self):
        """Words that go into another Debian's root, with its own /run and our folder at its own place."""
        if not ROOT:
            return []
        mounts = ["mount --bind {0} {0}"] + ["mount --rbind /%s {0}/%s" % (name, name) for name in ("proc", "sys", "dev")]
        mounts += ["mkdir -p {0}{1}", "mount --bind {1} {0}{1}", "mount -t tmpfs tmpfs {0}/run",
                   "touch {0}/etc/hosts {0}/etc/resolv.conf", 'exec chroot {0} "$@"']
        return ["sh", "-ec", "; ".join(mounts).format(shlex.quote(ROOT), shlex.quote(self.home)), "sh"]

    def tail(self):
        with open(self.home + "/log", errors="replace") as log:
            return "".join(log.readlines()[-30:])

    def ctr(self, *args, space="default", check=True):
        done = subprocess.run(["ctr", "--address", self.home + "/socket", "--namespace", space, *args],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=COMMAND_SECONDS)
        if check and done.returncode != 0:
            raise RuntimeError("ctr %s: %s\n%s" % (" ".join(args), done.stderr, self.tail()))
        return done

    def lines(self, *args, space="default"):
        return sorted(self.ctr(*args, space=space).stdout.split())

    def info(self, container, space="default"):
        return json.loads(self.ctr("containers", "info", container, space=space).stdout)

    def mounted_root(self, container, space="default"):
        """The root file system of a running container, as its kernel mount shows it."""
        return "/proc/%d/root%s/io.containerd.runtime.v2.task/%s/%s/rootfs" % (
            self.process.pid, self.state, space, container)

    def close(self):
        try:
            if self.process is not None and self.process.poll() is None:
                self.remove_containers()
                self.process.send_signal(signal.SIGTERM)
                try:
                    self.process.wait(STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    self.process.kill()
                    self.process.wait()
        finally:
            shutil.rmtree(self.home, ignore_errors=True)

    def remove_containers(self):
        for space in self.ctr("namespaces", "ls", "-q", check=False).stdout.split():
            for task in self.ctr("tasks", "ls", "-q", space=space, check=False).stdout.split():
                self.ctr("tasks", "rm", "-f", task, space=space, check=False)
            for one in self.ctr("containers", "ls", "-q", space=space, check=False).stdout.split():
                self.ctr("containers", "rm", one, space=space, check=False)
