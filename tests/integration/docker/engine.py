# SPDX-License-Identifier: Apache-2.0
#
# engine.py: a Docker daemon of our own, for tests: own data root, socket, pid file, mount namespace.
#
# It touches no other engine: the mounts of its containers stay in a private mount namespace, where
# /run/containerd is hidden too, so that it starts a containerd of its own instead of using the
# machine's. It needs no network. What it started ends with the `with` block, by pid.
"""with Engine() as engine: engine.build("demo:1", {"Dockerfile": "FROM scratch..."})"""

import glob
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

READY_SECONDS = 30
STOP_SECONDS = 20
COMMAND_SECONDS = 60
CGROUP_PARENT = "/meridian-test"  # for --cgroup-parent: runc makes it and leaves it


class Unavailable(Exception):
    """This machine cannot run a daemon; says why."""


def why_not():
    """The reason that no daemon can run here, or None."""
    if os.geteuid() != 0:
        return "dockerd needs root"
    missing = [name for name in ("dockerd", "docker", "unshare", "busybox") if not shutil.which(name)]
    if missing:
        return "not installed: %s (cmake/bootstrap test installs them)" % ", ".join(missing)
    return None


def end(process):
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def remove_cgroup_parent():
    """In each hierarchy of version 1, and in that of version 2."""
    for folder in glob.glob("/sys/fs/cgroup" + CGROUP_PARENT) + glob.glob("/sys/fs/cgroup/*" + CGROUP_PARENT):
        try:
            os.rmdir(folder)
        except OSError:
            pass  # another engine has containers in it, and removes it


class Engine:
    """`host` is an empty directory that plays the machine's root; the data root lies inside it at
    `data`, an absolute path of that machine, from the start."""

    def __init__(self, driver="overlay2", data="/srv/docker-data", options=(), config=None):
        self.driver = driver  # None: the daemon's own choice
        self.config = config or {}  # daemon.json
        self.options = list(options)
        # Not below $TMPDIR: overlay's upper directory needs a real file system, and a socket's path
        # has at most 107 bytes.
        self.home = tempfile.mkdtemp(prefix="meridian-docker-", dir="/var/tmp")
        self.host = os.path.join(self.home, "host")
        self.data = data
        self.data_root = self.host + data
        self.socket = "unix://" + os.path.join(self.home, "docker.sock")
        self.log = os.path.join(self.home, "dockerd.log")
        self.pid_file = os.path.join(self.home, "docker.pid")
        self.process = None

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def start(self):
        reason = why_not()
        if reason:
            raise Unavailable(reason)
        os.makedirs(self.data_root)
        config = os.path.join(self.home, "daemon.json")
        with open(config, "w") as out:
            json.dump(self.config, out)
        command = ["dockerd", "--data-root", self.data_root, "--exec-root",
                   os.path.join(self.home, "exec"), "-H", self.socket, "--pidfile", self.pid_file,
                   "--bridge=none", "--iptables=false", "--ip6tables=false", "--config-file", config]
        if self.driver:
            command += ["--storage-driver", self.driver]
        command += self.options
        self.process = self.spawn(self.private() + command)
        deadline = time.monotonic() + READY_SECONDS
        while True:
            if self.process.poll() is not None:
                raise RuntimeError("dockerd ended with %d:\n%s" % (self.process.returncode, self.tail()))
            if self.docker("version", check=False).returncode == 0:
                return
            if time.monotonic() > deadline:
                raise RuntimeError("dockerd not ready in %d s:\n%s" % (READY_SECONDS, self.tail()))
            time.sleep(0.1)

    def spawn(self, command):
        with open(self.log, "a") as log:
            # A session of its own, so that a Ctrl-C for the tests reaches it through close() only.
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                    start_new_session=True)

    def private(self):
        """What stands before the daemon's command: a mount namespace of its own."""
        return ["unshare", "--mount", "--propagation", "private", "sh", "-c",
                self.private_setup() + 'exec "$@"', "sh"]

    def private_setup(self):
        """What is mounted before the daemon starts, as shell."""
        return "if [ -d /run/containerd ]; then mount -t tmpfs tmpfs /run/containerd; fi; "

    def close(self):
        try:
            self.stop()
        finally:
            shutil.rmtree(self.home, ignore_errors=True)

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            try:
                self.remove_containers()
            finally:
                end(self.process)
                remove_cgroup_parent()

    def remove_containers(self):
        ids = self.docker("ps", "-aq", check=False).stdout.split()
        # A few at a time: a hundred running ones take a loaded machine of two cores more than COMMAND_SECONDS.
        for at in range(0, len(ids), 10):
            self.docker("rm", "-f", "-v", *ids[at:at + 10], check=False)

    def tail(self):
        with open(self.log, errors="replace") as log:
            return "".join(log.readlines()[-30:])

    def docker(self, *args, input=None, check=True):
        """Runs the client against this daemon. Text in, text out; the result of subprocess.run."""
        environment = {"PATH": os.environ["PATH"], "HOME": self.home, "DOCKER_HOST": self.socket,
                       "DOCKER_BUILDKIT": "0", "LC_ALL": "C"}
        done = subprocess.run(["docker", *args], input="" if input is None else input, text=True,
                              capture_output=True, timeout=COMMAND_SECONDS, env=environment)
        if check and done.returncode != 0:
            raise RuntimeError("docker %s: %s\n%s" % (" ".join(args), done.stderr, self.tail()))
        return done

    def build(self, name, files):
        """Builds an image from `files`: path -> text or bytes; "Dockerfile" is one of them."""
        context = tempfile.mkdtemp(dir=self.home)
        try:
            for path, content in files.items():
                place = os.path.join(context, path)
                os.makedirs(os.path.dirname(place), exist_ok=True)
                with open(place, "wb") as out:
                    out.write(content if isinstance(content, bytes) else content.encode())
                os.chmod(place, 0o755 if content[:4] == b"\x7fELF" else 0o644)
            self.docker("build", "-q", "-t", name, context)
        finally:
            shutil.rmtree(context)

    def inspect(self, name):
        return json.loads(self.docker("inspect", name).stdout)[0]

    def layer_directories(self, image):
        """The `diff` directories of an image's layers, bottom first, as the engine itself says."""
        graph = self.inspect(image)["GraphDriver"]["Data"]
        lower = graph.get("LowerDir", "")
        return [path for path in reversed(lower.split(":")) if path] + [graph["UpperDir"]]
