# SPDX-License-Identifier: Apache-2.0
#
# measure.py: what a command costs, with every process that it starts; and several in turn.

import collections
import ctypes
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from opens import parse, whole_lines  # noqa: E402

PR_SET_CHILD_SUBREAPER = 36
SLOW_SECONDS = 60  # a reference that takes longer runs once
TICKS = os.sysconf("SC_CLK_TCK")

Cost = collections.namedtuple("Cost", "wall user system others out code")


def adopt_orphans():
    """What a command leaves behind becomes our child, so that its processor time is counted too."""
    if ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError("prctl(PR_SET_CHILD_SUBREAPER)")


def machine_seconds():
    """Processor seconds that this machine has worked."""
    with open("/proc/stat", encoding="ascii") as lines:
        user, nice, system, _, _, irq, softirq, *_ = map(int, lines.readline().split()[1:])
    return (user + nice + system + irq + softirq) / TICKS


def reap():
    try:
        while True:
            os.wait()
    except ChildProcessError:
        return


def run(command, env=None, good=(0,)):
    """Runs it to its end. `others`: processors that were busy with something else meanwhile."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    machine, start = machine_seconds(), time.monotonic()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=out,
                                   stderr=err, env=env)
        code = process.wait()
        wall = time.monotonic() - start
        reap()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        user, system = after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime
        others = max(0.0, machine_seconds() - machine - user - system) / wall
        out.seek(0)
        err.seek(0)
        if code not in good:
            raise RuntimeError("%s ended with %d: %s" % (" ".join(map(str, command)), code, err.read()[-2000:]))
        return Cost(wall, user, system, others, out.read(), code)


def in_turn(commands, rounds, env=None, good=(0,)):
    """A B A B ...: {name: [Cost, ...]}. One round before warms the caches and is not counted, but for
    one that takes longer than SLOW_SECONDS: it runs once."""
    costs = {name: [] for name in commands}
    slow = set()
    for turn in range(rounds + 1):
        for name, command in commands.items():
            if name in slow:
                continue
            cost = run(command, env, good)
            if cost.wall > SLOW_SECONDS:
                slow.add(name)
            if turn > 0 or name in slow:
                costs[name].append(cost)
    return costs


def median(costs, what):
    return statistics.median(what(cost) for cost in costs)


def wall(costs):
    return median(costs, lambda cost: cost.wall)


def cpu(costs):
    return median(costs, lambda cost: cost.user + cost.system)


# --- memory and processes of a tree ---

def tree_of(root):
    """Process ids of `root` and all below it."""
    parents = collections.defaultdict(list)
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open("/proc/%s/stat" % name, encoding="utf-8", errors="replace") as text:
                parents[int(text.read().rpartition(")")[2].split()[1])].append(int(name))
        except OSError:
            continue  # it has ended
    found, left = [], [root]
    while left:
        found.append(left.pop())
        left += parents[found[-1]]
    return found


def pss(pid):
    """Proportional set size in bytes; 0 if it has ended."""
    try:
        with open("/proc/%d/smaps_rollup" % pid, encoding="ascii") as lines:
            for line in lines:
                if line.startswith("Pss:"):
                    return int(line.split()[1]) << 10
    except OSError:
        pass
    return 0


def peak(command, env=None, interval=0.03):
    """(most bytes of the tree at one time, most processes of it at one time, output)."""
    most = processes = 0
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=out,
                                   stderr=subprocess.DEVNULL, env=env)
        while process.poll() is None:
            tree = tree_of(process.pid)
            most = max(most, sum(map(pss, tree)))
            processes = max(processes, len(tree))
            time.sleep(interval)
        out.seek(0)
        return most, processes, out.read()


# --- what was opened and read, seen from outside ---

READ = re.compile(r"\b(?:read|pread64)\(\d+<(.*?)>(?:\(deleted\))?,.*\)\s+= (\d+)$")


def opened_and_read(command, below, env=None):
    """(opens, different files opened, bytes read, bytes that those files have), below the folder `below`."""
    opened, got, sizes = collections.Counter(), 0, {}
    with tempfile.TemporaryDirectory(prefix="meridian-bench-") as folder:
        log = os.path.join(folder, "log")
        subprocess.run(["strace", "-f", "-y", "-qq", "-s", "0", "--seccomp-bpf", "-e",
                        "trace=open,openat,openat2,open_by_handle_at,read,pread64", "-e", "signal=none", "-o", log,
                        *map(str, command)], stdin=subprocess.DEVNULL, capture_output=True, env=env, check=True)
        with open(log, encoding="utf-8", errors="surrogateescape") as lines:
            everything = list(whole_lines(lines))
    for path, how in parse(everything):
        if path.startswith(below + "/") and not how & {"O_PATH", "O_DIRECTORY"} and os.path.isfile(path):
            opened[path] += 1
            sizes[path] = os.path.getsize(path)
    for line in everything:
        read = READ.search(line)
        if read is not None and read[1] in sizes:
            got += int(read[2])
    return sum(opened.values()), len(opened), got, sum(sizes.values())
