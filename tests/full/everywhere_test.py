# SPDX-License-Identifier: Apache-2.0
#
# everywhere_test.py: the image and the options that `deploy` writes, under podman, containerd and gVisor: each scans the
# docker data root of the machine beside it and finds the same, and says what it lacks. And a plugin is built with the
# sdk image and found by the runtime image. Slow, so not part of .ci/run; the release build's install tree is needed.

import json
import os
import shutil
import subprocess
import sys
import unittest

import meridian_cli as meridian

sys.path.insert(0, os.path.join(meridian.SOURCE, "tests/integration/deploy"))
sys.path.insert(0, os.path.join(meridian.SOURCE, "tests/integration/docker"))
from container import DeployEngine, Script, build_image, deploy, from_image, make_base, run  # noqa: E402
from corpus import IN_IMAGES, build_images  # noqa: E402

IMAGE = "meridian:test"
ENGINE = None


def setUpModule():
    global ENGINE
    ENGINE = DeployEngine(config={"runtimes": {"runsc": {"path": shutil.which("runsc") or "runsc", "runtimeArgs": [
        "--platform=ptrace", "--ignore-cgroups", "--network=none"]}}})
    unittest.addModuleCleanup(ENGINE.close)
    ENGINE.start()
    make_base(ENGINE, "base:1-deploy", "runtime")
    print(build_image(ENGINE, "runtime", "base:1-deploy", IMAGE), end="", flush=True)
    build_images(ENGINE)
    run(["docker", "save", "-o", ENGINE.home + "/image.tar", IMAGE], ENGINE)


def words(root):
    return ["scan", "--host-root", root, "--format", "json", "--no-discover", "--store", "docker=" + ENGINE.data_root,
            *IN_IMAGES]


def in_engine_namespace(*command):
    return ["nsenter", "-t", str(ENGINE.process.pid), "-m", *command]


