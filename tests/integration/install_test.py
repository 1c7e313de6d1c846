# SPDX-License-Identifier: Apache-2.0
#
# install_test.py: `cmake --install` gives a host that works from where it was put, the
# plugins, and the SDK. The prefix is made anew and stays: template_test.py builds against it.

import os
import re
import shutil
import subprocess
import unittest
from pathlib import Path

SOURCE = Path(os.environ["MERIDIAN_SOURCE"])
BUILD = Path(os.environ["MERIDIAN_BINARY"]).parent.parent
PREFIX = BUILD / "prefix"


def output(*command):
    """Standard output of a command that must succeed; away from the build tree."""
    done = subprocess.run([str(word) for word in command], cwd="/", stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{command}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def installed(name):
    found = [path for path in PREFIX.rglob(name) if path.is_file()]
    if len(found) != 1:
        raise AssertionError(f"{name} is installed {len(found)} times: {found}")
    return found[0]


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        shutil.rmtree(PREFIX, ignore_errors=True)
        output("cmake", "--install", BUILD, "--prefix", PREFIX)

    def test_the_host_says_its_version(self):
        self.assertRegex(output(PREFIX / "bin/meridian", "version"), r"\b\d+\.\d+\.\d+\b")

    def test_the_host_finds_the_plugins_installed_with_it(self):
        listed = output(PREFIX / "bin/meridian", "plugin", "list")
        for name in ("inventory", "isolation", "known-artifacts", "packages", "privilege-escalation", "privileges", "secrets", "vulnerabilities", "weak-password"):
            self.assertIn("io.meridian." + name, listed)

    def test_every_sdk_header_is_installed(self):
        there = {path.relative_to(PREFIX / "include") for path in (PREFIX / "include").rglob("*.h*")}
        here = SOURCE / "sdk/include"
        self.assertEqual(there, {path.relative_to(here) for path in here.rglob("*.h*")})

    def test_the_package_that_cmake_finds_is_complete(self):
        for name in ("MeridianSDKConfig.cmake", "MeridianSDKConfigVersion.cmake",
                     "MeridianSDKTargets.cmake", "MeridianAddPlugin.cmake", "plugin.map"):
            self.assertEqual(installed(name).parent.name, "MeridianSDK")

    def test_nothing_points_back_into_the_build_or_source_tree(self):
        for path in PREFIX.rglob("*"):
            if path.suffix == ".cmake":
                text = path.read_text()
                self.assertNotIn(str(BUILD), text, path)
                self.assertNotIn(str(SOURCE), text, path)
            if path.suffix == ".so" or path == PREFIX / "bin/meridian":
                dynamic = output("readelf", "-d", path)
                self.assertNotRegex(dynamic, r"R(UN)?PATH.*" + re.escape(str(BUILD)), path)

    def test_no_test_program_is_installed(self):
        stray = [path for path in PREFIX.rglob("*")
                 if re.match(r"(test_|fuzz_|bench_)", path.name) or "fixtures" in path.parts]
        self.assertEqual(stray, [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
