# SPDX-License-Identifier: Apache-2.0
#
# neighbour_test.py: what runs beside a scan keeps its page cache, its disk and its secrets: large files leave the
# cache as they found it, no more is read in a second than was said, nothing of the scan's memory is left behind.

import ctypes
import mmap
import os
import stat
import subprocess
import tempfile
import time
import unittest

import image_archive
import meridian_cli as meridian
import samples
from image_archive import Image, Layer

MIB = 1 << 20
LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.mmap.restype = ctypes.c_void_p
LIBC.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
LIBC.mincore.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p]
LIBC.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]


def resident(path):
    """The pages of a file that are in the page cache."""
    size = os.stat(path).st_size
    pages = ctypes.create_string_buffer(-(-size // mmap.PAGESIZE))
    file = os.open(path, os.O_RDONLY)
    at = LIBC.mmap(None, size, 0, mmap.MAP_SHARED, file, 0)
    os.close(file)
    if at in (None, ctypes.c_void_p(-1).value) or LIBC.mincore(at, size, pages) != 0:
        raise OSError(ctypes.get_errno(), "mincore")
    LIBC.munmap(at, size)
    return {number for number, page in enumerate(pages.raw) if page & 1}


def cool(path):
    """Out of the page cache with it; the test cannot run where the file system has none."""
    file = os.open(path, os.O_RDONLY)
    os.fsync(file)
    os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(file)
    if resident(path):
        meridian.skip("%s keeps its pages: no disk below it" % path)


def warm(path, offset=0, size=None):
    with open(path, "rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_RANDOM)  # no page more
        os.pread(file.fileno(), size or os.stat(path).st_size, offset)


def text(megabytes):
    return b"a text that holds no secret at all, line by line\n" * (megabytes * MIB // 49)


class PageCache(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="meridian-test-")
        self.addCleanup(subprocess.run, ["rm", "-rf", self.folder], check=True)

    def assert_left_alone(self, paths, ref, *options):
        """The pages are there, or not, as before. A machine that reclaims by itself (DAMON: 54 pages of 512 in 8 seconds of
        nothing) takes some back that nobody gave it: what is lost is looked at ten times, for a scan that gave it back would do
        so each time, and is no scan's doing if as much time without one loses some too."""
        before = {path: resident(path) for path in paths}

        def warm_again():
            for path, pages in before.items():
                for page in pages - resident(path):
                    warm(path, page * mmap.PAGESIZE, mmap.PAGESIZE)

        for _ in range(10):
            warm_again()
            started = time.monotonic()
            done = meridian.scan("--no-discover", *options, ref, plugins=meridian.SECRETS)
            self.assertEqual(done.code, 0, done)
            after = {path: resident(path) for path in paths}
            for path in paths:
                self.assertEqual(len(after[path] - before[path]), 0, path)
            if after == before:
                break
        else:
            took = time.monotonic() - started
            warm_again()
            time.sleep(3 * took)
            if any(before[path] - resident(path) for path in paths):
                return done.json["statistics"]["bytes_read"]
        for path in paths:
            self.assertEqual(len(before[path] - after[path]), 0, path)
        return done.json["statistics"]["bytes_read"]

    def test_a_folder_of_large_files_is_in_the_cache_as_it_was_before(self):
        files = {"cold/%d.txt" % number: text(4) for number in range(3)}
        ref = samples.root_directory(self.folder, {**files, "hot.txt": text(2), "partly.txt": text(4)})
        places = {name: os.path.join(self.folder, "root", name) for name in (*files, "hot.txt", "partly.txt")}
        for path in places.values():
            cool(path)
        warm(places["hot.txt"])
        warm(places["partly.txt"], MIB, 300 << 10)
        self.assertTrue(0 < len(resident(places["partly.txt"])) < 200)
        for isolation in ("auto", "none"):
            with self.subTest(isolation=isolation):
                read = self.assert_left_alone(places.values(), ref, "--isolation", isolation)
                self.assertGreater(read, 17 * MIB)

    def test_so_are_archives_and_blobs(self):
        images = [Image("large:1", [Layer().file("a.txt", os.urandom(3 * MIB).hex()[:4 * MIB].encode())])]
        archive = image_archive.write(os.path.join(self.folder, "images.tar"), images)
        subprocess.run(["gzip", "-1k", archive], check=True)
        for path, ref in ((archive, "docker-archive:" + archive), (archive + ".gz", "docker-archive:%s.gz" % archive)):
            with self.subTest(ref=ref):
                cool(path)
                self.assertGreaterEqual(self.assert_left_alone([path], ref), 4 * MIB)

    def test_reading_leaves_no_time_of_access(self):
        ref = samples.root_directory(self.folder, {"etc/hello": "hello", "large.txt": text(1)})
        places = [os.path.join(self.folder, "root", name) for name in ("etc/hello", "large.txt")]
        for path in places:
            os.utime(path, ns=(1, 10**18))
        self.assertEqual(meridian.scan(ref, plugins=meridian.fixture("viewer")[0]).code, 0)
        self.assertEqual([os.stat(path).st_atime_ns for path in places], [1, 1])


class ReadRate(unittest.TestCase):
    """N bytes at R a second cannot take less than N / R. More they may: the machine has other things to do."""

    def setUp(self):
        self.folder = meridian.scratch(self)

    def assert_paced(self, rate, *args, plugins, least=0):
        start = time.monotonic()
        done = meridian.scan("--max-read-rate", "%dM" % rate, *args, plugins=plugins)
        took = time.monotonic() - start
        self.assertEqual(done.code, 0, done)
        read = done.json["statistics"]["bytes_read"]
        self.assertGreater(took, max(read, least) / MIB / rate - 0.1, done)
        return done, read

    def test_all_processes_together_keep_to_it(self):
        ref = samples.root_directory(self.folder, {"%d/%d.txt" % (folder, number): text(2)
                                                   for folder in range(3) for number in range(1)})
        for isolation in ("auto", "none"):
            with self.subTest(isolation=isolation):
                _, read = self.assert_paced(4, "--isolation", isolation, ref, plugins=meridian.SECRETS)
                self.assertGreater(read, 5 * MIB)

    def test_of_an_archive_too_and_the_findings_are_the_same(self):
        images = [samples.leaky(), Image("large:1", [Layer().file("etc/hello-large", os.urandom(6 * MIB))])]
        archive = image_archive.write(os.path.join(self.folder, "images.tar"), images)
        subprocess.run(["gzip", "-1", archive], check=True)
        ref = "docker-archive:%s.gz" % archive
        # Read by processes that hold no plugin: none of it counts as bytes of the scan.
        done, _ = self.assert_paced(6, ref, plugins=meridian.HELLO, least=os.stat(archive + ".gz").st_size)
        self.assertEqual(meridian.steady(done.out), meridian.steady(meridian.scan(ref).out))

    def test_waiting_to_read_is_no_time_of_the_plugin(self):
        # viewer reads in its own callback, which has a second.
        ref = samples.root_directory(self.folder, {"large": bytes(3 * MIB)})
        viewer = meridian.fixture("viewer")[0]
        done, _ = self.assert_paced(1, "--timeout", "1s", ref, plugins=viewer)
        self.assertEqual({entry["result"] for entry in done.json["coverage"]} - {"clean", "findings"}, set(), done)

    def test_what_is_no_rate(self):
        for word in ("0", "12", "fast", "-5M", "1023k", "99999999999G", "5 M"):
            done = meridian.run("scan", "--max-read-rate", word, "dir:/")
            self.assertEqual(done.code, 2, done)
            self.assertIn("--max-read-rate", done.err)


class Traces(unittest.TestCase):
    """What is left of a scan on the machine's disks: the report, for its owner."""

    def test_no_process_of_it_can_dump_its_memory(self):
        folder = meridian.scratch(self)
        ref = samples.root_directory(folder, {"slow": "x"})
        os.chmod(folder, 0o755)
        bundle, manifest = meridian.fixture("slow")
        # As nobody: what is not dumpable belongs to root, whoever runs it.
        running = subprocess.Popen(
            ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", meridian.BINARY, "scan",
             "--plugin-dir", bundle, "--set", manifest["id"] + ".seconds=60", ref],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=meridian.environment())
        try:
            family = self.family(running, 3)  # host, lane, worker
            for pid in family:
                with open("/proc/%d/limits" % pid) as limits:
                    self.assertRegex(limits.read(), r"Max core file size +0 +0 ")
                self.assertEqual(os.stat("/proc/%d/environ" % pid).st_uid, 0, pid)
        finally:
            running.kill()
            running.communicate()

    def family(self, running, least):
        """Its processes, once there are `least`."""
        deadline = time.monotonic() + 60
        while running.poll() is None and time.monotonic() < deadline:
            found = [running.pid]
            for pid in found:
                try:
                    with open("/proc/%d/task/%d/children" % (pid, pid)) as children:
                        below = set(map(int, children.read().split()))
                    for task in os.listdir("/proc/%d/task" % pid):
                        with open("/proc/%d/task/%s/children" % (pid, task)) as children:
                            below |= set(map(int, children.read().split()))
                    found += sorted(below)
                except FileNotFoundError:
                    pass
            if len(found) >= least:
                return found
            time.sleep(0.05)
        self.fail("%s: %s" % (running.poll(), running.communicate()))

    def test_a_report_is_its_owners(self):
        folder = meridian.scratch(self)
        ref = samples.archive(folder, samples.leaky())
        report = os.path.join(folder, "report.json")
        before = os.umask(0)
        self.addCleanup(os.umask, before)
        for _ in range(2):
            self.assertEqual(meridian.run("scan", "--plugin-dir", meridian.HELLO, "--output", "json=" + report, ref).code, 0)
            self.assertEqual(stat.S_IMODE(os.stat(report).st_mode), 0o600)
            os.chmod(report, 0o666)  # and one that was there is none of ours


if __name__ == "__main__":
    unittest.main()
