# SPDX-License-Identifier: Apache-2.0
#
# cgroup.py: a command in a cgroup with little memory or few processes, whichever version of cgroups is
# there. What ends in it without being killed, or without having reached the limit, has kept to it: the
# kernel says so, not the program.

import os
import signal
import subprocess
import tempfile

# meridian_cli is imported where it is used: tests/bench has no environment for it.

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


def _mounted(controller):
    """(folder, is it version 2) of a hierarchy with the controller, or None."""
    for line in _read("/proc/self/mountinfo").splitlines():
        left, right = line.split(" - ")
        place, kind, options = left.split()[4], right.split()[0], right.split()[2].split(",")
        if kind == "cgroup" and controller in options:
            return place, False
        if kind == "cgroup2" and controller in _read(place, "cgroup.controllers").split():
            return place, True
    return None


def _mount(controller):
    """Mounts one in a folder of its own, which stays until the machine ends: others may be in it."""
    place = os.path.join(tempfile.gettempdir(), "meridian-cgroup")
    os.makedirs(place, exist_ok=True)
    for kind, options in (("cgroup2", []), ("cgroup", ["-o", controller])):
        done = subprocess.run(["mount", "-t", kind, *options, "none", place], capture_output=True)
        if done.returncode != 0:
            continue
        found = _mounted(controller)
        if found:
            return found
        subprocess.run(["umount", place], check=True)
    raise Unavailable("no %s controller is mounted, and none can be" % controller)


class _Cgroup:
    """A group of its own below the hierarchy's root. Use as a context."""

    controller = None

    def __init__(self, limit):
        if os.geteuid() != 0:
            raise Unavailable("needs root")
        root, self.version_2 = _mounted(self.controller) or _mount(self.controller)
        self.limit = limit
        self.place = os.path.join(root, "meridian-test-%d" % os.getpid())
        if self.version_2 and self.controller not in _read(root, "cgroup.subtree_control").split():
            _write("+" + self.controller, root, "cgroup.subtree_control")
        try:
            os.mkdir(self.place)
        except OSError as error:
            raise Unavailable("%s: %s" % (self.place, error.strerror)) from error
        self.set_limit()

    def set_limit(self):
        raise NotImplementedError

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.rmdir(self.place)

    def prefix(self):
        """What stands before a command that is to run in it."""
        return ("/bin/sh", "-c", 'echo $$ > "$0" && exec "$@"', os.path.join(self.place, "cgroup.procs"))


class PidsCgroup(_Cgroup):
    """At most `limit` processes and threads."""

    controller = "pids"

    def set_limit(self):
        _write(str(self.limit), self.place, "pids.max")

    def times_reached(self):
        return int(_read(self.place, "pids.events").split()[1])


class MemoryCgroup(_Cgroup):
    """At most `limit` bytes."""

    controller = "memory"

    def set_limit(self):
        limit = self.limit
        # Swapping would hide what is claimed; a kernel without swap accounting has no second file.
        limits = (("memory.max", limit), ("memory.swap.max", 0)) if self.version_2 else (
            ("memory.limit_in_bytes", limit), ("memory.memsw.limit_in_bytes", limit))
        _write(str(limits[0][1]), self.place, limits[0][0])
        if os.path.exists(os.path.join(self.place, limits[1][0])):
            _write(str(limits[1][1]), self.place, limits[1][0])

    def _run(self, call, args, how):
        done = call(*args, prefix=self.prefix(), **how)
        if done.code in (-signal.SIGKILL, 128 + signal.SIGKILL):
            raise AssertionError("killed at %d MiB: %s" % (self.limit // MIB, done))
        return done

    def run(self, *args, **how):
        """As meridian.run; an AssertionError if it was killed for its memory."""
        import meridian_cli as meridian
        return self._run(meridian.run, args, how)

    def scan(self, *args, **how):
        """As meridian.scan."""
        import meridian_cli as meridian
        return self._run(meridian.scan, args, how)


def limited(case, limit=256 * MIB, kind=MemoryCgroup):
    """A group that ends with the test; skips it where there can be none, which in CI is a failure."""
    try:
        group = kind(limit)
    except Unavailable as reason:
        if os.environ.get("CI") == "true":
            raise
        case.skipTest("no %s cgroup: %s" % (kind.controller, reason))
    case.enterContext(group)
    return group


def measured(*args):
    """(Done, bytes of the largest resident set) of `meridian ARGS`; standard output is only counted."""
    import meridian_cli as meridian
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
