# SPDX-License-Identifier: Apache-2.0
#
# quarantine_test.py: a plugin that broke on a layer or image is kept from it, and from nothing else,
# until the record expires or somebody clears it.

import json
import os
import shutil
import stat
import subprocess
import time
import unittest

import image_archive
import cgroup
import meridian_cli as meridian
import samples
from image_archive import Image, Layer

FAULT = "org.meridian.fixture.fault"
HELLO = meridian.fixture("hello")[1]["id"]


def faulty(name="faulty:1", extra="x"):
    return Image(name, [
        Layer().directory("etc").file("etc/hello1", "hi").file("etc/trigger", "FAULT-1 " + extra)
        .file("etc/hello-trigger", "FAULT-1 " + extra),
        Layer().file("etc/hello2", "hi").file("etc/after", "y")])


@unittest.skipIf(meridian.SANITIZED, "sanitizers have handlers of their own, so fixture fault is not built")
class Quarantine(unittest.TestCase):
    def setUp(self):
        self.folder = meridian.scratch(self)
        self.state = os.path.join(self.folder, "lib/meridian")
        self.file = os.path.join(self.state, "quarantine.json")
        self.image = faulty()
        self.ref = samples.archive(self.folder, self.image)
        self.plugins = os.path.join(self.folder, "plugins")
        for name in ("hello", "fault"):
            shutil.copytree(os.path.join(meridian.FIXTURES, name), os.path.join(self.plugins, name))

    def scan(self, *args, what="null-write", where="file", ref=None, **how):
        return meridian.scan(ref or self.ref, "--state", self.state, "--set", FAULT + ".where=" + where,
                             "--set", FAULT + ".what=" + what, *args, plugins=self.plugins, **how)

    def command(self, *args):
        return meridian.run("plugin", "quarantine", *args, "--state", self.state)

    def records(self):
        return self.command("list", "--format", "json").json["records"]

    def pair(self, done, plugin=FAULT):
        rows = [row for row in done.json["coverage"] if row["plugin"] == plugin]
        self.assertEqual(len(rows), 1, done)
        return rows[0]

    def kinds(self, done):
        return {gap["kind"] for gap in done.json["gaps"] if gap.get("plugin") == FAULT}

    def check_runs(self, done):
        """It was run, and broke."""
        self.assertEqual(done.code, 3, done)
        self.assertIn("crash", self.kinds(done), done)
        self.assertNotIn("quarantined", self.kinds(done), done)

    def check_kept_out(self, done):
        self.assertEqual(done.code, 3, done)
        self.assertEqual(self.kinds(done), {"quarantined"}, done)
        row = self.pair(done)
        self.assertEqual(row["result"], "error", done)
        self.assertRegex(row["reason"], r"quarantined until 20\d\d-.*Z")
        self.assertIn("meridian plugin quarantine clear " + FAULT, row["reason"])

    # ------------------------------------------------------------------ without a fault

    def test_nothing_is_written_without_a_fault(self):
        done = self.scan(what="none")
        self.assertEqual(done.code, 0, done)
        self.assertEqual(os.listdir(self.state), [])
        self.assertEqual(self.records(), [])

    def test_an_operator_keeps_a_plugin_out_and_lets_it_in(self):
        done = self.command("add", "fault", "--plugin-dir", self.plugins, "--reason", "eats memory", "--for", "2h")
        self.assertEqual(done.code, 0, done)
        record = self.records()[0]
        self.assertEqual((record["plugin"]["id"], record["content"], record["by"], record["message"]),
                         (FAULT, None, "operator", "eats memory"))
        table = self.command("list").out
        for word in (FAULT, "whole", "operator", "eats memory", record["expires"]):
            self.assertIn(word, table)
        for isolation in ("auto", "none"):
            done = self.scan("--isolation", isolation, what="none")
            self.check_kept_out(done)
            self.assertIn("eats memory", self.pair(done)["reason"])
            self.assertEqual(self.pair(done, HELLO)["result"], "findings")
        self.assertEqual(self.scan("--quarantine", "off", what="none").code, 0)
        self.assertEqual(self.command("clear", "fault").code, 0)
        self.assertEqual(self.scan(what="none").code, 0)

    def test_usage_errors_are_2(self):
        for args in (("add", "absent", "--plugin-dir", self.plugins), ("clear",), ("clear", "absent"), ("add",), ()):
            with self.subTest(args):
                self.assertEqual(self.command(*args).code, 2)
        self.assertEqual(self.command("clear", "--all").code, 0)
        for option in (("--quarantine", "soon"), ("--quarantine", "9999h"), ("--timeout", "0"), ("--timeout", "9999h")):
            self.assertEqual(self.scan(*option).code, 2, option)
        self.assertEqual(self.command("add", "fault", "--plugin-dir", self.plugins, "--for", "999999999h").code, 2)

    def test_without_a_state_folder_nothing_is_kept(self):
        done = meridian.scan(self.ref, "--state", "none", plugins=self.plugins)
        self.assertEqual(done.code, 0, done)
        self.assertEqual(meridian.run("plugin", "quarantine", "list", "--state", "none").code, 2)

    def test_a_corrupt_file_is_set_aside_and_said(self):
        os.makedirs(self.state, 0o700)
        with open(self.file, "w") as file:
            file.write("{")
        os.chmod(self.file, 0o600)
        done = self.scan(what="none")
        self.assertEqual(done.code, 0, done)
        self.assertIn("quarantine.json.corrupt", done.err)
        self.assertEqual(os.listdir(self.state).count("quarantine.json"), 0)
        self.assertNotIn("corrupt", self.scan(what="none").err)

    def test_a_folder_that_others_may_write_to_is_not_believed(self):
        self.command("add", "fault", "--plugin-dir", self.plugins)
        os.chmod(self.state, 0o777)
        done = self.scan(what="none")
        self.assertEqual(done.code, 0, done)
        self.assertIn("chmod go-w", done.err)

    # -------------------------------------------------------------------- faults

    def test_the_layer_it_crashed_on_is_kept_from_it_and_nothing_else(self):
        first = self.scan()
        self.check_runs(first)
        self.assertEqual(stat.S_IMODE(os.stat(self.state).st_mode), 0o700)
        self.assertEqual(stat.S_IMODE(os.stat(self.file).st_mode), 0o600)
        record = self.records()[0]
        self.assertEqual((record["plugin"]["id"], record["content"], record["by"], record["kind"]),
                         (FAULT, self.image.diff_ids()[0], "host", "crash"))
        self.assertRegex(record["message"], "etc/(hello-)?trigger")

        second = self.scan()
        self.check_kept_out(second)
        gap = [gap for gap in second.json["gaps"] if gap["kind"] == "quarantined"][0]
        self.assertEqual(gap["mend"], "meridian plugin quarantine clear %s --state '%s'" % (FAULT, self.state))
        self.assertEqual(self.pair(second, HELLO), {**self.pair(first, HELLO),
                                                    "milliseconds": self.pair(second, HELLO)["milliseconds"]})
        seen = {meridian.path_of(one["location"]) for one in second.json["findings"] if one["plugin"] == FAULT}
        self.assertEqual(seen, {"etc/after"}, "the other layer is still looked at")
        self.assertEqual(meridian.steady(second.out), meridian.steady(self.scan("--jobs", "1").out))
        self.check_kept_out(self.scan("--isolation", "none"))
        self.check_runs(self.scan("--quarantine", "off"))
        # Another image with that layer, and one without.
        other = samples.archive(self.folder, Image("other:1", self.image.layers[:1]), name="other.tar")
        self.check_kept_out(self.scan(ref=other))
        self.check_runs(self.scan(ref=samples.archive(self.folder, faulty(extra="z"), name="z.tar")))

        self.assertEqual(self.command("clear", "--all").code, 0)
        self.check_runs(self.scan())

    def test_an_image_it_crashed_on(self):
        for where in ("image", "finish_target"):
            with self.subTest(where):
                self.check_runs(self.scan(where=where))
                self.assertEqual([one["content"] for one in self.records()], [self.image.id])
                self.check_kept_out(self.scan(where=where))
                self.command("clear", "--all")

    def test_a_plugin_that_breaks_while_it_is_loaded_is_kept_out_whole(self):
        first = self.scan(where="configure")
        self.assertEqual(first.code, 3, first)
        self.assertEqual([one["content"] for one in self.records()], [None])
        second = self.scan(where="configure")
        self.check_kept_out(second)
        self.assertEqual(self.pair(second, HELLO)["result"], "findings")

    def test_a_record_expires(self):
        self.check_runs(self.scan("--quarantine", "2s"))
        self.check_kept_out(self.scan())
        time.sleep(2.1)
        self.check_runs(self.scan())

    def test_0_remembers_nothing(self):
        self.check_runs(self.scan("--quarantine", "0"))
        self.assertEqual(self.records(), [])

    def test_a_timeout_holds_for_who_gives_no_more_time(self):
        self.assertIn("timeout", self.kinds(self.scan("--timeout", "300ms", what="loop")))
        self.check_kept_out(self.scan("--timeout", "300ms"))
        self.check_runs(self.scan("--timeout", "60s"))

    def test_what_costs_no_process_is_not_remembered(self):
        for what in ("throw", "allocate"):
            self.assertEqual(self.scan(what=what).code, 3)
            self.assertEqual(self.records(), [])

    def test_an_abort_for_want_of_memory_is_memory_and_remembered(self):
        self.assertIn("memory", self.kinds(self.scan(what="allocate-out")))
        self.assertEqual([one["kind"] for one in self.records()], ["memory"])
        self.check_kept_out(self.scan())

    def test_what_the_kernel_killed_for_memory_is_memory_and_not_remembered(self):
        limited = cgroup.limited(self)
        done = limited.run("scan", "--plugin-dir", self.plugins, "--format", "json", "--state", self.state, "--set",
                           FAULT + ".where=file", "--set", FAULT + ".what=touch", self.ref)
        self.assertEqual(done.code, 3, done)
        self.assertIn("memory", self.kinds(done), done)
        self.assertEqual(self.pair(done, HELLO)["result"], "findings")
        self.assertEqual(self.records(), [])

    def test_what_may_change_under_its_name_is_not_remembered(self):
        root = samples.root_directory(self.folder, {"etc/trigger": "FAULT-1", "etc/hello-trigger": "FAULT-1"})
        for where in ("file", "image"):
            self.check_runs(self.scan(ref=root, where=where))
        self.assertEqual(self.records(), [])

    def test_a_layer_that_is_not_what_it_claims_is_not_remembered(self):
        parts = image_archive.members([self.image])
        parts[self.image.diff_ids()[0][7:] + "/layer.tar"] = (
            Layer().directory("etc").file("etc/trigger", "forged").file("etc/hello-trigger", "forged").tar())
        path = image_archive.write_members(os.path.join(self.folder, "forged.tar"), parts)
        done = self.scan(ref="docker-archive:" + path)
        self.assertIn("crash", self.kinds(done), done)
        self.assertEqual(self.records(), [])

    def test_an_image_with_other_layers_than_its_config_says_is_not_remembered(self):
        parts = image_archive.members([self.image])
        manifest = json.loads(parts["manifest.json"])
        manifest[0]["Layers"].append(manifest[0]["Layers"][0])
        parts["manifest.json"] = json.dumps(manifest).encode()
        path = image_archive.write_members(os.path.join(self.folder, "more.tar"), parts)
        done = self.scan(ref="docker-archive:" + path, where="image")
        self.assertIn("crash", self.kinds(done), done)
        self.assertEqual(self.records(), [])

    def test_several_scans_at_once_lose_nothing(self):
        refs = [samples.archive(self.folder, faulty(extra=str(number)), name="%d.tar" % number) for number in range(4)]
        running = [meridian.start("scan", "--plugin-dir", self.plugins, "--state", self.state, "--set",
                                  FAULT + ".where=file", "--set", FAULT + ".what=null-write", ref) for ref in refs]
        for process in running:
            out, err = process.communicate(timeout=meridian.SECONDS)
            self.assertEqual(process.returncode, 3, out + err)
        self.assertEqual({one["content"] for one in self.records()},
                         {faulty(extra=str(number)).diff_ids()[0] for number in range(4)})

    def test_a_place_that_cannot_be_written_costs_nothing(self):
        with open(os.path.join(self.folder, "no-folder"), "w"):
            pass
        self.state = os.path.join(self.folder, "no-folder/meridian")
        done = self.scan()
        self.check_runs(done)
        self.assertIn("faults are not remembered", done.err)

    def test_a_full_disk_costs_nothing(self):
        os.makedirs(self.state, 0o700)
        full = ("unshare", "-m", "sh", "-c",
                'mount -t tmpfs -o size=4k,mode=700 none "$0" && head -c 4096 /dev/zero >"$0/fill" && exec "$@"', self.state)
        if subprocess.run([*full, "true"], capture_output=True).returncode != 0:
            self.skipTest("no mount")
        done = self.scan(prefix=full)
        self.check_runs(done)
        self.assertIn("faults are not remembered", done.err)


if __name__ == "__main__":
    unittest.main()
