# SPDX-License-Identifier: Apache-2.0
#
# container.py: the image of this build, made as host/deploy/image makes it, and what `meridian deploy` writes,
# run by a real engine.

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import meridian_cli as meridian
from apt_mirror import mirror

sys.path.insert(0, os.path.join(meridian.SOURCE, "tests/integration/docker"))
from engine import Engine  # noqa: E402

IMAGE_FOLDER = Path(meridian.SOURCE) / "host/deploy/image"
BUILD = Path(meridian.BINARY).parent.parent


def packages(*lists):
    words = []
    for name in lists:
        for line in (IMAGE_FOLDER / ("packages." + name)).read_text().splitlines():
            words += line.split("#")[0].split()
    return words


def make_base(engine, name, *lists):
    """A Debian of the packages that these lists name, as an image of one layer: `FROM` needs no network then."""
    kept = os.environ.get("MERIDIAN_TEST_BASE")  # a root of debootstrap made earlier, to run this again by hand
    root = kept or os.path.join(engine.home, "base")
    done = subprocess.CompletedProcess((), 0) if kept else subprocess.run(["debootstrap", "--variant=minbase", "--include=" + ",".join(packages(*lists)), "bookworm",
                           root, mirror()], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=800)
    if done.returncode != 0:
        raise RuntimeError("debootstrap: " + done.stdout[-2000:] + done.stderr[-2000:])
    context = os.path.join(engine.home, "context")
    os.mkdir(context)
    subprocess.run(["tar", "-C", root, "--numeric-owner", "--sort=name", "--mtime=@0", "--exclude=./var/cache/apt/*",
                    "--exclude=./proc/*", "--exclude=./sys/*", "-cf", context + "/rootfs.tar", "."], check=True)
    with open(context + "/Dockerfile", "w") as out:
        out.write("FROM scratch\nADD rootfs.tar /\n")
    run([*DOCKER, "build", "-q", "-t", name, context], engine)
    shutil.rmtree(context)
    if not kept:
        shutil.rmtree(root)


DOCKER = ["docker"]


def environment(engine, **extra):
    return {"PATH": os.environ["PATH"], "HOME": engine.home, "DOCKER_HOST": engine.socket, "DOCKER_BUILDKIT": "0",
            "LC_ALL": "C.UTF-8", **extra}


def run(command, engine, check=True, timeout=300, cwd=None, **extra):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout, cwd=cwd,
                          env=environment(engine, **extra))
    if check and done.returncode != 0:
        raise RuntimeError("%s: status %d\n%s%s" % (command, done.returncode, done.stdout[-2000:], done.stderr[-4000:]))
    return done


def build_image(engine, target, base, tag):
    """What `build` prints."""
    return run([str(IMAGE_FOLDER / "build"), "--target", target, "--base", base, "--tag", tag, str(BUILD)], engine,
               timeout=600).stdout


class DeployEngine(Engine):
    """Its mounts are shared, as systemd makes a machine's, so that containers can have / as a slave."""

    def private_setup(self):
        return super().private_setup() + "mount --make-rshared /; "


def deploy(what, *options):
    done = meridian.run("deploy", what, "--plugin-dir", meridian.BUNDLES, *options)
    if done.code != 0:
        raise AssertionError(str(done))
    return done.out


def from_image(text):
    """What deploy writes of bundles in a folder, for the same bundles in the image."""
    text = re.sub(r"(?m)^# plugins-1: (?:.*\n)*?set -- .*\n\n", "", text)
    return text.replace(" --plugin-dir /plugins/1", "")


def without(script, name):
    """The script less one of its lines."""
    less, times = re.subn(r"(?m)^# %s: (?:.*\n)*?set -- .*\n\n" % re.escape(name), "", script)
    assert times == 1, name
    return less


def names_of(script):
    """Of all lines that grant or take something."""
    return re.findall(r"(?m)^# ([A-Za-z0-9_-]+): (?:.*\n(?:# .*\n)*?)set -- ", script)


class Script:
    """A script of `deploy docker` in a folder, run against an engine."""

    def __init__(self, engine, text, folder):
        self.engine, self.path = engine, os.path.join(folder, "scan.sh")
        with open(self.path, "w") as out:
            out.write(text)

    def run(self, *words, check=False, **extra):
        return run(["sh", self.path, *words], self.engine, check=check, **extra)
