# SPDX-License-Identifier: Apache-2.0
#
# packages_test.py: what plugin `packages` finds in a Debian is what dpkg-query, pip and npm say in it.
#
# In the release build only: the claim is about files of package managers, and a sanitizer adds
# nothing but minutes.

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path

from apt_mirror import mirror
import meridian_cli as meridian

PACKAGES = os.path.join(meridian.BUNDLES, "packages")
INCLUDED = ["python3-pip", "python3-venv", "python3-yaml", "python3-requests", "ucf", "ca-certificates"]
ENOUGH = 2 << 30  # twice what it takes

# Of dpkg: what dpkg-query -W lists and we do not, by state.
LEFT_OUT_STATES = {
    "config-files": "removed: nothing but its configuration is left",
    "not-installed": "nothing of it is there",
}


def folder():
    """In memory if that has room: dpkg waits for the disk after each file."""
    memory = Path("/dev/shm")
    usable = memory.is_dir() and shutil.disk_usage(memory).free > ENOUGH
    usable = usable and not os.statvfs(memory).f_flag & (os.ST_NODEV | os.ST_NOEXEC)
    return tempfile.mkdtemp(prefix="meridian-packages-", dir=memory if usable else "/var/tmp")


def normal(name):
    """A Python distribution's name as PEP 503 compares them."""
    return name.lower().replace("_", "-").replace(".", "-")


def tree_of(node):
    """{(name, version)} of `npm ls --all --json`, without the project."""
    found = set()
    for name, one in node.get("dependencies", {}).items():
        found.add((name, one["version"]))
        found |= tree_of(one)
    return found


class Packages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.root = Path(folder())
        cls.addClassCleanup(shutil.rmtree, cls.root, ignore_errors=True)
        cls.run_tool("debootstrap", "--variant=minbase", "--include=" + ",".join(INCLUDED), "bookworm",
                     str(cls.root), mirror())
        cls.inside("dpkg", "--remove", "ucf")
        # debootstrap does not see through what npm depends on; apt does.
        shutil.copy("/etc/resolv.conf", cls.root / "etc/resolv.conf")
        cls.inside("apt-get", "-qq", "update")
        cls.inside("apt-get", "-qq", "-y", "--no-install-recommends", "install", "npm")
        cls.make_python()
        cls.make_node()
        report = meridian.scan("dir:%s" % cls.root, plugins=PACKAGES)
        assert report.code == 0, str(report)
        cls.report = report.json
        cls.found = [one for fact in cls.report["facts"] for one in json.loads(fact["data"])["packages"]]

    @classmethod
    def run_tool(cls, *words):
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600,
                              env={**os.environ, "LC_ALL": "C.UTF-8", "HOME": "/root",
                                   "DEBIAN_FRONTEND": "noninteractive"}, check=False)
        assert done.returncode == 0, (words, done.stdout[-2000:], done.stderr[-2000:])
        return done.stdout

    @classmethod
    def inside(cls, *words):
        return cls.run_tool("chroot", str(cls.root), *words)

    @classmethod
    def make_python(cls):
        """An environment of its own, with a wheel from no index."""
        wheel = cls.root / "srv/Some_Thing-1.0.post1-py3-none-any.whl"
        info = "Some_Thing-1.0.post1.dist-info/"
        with zipfile.ZipFile(wheel, "w") as made:
            made.writestr("some_thing.py", "")
            made.writestr(info + "METADATA", "Metadata-Version: 2.1\nName: Some_Thing\nVersion: 1.0.post1\n"
                                             "License: MIT\n\nName: not-me\nVersion: 9\n")
            made.writestr(info + "WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\n"
                                          "Tag: py3-none-any\n")
            made.writestr(info + "RECORD", "some_thing.py,,\n%sMETADATA,,\n%sWHEEL,,\n%sRECORD,,\n" %
                          (info, info, info))
        cls.inside("python3", "-m", "venv", "/srv/venv")
        cls.inside("/srv/venv/bin/pip", "install", "--no-index", "/srv/" + wheel.name)

    @classmethod
    def make_node(cls):
        """A project of packages of this test's own: scoped, nested, and one in two versions."""
        app = cls.root / "srv/app"
        for name, version, needs in (("deep", "2.0.0", {}), ("deep", "1.0.0", {}),
                                     ("@scope/thing", "3.1.0-beta.2", {"deep": "file:/srv/npm/deep-1.0.0.tgz"})):
            source = cls.root / "srv/npm/src"
            shutil.rmtree(source, ignore_errors=True)
            source.mkdir(parents=True)
            (source / "package.json").write_text(json.dumps(
                {"name": name, "version": version, "license": "ISC", "dependencies": needs}))
            cls.inside("sh", "-c", "cd /srv/npm && npm pack --silent ./src")
        app.mkdir()
        (app / "package.json").write_text('{"name": "app", "version": "0.0.1"}')
        cls.inside("sh", "-c", "cd /srv/app && npm install --offline --no-audit --no-fund --silent "
                               "/srv/npm/deep-2.0.0.tgz /srv/npm/scope-thing-3.1.0-beta.2.tgz")
        shutil.rmtree(cls.root / "srv/npm")

    def of(self, kind, below="", kind_of="installed"):
        return [one for one in self.found if one["type"] == kind and one["kind"] == kind_of and
                any(path.startswith(below) for path in one["paths"])]

    def test_dpkg(self):
        form = "${db:Status-Status}\t${Package}\t${Version}\t${Architecture}\t${source:Package}\t${source:Version}\n"
        said, left_out = set(), set()
        for line in self.inside("dpkg-query", "-W", "-f", form).splitlines():
            state, *rest = line.split("\t")
            (left_out if state in LEFT_OUT_STATES else said).add(tuple(rest))
        found = [(one["name"], one["version"], one["arch"], one["source"]["name"], one["source"]["version"])
                 for one in self.of("deb")]
        self.assertEqual(sorted(found), sorted(said))
        self.assertEqual([one[0] for one in left_out], ["ucf"])
        self.assertGreater(len(found), 300)
        with_licence = [one for one in self.of("deb") if "licenses" in one]
        self.assertGreater(len(with_licence), len(found) // 2)

    def test_pip(self):
        for pip, below in (("pip3", "usr/lib/python3/dist-packages/"), ("/srv/venv/bin/pip", "srv/venv/")):
            said = {(normal(one["name"]), one["version"])
                    for one in json.loads(self.inside(pip, "list", "--format", "json"))}
            self.assertEqual({(normal(one["name"]), one["version"]) for one in self.of("pypi", below)}, said)
            self.assertGreater(len(said), 2)

    def test_npm(self):
        said = tree_of(json.loads(self.inside("sh", "-c", "cd /srv/app && npm ls --all --json")))
        self.assertEqual(len(said), 3)
        found = {(one["name"], one["version"]) for one in self.of("npm", "srv/app/node_modules/")}
        self.assertEqual(found, said)
        locked = {(one["name"], one["version"]) for one in self.found
                  if "srv/app/package-lock.json" in one["paths"]}
        self.assertEqual(locked, said)

    def test_nothing_could_not_be_read(self):
        self.assertEqual(self.report["gaps"], [])
        self.assertTrue(self.report["complete"])
        self.assertEqual(len(self.report["components"]), len(self.found))

    def test_few_files_are_opened(self):
        numbers = self.report["statistics"]
        self.assertLess(numbers["files_opened"], numbers["files"] // 5)


if __name__ == "__main__":
    meridian.release_only()
    if os.geteuid() != 0:
        meridian.skip("debootstrap needs root")
    unittest.main()
