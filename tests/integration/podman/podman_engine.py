# SPDX-License-Identifier: Apache-2.0
#
# podman_engine.py: a podman of our own, for tests: own root, run root, temporary folder. It has no daemon; what it ran ends
# with close(), by its own words.

import json
import os
import shlex
import shutil
import subprocess
import tempfile
import time

COMMAND_SECONDS = 120
# What podman sets by itself would need CAP_SYS_RESOURCE, which not every machine gives.
CONF = '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n[engine]\nruntime = "runc"\n'
ROOT = os.environ.get("MERIDIAN_PODMAN_ROOT", "")  # of another Debian, whose podman runs: tests/full


def why_not():
    if os.geteuid() != 0:
        return "podman is run as root here"
    missing = [name for name in ("podman", "buildah", "runc", "busybox") if not shutil.which(name)]
    return "not installed: " + ", ".join(missing) if missing else None


class Podman:
    def __init__(self, driver="overlay", additional=()):
        self.home = tempfile.mkdtemp(prefix="meridian-podman-", dir="/var/tmp")
        self.root, self.run_root = self.home + "/root", self.home + "/run"
        self.driver, self.additional, self.holder = driver, list(additional), None
        with open(self.home + "/containers.conf", "w") as out:
            out.write(CONF)
        with open(self.home + "/storage.conf", "w") as out:
            out.write('[storage]\ndriver = "%s"\ngraphroot = "%s"\nrunroot = "%s"\n[storage.options]\nadditionalimagestores = %s\n' % (
                driver, self.root, self.run_root, json.dumps(self.additional)))

    def inside(self):
        """Words that go into another Debian's root, with a /run that all of this podman's commands share."""
        if not ROOT:
            return []
        if self.holder is None:
            mounts = ["mount --bind {0} {0}"] + ["mount --rbind /%s {0}/%s" % (name, name) for name in ("proc", "sys", "dev")]
            mounts += ["mkdir -p {0}/var/tmp", "mount --bind /var/tmp {0}/var/tmp", "mount -t tmpfs tmpfs {0}/run", "echo", "exec sleep 6000"]
            self.holder = subprocess.Popen(
                ["unshare", "--mount", "--propagation", "private", "sh", "-ec",
                 "; ".join(mounts).format(shlex.quote(ROOT))], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
            self.holder.stdout.readline()
        return ["nsenter", "--target", str(self.holder.pid), "--mount", "chroot", ROOT]

    def environment(self):
        return {"PATH": os.environ["PATH"], "HOME": self.home, "LC_ALL": "C.UTF-8", "CONTAINERS_CONF": self.home + "/containers.conf",
                "CONTAINERS_STORAGE_CONF": self.home + "/storage.conf"}

    def call(self, *words, check=True):
        done = subprocess.run([*self.inside(), *words], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=COMMAND_SECONDS, env=self.environment())
        if check and done.returncode != 0:
            raise RuntimeError("%s: %s%s" % (" ".join(words), done.stdout, done.stderr))
        return done

    def podman(self, *words, check=True):
        # Named on the command line, the root makes it forget the additional stores of its configuration.
        place = [] if self.additional else ["--root", self.root, "--runroot", self.run_root, "--storage-driver", self.driver]
        return self.call("podman", *place, "--tmpdir", self.home + "/tmp", "--cgroup-manager", "cgroupfs", "--events-backend",
                         "file", *words, check=check)

    def buildah(self, *words):
        return self.call("buildah", "--root", self.root, "--runroot", self.run_root, "--storage-driver", self.driver, *words)

    def json(self, *words):
        return json.loads(self.podman(*words).stdout or "[]")

    def close(self):
        try:
            self.podman("rm", "--all", "--force", "--time", "0", check=False)
            self.podman("pod", "rm", "--all", "--force", check=False)
        finally:
            if self.holder is not None:
                self.holder.kill()
                self.holder.communicate()
            remove_folder(self.home)


def remove_folder(home):
    """With what is mounted in it: what cleans up behind a container that ended may still be at work, and mount once more."""
    for _ in range(50):
        with open("/proc/self/mounts") as mounts:
            ours = [line.split()[1] for line in mounts if line.split()[1].startswith(home + "/")]
        for place in reversed(ours):
            subprocess.run(["umount", "-l", place], check=False)
        shutil.rmtree(home, ignore_errors=True)
        if not os.path.exists(home):
            break
        time.sleep(0.1)
