# SPDX-License-Identifier: Apache-2.0
#
# sandbox_test.py: which sandbox a lane really reaches in a container with least privileges, and under gVisor;
# and that a whole scan in lanes finds there what one without lanes finds.

import json
import os
import re
import shutil
import subprocess
import unittest

import docker_store
import meridian_cli as meridian
from engine import Engine, why_not
from planted import token

LEAST = ["--cap-drop", "ALL", "--cap-add", "DAC_READ_SEARCH", "--security-opt", "no-new-privileges"]


# Compiling a hundred patterns below a sanitizer takes seconds, in each process.
BUNDLES = ("hello", "viewer", "inventory", "privileges", *(() if meridian.SANITIZED else ("secrets",)))


def machine(folder):
    """A root with a store, whose files only their owner may read."""
    host = docker_store.make(folder, [{"etc/hello1": "hi", "srv/key": token(1) + "\n"}, {"etc/hello2": "ho"}])
    os.makedirs(os.path.join(host, "etc"))  # by which a container knows that /host is one
    for top, _, names in os.walk(host):
        for name in names:
            os.chmod(os.path.join(top, name), 0o600)
            os.chown(os.path.join(top, name), 1234, 1234)
    return host


class SharingEngine(Engine):
    """Has `place` as a shared mount, so that containers can have it as a slave."""

    def __init__(self, place):
        super().__init__()
        self.place = place

    def private_setup(self):
        return super().private_setup() + "mount --bind %s %s && mount --make-shared %s; " % ((self.place,) * 3)


def image_root(folder):
    """The program and the libraries that it is linked to, as the file system of an image."""
    seen = subprocess.run(["ldd", meridian.BINARY], capture_output=True, text=True, check=True).stdout
    for path in [meridian.BINARY, *re.findall(r"(/\S+) \(", seen)]:
        to = folder + "/meridian" if path == meridian.BINARY else folder + path
        os.makedirs(os.path.dirname(to), exist_ok=True)
        shutil.copy(path, to)
    os.makedirs(folder + "/tmp")
    return folder


def missing(document):
    """Parts of the lane's sandbox that count and are not there; a sanitizer build never has one."""
    return [part["name"] for part in document["plugin_sandbox"]["parts"] if part["counts"]
            and not part["reached"] and not (meridian.SANITIZED and part["name"] == "memory limit")]


def reached(document, name):
    return next(part["reached"] for part in document["plugin_sandbox"]["parts"] if part["name"] == name)


