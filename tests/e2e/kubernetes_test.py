# SPDX-License-Identifier: Apache-2.0
#
# kubernetes_test.py: a Kubernetes node by its own files, from the command line. With a real engine's pods:
# tests/integration/containerd.

import os
import unittest

import meridian_cli as meridian

UUID = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
HASH = "0123456789abcdef0123456789abcdef"
STATIC = """kind: Pod
metadata: {name: etcd, namespace: kube-system}
spec:
  hostNetwork: true
  containers: [{name: etcd, image: "etcd:3.5"}]
  volumes: [{name: data, hostPath: {path: /var/lib/etcd}}]
"""


def node(case, **files):
    root = meridian.scratch(case)
    for name, text in files.items():
        path = os.path.join(root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as out:
            out.write(text)
    return root


def usual(case, **more):
    return node(case, **{
        "var/lib/kubelet/config.yaml": "authentication: {anonymous: {enabled: true}}\nstaticPodPath: /etc/kubernetes/manifests\n",
        "var/lib/kubelet/pods/%s/volumes/kubernetes.io~projected/kube-api-access-1/token" % UUID: "never read",
        "var/lib/kubelet/pods/%s/containers/web/0" % UUID: "",
        "etc/kubernetes/manifests/etcd.yaml": STATIC,
        "etc/cni/net.d/10-a.conflist": '{"name": "a", "plugins": [{"type": "bridge"}, {"type": "portmap"}]}', **more})


class Node(unittest.TestCase):
    def test_it_is_shown_whole(self):
        done = meridian.run("show", "node", "--format", "json", "--host-root", usual(self))
        self.assertEqual(done.code, 0, done)
        document = meridian.validate(done.json)
        self.assertEqual(document["kubelets"], [{
            "root": "/var/lib/kubelet", "found_by": "default location", "config": "/var/lib/kubelet/config.yaml",
            "manifests": "/etc/kubernetes/manifests", "settings": {"authentication.anonymous.enabled": "true"}}])
        self.assertEqual([network["plugins"] for network in document["networks"]], [["bridge", "portmap"]])
        other, etcd = document["pods"]
        self.assertEqual((other["uid"], other["containers"][0]["name"]), (UUID, "web"))
        self.assertEqual(other["volumes"], [{"name": "kube-api-access-1", "type": "projected", "source": ""}])
        self.assertTrue(etcd["host_network"])
        self.assertEqual(etcd["volumes"], [{"name": "data", "type": "hostPath", "source": "/var/lib/etcd"}])
        self.assertNotIn("never read", done.out)
        text = meridian.run("show", "node", "--host-root", usual(self))
        for words in ("authentication.anonymous.enabled = true", "kube-system/etcd", "of the host", "a: bridge, portmap"):
            self.assertIn(words, text.out)

    def test_pods_are_listed(self):
        root = usual(self)
        listed = meridian.run("list", "pods", "--format", "json", "--host-root", root)
        self.assertEqual(listed.code, 0, listed)
        self.assertEqual([pod["name"] for pod in meridian.validate(listed.json)["pods"]], ["", "etcd"])
        table = meridian.run("list", "pods", "--host-root", root)
        self.assertRegex(table.out, r"(?m)^kube-system +etcd +1 +0 +- +-")
        lines = meridian.run("list", "pods", "--format", "jsonl", "--host-root", root)
        self.assertEqual(len(lines.out.splitlines()), 2)

    def test_more_manifests_are_given(self):
        folder = node(self, **{"deep/er/class.yml": "kind: RuntimeClass\nmetadata: {name: gvisor}\nhandler: runsc\n"})
        done = meridian.run("show", "node", "--format", "json", "--host-root", usual(self), "--kube-manifests", folder)
        self.assertEqual(done.json["runtime_classes"], [
            {"name": "gvisor", "handler": "runsc", "file": folder + "/deep/er/class.yml", "state": "unknown",
             "kind": "unknown", "runtime": ""}])

    def test_what_cannot_be_read_is_a_gap_and_the_rest_goes_on(self):
        root = usual(self, **{"etc/kubernetes/manifests/a.yaml": ",", "etc/cni/net.d/b.conf": "{",
                              "etc/kubernetes/manifests/c.json": "[" * 100000})
        os.mkfifo(root + "/etc/kubernetes/manifests/d.yaml")
        done = meridian.run("show", "node", "--format", "json", "--host-root", root)
        self.assertEqual(done.code, 3, done)
        self.assertEqual([gap["path"] for gap in meridian.validate(done.json)["gaps"]],
                         ["/etc/kubernetes/manifests/" + name for name in ("a.yaml", "c.json", "d.yaml")] + [
                             "/etc/cni/net.d/b.conf"])
        self.assertEqual(len(done.json["pods"]), 2)
        self.assertIn("a.yaml: is no YAML: line 1", meridian.run("list", "pods", "--host-root", root).err)

    def test_where_there_is_no_node_the_places_are_named(self):
        done = meridian.run("list", "pods", "--host-root", node(self, **{"etc/passwd": ""}))
        self.assertEqual(done.code, 4, done)
        self.assertIn("/etc/kubernetes/manifests (default location)", done.err)


class Host(unittest.TestCase):
    """The machine as a target: its node's RuntimeClasses, by plugin isolation."""
    def scan(self, root, *more, plugins=("isolation",)):
        chosen = [word for plugin in plugins for word in ("--plugin", plugin)]
        return meridian.run("scan", "host", *more, "--host-root", root, "--no-discover", "--plugin-dir", meridian.BUNDLES,
                            *chosen, "--format", "json")

    def test_a_class_that_no_engine_tells_of_is_a_gap(self):
        root = usual(self, **{"etc/hostname": "worker-1\n", "etc/kubernetes/manifests/class.yaml":
                              "kind: RuntimeClass\nmetadata: {name: gvisor}\nhandler: runsc\n"})
        for isolation in ("auto", "none"):
            done = self.scan(root, "--isolation", isolation, plugins=("isolation", "secrets"))
            report = meridian.validate(done.json)
            self.assertEqual(done.code, 0, done)
            self.assertEqual([(one["id"], one["kind"], one["layers"]) for one in report["targets"]], [
                ("host:worker-1", "host", [])])
            self.assertEqual([(one["kind"], one["target"]) for one in report["gaps"]], [("missing-data", "host:worker-1")])
            # secrets does not look at hosts: it claims nothing of one.
            rows = [(one["plugin"], one["complete"]) for one in report["coverage"] if one["result"] != "skipped"]
            self.assertEqual(rows, [("io.meridian.isolation", False)])

    def test_what_cannot_be_read_of_the_node_is_a_gap_of_the_host(self):
        done = self.scan(usual(self, **{"etc/kubernetes/manifests/a.yaml": ","}))
        self.assertEqual(done.code, 3, done)
        self.assertEqual([(one["path"], one["target"][:5]) for one in done.json["gaps"]], [
            ("/etc/kubernetes/manifests/a.yaml", "host:")])

    def test_it_is_named_without_a_reference_and_by_a_plugin_that_looks_at_hosts(self):
        root = usual(self)
        self.assertEqual(self.scan(root, "web").code, 2)
        done = self.scan(root, plugins=("secrets",))
        self.assertEqual(done.code, 2, done)
        self.assertIn("no plugin that is loaded looks at hosts", done.err)

if __name__ == "__main__":
    unittest.main()
