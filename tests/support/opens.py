# SPDX-License-Identifier: Apache-2.0
#
# opens.py: what a program opened, counted from outside by strace.

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
    done, calls = every(command, environment)
    return done, collections.Counter(
        path[len(below) + 1:] for path, how in calls
        if path.startswith(below + "/") and not how & {"O_PATH", "O_DIRECTORY"} and not os.path.isdir(path))


def every(command, environment):
    """Runs `command`; (its result, [(path that was opened, its flags)]), O_PATH and folders among them."""
    with tempfile.TemporaryDirectory(prefix="meridian-strace-") as folder:
        log = os.path.join(folder, "log")
        done = subprocess.run(
            ["strace", "-f", "-y", "-qq", "-s", "4096", "--seccomp-bpf", "-e",
             "trace=open,openat,openat2,open_by_handle_at", "-e", "signal=none", "-o", log, *command],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=120, env=environment)
        with open(log, errors="surrogateescape") as lines:
            return done, list(parse(whole_lines(lines)))


def whole_lines(lines):
    """The calls of a log of strace -f, each as one line without its process."""
    return (call for _, call in whole_calls(lines))


def whole_calls(lines):
    """(process, call) of a log of strace -f, those together again that another process's lines cut in two."""
    halves = {}
    for line in lines:
        pid, _, line = line.strip().partition(" ")
        if line.endswith("<unfinished ...>"):
            halves[pid] = line[:-len("<unfinished ...>")].rstrip()
            continue
        if "resumed>" in line:
            line = halves.pop(pid, "") + line.split("resumed>", 1)[1]
        yield pid, line


def parse(lines):
    """(path that was opened, its flags) of each call in whole lines."""
    for line in lines:
        if HANDLE.search(line):
            raise AssertionError("a file was opened by its handle: " + line)
        call = CALL.search(line)
        if call is not None:
            yield call[2], set(re.findall(r"\bO_\w+", call[1]))
