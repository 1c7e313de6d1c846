#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What plugin vulnerabilities costs with a database of a million rows, and what the import costs.

    vulnerabilities.py [BINARY BUNDLES]     default: build/release of this source

Makes a Debian tracker of 40,000 source packages with 25 issues each, imports it, and scans an image of
500 of those packages in turns: `packages` alone, and `packages` with `vulnerabilities`. Prints the medians.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests/support"))
import image_archive  # noqa: E402

SOURCES, ISSUES, INSTALLED, ROUNDS = 40_000, 25, 500, 7


def tracker(path):
    with open(path, "w") as out:
        out.write("{")
        for number in range(SOURCES):
            issues = {}
            for issue in range(ISSUES):
                # One in five hits version 1.50-1.
                fixed = "1.%d-1" % (issue * 2 if issue % 5 else 60)
                issues["CVE-%d-%d" % (2000 + issue, 10000 + number)] = {
                    "description": "A fault of package %d, the %dth." % (number, issue), "scope": "remote",
                    "releases": {"bookworm": {"status": "resolved", "fixed_version": fixed,
                                              "repositories": {"bookworm": fixed}, "urgency": "medium"}}}
            out.write("%s%s: %s" % (", " if number else "", json.dumps("package-%d" % number), json.dumps(issues)))
        out.write("}")


def image(path):
    status = "".join("Package: package-%d\nStatus: install ok installed\nVersion: 1.50-1\nArchitecture: amd64\n\n"
                     % (number * (SOURCES // INSTALLED)) for number in range(INSTALLED))
    layer = image_archive.Layer().file("etc/os-release", "ID=debian\nVERSION_ID=12\n")
    image_archive.write(path, [image_archive.Image("bench:1", [layer.file("var/lib/dpkg/status", status)])])


def main():
    binary, bundles = sys.argv[1:] or (SOURCE / "build/release/bin/meridian", SOURCE / "build/release/bundles")
    environment = {**os.environ, "MERIDIAN_STATE": "none", "MERIDIAN_CACHE": "none", "MERIDIAN_PRIORITY": "normal"}
    with tempfile.TemporaryDirectory(prefix="meridian-bench-") as folder:
        feed, archive, data = (os.path.join(folder, name) for name in ("debian.json", "image.tar", "data"))
        tracker(feed)
        image(archive)

        def run(*args):
            begin = time.perf_counter()
            done = subprocess.run([binary, "--data-dir", data, *args], env=environment, capture_output=True)
            seconds = time.perf_counter() - begin
            if done.returncode != 0:
                sys.exit(done.stderr.decode())
            return seconds, done.stdout

        seconds, _ = run("data", "import", feed)
        print("import of %d rows (%d MiB): %.1f s, database %d MiB" % (
            SOURCES * ISSUES, os.path.getsize(feed) >> 20, seconds,
            os.path.getsize(os.path.join(data, "vulnerabilities.db")) >> 20))
        for isolation in ("none", "auto"):
            with_, without = [], []
            for _ in range(ROUNDS):
                for list_, names in ((without, ["packages"]), (with_, ["packages", "vulnerabilities"])):
                    words = [word for name in names for word in ("--plugin-dir", os.path.join(bundles, name))]
                    seconds, out = run("scan", *words, "--isolation", isolation, "--format", "json",
                                       "docker-archive:" + archive)
                    list_.append(seconds)
            found = len(json.loads(out)["findings"])
            print("--isolation %-5s %d packages, %d findings: %.0f ms, without the plugin %.0f ms: %.0f ms for it" % (
                isolation, INSTALLED, found, statistics.median(with_) * 1000, statistics.median(without) * 1000,
                (statistics.median(with_) - statistics.median(without)) * 1000))


if __name__ == "__main__":
    main()
