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


if __name__ == "__main__":
    unittest.main()
