# SPDX-License-Identifier: Apache-2.0
#
# doctor_test.py: `doctor` says what this environment allows, and the mend of each thing that is missing.

import ctypes
import json
import os
import re
import shutil
import time
import unittest

import docker_store
import meridian_cli as meridian


def doctor(*args, **how):
    done = meridian.run("doctor", "--format", "json", *args, **how)
    return done, {fact["name"]: fact for fact in done.json["facts"]}


def features(document):
    return {feature["name"]: feature for feature in document["features"]}


def causes(feature):
    return [cause["cause"] for cause in feature["causes"]]


NO_CAPABILITY = ("setpriv", "--bounding-set", "-all", "--inh-caps", "-all", "--securebits", "+noroot")


class Doctor(unittest.TestCase):
    def test_the_status_is_3_exactly_when_something_is_unavailable(self):
        folder = meridian.scratch(self)
        store = docker_store.make(folder, [{"etc/hello1": "hi"}])
        for args, code in ((("--host-root", store), 0), (("--host-root", folder + "/nowhere"), 3)):
            done, facts = doctor(*args)
            states = [feature["state"] for feature in done.json["features"]]
            self.assertEqual("unavailable" in states, code == 3, done)
            self.assertEqual(done.code, code, done)
            for fact in facts.values():
                self.assertEqual("mend" in fact, fact["state"] == "unavailable", done)
            for feature in done.json["features"]:
                self.assertEqual(bool(feature["causes"]), feature["state"] in ("degraded", "unavailable"), feature)

    def test_the_kernels_own_answer_is_told(self):
        _, facts = doctor()
        abi = ctypes.CDLL(None).syscall(444, None, 0, 1)  # landlock_create_ruleset, its version
        self.assertEqual(facts["landlock"]["state"], "available" if abi > 0 else "unavailable")
        if abi > 0:
            self.assertEqual(facts["landlock"]["detail"], "ABI %d" % abi)

    def test_the_sandbox_is_tried(self):
        done, facts = doctor()
        level = done.json["plugin_sandbox"]
        parts = {part["name"]: part for part in level["parts"]}
        self.assertTrue(parts["seccomp"]["reached"], done)
        self.assertTrue(parts["capabilities"]["reached"], done)
        # A sanitizer's shadow memory is beyond any limit, and the level says so.
        self.assertEqual(parts["memory limit"]["reached"], not meridian.SANITIZED, done)
        self.assertEqual(facts["plugin sandbox"]["detail"], level["level"])
        self.assertEqual(level["full"], all(part["reached"] or not part["counts"] for part in parts.values()))

    def test_without_capabilities_they_are_missing_and_the_sandbox_is_not(self):
        if os.geteuid() != 0:
            self.skipTest("drops capabilities")
        done, facts = doctor(prefix=NO_CAPABILITY)
        for name in ("CAP_DAC_READ_SEARCH", "CAP_SYS_ADMIN", "CAP_SYS_PTRACE", "network namespace"):
            self.assertEqual(facts[name]["state"], "unavailable", done)
        missing = [part["name"] for part in done.json["plugin_sandbox"]["parts"]
                   if part["counts"] and not part["reached"]]
        self.assertEqual(missing, ["memory limit"] if meridian.SANITIZED else [], done)

    def test_a_host_root_that_is_not_there_is_said_with_its_mount(self):
        done, facts = doctor("--host-root", "/nowhere/at/all")
        self.assertEqual(done.code, 3, done)
        self.assertEqual(facts["host root"]["state"], "unavailable")
        self.assertIn("rslave", facts["host root"]["mend"])
        self.assertEqual(facts["host procfs"]["state"], "unavailable")

    def test_text_has_a_block_for_each_feature_and_each_mend_once(self):
        done = meridian.run("doctor", "--host-root", "/nowhere/at/all")
        document, _ = doctor("--host-root", "/nowhere/at/all")
        for feature in document.json["features"]:
            self.assertRegex(done.out, "(?m)^%s +%s(: |$)" % (feature["state"], feature["name"]))
        self.assertEqual(done.out.count("--host-root DIR"), 1, done)
        self.assertIn("mend: as of list images", done.out)

    def test_databases_of_plugins_are_named_with_their_age(self):
        data = os.path.join(meridian.scratch(self), "data")
        words = ("--plugin-dir", os.path.join(meridian.BUNDLES, "vulnerabilities"))
        whole = lambda: features(meridian.run("--data-dir", data, "doctor", "--format", "json", *words).json)
        plugin = whole()["plugin io.meridian.vulnerabilities"]
        self.assertEqual((plugin["state"], causes(plugin)), ("degraded", ["plugin-data"]))
        self.assertIn(data + "/vulnerabilities.db is not there", plugin["causes"][0]["observed"])
        self.assertIn("meridian data import", plugin["causes"][0]["mend"]["machine"])
        feed = os.path.join(os.path.dirname(data), "new.openvex.json")
        with open(feed, "w") as out:
            json.dump({"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.org/vex/1", "author": "a",
                       "timestamp": "2026-01-01T00:00:00Z", "version": 1, "statements": [
                           {"vulnerability": {"name": "CVE-2024-1"}, "products": [{"@id": "pkg:npm/a@1"}],
                            "status": "fixed"}]}, out)
        done = meridian.run("--data-dir", data, "data", "import", feed)
        self.assertEqual(done.code, 0, done)
        plugin = whole()["plugin io.meridian.vulnerabilities"]
        self.assertEqual(plugin["state"], "works", plugin)  # VEX does not age
        self.assertRegex(plugin["observed"], r"^%s/vulnerabilities.db, built 20\d\d-.*, openvex:new \(\d+ days old\)$" % re.escape(data))
        # The tracker's copy in tests/data is of 2024.
        feeds = os.path.join(meridian.SOURCE, "tests/data/vulnerabilities/debian-tracker.json")
        os.utime(shutil.copy(feeds, feed), (1_700_000_000, 1_700_000_000))
        done = meridian.run("--data-dir", data, "data", "import", feed)
        self.assertEqual(done.code, 0, done)
        plugin = whole()["plugin io.meridian.vulnerabilities"]
        self.assertEqual((plugin["state"], causes(plugin)), ("degraded", ["plugin-data"]))
        self.assertIn("debian-tracker is of 2023-11-14", plugin["causes"][0]["observed"])

    def test_without_capabilities_layers_and_opaque_directories_are_degraded(self):
        if os.geteuid() != 0:
            self.skipTest("drops capabilities")
        store = docker_store.make(meridian.scratch(self), [{"etc/hello1": "hi"}])
        done, _ = doctor("--host-root", store, prefix=NO_CAPABILITY)
        found = features(done.json)
        self.assertEqual(causes(found["read layers"]), ["no-dac-read-search"], done)
        self.assertEqual(causes(found["opaque directories"]), ["no-sys-admin"], done)
        self.assertEqual(found["processes"]["state"], "off", done)
        scan = meridian.scan("--host-root", store, prefix=NO_CAPABILITY)
        said = {(entry["feature"], entry["cause"]) for entry in scan.json["host"]["environment"]}
        self.assertLessEqual({("read layers", "no-dac-read-search"), ("opaque directories", "no-sys-admin")}, said)
        self.assertIn("read layers: degraded: CAP_DAC_READ_SEARCH is not held", scan.err)
        self.assertEqual(meridian.scan("--quiet", "--host-root", store, prefix=NO_CAPABILITY).err, "")

    def test_in_a_user_namespace_capabilities_are_not_believed(self):
        if os.geteuid() != 0:
            self.skipTest("may not be allowed to make one")
        store = docker_store.make(meridian.scratch(self), [{"etc/hello1": "hi"}])
        done, facts = doctor("--host-root", store, prefix=("unshare", "--user", "--map-root-user"))
        found = features(done.json)
        self.assertEqual(facts["CAP_DAC_READ_SEARCH"]["state"], "available", done)
        self.assertEqual(causes(found["read layers"]), ["user-namespace"], done)
        self.assertEqual(causes(found["opaque directories"]), ["user-namespace"], done)