class Everywhere(unittest.TestCase):
    maxDiff = 2000

    @classmethod
    def setUpClass(cls):
        done = meridian.run(*words("/"), "--plugin-dir", meridian.BUNDLES)
        assert done.code == 0, done
        cls.expected = done.json["findings"]

    def check(self, done, name, found_out):
        self.assertEqual(done.returncode, 0, done)
        report = meridian.validate(json.loads(done.stdout))
        self.assertEqual(report["findings"], self.expected)
        # It knows where it is.
        self.assertTrue(report["host"]["parallel_container"])
        self.assertIn(found_out, report["host"]["container"])
        print("%s: sandbox %s; gaps %s" % (name, report["host"]["sandbox_level"], sorted(
            {(gap["kind"], gap["message"]) for gap in report["gaps"]})), flush=True)
        return report

    def script(self, change=lambda text: text):
        return Script(ENGINE, change(from_image(deploy("docker", "--image", IMAGE))), meridian.scratch(self))

    def test_docker(self):
        self.assertEqual(self.check(self.script().run(*words("/host")), "docker", "of docker")["host"]["sandbox_level"], "full")

    def test_podman(self):
        if not shutil.which("podman"):
            self.skipTest("no podman")
        home = ENGINE.home + "/podman"
        options = ["--root", home + "/root", "--runroot", home + "/run", "--storage-driver", "vfs", "--cgroup-manager",
                   "cgroupfs"]
        wrapper = os.path.join(meridian.scratch(self), "podman")
        with open(wrapper, "w") as out:
            out.write("#!/bin/sh\nCONTAINERS_CONF=%s.conf exec podman %s \"$@\"\n" % (wrapper, " ".join(options)))
        with open(wrapper + ".conf", "w") as out:  # podman's own would need CAP_SYS_RESOURCE, which not every machine gives
            out.write('[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n[engine]\nruntime = "runc"\n')
        os.chmod(wrapper, 0o755)
        run(in_engine_namespace(wrapper, "load", "-i", ENGINE.home + "/image.tar"), ENGINE)
        script = self.script()
        done = run(in_engine_namespace("sh", script.path, *words("/host")), ENGINE, check=False, MERIDIAN_ENGINE=wrapper)
        self.check(done, "podman", "of podman")

    def test_gvisor(self):
        if not shutil.which("runsc"):
            self.skipTest("no runsc")
        script = self.script(lambda text: text.replace("run --rm", "run --rm --runtime=runsc"))
        report = self.check(script.run(*words("/host")), "gVisor", "gVisor")
        self.assertIn("landlock", report["host"]["sandbox_level"])

    def test_containerd(self):
        """`ctr` has other words for the same: its words are made of the script's."""
        address = ENGINE.home + "/exec/containerd/containerd.sock"
        ctr = [*in_engine_namespace("ctr"), "--address", address, "--namespace", "meridian-test"]
        run([*ctr, "image", "import", ENGINE.home + "/image.tar"], ENGINE)
        profile = ENGINE.home + "/seccomp.json"
        with open(profile, "w") as out:
            out.write(deploy("seccomp"))
        name = "docker.io/library/" + IMAGE
        command = [*ctr, "run", "--rm", "--read-only", "--seccomp", "--seccomp-profile", profile,
                   "--env", "MERIDIAN_CACHE=none", "--env", "MERIDIAN_STATE=none", "--env", "MERIDIAN_WRITES=none",
                   "--mount", "type=bind,src=/,dst=/host,options=rbind:ro:rslave",
                   "--mount", "type=bind,src=/proc,dst=/host/proc,options=rbind:ro"]
        # ctr has no "drop all": each of its usual ones by name.
        for one in ("CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "MKNOD", "NET_RAW", "SETGID", "SETUID", "SETFCAP", "SETPCAP",
                    "NET_BIND_SERVICE", "SYS_CHROOT", "KILL", "AUDIT_WRITE"):
            command += ["--cap-drop", "CAP_" + one]
        command += ["--cap-add", "CAP_DAC_READ_SEARCH", name, "meridian-scan", "meridian", *words("/host")]
        self.check(run(command, ENGINE, check=False), "containerd", "of containerd")

    def test_any_user_for_an_archive(self):
        """It needs no capability then, and no host root."""
        archive = ENGINE.home + "/base.tar"
        run(["docker", "save", "-o", archive, "deleted:1"], ENGINE)
        os.chmod(archive, 0o644)
        done = run(["docker", "run", "--rm", "--user", "1000:1000", "--read-only", "--cap-drop", "ALL", "--security-opt",
                    "no-new-privileges", "--network", "none", "-v", archive + ":/images.tar:ro", IMAGE, "scan", "--format", "json",
                    "docker-archive:/images.tar"], ENGINE, check=False)
        self.assertEqual(done.returncode, 0, done)
        report = meridian.validate(json.loads(done.stdout))
        self.assertEqual(report["findings"], meridian.run("scan", "--format", "json", "--plugin-dir", meridian.BUNDLES,
                                                          "docker-archive:" + archive).json["findings"])
        self.assertTrue(report["findings"])

    def test_the_readmes_story(self):
        """An image that is called python3 in a repository of somebody's: found, looked into, scanned."""
        run(["docker", "tag", "deleted:1", "veinmind/python3:1.0.2-stretch"], ENGINE)
        self.addCleanup(run, ["docker", "rmi", "veinmind/python3:1.0.2-stretch"], ENGINE)
        script = self.script()
        options = ["--host-root", "/host", "--no-discover", "--store", "docker=" + ENGINE.data_root]
        for command, words_of_it in ((["list", "images"], "veinmind/python3"), (["show", "image", "python3"], "1.0.2-stretch"),
                                     (["fs", "ls", "python3", "/"], "srv")):
            done = script.run(*command, *options)
            self.assertEqual(done.returncode, 0, done)
            self.assertIn(words_of_it, done.stdout)


class Sdk(unittest.TestCase):
    def test_a_plugin_of_ones_own_is_built_and_runs(self):
        make_base(ENGINE, "base:2-deploy", "runtime", "sdk")
        print(build_image(ENGINE, "sdk", "base:2-deploy", "meridian-sdk:test"), end="", flush=True)
        folder = meridian.scratch(self)
        shutil.copytree(os.path.join(meridian.SOURCE, "plugin-template"), folder + "/plugin")
        build = "cmake -G Ninja -B build && cmake --build build && ctest --test-dir build --no-tests=error"
        run(["docker", "run", "--rm", "--network", "none", "-v", folder + "/plugin:/work", "meridian-sdk:test", "sh", "-ec",
             build], ENGINE, timeout=900)
        done = meridian.run("deploy", "docker", "--image", IMAGE, "--plugin-dir", folder + "/plugin/build/bundles")
        self.assertEqual(done.code, 0, done)
        scanned = Script(ENGINE, done.out, folder).run(*words("/host"), "--plugin-dir", "/plugins/1")
        self.assertEqual(scanned.returncode, 0, scanned)
        self.assertEqual([plugin["id"] for plugin in json.loads(scanned.stdout)["plugins"]], ["org.example.my-plugin"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
