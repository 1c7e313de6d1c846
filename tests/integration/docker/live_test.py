# SPDX-License-Identifier: Apache-2.0
#
# live_test.py: an engine at work while scans and lists of its store run in a loop: images are pulled, built and removed,
# containers run and removed. Nothing crashes; what stays is found each time; every gap names something that the
# engine's own event log shows changing.

import collections
import concurrent.futures
import hashlib
import json
import os
import re
import subprocess
import threading
import time
import unittest

import image_archive
import meridian_cli as meridian
import corpus
import engine as engines
from registry import Registry

# A round is a pull, a build, a run and the removal of its container, then of both images: 200 of those four together at
# the least, 800 where a minute is enough for them. Below a sanitizer a quarter.
LEAST, MOST = (12, 50) if meridian.SANITIZED else (50, 200)
SECONDS = 20 if meridian.SANITIZED else 60
WORKERS = 3
STABLE = "stable:1"
ID = re.compile(r"[0-9a-f]{64}")


class Work:
    """What was done to the engine, in rounds on some threads, and the ids that belong to each image and container."""

    def __init__(self, engine, registry):
        self.engine, self.registry = engine, registry
        self.layers = {}  # id of an image or container -> names of its layers on disk
        self.done = {"pull": 0, "build": 0, "run": 0, "remove": 0}
        self.lock = threading.Lock()
        self.ended = threading.Event()

    def count(self, what):
        with self.lock:
            self.done[what] += 1

    def learn(self, *names):
        """Which layers they stand on, for gaps that name only a layer: {id: names}."""
        learnt = {}
        for one in json.loads(self.engine.docker("inspect", *names).stdout):
            chain, ids = "", set()
            for diff_id in one.get("RootFS", {}).get("Layers", []):
                chain = chain_id(chain, diff_id)
                ids |= {chain[7:], diff_id[7:]}
            for key, text in one["GraphDriver"]["Data"].items():
                if key != "WorkDir":
                    ids |= set(ID.findall(text.replace(self.engine.data_root, "")))
            learnt[one["Id"].replace("sha256:", "")] = ids
        return learnt

    def round(self, number, start):
        if number >= LEAST and time.monotonic() > start + SECONDS:
            return
        docker = self.engine.docker
        pulled, built = "%s/live-%d:1" % (self.registry.address, number), "built-%d:1" % number
        docker("pull", "-q", pulled)
        self.count("pull")
        context = os.path.join(self.engine.home, "context-%d" % (number % 7))
        docker("build", "-q", "-t", built, "--build-arg", "FROM=" + pulled, "--label", "number=%d" % number, context)
        self.count("build")
        name = "live-%d" % number
        docker("run", *(["-d"] if number % 2 else []), "--name", name, "--network", "none", built, "/bin/busybox",
               *(["sleep", "600"] if number % 2 else ["touch", "/written"]))
        self.count("run")
        learnt = self.learn(pulled, built, name)
        with self.lock:
            self.layers.update(learnt)
        docker("rm", "-f", name)
        self.count("remove")
        docker("rmi", built, pulled)

    def run(self):
        try:
            start = time.monotonic()
            with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
                for done in [pool.submit(self.round, number, start) for number in range(MOST)]:
                    done.result()
        finally:
            self.ended.set()


def chain_id(parent, diff_id):
    return diff_id if not parent else "sha256:" + hashlib.sha256((parent + " " + diff_id).encode()).hexdigest()


