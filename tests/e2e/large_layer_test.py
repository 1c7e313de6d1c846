# SPDX-License-Identifier: Apache-2.0
#
# large_layer_test.py: one layer that is large enough to be walked by several threads, and one file that is large
# enough to be searched by several: nothing of that shows in the report, and every file is read once.

import os
import shutil
import subprocess
import tempfile
import unittest

import meridian_cli as meridian
import opens
from planted import token, token_rule

RANGE = 32 << 20  # limits::kRange; a file of two is divided
FOLDERS, FILES = 50, 60  # the walk gives nothing away before it has met 1,000 entries
LINKED = 40  # files with three names each, in different folders


def folder(number):
    return "srv/%d/part-%03d" % (number % 7, number)


def make_tree(root):
    for number in range(FOLDERS):
        place = os.path.join(root, folder(number))
        os.makedirs(place)
        for name in range(FILES):
            with open(os.path.join(place, "%02d.conf" % name), "w") as out:
                out.write(token(number) + "\n" if name % 20 == 7 else "plain = %d\n" % name)
    for number in range(LINKED):
        first = os.path.join(root, folder(number), "linked.conf")
        with open(first, "w") as out:
            out.write(token(1000 + number) + "\n")
        for other in (11, 23):
            os.link(first, os.path.join(root, folder((number + other) % FOLDERS), "other-%d.conf" % number))


class LargeLayer(unittest.TestCase):
    def setUp(self):
        self.root = os.path.join(self.enterContext(tempfile.TemporaryDirectory(dir=meridian.scratch(self))), "root")
        make_tree(self.root)
        # One whose other name is elsewhere: it waits for the end of the walk.
        os.link(os.path.join(self.root, folder(3), "07.conf"), self.root + "-elsewhere")

    def scan(self, jobs, isolation, *options, plugins=meridian.SECRETS):
        return meridian.scan("dir:" + self.root, "--jobs", jobs, "--isolation", isolation, *options, plugins=plugins)

    def test_the_report_does_not_depend_on_jobs_nor_isolation(self):
        wanted = self.scan(1, "none")
        found = {path for _, path, _, _, _ in meridian.places(wanted.json, token_rule())}
        self.assertEqual(len(found), FOLDERS * 3 + LINKED * 3)
        self.assertEqual(wanted.json["statistics"]["files_opened"], FOLDERS * FILES + LINKED)
        for isolation in ("none", "auto"):
            for jobs in (2, 8):
                with self.subTest(isolation, jobs=jobs):
                    done = self.scan(jobs, isolation)
                    self.assertEqual((done.code, meridian.steady(done.out)), (0, meridian.steady(wanted.out)))

    @unittest.skipIf(meridian.SANITIZED, "a sanitizer's leak checker fails below strace; the release build counts")
    def test_several_threads_read_each_file_once(self):
        log = self.root + ".log"
        subprocess.run(["strace", "-f", "-y", "-qq", "-s", "0", "--seccomp-bpf", "-e", "trace=openat", "-e",
                        "signal=none", "-o", log, meridian.BINARY, "scan", "--plugin-dir", meridian.SECRETS, "--jobs",
                        "4", "--isolation", "none", "dir:" + self.root], stdin=subprocess.DEVNULL,
                       capture_output=True, timeout=120, env=meridian.environment(), check=True)
        with open(log, errors="surrogateescape") as lines:
            lines = list(lines)
        threads = {line.split()[0] for line in lines if "<" + self.root + "/srv" in line}
        self.assertGreater(len(threads), 1)
        opened = [path for path, how in opens.parse(opens.whole_lines(lines))
                  if path.startswith(self.root + "/") and not how & {"O_PATH", "O_DIRECTORY"}]
        self.assertEqual((len(opened), len(set(opened))), (FOLDERS * FILES + LINKED,) * 2)

    @unittest.skipIf(meridian.SANITIZED, "the fixture is built without sanitizers only")
    def test_a_plugin_that_breaks_in_one_part_breaks_as_in_the_whole(self):
        with open(os.path.join(self.root, folder(41), "hello-trigger"), "w") as out:
            out.write("x\n")
        plugins = os.path.join(meridian.scratch(self), "plugins")
        for source in (meridian.SECRETS, os.path.join(meridian.FIXTURES, "fault")):
            shutil.copytree(source, os.path.join(plugins, os.path.basename(source)))
        for what in ("null-write", "throw", "findings"):
            options = [word for pair in (("where", "file"), ("what", what)) for word in
                       ("--set", "org.meridian.fixture.fault.%s=%s" % pair)]
            wanted = self.scan(1, "auto", *options, plugins=plugins)
            self.assertGreater(len(wanted.json["findings"]), FOLDERS)
            self.assertTrue(wanted.json["gaps"], wanted)
            for jobs in (2, 8):
                with self.subTest(what, jobs=jobs):
                    done = self.scan(jobs, "auto", *options, plugins=plugins)
                    self.assertEqual((done.code, meridian.steady(done.out)), (wanted.code, meridian.steady(wanted.out)))


