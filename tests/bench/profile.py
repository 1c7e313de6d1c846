#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# profile.py: where the processor time of a scan goes, by process and by system call or function.
"""profile.py COMMAND...: runs it below `perf record`, prints shares of its processor time. Needs perf and root."""

import collections
import os
import re
import subprocess
import sys
import tempfile

FREQUENCY = 1999
SHOWN = 0.004  # of all samples; less is in "rest"

# perf script: a line per sample (command, pid, tid), then its stack from the leaf outwards, then an empty line.
HEAD = re.compile(r"^(\S.*?)\s+(\d+)/(\d+)\s")
FRAME = re.compile(r"^\s+[0-9a-f]+ (.*) \((.*)\)$")


def samples(lines):
    """(command, pid, tid, [(symbol, object), ...]) of each sample."""
    head, stack = None, []
    for line in lines:
        frame = FRAME.match(line)
        if frame is not None:
            stack.append((re.sub(r"\+0x[0-9a-f]+$", "", frame[1]), frame[2]))
        elif HEAD.match(line):
            found = HEAD.match(line)
            head = (found[1], int(found[2]), int(found[3]))
        elif not line.strip() and head is not None:
            yield (*head, stack)
            head, stack = None, []


MEMORY = ("malloc", "free", "unlink_chunk", "operator new", "operator delete", "realloc", "calloc")

# Work of the kernel that is told apart from the system call it is done in.
SIGNS = {"seccomp filters": "seccomp", "Landlock, in openat": "hook_file_open"}


def what(stack):
    """The system call that the sample is in, else the function and its library."""
    symbol, place = stack[0] if stack else ("?", "?")
    if place == "[kernel.kallsyms]" or place.startswith("[guest"):
        names = " ".join(name for name, _ in stack)
        for part, sign in SIGNS.items():
            if sign in names:
                return "kernel", part
        if "page_fault" in names and "__x64_sys_" not in names:
            return "kernel", "page fault"
        for name, _ in stack:
            if name.startswith("__x64_sys_"):
                return "kernel", name[len("__x64_sys_"):]
        return "kernel", "task switch" if "schedule" in names or "switch" in names else "entry and exit"
    name = os.path.basename(place.replace(" (deleted)", "")).replace("exe", "meridian")
    if name.startswith("libhs"):
        return "user", "Hyperscan"
    if any(part in symbol for part in MEMORY):
        return "user", "malloc and free"
    return "user", "%s  %s" % (name, re.sub(r"\(.*", "", symbol.replace("(anonymous namespace)::", ""))[:90])


def main():
    with tempfile.TemporaryDirectory(prefix="meridian-profile-") as folder:
        data = os.path.join(folder, "data")
        subprocess.run(["perf", "record", "-q", "-o", data, "-e", "cpu-clock", "-F", str(FREQUENCY), "-g", "--",
                        *sys.argv[1:]], stdout=subprocess.DEVNULL, check=True)
        script = subprocess.run(["perf", "script", "-i", data, "-F", "comm,pid,tid,time,ip,sym,dso"],
                                capture_output=True, text=True, errors="replace", check=True).stdout
    counts = collections.defaultdict(collections.Counter)
    for command, pid, _, stack in samples(script.splitlines() + [""]):
        counts[(command, pid)][what(stack)] += 1
    everything = sum(sum(counter.values()) for counter in counts.values())
    print("%d samples, %.2f s" % (everything, everything / FREQUENCY))
    for (command, pid), counter in sorted(counts.items(), key=lambda one: -sum(one[1].values())):
        total = sum(counter.values())
        if total < SHOWN * everything:
            continue
        kernel = sum(count for (kind, _), count in counter.items() if kind == "kernel")
        print("\n%s %d: %.2f s, %.0f %% of all; kernel %.2f s" % (
            command, pid, total / FREQUENCY, 100 * total / everything, kernel / FREQUENCY))
        rest = 0
        for (kind, name), count in counter.most_common():
            if count < SHOWN * everything:
                rest += count
                continue
            print("  %6.3f s %5.1f %%  %-6s %s" % (count / FREQUENCY, 100 * count / everything, kind, name))
        print("  %6.3f s %5.1f %%  rest" % (rest / FREQUENCY, 100 * rest / everything))


if __name__ == "__main__":
    main()
