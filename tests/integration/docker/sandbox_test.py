# SPDX-License-Identifier: Apache-2.0
#
# sandbox_test.py: which sandbox a lane really reaches in a container with least privileges, and under gVisor.

import json
import os
import re
import shutil
import subprocess
import unittest

import meridian_cli as meridian
from engine import Engine, why_not

LEAST = ["--cap-drop", "ALL", "--cap-add", "DAC_READ_SEARCH", "--security-opt", "no-new-privileges"]


def image_root(folder):
    """The program and the libraries that it is linked to, as the file system of an image."""
    seen = subprocess.run(["ldd", meridian.BINARY], capture_output=True, text=True, check=True).stdout
    for path in [meridian.BINARY, *re.findall(r"(/\S+) \(", seen)]:
        to = folder + "/meridian" if path == meridian.BINARY else folder + path
        os.makedirs(os.path.dirname(to), exist_ok=True)
        shutil.copy(path, to)
    os.makedirs(folder + "/tmp")
    return folder


def missing(document):
    """Parts of the lane's sandbox that count and are not there; a sanitizer build never has one."""
    return [part["name"] for part in document["plugin_sandbox"]["parts"] if part["counts"]
            and not part["reached"] and not (meridian.SANITIZED and part["name"] == "memory limit")]


def reached(document, name):
    return next(part["reached"] for part in document["plugin_sandbox"]["parts"] if part["name"] == name)


class Sandbox(unittest.TestCase):
    def test_it_is_full_in_a_container_of_least_privileges(self):
        root = image_root(os.path.join(meridian.scratch(self), "root"))
        archive = root + ".tar"
        subprocess.run(["tar", "-C", root, "-cf", archive, "."], check=True)
        with Engine() as engine:
            engine.docker("import", archive, "least:1")
            for user in ("0", "1000"):
                with self.subTest(user=user):
                    done = engine.docker("run", "--rm", "--network=none", "--user", user, *LEAST, "-v",
                                         "/:/host:ro", "least:1", "/meridian", "doctor", "--format",
                                         "json", check=False)
                    self.assertEqual(done.returncode, 3, done)  # CAP_SYS_ADMIN is not there
                    document = meridian.validate(json.loads(done.stdout))
                    self.assertEqual(missing(document), [], done)
                    self.assertTrue(reached(document, "user notification"), done)
                    self.assertFalse(reached(document, "network namespace"), done)
                    facts = {fact["name"]: fact["state"] for fact in document["facts"]}
                    held = "available" if user == "0" else "unavailable"  # lab.md, 3
                    self.assertEqual(facts["CAP_DAC_READ_SEARCH"], held, done)
                    self.assertEqual(facts["CAP_SYS_ADMIN"], "unavailable", done)
                    self.assertEqual(facts["host root read-only"], "available", done)
                    # The engine of this test has private mounts, so they cannot be slaves.
                    self.assertEqual(facts["host root propagation"], "unavailable", done)

    @unittest.skipUnless(shutil.which("runsc"), "gVisor is not installed (apt-get install runsc)")
    @unittest.skipIf(meridian.SANITIZED, "a sanitizer's shadow memory does not fit into gVisor")
    def test_under_gvisor_landlock_and_notification_are_missing_and_said(self):
        done = subprocess.run(["runsc", "--network=none", "--platform=ptrace", "--ignore-cgroups", "do",
                               meridian.BINARY, "doctor", "--format", "json"], capture_output=True,
                              text=True, timeout=60)
        self.assertEqual(done.returncode, 3, done)
        document = meridian.validate(json.loads(done.stdout))
        self.assertEqual(missing(document), ["landlock"], done)
        self.assertFalse(reached(document, "user notification"), done)
        self.assertIn("ENOSYS: this kernel has none", document["plugin_sandbox"]["level"])


if __name__ == "__main__":
    if why_not():
        meridian.skip(why_not())
    unittest.main()
