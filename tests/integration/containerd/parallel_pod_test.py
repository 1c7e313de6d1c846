# SPDX-License-Identifier: Apache-2.0
#
# parallel_pod_test.py: the Job that `meridian deploy kubernetes` writes, run as a kubelet runs it - through the runtime
# interface of a real containerd, without a cluster: it scans that containerd's images, and knows where it is.

import json
import os
import shutil
import subprocess
import sys
import time
import unittest

import yaml

import containerd_engine as engines
import image_archive
import meridian_cli as meridian
from cri_client import Cri, text_map
from image_archive import Image, Layer

sys.path.insert(0, os.path.join(meridian.SOURCE, "tests/integration/docker"))
from engine import CGROUP_PARENT  # noqa: E402
from sandbox_test import image_root  # noqa: E402

CONFIG = """version = 2
root = "{home}/root"
state = "{home}/state"
[grpc]
  address = "{home}/socket"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "docker.io/library/pause:1"
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    conf_dir = "{home}/cni"
"""
UID = "7c1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
CGROUP = CGROUP_PARENT + "/kubepods/burstable/pod" + UID
HOST_TO_CONTAINER = 1  # of MountPropagation
LOCALHOST = 2  # of SecurityProfile.ProfileType
OWN = 1  # of NamespaceMode: the container's
LIMIT_SECONDS = 60


class SharedContainerd(engines.Containerd):
    """Its / is shared, as systemd makes a machine's, so that containers can have it as a slave."""

    def inside(self):
        return ["sh", "-ec", 'mount --make-rshared /; exec "$@"', "sh", *super().inside()]


def images(folder):
    with open(shutil.which("busybox"), "rb") as program:
        pause = Image("pause:1", [Layer().directory("bin").file("bin/busybox", program.read(), 0o755)])
    config = json.loads(pause.config())
    config["config"] = {"Entrypoint": ["/bin/busybox", "sleep", "6000"]}
    pause.config_bytes = json.dumps(config).encode()
    layer, root = Layer(), image_root(folder)
    for top, folders, names in os.walk(root):
        for name in folders:
            layer.directory(os.path.relpath(os.path.join(top, name), root))
        for name in names:
            path = os.path.join(top, name)
            with open(path, "rb") as content:
                layer.file(os.path.relpath(path, root), content.read(), os.stat(path).st_mode & 0o777)
    for name in ("host", "plugins", "plugins/1", "proc", "sys", "dev", "etc"):
        layer.directory(name)
    tool = Image("meridian:test", [layer])
    config = json.loads(tool.config())
    config["config"] = {"Entrypoint": ["/meridian"]}
    tool.config_bytes = json.dumps(config).encode()
    return [pause, tool, Image("greeting:1", [Layer().directory("etc").file("etc/hello1", "hi")])]


def quantity(text):
    """Of memory, in bytes."""
    return int(text[:-2]) << {"Ki": 10, "Mi": 20, "Gi": 30}[text[-2:]]


