# SPDX-License-Identifier: Apache-2.0
#
# cri_test.py: pods of a real containerd, made through its runtime interface as a kubelet does it, without a cluster: what
# is told of them; and lists while pods and images come and go.

import functools
import json
import os
import shutil
import threading
import time
import unittest

import containerd_engine as engines
import image_archive
import meridian_cli as meridian
from cri_client import Cri
from image_archive import Image, Layer

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
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.other]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.other.options]
      BinaryName = "{home}/runsc"
"""
UID = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount"

ENGINE = CRI = None
IDS = {}


def images():
    with open(shutil.which("busybox"), "rb") as program:
        base = Layer().directory("bin").file("bin/busybox", program.read(), 0o755).symlink("bin/sh", "busybox")
    base.directory("etc").directory("tmp").directory("var").directory("var/run")
    demo, pause = Image("demo:1", [base]), Image("pause:1", [base])
    config = json.loads(pause.config())
    config["config"] = {"Entrypoint": ["/bin/busybox", "sleep", "6000"]}
    pause.config_bytes = json.dumps(config).encode()
    return [demo, pause]


def setUpModule():
    global ENGINE, CRI
    ENGINE = engines.Containerd(CONFIG)
    unittest.addModuleCleanup(ENGINE.close)
    os.mkdir(ENGINE.home + "/cni")
    # A program of that name that is runc: what a handler is called says nothing.
    os.symlink(os.path.realpath(shutil.which("runc")), ENGINE.home + "/runsc")
    ENGINE.start()
    archive = image_archive.write(ENGINE.home + "/images.tar", images())
    ENGINE.ctr("images", "import", archive, space="k8s.io")
    CRI = Cri(ENGINE.home + "/socket")
    unittest.addModuleCleanup(CRI.close)
    token = ENGINE.home + "/kubelet/pods/%s/volumes/kubernetes.io~projected/kube-api-access-x7k" % UID
    os.makedirs(token)
    pod = CRI.pod("web-0", "prod", UID, ENGINE.home + "/logs")
    IDS["sandbox"] = CRI.run_pod(pod)
    unittest.addModuleCleanup(CRI.remove_pod, IDS["sandbox"])
    for name, command, start in (("main", ["sleep", "6000"], True), ("init", ["sh", "-c", "exit 5"], True),
                                 ("later", ["true"], False)):
        IDS[name] = CRI.create(IDS["sandbox"], pod, name, "docker.io/library/demo:1", ["/bin/busybox", *command],
                               [(TOKEN, token)])
        if start:
            CRI.start(IDS[name])
    other = CRI.pod("odd-0", "prod", UID.replace("0f", "1f"), ENGINE.home + "/logs")
    IDS["other"] = CRI.run_pod(other, "other")
    unittest.addModuleCleanup(CRI.remove_pod, IDS["other"])
    time.sleep(0.5)  # `init` ends


def options():
    return ("--host-root", "/", "--no-discover", "--store", "containerd=%s,%s" % (ENGINE.root, ENGINE.state))


@functools.lru_cache(maxsize=None)
def containers():
    done = meridian.run(*options(), "list", "containers", "--format", "json")
    assert done.code == 0, done
    return {one["id"]: one for one in meridian.validate(json.loads(done.out))["targets"]}


class Pods(unittest.TestCase):
    def test_containers_are_named_by_their_pod(self):
        names = {key: containers()[IDS[key]]["names"] for key in ("main", "init", "later", "sandbox", "other")}
        self.assertEqual(names, {"main": ["prod/web-0/main"], "init": ["prod/web-0/init"], "later": ["prod/web-0/later"],
                                 "sandbox": ["prod/web-0"], "other": ["prod/odd-0"]})
        pod = containers()[IDS["main"]]["pod"]
        self.assertEqual(pod, {"name": "web-0", "namespace": "prod", "uid": UID, "sandbox": IDS["sandbox"]})

    def test_states_are_those_of_the_interface(self):
        states = {key: containers()[IDS[key]]["state"] for key in ("main", "init", "later", "sandbox")}
        self.assertEqual(states, {"main": "running", "init": "exited", "later": "created", "sandbox": "running"})
        done = meridian.run(*options(), "show", "container", "prod/web-0/init", "--format", "json")
        self.assertEqual(done.json["objects"][0]["run"]["exit_code"], 5)

    def test_pods_group_them(self):
        done = meridian.run(*options(), "list", "pods", "--format", "json")
        pods = {pod["name"]: pod for pod in meridian.validate(done.json)["pods"]}
        web, odd = pods["web-0"], pods["odd-0"]
        self.assertEqual({one["name"]: one["state"] for one in web["containers"]},
                         {"main": "running", "init": "exited", "later": "created"})
        self.assertEqual({one["id"] for one in web["containers"]}, {IDS["main"], IDS["init"], IDS["later"]})
        self.assertEqual((web["handler"], odd["handler"]), ("", "other"))
        self.assertEqual(web["sources"], ["sandbox " + IDS["sandbox"]])

    def test_a_class_of_a_manifest_is_that_of_the_pod_whose_handler_it_names(self):
        folder = meridian.scratch(self)
        with open(folder + "/class.yaml", "w") as out:
            out.write("kind: RuntimeClass\nmetadata: {name: gvisor}\nhandler: other\n---\n"
                      "kind: RuntimeClass\nmetadata: {name: none}\nhandler: nowhere\n")
        done = meridian.run(*options(), "--kube-manifests", folder, "list", "pods", "--format", "json")
        classes = {pod["name"]: pod["runtime_classes"] for pod in done.json["pods"]}
        self.assertEqual((classes["web-0"], classes["odd-0"]), ([], ["gvisor"]))
        done = meridian.run(*options(), "--kube-manifests", folder, "show", "node", "--format", "json")
        found = {one["name"]: one for one in meridian.validate(done.json)["runtime_classes"]}
        # By the configuration that the running daemon names.
        self.assertEqual((found["gvisor"]["state"], found["gvisor"]["kind"]), ("ready", "shared-kernel"))
        self.assertEqual(found["none"]["state"], "not-configured")

    def test_a_class_whose_handler_is_not_there_is_a_finding_of_the_host(self):
        folder = meridian.scratch(self)
        with open(folder + "/class.yaml", "w") as out:
            for name, handler in (("gvisor", "other"), ("none", "nowhere"), ("plain", "runc")):
                out.write("kind: RuntimeClass\nmetadata: {name: %s}\nhandler: %s\n---\n" % (name, handler))
        done = meridian.run(*options(), "--kube-manifests", folder, "scan", "host", "--plugin-dir", meridian.BUNDLES,
                            "--plugin", "isolation", "--format", "json")
        self.assertEqual(done.code, 0, done)
        report = meridian.validate(done.json)
        self.assertEqual([(one["rule"], one["location"]["field"]) for one in report["findings"]], [
            ("sandbox-in-name-only", "runtime-class:gvisor"), ("handler-not-configured", "runtime-class:none")])
        self.assertEqual([target["kind"] for target in report["targets"]], ["host"])

    def test_a_runtime_that_is_only_called_runsc_shares_the_kernel(self):
        boundary = containers()[IDS["other"]]["isolation"]
        self.assertEqual((boundary["kind"], boundary["runtime"]), ("shared-kernel", "runc"), boundary)
        self.assertIn("runsc", " ".join(boundary["evidence"]))

    def test_the_accounts_token_is_named_and_not_read(self):
        done = meridian.run(*options(), "show", "container", "prod/web-0/main", "--format", "json")
        mounts = {one["destination"]: one for one in done.json["objects"][0]["mounts"]}
        self.assertEqual((mounts[TOKEN]["name"], mounts[TOKEN]["driver"]), ("kube-api-access-x7k", "kubernetes.io/projected"))

    def test_images_have_one_entry_whatever_the_interface_calls_them(self):
        done = meridian.run(*options(), "list", "images", "--format", "json")
        self.assertEqual(len(done.json["targets"]), 2, done)


class Churn(unittest.TestCase):
    """Images are imported and removed, pods run and end, while lists and scans are made."""

    def test_nothing_is_lost_that_stays_and_nothing_is_twice(self):
        stop, failed = threading.Event(), []

        def again(step):
            def run():
                number = 0
                while not stop.is_set():
                    number += 1
                    try:
                        step(number)
                    except Exception as problem:  # noqa: BLE001: told below
                        failed.append(problem)
                        return
            thread = threading.Thread(target=run)
            thread.start()
            return thread

        def import_and_remove(number):
            name = "docker.io/library/gone:%d" % number
            archive = image_archive.write(ENGINE.home + "/gone.tar", [
                Image("gone:%d" % number, [Layer().file("etc/number", str(number))])])
            ENGINE.ctr("images", "import", archive, space="churn")
            ENGINE.ctr("images", "rm", "--sync", name, space="churn")

        def run_and_end(number):
            pod = CRI.pod("fleeting-%d" % number, "churn", "%032x" % number, ENGINE.home + "/logs")
            sandbox = CRI.run_pod(pod)
            one = CRI.create(sandbox, pod, "main", "docker.io/library/demo:1", ["/bin/busybox", "sleep", "6000"])
            CRI.start(one)
            CRI.remove_pod(sandbox)

        threads = [again(import_and_remove), again(run_and_end)]
        try:
            deadline = time.monotonic() + 20
            rounds = 0
            while time.monotonic() < deadline and not failed:
                rounds += 1
                for command in (["list", "containers", "--format", "json"], ["list", "images", "--format", "json"],
                                ["scan", "--plugin-dir", meridian.HELLO, "--format", "json", "--cache", "none"]):
                    done = meridian.run(*options(), *command)
                    self.assertIn(done.code, (0, 3), done)
                    document = meridian.validate(json.loads(done.out))
                    ids = [one["id"] for one in document["targets"]]
                    self.assertEqual(len(ids), len(set(ids)), ids)
                    if command[1] != "images":
                        stays = set(IDS.values())
                        self.assertLessEqual(stays, set(ids), done.err)
                        # What is said to be missing is of what came and went.
                        for gap in document.get("gaps", ()):
                            self.assertFalse(any(one in json.dumps(gap) for one in stays), gap)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        self.assertEqual(failed, [])
        self.assertGreater(rounds, 1)


if __name__ == "__main__":
    reason = engines.why_not()
    if not reason:
        try:
            import grpc  # noqa: F401
        except ImportError:
            reason = "not installed: python3-grpcio"
    if reason:
        meridian.skip(reason)
    unittest.main()
