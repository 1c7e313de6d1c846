# SPDX-License-Identifier: Apache-2.0
#
# podman5_test.py: the tests of podman with version 5 of Debian sid, which keeps its state in SQLite (debootstrap, some
# minutes; MERIDIAN_SID_ROOT names one that is there and is kept). `tests/full/run` runs it.

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import meridian_cli as meridian
from apt_mirror import mirror

FOLDER = os.path.join(meridian.SOURCE, "tests/integration/podman")
sys.path.insert(0, FOLDER)
import podman_engine as engines  # noqa: E402

PACKAGES = "ca-certificates,podman,buildah,runc,conmon,procps"
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


class Podman5(unittest.TestCase):
    def test_images_containers_and_trees(self):
        done = subprocess.run([sys.executable, "-B", os.path.join(FOLDER, "podman_test.py")], stdin=subprocess.DEVNULL,
                              timeout=900, capture_output=True, text=True, env={**os.environ, "MERIDIAN_PODMAN_ROOT": ROOT})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
