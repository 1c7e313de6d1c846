# SPDX-License-Identifier: Apache-2.0
#
# vulnerabilities_test.py: feeds (tests/data/vulnerabilities) -> `data import` -> a scan's findings, with
# the plugin in a lane and in the host; what is missing is said and never clean.

import fcntl
import io
import json
import os
import shutil
import signal
import sqlite3
import stat
import tarfile
import time
import unittest
import zipfile

import jsonschema

import image_archive
import meridian_cli as meridian

FEEDS = os.path.join(meridian.SOURCE, "tests/data/vulnerabilities")
PLUGINS = [os.path.join(meridian.BUNDLES, name) for name in ("packages", "vulnerabilities")]
ISOLATIONS = ("auto", "plugin", "none")


def dpkg(*packages):
    """A status file: (name, version) or (name, version, source)."""
    text = ""
    for name, version, *source in packages:
        text += "Package: %s\nStatus: install ok installed\nVersion: %s\nArchitecture: amd64\n" % (name, version)
        text += "Source: %s\n" % source[0] if source else ""
        text += "\n"
    return text


def os_release(name, version):
    return "ID=%s\nVERSION_ID=\"%s\"\n" % (name, version)


def jar(group, artifact, version):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("META-INF/maven/%s/%s/pom.properties" % (group, artifact),
                         "version=%s\ngroupId=%s\nartifactId=%s\n" % (version, group, artifact))
    return out.getvalue()


