# SPDX-License-Identifier: Apache-2.0
#
# memory_cgroup.py: a command in a cgroup with little memory, whichever version of cgroups is there. What
# ends in it without being killed has kept to the limit: the kernel says so, not the program.

import os
import signal
import subprocess
import tempfile

import meridian_cli as meridian

MIB = 1 << 20


class Unavailable(Exception):
    """Why there is no memory cgroup here."""


def _read(*path):
    with open(os.path.join(*path)) as text:
        return text.read()


def _write(text, *path):
    try:
        with open(os.path.join(*path), "w") as out:
            out.write(text)
    except OSError as error:
        raise Unavailable("%s: %s" % (os.path.join(*path), error.strerror)) from error


def _mounted():
    """(folder, is it version 2) of a hierarchy with the memory controller, or None."""
    for line in _read("/proc/self/mountinfo").splitlines():
        left, right = line.split(" - ")
        place, kind, options = left.split()[4], right.split()[0], right.split()[2].split(",")
        if kind == "cgroup" and "memory" in options:
            return place, False
        if kind == "cgroup2" and "memory" in _read(place, "cgroup.controllers").split():
            return place, True
    return None


def _mount():
    """Mounts one in a folder of its own, which stays until the machine ends: others may be in it."""
    place = os.path.join(tempfile.gettempdir(), "meridian-cgroup")
    os.makedirs(place, exist_ok=True)
    for kind, options in (("cgroup2", []), ("cgroup", ["-o", "memory"])):
        done = subprocess.run(["mount", "-t", kind, *options, "none", place], capture_output=True)
        if done.returncode != 0:
            continue
        found = _mounted()
        if found:
            return found
        subprocess.run(["umount", place], check=True)
    raise Unavailable("no memory controller is mounted, and none can be")


class MemoryCgroup:
    """A group of its own below the hierarchy's root. Use as a context."""

    def __init__(self, limit):
        if os.geteuid() != 0:
            raise Unavailable("needs root")
        root, self.version_2 = _mounted() or _mount()
        self.limit = limit
        self.place = os.path.join(root, "meridian-test-%d" % os.getpid())
        if self.version_2 and "memory" not in _read(root, "cgroup.subtree_control").split():
            _write("+memory", root, "cgroup.subtree_control")
        try:
            os.mkdir(self.place)
        except OSError as error:
            raise Unavailable("%s: %s" % (self.place, error.strerror)) from error
        # Swapping would hide what is claimed; a kernel without swap accounting has no second file.
        limits = (("memory.max", limit), ("memory.swap.max", 0)) if self.version_2 else (
            ("memory.limit_in_bytes", limit), ("memory.memsw.limit_in_bytes", limit))
        _write(str(limits[0][1]), self.place, limits[0][0])
        if os.path.exists(os.path.join(self.place, limits[1][0])):
            _write(str(limits[1][1]), self.place, limits[1][0])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.rmdir(self.place)

    def _run(self, call, args, how):
        enter = 'echo $$ > "$0" && exec "$@"'
        procs = os.path.join(self.place, "cgroup.procs")
        done = call(*args, prefix=("/bin/sh", "-c", enter, procs), **how)
        if done.code in (-signal.SIGKILL, 128 + signal.SIGKILL):
            raise AssertionError("killed at %d MiB: %s" % (self.limit // MIB, done))
        return done

    def run(self, *args, **how):
        """As meridian.run; an AssertionError if it was killed for its memory."""
        return self._run(meridian.run, args, how)

    def scan(self, *args, **how):
        """As meridian.scan."""
        return self._run(meridian.scan, args, how)


def limited(case, limit=256 * MIB):
    """A group that ends with the test; skips it where there can be none, which in CI is a failure."""
    try:
        group = MemoryCgroup(limit)
    except Unavailable as reason:
        if os.environ.get("CI") == "true":
            raise
        case.skipTest("no memory cgroup: %s" % reason)
    case.enterContext(group)
    return group


def measured(*args):
    """(Done, bytes of the largest resident set) of `meridian ARGS`; standard output is only counted."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = subprocess.Popen([meridian.BINARY, *map(str, args)], stdin=subprocess.DEVNULL, stdout=out,
                                 stderr=err, env=meridian.environment())
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        lines = sum(1 for _ in out)
        done = meridian.Done([str(arg) for arg in args], child.returncode, "",
                             err.read().decode("utf-8", "surrogateescape"))
        return done, lines, usage.ru_maxrss * 1024
