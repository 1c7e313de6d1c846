# SPDX-License-Identifier: Apache-2.0
#
# drivers_test.py: the same image and container kept by the storage drivers vfs and fuse-overlayfs: what we see
# is what the engine itself exports and saves. And a running daemon is found by its process.
#
# In the release build only, see README.md.

import json
import os
import shutil
import tarfile
import unittest
from pathlib import Path

import meridian_cli as meridian
from engine import Engine, why_not
from planted import token, token_rule

NAME, CONTAINER = "demo:1", "changed"
DRIVERS = ("vfs", "fuse-overlayfs")
# What an engine makes for each container; `docker export` shows them, and images do not have them.
MADE = ("dev", "etc", "proc", "sys", ".dockerenv")
CHANGES = ("rm -r /srv/gone && rm /srv/linked && mkdir -p /srv/folder && echo own > /srv/folder/own && "
           "rm -r /srv/replaced && mkdir /srv/replaced && echo new > /srv/replaced/new && "
           "echo %s > /srv/own-token" % token(9))


class Drivers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.engines = {}
        for driver in DRIVERS:
            engine = Engine(driver=driver)
            engine.__enter__()
            cls.addClassCleanup(engine.__exit__, None, None, None)
            cls.engines[driver] = engine
            engine.build(NAME, {
                "Dockerfile": "FROM scratch\nCOPY busybox /bin/busybox\nCOPY srv /srv/\n"
                              "RUN [\"/bin/busybox\", \"ln\", \"/srv/kept\", \"/srv/linked\"]\n"
                              "RUN [\"/bin/busybox\", \"rm\", \"-r\", \"/srv/removed\", \"/srv/folder\"]\n"
                              "COPY srv/kept /srv/folder/again\nENV A=1\n",
                "busybox": Path(shutil.which("busybox")).read_bytes(), "srv/kept": token(1) + "\n",
                "srv/removed": token(2) + "\n", "srv/gone/x": "x\n", "srv/folder/inside": token(3) + "\n",
                "srv/replaced/old": "old\n"})
            engine.docker("run", "--name", CONTAINER, "--network=none", NAME, "/bin/busybox", "sh", "-c",
                          " && ".join("busybox " + step if not step.startswith("echo") else step
                                      for step in CHANGES.split(" && ")).replace("busybox", "/bin/busybox"))

    def store(self, driver):
        engine = self.engines[driver]
        return ["--host-root", engine.host, "--store", "docker=" + engine.data, "--no-discover"]

    def files(self, *args):
        """{path: (type, size)} of a whole tree, as we see it."""
        done = meridian.run("fs", "find", "--format", "json", *args)
        self.assertEqual(done.code, 0, done)
        return {one["path"]: (one["type"], one.get("size") if one["type"] == "file" else None)
                for one in done.json["files"]}

    def exported(self, driver):
        engine = self.engines[driver]
        place = os.path.join(engine.home, "export.tar")
        engine.docker("export", "-o", place, CONTAINER)
        names = {"0": "file", "1": "file", "5": "directory", "2": "symlink"}
        with tarfile.open(place) as archive:
            found = {}
            for member in archive:
                size = member.size
                if member.islnk():
                    size = archive.getmember(member.linkname).size
                kind = names[member.type.decode()]
                found[member.name.rstrip("/")] = (kind, size if kind == "file" else None)
        return {path: what for path, what in found.items() if path.split("/")[0] not in MADE}

    def test_a_container_is_what_the_engine_exports(self):
        for driver in DRIVERS:
            with self.subTest(driver):
                ours = {path: what for path, what in self.files(*self.store(driver), CONTAINER).items()
                        if path.split("/")[0] not in MADE}
                self.assertEqual(ours, self.exported(driver))
                self.assertIn("srv/replaced/new", ours)

    def seen(self, *args):
        """Of an image: diffIDs, and each secret with its layer and visibility."""
        done = meridian.scan(*args, plugins=meridian.SECRETS)
        self.assertEqual(done.code, 0, done)
        report = done.json
        self.assertTrue(report["complete"], report["gaps"])
        target, = report["targets"]
        findings = sorted((finding["fingerprint"], finding["location"]["path"], finding["location"]["layer"]["index"],
                           finding["location"]["visibility"])
                          for finding in report["findings"] if finding["rule"] == token_rule())
        return [layer["diff_id"] for layer in target["layers"]], findings

    def test_an_image_is_what_the_engine_saves(self):
        for driver in DRIVERS:
            with self.subTest(driver):
                engine = self.engines[driver]
                saved = os.path.join(engine.home, "saved.tar")
                engine.docker("save", "-o", saved, NAME)
                archive = "docker-archive:" + saved
                self.assertEqual(self.seen(*self.store(driver), NAME), self.seen(archive))
                self.assertEqual(self.files(*self.store(driver), NAME), self.files(archive))
                self.assertEqual(meridian.run("fs", "cat", *self.store(driver), NAME, "srv/linked").out,
                                 token(1) + "\n")

    def test_a_secret_of_the_container_alone(self):
        for driver in DRIVERS:
            with self.subTest(driver):
                done = meridian.scan(*self.store(driver), CONTAINER, plugins=meridian.SECRETS)
                self.assertIn((CONTAINER, "srv/own-token"),
                              {place[:2] for place in meridian.places(done.json, token_rule())}, done)
                shown, = meridian.run("show", "container", *self.store(driver), CONTAINER, "--format",
                                      "json").json["objects"]
                self.assertEqual(shown["target"]["state"], "exited")

    def test_a_running_daemon_is_found_by_its_process(self):
        done = meridian.run("--host-root", "/", "list", "runtimes", "--format", "json")
        self.assertIn(done.code, (0, 3), done)  # the machine may have other problems
        rows = {row["root"]: row for row in json.loads(done.out)["runtimes"]}
        for driver, engine in self.engines.items():
            with self.subTest(driver):
                row = rows[engine.data_root]
                pid = Path(engine.pid_file).read_text().strip()
                self.assertEqual(row["found_by"], "dockerd, process %s: --data-root" % pid)
                self.assertEqual((row["driver"], row["images"] > 0, row["containers"]), (driver, True, 1))


if __name__ == "__main__":
    meridian.release_only()
    reason = why_not() or (None if os.path.exists("/dev/fuse") else "no /dev/fuse")
    if reason:
        meridian.skip(reason)
    unittest.main()