class Vulnerabilities(unittest.TestCase):
    def setUp(self):
        self.folder = meridian.scratch(self)
        self.data = os.path.join(self.folder, "data")

    def archive(self, *layers, name="registry.example/debian:12"):
        path = os.path.join(self.folder, "image.tar")
        made = []
        for files in layers:
            layer = image_archive.Layer()
            for file, content in files.items():
                layer.file(file, content)
            made.append(layer)
        image_archive.write(path, [image_archive.Image(name, made)])
        return "docker-archive:" + path

    def import_feeds(self, *sources, code=0):
        done = meridian.run("--data-dir", self.data, "data", "import", *(sources or (FEEDS,)))
        self.assertEqual(done.code, code, str(done))
        return done

    def scan(self, ref, *args, code=0, plugins=PLUGINS, isolation="none"):
        folders = [word for one in plugins for word in ("--plugin-dir", one)]
        done = meridian.run("--data-dir", self.data, "scan", *folders, "--format", "json", "--isolation",
                            isolation, *args, ref)
        self.assertEqual(done.code, code, str(done))
        report = done.json
        with open(os.path.join(meridian.SOURCE, "plugins/vulnerabilities/vulnerability-1.schema.json")) as text:
            schema = json.load(text)
        for finding in report["findings"]:
            jsonschema.validate(finding["detail"], schema)
        return report

    def found(self, report):
        """{(id, package): finding}"""
        return {(one["detail"]["id"], one["detail"]["package"]): one for one in report["findings"]}

    def test_known_cases_in_each_isolation(self):
        self.import_feeds()
        ref = self.archive(
            {"etc/os-release": os_release("debian", "12"),
             "var/lib/dpkg/status": dpkg(("libssl3", "3.0.5-1", "openssl"), ("openssl", "3.0.5-1"))},
            {"var/lib/dpkg/status": dpkg(("libssl3", "3.0.5-1", "openssl"), ("openssl", "3.0.5-1"),
                                         ("runc", "1.1.5+ds1-1+b1", "runc (1.1.5+ds1-1)"),
                                         ("xz-utils", "5.4.1-0.2"), ("sudo", "1.9.13p3-1+deb12u1")),
             "opt/app/log4j-core.jar": jar("org.apache.logging.log4j", "log4j-core", "2.14.1"),
             "srv/node_modules/lodash/package.json": '{"name": "lodash", "version": "4.17.15"}',
             "srv/node_modules/meridian-evil-test/package.json":
                 '{"name": "meridian-evil-test", "version": "6.6.6"}'})
        reports = [self.scan(ref, isolation=isolation) for isolation in ISOLATIONS]
        for report in reports[1:]:
            self.assertEqual(report["findings"], reports[0]["findings"])
        found = self.found(reports[0])
        self.assertEqual(set(found), {
            ("CVE-2022-3602", "openssl"), ("CVE-2023-5678", "openssl"), ("CVE-2007-6755", "openssl"),
            ("CVE-2024-21626", "runc"), ("CVE-2023-42465", "sudo"),
            ("CVE-2021-44228", "org.apache.logging.log4j:log4j-core"), ("CVE-2020-8203", "lodash"),
            ("MAL-2024-1234", "meridian-evil-test")})
        openssl = found["CVE-2022-3602", "openssl"]
        self.assertEqual(openssl["rule"], "vulnerable-package")
        self.assertEqual(openssl["detail"]["packages"], ["libssl3", "openssl"])
        self.assertEqual(openssl["detail"]["fixed_version"], "3.0.7-1")
        # Debian has not rated it: the record of the CVE itself has.
        self.assertEqual((openssl["severity"], openssl["detail"]["cvss"]["score"]), ("high", 7.5))
        self.assertEqual((openssl["location"]["path"], openssl["location"]["layer"]["index"]),
                         ("var/lib/dpkg/status", 0))
        self.assertEqual(found["CVE-2024-21626", "runc"]["location"]["layer"]["index"], 1)
        log4j = found["CVE-2021-44228", "org.apache.logging.log4j:log4j-core"]
        self.assertEqual((log4j["severity"], log4j["detail"]["aliases"]), ("critical", ["GHSA-jfh8-c2jp-5v3q"]))
        self.assertEqual(found["CVE-2007-6755", "openssl"]["severity"], "info")
        postponed = found["CVE-2023-42465", "sudo"]
        self.assertEqual((postponed["rule"], postponed["severity"], postponed["detail"]["state"]),
                         ("vulnerable-package-unfixed", "medium", "postponed"))
        self.assertEqual(found["MAL-2024-1234", "meridian-evil-test"]["rule"], "malicious-package")
        used = next(one for one in reports[0]["plugins"] if one["id"].endswith("vulnerabilities"))["data"][0]
        self.assertTrue(used["id"].startswith("sha256:"))
        self.assertIn("debian-tracker", [one["name"] for one in used["sources"]])

    def test_patched_versions_and_backports(self):
        self.import_feeds()
        ref = self.archive(
            {"etc/os-release": os_release("debian", "12"),
             "var/lib/dpkg/status": dpkg(("libssl3", "3.0.13-1~deb12u1", "openssl"),
                                         ("runc", "1.1.5+ds1-1+deb12u1"), ("xz-utils", "5.6.0-0.2")),
             "opt/log4j-core.jar": jar("org.apache.logging.log4j", "log4j-core", "2.17.1"),
             "srv/node_modules/lodash/package.json": '{"name": "lodash", "version": "4.17.21"}'})
        # Debian says of xz in this release that it never was affected, whatever its version.
        self.assertEqual(set(self.found(self.scan(ref))), {("CVE-2007-6755", "openssl")})
        ref = self.archive({"etc/os-release": os_release("debian", "10"),
                            "var/lib/dpkg/status": dpkg(("sudo", "1.8.27-1+deb10u2"))})
        self.assertEqual(set(self.found(self.scan(ref))), {("CVE-2021-3156", "sudo")})
        ref = self.archive({"etc/os-release": os_release("debian", "10"),
                            "var/lib/dpkg/status": dpkg(("sudo", "1.8.27-1+deb10u3"))})
        self.assertEqual(self.scan(ref)["findings"], [])

    def test_other_distributions(self):
        self.import_feeds()
        apk = "P:libssl3\nV:3.0.5-r0\nA:x86_64\no:openssl\n\n"
        ref = self.archive({"etc/os-release": os_release("alpine", "3.18.4"), "lib/apk/db/installed": apk})
        self.assertEqual({key for key, _ in self.found(self.scan(ref))},
                         {"CVE-2022-3786", "CVE-2022-3602", "CVE-2023-2650", "CVE-2023-5678"})
        ref = self.archive({"etc/os-release": "ID=debian\n", "var/lib/dpkg/status": dpkg(("xz-utils", "5.6.0-0.2"))})
        self.assertEqual(set(self.found(self.scan(ref))), {("CVE-2024-3094", "xz-utils")})

    def test_without_a_database(self):
        ref = self.archive({"etc/os-release": os_release("debian", "12")})
        report = self.scan(ref)
        gap = next(one for one in report["gaps"] if one["kind"] == "missing-data")
        self.assertIn("data import", gap["message"])
        self.assertFalse(report["complete"])
        for isolation in ISOLATIONS:
            report = self.scan(ref, "--plugin", "vulnerabilities", code=3, isolation=isolation)
            # What it reads facts of is taken along.
            self.assertEqual([one["id"] for one in report["plugins"]],
                             ["io.meridian.packages", "io.meridian.vulnerabilities"])
        everything = PLUGINS + [os.path.join(meridian.BUNDLES, "inventory")]
        report = self.scan(ref, "--skip-plugin", "packages", plugins=everything)
        row = next(one for one in report["coverage"] if one["plugin"].endswith("vulnerabilities"))
        self.assertEqual((row["result"], row["reason"]),
                         ("skipped", "it needs io.meridian.packages, which the user switched off"))
        report = self.scan(ref, plugins=everything[1:], code=3)
        row = next(one for one in report["coverage"] if one["plugin"].endswith("vulnerabilities"))
        self.assertEqual(row["result"], "error")

    def test_what_the_database_does_not_know(self):
        self.import_feeds()
        ref = self.archive({"etc/os-release": os_release("ubuntu", "22.04"),
                            "var/lib/dpkg/status": dpkg(("sudo", "1.9.9-1"), ("odd", "not a version"))})
        report = self.scan(ref)
        self.assertEqual(report["findings"], [])
        gaps = [one["message"] for one in report["gaps"] if one["kind"] == "missing-data"]
        self.assertEqual(len(gaps), 1, gaps)
        self.assertIn("ubuntu 22.04: 2 packages", gaps[0])

    def test_ubuntu_by_its_own_records_with_the_fixed_version(self):
        feed = os.path.join(self.folder, "UBUNTU-CVE-2022-3602.json")
        with open(feed, "w") as out:
            json.dump({"id": "UBUNTU-CVE-2022-3602", "modified": "2024-01-01T00:00:00Z", "upstream": ["CVE-2022-3602"],
                       "affected": [{"package": {"ecosystem": "Ubuntu:22.04:LTS", "name": "openssl"}, "ranges": [
                           {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "3.0.2-0ubuntu1.7"}]}]}]}, out)
        self.import_feeds(feed)
        for version, count in (("3.0.2-0ubuntu1.6", 1), ("3.0.2-0ubuntu1.7", 0)):
            ref = self.archive({"etc/os-release": os_release("ubuntu", "22.04"),
                                "var/lib/dpkg/status": dpkg(("libssl3", version, "openssl"))})
            findings = self.scan(ref)["findings"]
            self.assertEqual([one["detail"]["fixed_version"] for one in findings], ["3.0.2-0ubuntu1.7"] * count)

    def test_vex(self):
        self.import_feeds()
        ref = self.archive({"etc/os-release": os_release("debian", "12"),
                            "var/lib/dpkg/status": dpkg(("libssl3", "3.0.11-1~deb12u2", "openssl"),
                                                        ("sudo", "1.9.13p3-1+deb12u1"))})
        found = self.found(self.scan(ref))
        dismissed = found["CVE-2023-5678", "openssl"]
        self.assertEqual((dismissed["rule"], dismissed["severity"]), ("vulnerability-not-affecting", "info"))
        self.assertEqual(dismissed["detail"]["vex"]["justification"], "vulnerable_code_not_in_execute_path")
        looked_into = found["CVE-2023-42465", "sudo"]
        self.assertEqual((looked_into["rule"], looked_into["detail"]["vex"]["status"]),
                         ("vulnerable-package-unfixed", "under_investigation"))
        other = self.archive({"etc/os-release": os_release("debian", "12"),
                              "var/lib/dpkg/status": dpkg(("libssl3", "3.0.9-1", "openssl"),
                                                          ("sudo", "1.9.13p3-1+deb12u1"))}, name="other:12")
        found = self.found(self.scan(other))
        self.assertNotIn("vex", found["CVE-2023-5678", "openssl"]["detail"])
        self.assertNotIn("vex", found["CVE-2023-42465", "sudo"]["detail"])

    def test_import_again_replaces(self):
        self.import_feeds()
        first = meridian.run("--data-dir", self.data, "data", "list", "--format", "json").json
        self.import_feeds()
        again = meridian.run("--data-dir", self.data, "data", "list", "--format", "json").json
        self.assertEqual(first["databases"][0]["id"], again["databases"][0]["id"])
        self.assertEqual([one["records"] for one in first["databases"][0]["sources"]],
                         [one["records"] for one in again["databases"][0]["sources"]])
        path = os.path.join(self.data, "vulnerabilities.db")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o444)
        self.assertEqual(os.listdir(self.data), ["vulnerabilities.db"])

    def test_what_a_killed_import_left_is_taken_away_and_not_taken_up(self):
        self.import_feeds()
        for end in ("", "-journal"):
            with open(os.path.join(self.data, "vulnerabilities.db.new" + end), "wb") as out:
                out.write(b"SQLite format 3\0" + os.urandom(5000))
        before = meridian.run("--data-dir", self.data, "data", "list", "--format", "json").json
        self.import_feeds()
        after = meridian.run("--data-dir", self.data, "data", "list", "--format", "json").json
        self.assertEqual(before["databases"][0]["id"], after["databases"][0]["id"])
        self.assertEqual(os.listdir(self.data), ["vulnerabilities.db"])

    def test_ctrl_c_changes_nothing(self):
        self.import_feeds()
        before = meridian.run("--data-dir", self.data, "data", "list", "--format", "json").out
        feed = os.path.join(self.folder, "feed")
        os.mkdir(feed)
        record = '{"id": "X-%d", "modified": "2024-01-01T00:00:00Z", "affected": [{"package": {"ecosystem": "npm", "name": "p%d"}, ' \
                 '"versions": ["1.0.0"]}]}'
        for number in range(40_000):
            with open(os.path.join(feed, "%d.json" % number), "w") as out:
                out.write(record % (number, number))
        for sent, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            running = meridian.start("--data-dir", self.data, "data", "import", feed)
            while not os.path.exists(os.path.join(self.data, "vulnerabilities.db.new")):
                self.assertIsNone(running.poll())
                time.sleep(0.001)
            running.send_signal(sent)
            _, err = running.communicate(timeout=60)
            self.assertEqual(running.returncode, code, err)
            self.assertIn(b"interrupted: nothing was changed", err)
            self.assertEqual(os.listdir(self.data), ["vulnerabilities.db"])
        self.assertEqual(meridian.run("--data-dir", self.data, "data", "list", "--format", "json").out, before)

    def test_one_import_at_a_time(self):
        os.makedirs(self.data)
        held = os.open(self.data, os.O_RDONLY)
        fcntl.flock(held, fcntl.LOCK_EX)
        done = self.import_feeds(code=3)
        os.close(held)
        self.assertIn("another import is running", done.err)
        self.import_feeds()

    def test_what_is_damaged_is_said(self):
        self.import_feeds()
        before = meridian.run("--data-dir", self.data, "data", "list", "--format", "json").out
        broken = os.path.join(self.folder, "debian.json")
        with open(os.path.join(FEEDS, "debian-tracker.json")) as whole, open(broken, "w") as cut:
            cut.write(whole.read()[:-40])
        done = self.import_feeds(broken, code=3)
        self.assertIn("debian.json", done.err)
        # Nothing of it was taken, and what was there stays.
        self.assertEqual(meridian.run("--data-dir", self.data, "data", "list", "--format", "json").out, before)
        records = os.path.join(self.folder, "npm.zip")
        with zipfile.ZipFile(records, "w") as archive:
            for name in os.listdir(os.path.join(FEEDS, "osv")):
                archive.write(os.path.join(FEEDS, "osv", name), name)
            archive.writestr("BAD.json", '{"id": "x", "affected": [')
        done = self.import_feeds(records, code=3)
        self.assertIn("BAD.json", done.err)
        rows = meridian.run("--data-dir", self.data, "data", "list", "--format", "json").json
        npm = next(one for one in rows["databases"][0]["sources"] if one["name"] == "osv:npm")
        self.assertEqual((npm["records"], npm["failed"]), (11, 1))

    def test_grype(self):
        path = os.path.join(self.folder, "vulnerability.db")
        database = sqlite3.connect(path)
        with open(os.path.join(FEEDS, "grype-6.sql")) as script:
            database.executescript(script.read())
        database.close()
        packed = os.path.join(self.folder, "vulnerability-db.tar.gz")
        with tarfile.open(packed, "w:gz") as archive:
            archive.add(path, "vulnerability.db")
        ref = self.archive({"etc/os-release": os_release("debian", "12"),
                            "var/lib/dpkg/status": dpkg(("libssl3", "3.0.5-1", "openssl"))})
        for source in (path, packed):
            shutil.rmtree(self.data, ignore_errors=True)
            self.import_feeds(source)
            found = self.found(self.scan(ref))
            self.assertEqual(set(found), {("CVE-2022-3602", "openssl")})
            self.assertEqual(found["CVE-2022-3602", "openssl"]["detail"]["fixed_version"], "3.0.7-1")
            self.assertEqual(found["CVE-2022-3602", "openssl"]["severity"], "high")

    def test_a_database_that_is_none(self):
        os.makedirs(self.data)
        path = os.path.join(self.data, "vulnerabilities.db")
        with open(path, "w") as text:
            text.write("no database")
        ref = self.archive({"etc/os-release": os_release("debian", "12")})
        self.scan(ref, "--plugin", "vulnerabilities", code=3)
        os.remove(path)
        self.import_feeds()
        with open(path, "rb") as whole:
            content = bytearray(whole.read())
        os.remove(path)
        content[4096:] = b"\xff" * (len(content) - 4096)
        with open(path, "wb") as damaged:
            damaged.write(content)
        for isolation in ISOLATIONS:
            report = self.scan(ref, "--plugin", "vulnerabilities", code=3, isolation=isolation)
            self.assertTrue([one for one in report["gaps"] if one["kind"] in ("corrupt", "missing-data")], report["gaps"])
        # Who else may write it decides what is found.
        shutil.rmtree(self.data)
        self.import_feeds()
        os.chmod(path, 0o666)
        self.scan(ref, "--plugin", "vulnerabilities", code=3)

    def test_cache(self):
        """What is known without a database is another plugin's word than what is known with one."""
        ref = self.archive({"etc/os-release": os_release("debian", "12"),
                            "var/lib/dpkg/status": dpkg(("libssl3", "3.0.5-1", "openssl"))})
        cache = ("--cache", os.path.join(self.folder, "cache"))
        time.sleep(0.1)  # of a file that is younger than a tick of the clock nothing is kept
        for found, imports in (0, False), (3, True):
            if imports:
                self.import_feeds()
            for calls in (True, False):
                report = self.scan(ref, *cache)
                self.assertEqual(len(report["findings"]), found)
                self.assertEqual(report["complete"], imports)
                self.assertEqual(report["statistics"]["plugin_calls"] > 0, calls, (imports, report["statistics"]))

    def test_age(self):
        self.import_feeds()
        ref = self.archive({"etc/os-release": os_release("debian", "12")})
        report = self.scan(ref, "--max-data-age", "24h", code=3)
        gaps = [one["message"] for one in report["gaps"] if one["kind"] == "missing-data"]
        self.assertTrue(any("is of 2024-08-22" in gap for gap in gaps), gaps)


if __name__ == "__main__":
    unittest.main()
