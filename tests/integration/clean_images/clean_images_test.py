# SPDX-License-Identifier: Apache-2.0
#
# clean_images_test.py: two clean Debian root file systems of different package sets, made with
# debootstrap, give no installed plugin anything to say above "low".
#
# In the release build only: the claim is about rules, and a sanitizer adds nothing but minutes.

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from apt_mirror import mirror
from meridian_cli import BUNDLES, SANITIZED, SKIPPED, scan

SETS = {
    "minimal": [],
    "server": ["python3", "openssh-server", "nginx-light", "curl", "ca-certificates", "sudo"],
}


# Privileged programs of the packages; a scan without them would be quiet for another reason.
PRIVILEGED = {"minimal": {"usr/bin/su", "usr/bin/passwd", "usr/bin/mount"},
              "server": {"usr/bin/su", "usr/bin/sudo", "usr/lib/openssh/ssh-keysign"}}

ENOUGH = 2 << 30  # twice what both sets take


def folder():
    """In memory if that has room: dpkg waits for the disk after each file."""
    memory = Path("/dev/shm")
    usable = memory.is_dir() and shutil.disk_usage(memory).free > ENOUGH
    usable = usable and not os.statvfs(memory).f_flag & (os.ST_NODEV | os.ST_NOEXEC)
    return tempfile.mkdtemp(prefix="meridian-clean-", dir=memory if usable else "/var/tmp")


class CleanImages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.packages = folder()  # downloaded once for both
        cls.addClassCleanup(shutil.rmtree, cls.packages, ignore_errors=True)

    def check(self, name):
        place = Path(folder())
        self.addCleanup(shutil.rmtree, place, ignore_errors=True)
        words = ["debootstrap", "--variant=minbase", f"--cache-dir={self.packages}"]
        if SETS[name]:
            words.append("--include=" + ",".join(SETS[name]))
        done = subprocess.run([*words, "bookworm", str(place), mirror()], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=500, check=False)
        self.assertEqual(done.returncode, 0, done.stdout[-2000:] + done.stderr[-2000:])
        report = scan("--data-dir", str(place / "nowhere"), f"dir:{place}", plugins=BUNDLES)
        loud = [(f["rule"], f["severity"], f["location"]) for f in report.json["findings"]
                if f["severity"] in ("medium", "high", "critical")]
        self.assertEqual(loud, [], str(report)[:200])
        expected = {f["location"]["path"] for f in report.json["findings"] if f["rule"] == "setuid-expected"}
        self.assertLessEqual(PRIVILEGED[name], expected)
        self.assertEqual(report.code, 0, report.err)
        # apt's list of all packages is larger than `secrets` reads, no vulnerabilities were imported, and
        # nothing else is missing.
        self.assertEqual({(gap["plugin"], gap["kind"]) for gap in report.json["gaps"]
                          if "var/lib/apt/lists/" not in gap.get("path", "")},
                         {("io.meridian.vulnerabilities", "missing-data")})
        self.assertGreater(report.json["statistics"]["files_opened"], 1000)

    def test_minimal(self):
        self.check("minimal")

    def test_server(self):
        self.check("server")


if __name__ == "__main__":
    if SANITIZED:
        print("skipped: the release build runs this")
        sys.exit(SKIPPED)
    if os.geteuid() != 0:
        print("skipped: debootstrap needs root")
        sys.exit(SKIPPED if os.environ.get("CI") != "true" else 1)
    unittest.main()
