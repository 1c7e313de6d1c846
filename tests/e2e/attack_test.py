# SPDX-License-Identifier: Apache-2.0
#
# attack_test.py: a plugin that tries what no plugin may, from its constructor on: each attempt fails,
# refused calls are named, and what the others say stays as it is. In a PID namespace of its own and a
# cgroup of few processes, so that a hole costs the test and not the machine.

import json
import os
import shutil
import unittest

import cgroup
import meridian_cli as meridian
import samples
from image_archive import Image, Layer

ATTACK = "org.meridian.fixture.attack"
HELLO = "org.meridian.fixture.hello"
BOX = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child")
PROCESSES = 200  # a sanitizer's threads and all
# Calls that the kernel reports to the recorder or to the supervisor; the others fail by Landlock or errno alone.
EARLY = {"socket", "execve", "clone", "kill", "setsid", "process_vm_readv", "ptrace", "memfd_create"}
NAMED = EARLY | {"execveat", "vfork", "tgkill", "process_vm_writev", "mount", "unshare", "keyctl", "bpf",
                 "io_uring_setup", "userfaultfd", "perf_event_open", "pidfd_open", "pidfd_getfd", "setpgid", "setns",
                 "chroot", "prctl", "open_by_handle_at", "name_to_handle_at", "mmap"}
LOADING = "while it was loaded: "


def has_tsan():
    with open(meridian.BINARY, "rb") as binary:
        return meridian.SANITIZED and b"__tsan_init" in binary.read()


class Attack(unittest.TestCase):
    def setUp(self):
        self.group = cgroup.limited(self, PROCESSES, cgroup.PidsCgroup)
        folder = meridian.scratch(self)
        self.ref = samples.archive(folder, Image("attacked:1", [
            Layer().directory("etc").file("etc/hello1", "hi").file("etc/trigger", "x"),
            Layer().file("etc/hello2", "hi")]))
        self.canary = os.path.join(folder, "canary")
        with open(self.canary, "w") as out:
            out.write("only root may read this\n")
        os.chmod(self.canary, 0o600)
        self.plugins = os.path.join(folder, "plugins")
        for name in ("hello", "attack"):
            shutil.copytree(os.path.join(meridian.FIXTURES, name), os.path.join(self.plugins, name))

    def scan(self, *args, plugins=None):
        return meridian.scan(*args, self.ref, plugins=plugins or self.plugins, prefix=(*self.group.prefix(), *BOX))

    def attack(self, forges=""):
        return self.scan("--set", ATTACK + ".canary=" + self.canary, "--set", ATTACK + ".forges=" + forges)

    def others(self, done):
        report = json.loads(meridian.steady(json.dumps(done.json)))
        return {key: [row for row in report[key] if row.get("plugin") != ATTACK]
                for key in ("findings", "coverage", "gaps", "targets")}

    def refused(self, done):
        """(system calls refused while it was loaded, and later)"""
        early, later = set(), set()
        for gap in done.json["gaps"]:
            if gap["kind"] == "refused" and gap.get("plugin") == ATTACK:
                (early if gap["message"].startswith(LOADING) else later).add(gap["message"].split()[-1])
        return early, later

    @unittest.skipIf(has_tsan(), "ThreadSanitizer fails a check of its own in a handler of SIGSYS, and spins")
    def test_each_attempt_fails_and_is_named(self):
        done = self.attack()
        attempts = {}
        for finding in done.json["findings"]:
            if finding["plugin"] == ATTACK:
                name, came_to = finding["message"].split(": ")
                attempts[name] = came_to
        self.assertGreater(len(attempts), 60, done)
        for early in ("constructor/", "configure/"):
            self.assertEqual(len([name for name in attempts if name.startswith(early)]), 15, attempts)
        with open(self.canary) as canary:
            self.assertEqual(canary.read(), "only root may read this\n")
        done_all_the_same = {name for name, result in attempts.items() if result == "done"}
        self.assertEqual(done_all_the_same, set())
        early, later = self.refused(done)
        self.assertEqual((EARLY - early, NAMED - later), (set(), set()))
        row = [row for row in done.json["coverage"] if row["plugin"] == ATTACK]
        self.assertEqual([one["complete"] for one in row], [False])
        self.assertEqual(self.group.times_reached(), 0)

    def test_the_others_notice_nothing(self):
        without = self.scan("--skip-plugin", "attack")
        self.assertEqual(without.code, 0, without)
        for forges in ("", "own", "other", "noise"):
            with self.subTest(forges=forges):
                done = self.attack(forges)
                skipped = [row for row in self.others(without)["coverage"] if row["plugin"] != ATTACK]
                self.assertEqual({**self.others(done)}, {**self.others(without), "coverage": skipped}, done.err)

    def test_frames_of_its_own_are_its_own_words(self):
        """A finding by the rule of another plugin: who speaks is known by the socket."""
        done = self.attack("own")
        self.assertNotIn("forged", {finding["message"] for finding in done.json["findings"]})
        said = [gap["message"] for gap in done.json["gaps"] if gap.get("plugin") == ATTACK]
        self.assertTrue([message for message in said if "rule 'hello-file', which is not declared" in message], said)

    def test_forged_frames_end_the_forger(self):
        for forges in ("other", "noise"):
            with self.subTest(forges=forges):
                done = self.attack(forges)
                self.assertEqual(done.code, 3, done)
                rows = {row["plugin"]: row["result"] for row in done.json["coverage"]}
                self.assertEqual(rows, {ATTACK: "error", HELLO: "findings"})
                self.assertIn("protocol", {gap["kind"] for gap in done.json["gaps"] if gap.get("plugin") == ATTACK})

    def test_as_many_threads_as_were_declared(self):
        if meridian.SANITIZED:
            self.skipTest("a sanitizer's run-time library starts threads of its own")
        done = self.scan(plugins=os.path.join(meridian.FIXTURES, "threads"))
        self.assertEqual(done.code, 0, done)
        self.assertEqual({finding["message"] for finding in done.json["findings"]}, {"4"}, done)
        self.assertEqual({gap["message"] for gap in done.json["gaps"]},
                         {"the sandbox refused the system call clone"}, done)


if __name__ == "__main__":
    unittest.main()