class Live(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.engine = engines.Engine()
        cls.addClassCleanup(cls.engine.close)
        cls.engine.start()
        busybox = image_archive.Layer("busybox").directory("bin").file("bin/busybox", corpus.busybox(), 0o755)
        # The stable image keeps the first layer from being pulled again each time.
        images = {"live-%d" % number: image_archive.Image(
            [], [busybox, image_archive.Layer().file("etc/hello.pulled", str(number))]) for number in range(MOST)}
        images["stable"] = image_archive.Image([], [busybox, image_archive.Layer().file("etc/hello.stable", "x")])
        cls.registry = Registry(images)
        cls.registry.__enter__()
        cls.addClassCleanup(cls.registry.__exit__)
        cls.engine.docker("pull", "-q", cls.registry.address + "/stable:1")
        cls.engine.docker("tag", cls.registry.address + "/stable:1", STABLE)
        cls.engine.docker("run", "-d", "--name", "stable", "--network", "none", STABLE, "/bin/busybox", "sleep", "6000")
        for number in range(7):
            context = os.path.join(cls.engine.home, "context-%d" % number)
            os.makedirs(context)
            with open(os.path.join(context, "Dockerfile"), "w") as out:
                out.write("ARG FROM\nFROM $FROM\nCOPY hello /etc/hello.built\nENV NUMBER=%d\n" % number)
            with open(os.path.join(context, "hello"), "w") as out:
                out.write(str(number))
        cls.work = Work(cls.engine, cls.registry)
        stays = cls.work.learn(STABLE, "stable")
        cls.stays = set(stays).union(*stays.values())
        cls.scans, cls.lists = [], []
        # As a stream: the daemon itself remembers 256 events.
        log = os.path.join(cls.engine.home, "events")
        with open(log, "w") as out:
            watching = subprocess.Popen(["docker", "-H", cls.engine.socket, "events", "--since", "%.9f" % time.time(),
                                         "--format", "{{json .}}"], stdin=subprocess.DEVNULL, stdout=out)
        cls.addClassCleanup(watching.wait)
        cls.addClassCleanup(watching.terminate)
        start = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            meanwhile = [pool.submit(cls.work.run), pool.submit(cls.list)]
            while not cls.work.ended.is_set() or not cls.scans:
                cls.scans.append(meridian.scan(*cls.store(), "--jobs", 2))
            for done in meanwhile:
                done.result()
        cls.seconds = time.monotonic() - start
        cls.scanned, cls.listed = [done.json for done in cls.scans], [done.json for done in cls.lists]
        cls.events = cls.read_events(log)

    @classmethod
    def read_events(cls, log):
        """All of them: up to one of a container that is made for that."""
        last = cls.engine.docker("create", "--network", "none", STABLE, "/bin/busybox").stdout.strip()
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with open(log) as text:
                events = text.read()
            if last in events and events.endswith("\n"):
                return [json.loads(line) for line in events.splitlines()]
            time.sleep(0.1)
        raise AssertionError("the event log did not come to its end")

    @staticmethod
    def store():
        return "--host-root", "/", "--store", "docker=" + Live.engine.data_root, "--no-discover"

    @classmethod
    def list(cls):
        for what in iter(lambda: ("images", "containers")[len(cls.lists) % 2], None):
            cls.lists.append(meridian.run(*cls.store(), "list", what, "--format", "json"))
            if cls.work.ended.wait(0.3):
                return

    def changing(self):
        """Ids of images and containers in the event log, and of their layers, but for what stays."""
        ids = set()
        for event in self.events:
            ids |= set(ID.findall(json.dumps(event)))
        for owner, layers in self.work.layers.items():
            if owner in ids:
                ids |= layers
        return ids - self.stays

    def test_as_much_was_done_as_was_meant(self):
        rounds = self.work.done["pull"]
        self.assertGreaterEqual(rounds, LEAST)
        self.assertEqual(self.work.done, dict.fromkeys(("pull", "build", "run", "remove"), rounds))
        self.assertGreater(len(self.scans), 3)
        self.assertGreater(len(self.lists), 3)
        actions = [(event["Type"], event["Action"]) for event in self.events]
        for action in (("image", "pull"), ("image", "delete"), ("container", "start"), ("container", "destroy")):
            self.assertGreaterEqual(actions.count(action), rounds, action)

    def test_nothing_crashes(self):
        for done in self.scans + self.lists:
            self.assertIn(done.code, (0, 3), done)

    def test_what_stays_is_found_each_time_without_a_doubt(self):
        for report in self.scanned:
            for name in (STABLE, "stable"):
                one = meridian.target(report, name)
                self.assertEqual([gap for gap in report["gaps"] if gap.get("target") == one["id"]], [])
                self.assertEqual({(entry["result"], entry["complete"]) for entry in report["coverage"]
                                  if entry["target"] == one["id"]}, {("findings", True)})
        for report in self.listed:
            names = {name for one in report["targets"] for name in one["names"]}
            self.assertEqual(len({STABLE, "stable"} & names), 1, names)

    def test_every_gap_names_something_that_changed(self):
        changing = self.changing()
        gaps = [gap for report in self.scanned + self.listed for gap in report["gaps"]]
        for gap in gaps:
            with self.subTest(gap=gap):
                named = set(ID.findall(" ".join(gap.get(key) or "" for key in ("target", "path", "message"))))
                self.assertTrue(named & changing, named)
                self.assertFalse(named & self.stays)
                # Being removed is no damage.
                self.assertNotIn(gap["kind"], ("integrity", "corrupt"))
        print("%d rounds, %d scans, %d lists in %.0f s; %d gaps: %s" % (
            self.work.done["pull"], len(self.scans), len(self.lists), self.seconds, len(gaps),
            dict(collections.Counter(gap["kind"] for gap in gaps))))


if __name__ == "__main__":
    if engines.why_not():
        meridian.skip(engines.why_not())
    unittest.main()