class Sandbox(unittest.TestCase):
    def test_it_is_full_in_a_container_of_least_privileges(self):
        root = image_root(os.path.join(meridian.scratch(self), "root"))
        archive = root + ".tar"
        subprocess.run(["tar", "-C", root, "-cf", archive, "."], check=True)
        with Engine() as engine:
            engine.docker("import", archive, "least:1")
            for user in ("0", "1000"):
                with self.subTest(user=user):
                    done = engine.docker("run", "--rm", "--network=none", "--user", user, *LEAST, "-v",
                                         "/:/host:ro", "least:1", "/meridian", "doctor", "--format",
                                         "json", check=False)
                    # Without CAP_SYS_ADMIN less is seen; as uid 1000 Docker's files are not.
                    self.assertEqual(done.returncode, 0 if user == "0" else 3, done)
                    document = meridian.validate(json.loads(done.stdout))
                    self.assertEqual(missing(document), [], done)
                    self.assertTrue(reached(document, "user notification"), done)
                    self.assertFalse(reached(document, "network namespace"), done)
                    facts = {fact["name"]: fact["state"] for fact in document["facts"]}
                    held = "available" if user == "0" else "unavailable"  # lab.md, 3
                    self.assertEqual(facts["CAP_DAC_READ_SEARCH"], held, done)
                    self.assertEqual(facts["CAP_SYS_ADMIN"], "unavailable", done)
                    self.assertEqual(facts["host root read-only"], "available", done)
                    # The engine of this test has private mounts, so they cannot be slaves.
                    self.assertEqual(facts["host root propagation"], "unavailable", done)

    def compare(self, run, expected_level):
        """`run` is given the words after `meridian`; the two reports differ by the level alone."""
        reports = {}
        for mode in ("none", "auto"):
            done = run("scan", "--format", "json", "--isolation", mode)
            self.assertEqual(done.returncode, 0, done)
            reports[mode] = done.stdout
            level = meridian.validate(json.loads(done.stdout))["host"]["sandbox_level"]
            self.assertRegex(level, "^none$" if mode == "none" else expected_level)
        self.assertEqual(meridian.steady(reports["auto"]), meridian.steady(reports["none"]))
        report = json.loads(reports["auto"])
        self.assertEqual({target["kind"] for target in report["targets"]}, {"image", "container"})
        self.assertEqual({finding["plugin"].split(".")[-1] for finding in report["findings"]},
                         {"hello", "viewer", "secrets"} & set(BUNDLES))

    def test_a_scan_in_a_container_of_least_privileges_finds_what_one_without_lanes_finds(self):
        folder = meridian.scratch(self)
        root = image_root(os.path.join(folder, "root"))
        for name in BUNDLES:
            shutil.copytree(meridian.fixture(name)[0], os.path.join(root, "plugins", name))
        shutil.copytree(meridian.fixture("scratch")[0], os.path.join(root, "scratch", "scratch"))
        subprocess.run(["tar", "-C", root, "-cf", root + ".tar", "."], check=True)
        host = machine(folder)
        with SharingEngine(host) as engine:
            engine.docker("import", root + ".tar", "least:1")
            self.compare(lambda *words: engine.docker(
                "run", "--rm", "--network=none", "--hostname", "scanner", *LEAST, "--mount",
                "type=bind,source=%s,target=/host,readonly,bind-propagation=rslave" % host, "least:1", "/meridian",
                *words, "--plugin-dir", "/plugins", check=False),
                "^partial: memory limit.*$" if meridian.SANITIZED else "^full$")
            self.scratch_where_nothing_can_be_mounted(engine, host, os.path.join(folder, "tmp"))

    def scratch_where_nothing_can_be_mounted(self, engine, host, temporary):
        """Each file is bounded, the level says that no more is, and the folder is removed."""
        os.mkdir(temporary)
        done = engine.docker(
            "run", "--rm", "--network=none", *LEAST, "--mount", "type=bind,source=%s,target=/host,readonly" % host,
            "-v", temporary + ":/tmp", "least:1", "/meridian", "scan", "--format", "json", "--plugin-dir", "/scratch",
            "--set", "org.meridian.fixture.scratch.bytes=%d" % (4 << 20), check=False)
        self.assertEqual(done.returncode, 0, done)
        report = meridian.validate(json.loads(done.stdout))
        self.assertRegex(report["host"]["sandbox_level"], r"scratch limit \(only of each file: ")
        messages = {finding["message"] for finding in report["findings"]}
        self.assertEqual(messages, {"found 0, stopped after 1048576: EFBIG"})
        self.assertEqual(os.listdir(temporary), [])

    @unittest.skipUnless(shutil.which("runsc"), "gVisor is not installed (apt-get install runsc)")
    @unittest.skipIf(meridian.SANITIZED, "a sanitizer's shadow memory does not fit into gVisor")
    def test_a_scan_under_gvisor_finds_what_one_without_lanes_finds(self):
        folder = meridian.scratch(self)
        host = machine(folder)
        plugins = os.path.join(folder, "plugins")
        for name in BUNDLES:
            shutil.copytree(meridian.fixture(name)[0], os.path.join(plugins, name))
        self.compare(lambda *words: subprocess.run(
            ["runsc", "--network=none", "--platform=ptrace", "--ignore-cgroups", "do", meridian.BINARY, "--host-root",
             host, *words, "--plugin-dir", plugins], capture_output=True, text=True, timeout=120),
            r"^partial: landlock \(ENOSYS: this kernel has none\)$")

    @unittest.skipUnless(shutil.which("runsc"), "gVisor is not installed (apt-get install runsc)")
    @unittest.skipIf(meridian.SANITIZED, "a sanitizer's shadow memory does not fit into gVisor")
    def test_under_gvisor_landlock_and_notification_are_missing_and_said(self):
        done = subprocess.run(["runsc", "--network=none", "--platform=ptrace", "--ignore-cgroups", "do",
                               meridian.BINARY, "doctor", "--format", "json"], capture_output=True,
                              text=True, timeout=60)
        self.assertEqual(done.returncode, 3, done)
        document = meridian.validate(json.loads(done.stdout))
        self.assertEqual(missing(document), ["landlock"], done)
        self.assertFalse(reached(document, "user notification"), done)
        self.assertIn("ENOSYS: this kernel has none", document["plugin_sandbox"]["level"])


if __name__ == "__main__":
    if why_not():
        meridian.skip(why_not())
    unittest.main()
