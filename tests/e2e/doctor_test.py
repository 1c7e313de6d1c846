# SPDX-License-Identifier: Apache-2.0
#
# doctor_test.py: `doctor` says what this environment allows, and the mend of each thing that is missing.

import ctypes
import os
import re
import time
import unittest

import meridian_cli as meridian


def doctor(*args, **how):
    done = meridian.run("doctor", "--format", "json", *args, **how)
    return done, {fact["name"]: fact for fact in done.json["facts"]}


class Doctor(unittest.TestCase):
    def test_the_status_is_3_exactly_when_something_is_unavailable(self):
        done, facts = doctor()
        missing = [fact for fact in facts.values() if fact["state"] == "unavailable"]
        self.assertEqual(done.code, 3 if missing else 0, done)
        for fact in missing:
            self.assertIn("mend", fact)

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
        done, facts = doctor(prefix=("setpriv", "--bounding-set", "-all", "--inh-caps", "-all",
                                     "--securebits", "+noroot"))
        self.assertEqual(done.code, 3, done)
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

    def test_text_has_a_line_for_each_fact(self):
        done = meridian.run("doctor")
        _, facts = doctor()
        lines = done.out.splitlines()
        self.assertEqual(len(lines), len(facts), done)
        for line, (name, fact) in zip(lines, facts.items()):
            self.assertTrue(line.startswith("ok" if fact["state"] == "available" else "missing"), line)
            self.assertIn(name, line)


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