class ParallelPod(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.engine = SharedContainerd(CONFIG)
        cls.addClassCleanup(cls.engine.close)
        cls.addClassCleanup(remove_cgroups)
        home = cls.engine.home
        os.mkdir(home + "/cni")
        cls.engine.start()
        cls.engine.ctr("images", "import", image_archive.write(home + "/images.tar", images(home + "/tool")), space="k8s.io")
        cls.cri = Cri(home + "/socket")
        cls.addClassCleanup(cls.cri.close)
        done = meridian.run("deploy", "kubernetes", "--image", "docker.io/library/meridian:test", "--plugin-dir", meridian.HELLO)
        cls.spec = yaml.safe_load(done.out)["spec"]["template"]["spec"]
        profile = meridian.run("deploy", "seccomp", "--plugin-dir", meridian.HELLO)
        with open(home + "/meridian.json", "w") as out:
            out.write(profile.out)
        # A pod's own folder, as a kubelet makes it.
        cls.folder = home + "/kubelet/pods/" + UID
        os.makedirs(cls.folder + "/containers/meridian")
        for name in ("etc-hosts", "containers/meridian/0"):
            open(os.path.join(cls.folder, name), "w").close()
        cls.pod = cls.cri.pod("meridian-x7k", "security", UID, home + "/logs")
        cls.pod[8][1] = CGROUP
        cls.pod[8][2][1][2] = OWN
        cls.sandbox = cls.cri.run_pod(cls.pod)
        cls.addClassCleanup(cls.cri.remove_pod, cls.sandbox)

    def mounts(self, container):
        """As a kubelet translates them."""
        volumes = {volume["name"]: volume for volume in self.spec["volumes"]}
        for mount in container["volumeMounts"]:
            volume = volumes[mount["name"]]
            if "hostPath" in volume:
                place = volume["hostPath"]["path"]
            else:
                place = "%s/volumes/kubernetes.io~empty-dir/%s" % (self.folder, mount["name"])
                os.makedirs(place, exist_ok=True)
            yield {1: mount["mountPath"], 2: place, 3: int(mount.get("readOnly", False)),
                   5: HOST_TO_CONTAINER if mount.get("mountPropagation") == "HostToContainer" else 0}
        yield {1: "/etc/hosts", 2: self.folder + "/etc-hosts"}
        yield {1: "/dev/termination-log", 2: self.folder + "/containers/meridian/0"}

    def run_as(self, name, args, change=lambda container: None):
        """The pod's container with these words: status, what it said."""
        container = json.loads(json.dumps(self.spec["containers"][0]))
        change(container)
        security, limits = container["securityContext"], container["resources"]["limits"]
        capabilities = security.get("capabilities", {})
        config = {
            1: {1: name}, 2: {1: container["image"]}, 4: args, 6: text_map({one["name"]: one["value"] for one in container["env"]}),
            7: list(self.mounts(container)), 9: text_map({one[1]: one[2] for one in self.pod[6]}), 11: name + ".log", 15: {
                1: {1: 100000, 2: int(limits["cpu"][:-1]) * 100, 4: quantity(limits["memory"])},
                2: {1: {1: capabilities.get("add", []), 2: capabilities.get("drop", [])}, 3: {1: 2, 2: OWN},
                    5: {1: security["runAsUser"]}, 7: int(security["readOnlyRootFilesystem"]),
                    10: "", 11: int(not security["allowPrivilegeEscalation"]), 12: {1: security["runAsGroup"]},
                    15: {1: LOCALHOST, 2: self.engine.home + "/" + security["seccompProfile"]["localhostProfile"]}}}}
        one = self.cri.create_as(self.sandbox, self.pod, config)
        self.cri.start(one)
        deadline = time.monotonic() + LIMIT_SECONDS
        while (code := self.cri.exit_code(one)) is None:
            self.assertLess(time.monotonic(), deadline, "it does not end")
            time.sleep(0.1)
        said = {"stdout": "", "stderr": ""}
        with open("%s/logs/%s.log" % (self.engine.home, name)) as log:
            for line in log:  # TIME STREAM F|P TEXT; P: the line goes on
                _, stream, whole, text = line.rstrip("\n").split(" ", 3)
                said[stream] += text + ("\n" if whole == "F" else "")
        return subprocess.CompletedProcess(args, code, said["stdout"], said["stderr"])

    def store(self):
        return ["--no-discover", "--store", "containerd=%s,%s" % (self.engine.root, self.engine.state)]

    def test_the_job_scans_as_it_is_written(self):
        args = self.spec["containers"][0]["args"]
        done = self.run_as("scan", args + self.store())
        self.assertEqual(done.returncode, 0, done)
        report = meridian.validate(json.loads(done.stdout))
        self.assertEqual({one["location"].get("path") for one in report["findings"]}, {"etc/hello1", None}, done)
        self.assertTrue(report["host"]["parallel_container"])
        self.assertEqual(report["host"]["container"], "a container of containerd, in a Kubernetes pod")
        self.assertEqual(report["host"]["sandbox_level"], "full", done.stderr)
        # Without CAP_SYS_ADMIN what a container's own layer hides is not known; nothing else is missing.
        self.assertEqual({(gap["kind"], gap["message"].split(" ")[0]) for gap in report["gaps"]}, {("privilege", "writable")})

    def doctor(self, name, change=lambda container: None):
        done = self.run_as(name, ["doctor", "--host-root", "/host", "--plugin-dir", "/plugins/1", "--format", "json", *self.store()],
                           change)
        return meridian.validate(json.loads(done.stdout))

    def test_doctor_knows_the_pod_and_mends_in_its_words(self):
        document = self.doctor("whole")
        self.assertEqual((document["container"]["engine"], document["container"]["kubernetes"]), ("containerd", True), document)
        self.assertIn("kubelet", " ".join(document["container"]["evidence"]))

        def no_capability(container):
            container["securityContext"]["capabilities"]["add"] = []

        def no_propagation(container):
            for mount in container["volumeMounts"]:
                mount.pop("mountPropagation", None)

        causes = self.causes(document)
        for name, change, cause, mend in (
                ("plain", no_capability, "no-dac-read-search", "DAC_READ_SEARCH"),
                ("private", no_propagation, "host-root-private", "mountPropagation: HostToContainer")):
            with self.subTest(cause=cause):
                self.assertNotIn(cause, causes)
                found = self.causes(self.doctor(name, change))
                self.assertIn(cause, found)
                self.assertIn(mend, found[cause]["mend"]["kubernetes"])

    @staticmethod
    def causes(document):
        every = [one for feature in document["features"] for one in feature["causes"]] + document["too_much"]
        return {one["cause"]: one for one in every}


def remove_cgroups():
    """Empty ones, which runc leaves."""
    for top in ("/sys/fs/cgroup", *(entry.path for entry in os.scandir("/sys/fs/cgroup") if entry.is_dir())):
        for folder, _, _ in os.walk(top + CGROUP_PARENT, topdown=False):
            try:
                os.rmdir(folder)
            except OSError:
                pass  # another engine has containers in it, and removes it


if __name__ == "__main__":
    meridian.release_only()
    reason = engines.why_not()
    if not reason:
        try:
            import grpc  # noqa: F401
        except ImportError:
            reason = "not installed: python3-grpcio"
    if reason:
        meridian.skip(reason)
    unittest.main()
