# SPDX-License-Identifier: Apache-2.0
#
# attack_test.py: a plugin that tries what no plugin may: each attempt fails, refused calls are named,
# and what the others say stays as it is. Inside a PID namespace of its own, so that a hole costs the
# test and not the machine.

import json
import os
import shutil
import unittest

import meridian_cli as meridian
import samples
from image_archive import Image, Layer

ATTACK = "org.meridian.fixture.attack"
BOX = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child")
# Calls that the kernel reports to the recorder; the others fail by Landlock or errno alone.
NAMED = {"socket", "execve", "ptrace", "kill", "tgkill", "process_vm_readv", "mount", "unshare", "setsid", "keyctl",
         "bpf", "io_uring_setup", "userfaultfd", "perf_event_open", "pidfd_open", "name_to_handle_at", "mmap"}


class Attack(unittest.TestCase):
    def setUp(self):
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

    def scan(self, *args):
        return meridian.scan("--set", ATTACK + ".canary=" + self.canary, *args, self.ref, plugins=self.plugins,
                             prefix=BOX)

    def others(self, done):
        report = json.loads(meridian.steady(json.dumps(done.json)))
        return {key: [row for row in report[key] if row.get("plugin") != ATTACK]
                for key in ("findings", "coverage", "gaps", "targets")}

    def test_each_attempt_fails_and_is_named(self):
        done = self.scan()
        attempts = {}
        for finding in done.json["findings"]:
            if finding["plugin"] == ATTACK:
                name, came_to = finding["message"].split(": ")
                attempts[name] = came_to
        self.assertGreater(len(attempts), 20, done)
        with open(self.canary) as canary:
            self.assertEqual(canary.read(), "only root may read this\n")
        self.assertEqual({name: result for name, result in attempts.items() if result == "done"}, {})
        refused = {gap["message"].split()[-1] for gap in done.json["gaps"]
                   if gap["kind"] == "refused" and gap.get("plugin") == ATTACK}
        self.assertEqual(NAMED - refused, set())
        row = [row for row in done.json["coverage"] if row["plugin"] == ATTACK]
        self.assertEqual([one["complete"] for one in row], [False])

    def test_the_others_notice_nothing(self):
        without = self.scan("--skip-plugin", "attack")
        self.assertEqual(without.code, 0, without)
        for forges in ("false", "true"):
            with self.subTest(forges=forges):
                done = self.scan("--set", ATTACK + ".forges=" + forges)
                self.assertEqual(self.others(done), self.others(without), done.err)

    def test_forged_frames_end_the_forger(self):
        done = self.scan("--set", ATTACK + ".forges=true")
        self.assertEqual(done.code, 3, done)
        rows = {row["plugin"]: row["result"] for row in done.json["coverage"]}
        self.assertEqual(rows, {ATTACK: "error", "org.meridian.fixture.hello": "findings"})
        self.assertIn("protocol", {gap["kind"] for gap in done.json["gaps"] if gap.get("plugin") == ATTACK})


if __name__ == "__main__":
    unittest.main()