class LargeFile(unittest.TestCase):
    """Tokens on, before and behind the borders of ranges, in a text and in a binary file."""

    def setUp(self):
        self.root = self.enterContext(tempfile.TemporaryDirectory(dir=meridian.scratch(self)))
        self.lines = {}
        for name, fill, size in (("text.log", b"plain = 1\n", 100 << 20), ("binary.bin", b"\0\1\2\3plain\0", 70 << 20)):
            content = bytearray(fill * (size // len(fill)))
            places = [at + RANGE * border for border in range(1, size // RANGE + 1) for at in (-400, -7, 300)]
            for number, place in enumerate([5000, *places, len(content) - 100]):
                said = b"\n" + token(number).encode() + b"\n"
                content[place:place + len(said)] = said
            with open(os.path.join(self.root, name), "wb") as out:
                out.write(content)
            text = bytes(content)
            self.lines[name] = {text.count(b"\n", 0, text.index(token(number).encode())) + 1
                                for number in range(len(places) + 2)}

    def words(self, jobs, isolation):
        return ["dir:" + self.root, "--jobs", str(jobs), "--isolation", isolation]

    def test_the_report_does_not_depend_on_jobs_nor_isolation(self):
        wanted = meridian.scan(*self.words(1, "none"), plugins=meridian.SECRETS)
        found = {}
        for finding in wanted.json["findings"]:
            if finding["rule"] == token_rule():
                found.setdefault(finding["location"]["path"], set()).add(finding["location"]["line"])
        self.assertEqual(found, self.lines)
        for isolation in ("none", "auto"):
            for jobs in (2, 8):
                with self.subTest(isolation, jobs=jobs):
                    done = meridian.scan(*self.words(jobs, isolation), plugins=meridian.SECRETS)
                    self.assertEqual((done.code, meridian.steady(done.out)), (0, meridian.steady(wanted.out)))

    @unittest.skipIf(meridian.SANITIZED, "a sanitizer's leak checker fails below strace; the release build counts")
    def test_a_worker_is_lent_threads_for_it_and_no_more(self):
        log = self.root + ".log"
        subprocess.run(["strace", "-f", "-qq", "-e", "trace=clone", "-e", "signal=none", "-o", log, meridian.BINARY, "scan",
                        "--plugin-dir", meridian.SECRETS, *self.words(3, "auto")], stdin=subprocess.DEVNULL,
                       capture_output=True, timeout=120, env=meridian.environment(), check=True)
        with open(log) as lines:
            # The host's own threads come by clone3, which a lane does not have.
            threads = [line for line in lines if "CLONE_THREAD" in line]
        self.assertEqual(len(threads), 2 * len(self.lines))


if __name__ == "__main__":
    unittest.main()
