# SPDX-License-Identifier: Apache-2.0
#
# template_test.py: plugin-template/, copied out of the tree, builds with GCC, clang and clang with
# libc++ against the SDK that install_test.py installed, passes its unit test, and finds what the
# sample image holds.
#
# Of a sanitized build only the headers are used: libmeridian-testing.so then needs the sanitizer in
# the program that links it, so the template's unit test and the clang builds are of the release
# build alone. The host loads a GCC-built plugin in both.

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(os.environ["MERIDIAN_SOURCE"])
SANITIZED = os.environ["MERIDIAN_SANITIZED"] == "1"
PREFIX = Path(os.environ["MERIDIAN_BINARY"]).parent.parent / "prefix"


def run(*command, cwd="/"):
    # umask: what an author's machine may have, and a bundle must not inherit (the host refuses it).
    done = subprocess.run([str(word) for word in command], cwd=cwd, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=800, check=False, umask=0o002)
    if done.returncode != 0:
        raise AssertionError(f"{command}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


class Template:
    """What must hold whatever compiler and standard library the author has."""
    COMPILER, FLAGS = "", ""

    @classmethod
    def setUpClass(cls):
        place = tempfile.TemporaryDirectory(prefix="meridian-template-")
        cls.addClassCleanup(place.cleanup)
        cls.place = Path(place.name)
        cls.build = cls.place / "build"
        shutil.copytree(SOURCE / "plugin-template", cls.place / "plugin")
        run("cmake", "-G", "Ninja", "-S", cls.place / "plugin", "-B", cls.build,
            f"-DCMAKE_CXX_COMPILER={cls.COMPILER}", f"-DCMAKE_PREFIX_PATH={PREFIX}",
            f"-DCMAKE_CXX_FLAGS=-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror {cls.FLAGS}",
            f"-DBUILD_TESTING={'OFF' if SANITIZED else 'ON'}")
        run("cmake", "--build", cls.build)

    def test_its_unit_test_passes(self):
        if SANITIZED:
            self.skipTest("libmeridian-testing.so is sanitized here; the release build runs this")
        self.assertIn("100% tests passed",
                      run("ctest", "--output-on-failure", "--no-tests=error", cwd=self.build))

    def test_it_exports_one_symbol(self):
        symbols = run("nm", "-D", "--defined-only", self.build / "bundles/my_plugin/my_plugin.so")
        self.assertEqual([line.split()[-1] for line in symbols.splitlines()],
                         ["meridian_plugin_entry_v0"])

    def test_the_host_runs_it_on_the_sample_image(self):
        archive = self.place / "sample.tar"
        run(sys.executable, SOURCE / "tests/data/sample-image/make.py", archive)
        report = json.loads(run(PREFIX / "bin/meridian", "scan", "--format", "json", "--plugin-dir",
                                self.build / "bundles", f"docker-archive:{archive}"))
        self.assertTrue(report["complete"], report["gaps"])
        self.assertEqual([plugin["id"] for plugin in report["plugins"]], ["org.example.my-plugin"])
        found = report["findings"]
        self.assertEqual(len(found), 1, found)
        where = found[0]["location"]
        self.assertEqual((found[0]["rule"], found[0]["severity"]), ("ssh-root-login", "medium"))
        self.assertEqual((where["path"], where["line"], where["visibility"]),
                         ("etc/ssh/sshd_config", 3, "visible"))
        self.assertEqual(where["layer"]["index"], 0)


class WithGcc(Template, unittest.TestCase):
    COMPILER = "g++-12"


@unittest.skipIf(SANITIZED, "built against the release SDK")
class WithClang(Template, unittest.TestCase):
    COMPILER = "clang++-14"


@unittest.skipIf(SANITIZED, "built against the release SDK")
class WithLibcxx(Template, unittest.TestCase):
    COMPILER, FLAGS = "clang++-14", "-stdlib=libc++"

    def test_it_has_another_standard_library_than_the_host(self):
        needed = run("readelf", "-d", self.build / "bundles/my_plugin/my_plugin.so")
        self.assertIn("libc++.so", needed)
        self.assertNotIn("libstdc++", needed)


if __name__ == "__main__":
    unittest.main(verbosity=2)
