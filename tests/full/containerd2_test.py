# SPDX-License-Identifier: Apache-2.0
#
# containerd2_test.py: the tests of containerd with version 2 of Debian sid (debootstrap, about two minutes;
# MERIDIAN_SID_ROOT names one that is there and is kept). `tests/full/run` runs it.

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import meridian_cli as meridian
from apt_mirror import mirror

FOLDER = os.path.join(meridian.SOURCE, "tests/integration/containerd")
sys.path.insert(0, FOLDER)
import containerd_engine as engines  # noqa: E402

PACKAGES = "ca-certificates,containerd,runc,procps"
ROOT = None


def setUpModule():
    global ROOT
    reason = engines.why_not()
    if reason:
        meridian.skip(reason)
    ROOT = os.environ.get("MERIDIAN_SID_ROOT")
    if ROOT:
        return
    ROOT = tempfile.mkdtemp(prefix="meridian-sid-", dir="/var/tmp")
    unittest.addModuleCleanup(shutil.rmtree, ROOT, ignore_errors=True)
    subprocess.run(["debootstrap", "--variant=minbase", "--include=" + PACKAGES, "sid", ROOT, mirror()],
                   check=True, stdout=subprocess.DEVNULL, timeout=1800)


class Containerd2(unittest.TestCase):
    def run_there(self, name):
        done = subprocess.run([sys.executable, "-B", os.path.join(FOLDER, name)], stdin=subprocess.DEVNULL, timeout=900,
                              capture_output=True, text=True, env={**os.environ, "MERIDIAN_CONTAINERD_ROOT": ROOT})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_it_is_version_2(self):
        said = subprocess.run(["chroot", ROOT, "containerd", "--version"], capture_output=True, text=True, check=True).stdout
        self.assertRegex(said, r" v?2\.\d")

    def test_namespaces_images_and_containers(self):
        self.run_there("containerd_test.py")

    def test_pods(self):
        self.run_there("cri_test.py")


if __name__ == "__main__":
    unittest.main(verbosity=2)