class HostConfinement(unittest.TestCase):
    def test_the_host_is_not_dumpable_and_cannot_gain_privileges(self):
        folder = meridian.scratch(self)
        fifo = os.path.join(folder, "report")
        os.mkfifo(fifo)  # the scan ends waiting for a reader: time to look at it
        os.makedirs(os.path.join(folder, "root/etc"))
        with open(os.path.join(folder, "root/etc/hello"), "w") as text:
            text.write("hello")
        running = meridian.start("scan", "--plugin-dir", meridian.HELLO, "--output", fifo,
                                 "dir:" + os.path.join(folder, "root"))
        try:
            status = self.confined_status(running)
            self.assertIn("NoNewPrivs:\t1", status)
            with open("/proc/%d/limits" % running.pid) as text:
                self.assertRegex(text.read(), r"Max core file size +0 +0 ")
            # Not dumpable: what it shows to its own user belongs to root.
            self.assertEqual(os.stat("/proc/%d/environ" % running.pid).st_uid, 0)
            reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
            self.addCleanup(os.close, reader)
            running.communicate(timeout=60)
            self.assertEqual(running.returncode, 0)
            self.assertIn(b"hello", os.read(reader, 1 << 16))
        finally:
            running.kill()
            running.communicate()

    def confined_status(self, running):
        """/proc/PID/status once it has a filter of its own."""
        deadline = time.monotonic() + 30
        while running.poll() is None and time.monotonic() < deadline:
            with open("/proc/%d/status" % running.pid) as text:
                status = text.read()
            if re.search("Seccomp_filters:\t[1-9]", status) and "NoNewPrivs:\t1" in status:
                return status
            time.sleep(0.02)
        self.fail("never confined: %s" % running.poll())

    def test_reports_are_for_their_owner_alone(self):
        folder = meridian.scratch(self)
        os.makedirs(os.path.join(folder, "root"))
        report = os.path.join(folder, "report.json")
        done = meridian.run("scan", "--plugin-dir", meridian.HELLO, "--output", "json=" + report,
                            "dir:" + os.path.join(folder, "root"))
        self.assertEqual(done.code, 0, done)
        self.assertEqual(os.stat(report).st_mode & 0o777, 0o600)
        self.assertEqual(sorted(os.listdir(folder)), ["report.json", "root"])


if __name__ == "__main__":
    unittest.main()
