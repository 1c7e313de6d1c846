# SPDX-License-Identifier: Apache-2.0
#
# opens.py: which regular files a program opened for reading, counted from outside by strace.

import collections
import os
import re
import subprocess
import tempfile

# 123 openat(5</a/b>, "c", O_RDONLY|O_CLOEXEC) = 6</a/b/c>; -y prints the path that was opened.
CALL = re.compile(r"\b(?:open|openat|openat2)\((.*)\)\s+= \d+<(.*?)>(?:\(deleted\))?$")
HANDLE = re.compile(r"\bopen_by_handle_at\(.*\)\s+= \d+<")


def count(command, below, environment):
    """Runs `command`; (its result, {path below `below`: times opened}). O_PATH and folders not counted."""
    with tempfile.TemporaryDirectory(prefix="meridian-strace-") as folder:
        log = os.path.join(folder, "log")
        done = subprocess.run(
            ["strace", "-f", "-y", "-qq", "-s", "4096", "--seccomp-bpf", "-e",
             "trace=open,openat,openat2,open_by_handle_at", "-e", "signal=none", "-o", log, *command],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=120, env=environment)
        with open(log, errors="surrogateescape") as lines:
            return done, parse(lines, below)


def parse(lines, below):
    opened, halves = collections.Counter(), {}
    for line in lines:
        pid, _, line = line.strip().partition(" ")
        if line.endswith("<unfinished ...>"):
            halves[pid] = line[:-len("<unfinished ...>")].rstrip()
            continue
        if "resumed>" in line:
            line = halves.pop(pid, "") + line.split("resumed>", 1)[1]
        if HANDLE.search(line):
            raise AssertionError("a file was opened by its handle: " + line)
        call = CALL.search(line)
        if call is None or "O_PATH" in call[1] or "O_DIRECTORY" in call[1]:
            continue
        path = call[2]
        if path.startswith(below + "/") and not os.path.isdir(path):
            opened[path[len(below) + 1:]] += 1
    return opened
