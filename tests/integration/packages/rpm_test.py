# SPDX-License-Identifier: Apache-2.0
#
# rpm_test.py: packages that rpm installed are what plugin `packages` finds, in the database that rpm
# writes and in the one that older rpms wrote.

import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
import unittest
from pathlib import Path

import meridian_cli as meridian

PACKAGES = os.path.join(meridian.BUNDLES, "packages")
FORM = "%{NAME}\t%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\t%{ARCH}\t%{LICENSE}\t%{SOURCERPM}\n"

# A spec makes two packages of one source; `%description` is long, so that its header needs more
# than one page of a Berkeley DB.
SPEC = """Name: %(name)s
Version: %(version)s
Release: %(release)s
%(epoch)s
Summary: a package of a test
License: %(license)s
BuildArch: noarch
%%description
%(words)s
%%package -n lib%(name)s
Summary: another
License: BSD-3-Clause
%%description -n lib%(name)s
short
%%files
%%files -n lib%(name)s
"""
SOURCES = [
    {"name": "alpha", "version": "1.2", "release": "3.fc38", "epoch": "Epoch: 2", "license": "MIT and GPLv2+"},
    {"name": "with-dashes", "version": "0~rc1", "release": "1", "epoch": "", "license": "Apache-2.0"},
]


def tool(*words, **how):
    done = subprocess.run(words, stdin=how.pop("stdin", subprocess.DEVNULL), capture_output=True, timeout=200,
                          check=False, **how)
    if done.returncode != 0:
        raise AssertionError("%r: %s" % (words, done.stderr[-2000:]))
    return done.stdout.decode()


class Rpm(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="meridian-rpm-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        for source in SOURCES:
            spec = cls.folder / (source["name"] + ".spec")
            spec.write_text(SPEC % {**source, "words": "words " * 3000})
            tool("rpmbuild", "-bb", "--define", "_topdir %s/build" % cls.folder, str(spec))
        cls.sqlite = cls.folder / "sqlite"
        (cls.sqlite / "var/lib/rpm").mkdir(parents=True)
        made = sorted(map(str, (cls.folder / "build/RPMS/noarch").iterdir()))
        tool("rpm", "--root", str(cls.sqlite), "--dbpath", "/var/lib/rpm", "-i", "--nodeps", *made)

    def said(self):
        lines = tool("rpm", "--root", str(self.sqlite), "--dbpath", "/var/lib/rpm", "-qa", "--qf", FORM)
        return sorted(tuple(line.split("\t")) for line in lines.splitlines())

    def found(self, root):
        report = meridian.scan("dir:%s" % root, plugins=PACKAGES)
        self.assertEqual(report.code, 0, str(report))
        self.assertEqual(report.json["gaps"], [])
        found = [one for fact in report.json["facts"] for one in json.loads(fact["data"])["packages"]]
        return sorted((one["name"], one["version"], one["arch"], " and ".join(one["licenses"]),
                       "%s-%s.src.rpm" % (one["source"]["name"], one["source"]["version"])) for one in found)

    def test_sqlite(self):
        self.assertEqual(len(self.said()), 4)
        self.assertEqual(self.found(self.sqlite), self.said())

    def test_bdb(self):
        rows = sqlite3.connect("file:%s/var/lib/rpm/rpmdb.sqlite?mode=ro" % self.sqlite, uri=True).execute(
            "SELECT hnum, blob FROM Packages").fetchall()
        self.assertGreater(max(len(blob) for _, blob in rows), 4096)  # overflow pages
        for order in ("1234", "4321"):
            folder = self.folder / order / "var/lib/rpm"
            folder.mkdir(parents=True)
            byte_order = "little" if order == "1234" else "big"
            dump = ["VERSION=3", "format=bytevalue", "type=hash", "db_lorder=" + order, "db_pagesize=4096",
                    "HEADER=END", " 00000000", " " + len(rows).to_bytes(4, byte_order).hex()]
            for number, blob in rows:
                dump += [" " + number.to_bytes(4, byte_order).hex(), " " + blob.hex()]
            text = self.folder / "dump"
            text.write_text("\n".join([*dump, "DATA=END", ""]))
            tool("db5.3_load", "-f", str(text), str(folder / "Packages"))
            self.assertEqual(self.found(self.folder / order), self.said())


if __name__ == "__main__":
    for name in ("rpm", "rpmbuild", "db5.3_load"):
        if shutil.which(name) is None:
            meridian.skip("no " + name)
    unittest.main()
