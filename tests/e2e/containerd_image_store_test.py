# SPDX-License-Identifier: Apache-2.0
#
# A data root of Docker 28 with the containerd image store (tests/data/docker-containerd), laid out
# with one file a snapshot. What is expected is read by the independent reader, not by ours.

import glob
import hashlib
import json
import os
import tarfile
import unittest

import meridian_cli as meridian
from independent_bolt import Bolt

STORE = os.path.join(meridian.SOURCE, "tests/data/docker-containerd/store.tar.xz")
SNAPSHOTTER = "containerd/daemon/io.containerd.snapshotter.v1.overlayfs"
BLOBS = "containerd/daemon/io.containerd.content.v1.content/blobs/sha256"
META = "containerd/daemon/io.containerd.metadata.v1.bolt/meta.db"
DANGLING = "sha256:df0844e50e3477e37b17a6da76c4db930a546cd8ae09985e48bcd5881cb77681"


def uvarint(data):
    return sum((byte & 0x7f) << (7 * i) for i, byte in enumerate(data))


class Expected:
    """The store as it is on disk: snapshots, and the images that names lead to."""

    def __init__(self, root):
        self.root = root
        snapshots = Bolt(os.path.join(root, SNAPSHOTTER, "metadata.db")).walk()
        self.records = {name.decode(): value[2] for name, value
                        in snapshots[b"v1"][2][b"snapshots"][2].items()}
        self.by_key = {name.split("/", 2)[2]: name for name in self.records}
        meta = Bolt(os.path.join(root, META)).walk()
        self.names = {name.decode(): value[2][b"target"][2][b"digest"].decode() for name, value
                      in meta[b"v1"][2][b"moby"][2][b"images"][2].items()}

    def number(self, name):
        return uvarint(self.records[name][b"id"])

    def stack(self, key):
        """Folders of a snapshot and all below it."""
        name, numbers = self.by_key[key], []
        while name:
            numbers.append(self.number(name))
            name = self.records[name].get(b"parent", b"").decode()
        return numbers[::-1]

    def blob(self, digest):
        with open(os.path.join(self.root, BLOBS, digest.split(":")[1]), "rb") as file:
            return json.load(file)

    def image(self, target):
        """(config digest, config) of a target."""
        document = self.blob(target)
        if "manifests" in document:
            document = self.blob(next(entry["digest"] for entry in document["manifests"]
                                      if entry["platform"]["os"] == "linux"))
        return document["config"]["digest"], self.blob(document["config"]["digest"])

    def images(self):
        """{config digest: folders of its layers, bottom first; None for one not unpacked}"""
        out = {}
        for target in self.names.values():
            digest, config = self.image(target)
            chain, folders = None, []
            for diff in config["rootfs"]["diff_ids"]:
                chain = diff if chain is None else "sha256:" + hashlib.sha256(
                    (chain + " " + diff).encode()).hexdigest()
                name = self.by_key.get(chain)
                folders.append(self.number(name) if name else None)
            out[digest] = folders
        return out


class Store(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.host = meridian.tempfile.TemporaryDirectory(prefix="meridian-test-")
        lib = os.path.join(cls.host.name, "var/lib")
        os.makedirs(lib)
        with tarfile.open(STORE) as archive:
            archive.extractall(lib)
        cls.root = os.path.join(lib, "docker")
        cls.expected = Expected(cls.root)
        for name in cls.expected.records:
            number = cls.expected.number(name)
            folder = os.path.join(cls.root, SNAPSHOTTER, "snapshots", str(number), "fs/etc")
            os.makedirs(folder)
            with open(os.path.join(folder, "hello-%d" % number), "w") as file:
                file.write("hello\n")

    @classmethod
    def tearDownClass(cls):
        cls.host.cleanup()

    def list(self, kind):
        done = meridian.run("--host-root", self.host.name, "list", kind, "--format", "json")
        self.assertEqual(done.code, 3, done)  # a blob of the dangling image was not captured
        return done.json["targets"]

    def test_images(self):
        images = {image["id"]: image for image in self.list("images")}
        self.assertEqual(set(images), set(self.expected.images()))
        names = {name for image in images.values() for name in image["names"] if "@" not in name}
        self.assertEqual(names, {"127.0.0.1:5555/team/app:v1", "att:1", "demo:1", "evil:1", "opq:1",
                                 "registry.local:5000/team/app:v2"})
        demo = next(image for image in images.values() if "demo:1" in image["names"])
        self.assertIn("registry.local:5000/team/app:v2", demo["names"])
        self.assertEqual([place["id"] for place in demo["present_in"]],
                         [self.expected.names["docker.io/library/demo:1"]])
        self.assertEqual(images[DANGLING]["names"], [])
        for digest, folders in self.expected.images().items():
            self.assertEqual(len(images[digest]["layers"]), len(folders))

    def test_each_container_once(self):
        containers = self.list("containers")
        records = {}
        for path in glob.glob(os.path.join(self.root, "containers/*/config.v2.json")):
            with open(path) as file:
                record = json.load(file)
            records[record["ID"]] = record
        self.assertEqual(len(records), 5)
        self.assertEqual(sorted(one["id"] for one in containers), sorted(records))
        for one in containers:
            record = records[one["id"]]
            self.assertEqual(one["names"], [record["Name"][1:]])
            self.assertEqual(one["image_id"], self.expected.image(record["Image"])[0])

    def test_every_snapshot_is_seen_where_it_is_mounted(self):
        report = meridian.scan("--host-root", self.host.name).json
        seen = {}
        for finding in report["findings"]:
            if "path" not in finding["location"]:
                continue  # of the configuration
            for place in [finding["location"], *finding.get("occurrences", [])]:
                number = int(place["path"].split("-")[1])
                seen.setdefault(finding["target"], {})[number] = place["layer"]["index"]
        wanted = {}
        for digest, folders in self.expected.images().items():
            wanted[digest] = {number: i for i, number in enumerate(folders) if number}
        for one in self.list("containers"):
            wanted[one["id"]] = {number: i for i, number in enumerate(self.expected.stack(one["id"]))}
        self.assertEqual(seen, wanted)
        self.assertEqual({gap.get("target") for gap in report["gaps"]}, {DANGLING}, report["gaps"])
        kinds = [layer["kind"] for layer in meridian.target(report, "run1")["layers"]]
        self.assertEqual(kinds[-3:], ["image", "init", "writable"])

    def fs(self, *args):
        done = meridian.run("--host-root", self.host.name, "fs", *args)
        self.assertEqual(done.code, 0, done)
        return done.out

    def show(self, *args):
        done = meridian.run("--host-root", self.host.name, "show", *args, "--format", "json")
        self.assertEqual(done.code, 0, done)
        one, = done.json["objects"]
        return one

    def test_fs_shows_every_layer_of_the_stack(self):
        digest, _ = self.expected.image(self.expected.names["docker.io/library/demo:1"])
        stacks = {"demo:1": self.expected.images()[digest]}
        for one in self.list("containers"):
            stacks[one["id"]] = self.expected.stack(one["id"])
        for ref, numbers in stacks.items():
            every = [("L%d" % index, "hello-%d" % number) for index, number in enumerate(numbers)]
            lines = [line.split() for line in self.fs("ls", ref, "etc").splitlines()]
            self.assertEqual(sorted((line[-2], line[-1]) for line in lines), sorted(every))
        for index, (_, name) in enumerate(every):
            self.assertEqual(self.fs("ls", "--layer", str(index), ref, "etc").split()[-1], name)
        self.assertEqual(self.fs("cat", "run1", "etc/hello-%d" % stacks["demo:1"][0]), "hello\n")

    def test_show_image(self):
        target = self.expected.names["docker.io/library/demo:1"]
        digest, config = self.expected.image(target)
        shown = self.show("image", "demo:1")
        self.assertEqual(shown["target"]["id"], digest)
        self.assertEqual(shown["config"], config)
        for ref in (digest, target, "demo@" + target, "registry.local:5000/team/app:v2"):
            self.assertEqual(self.show("image", ref)["target"], shown["target"])

    def test_show_container(self):
        for one in self.list("containers"):
            folder = os.path.join(self.root, "containers", one["id"])
            with open(os.path.join(folder, "config.v2.json")) as file:
                record = json.load(file)
            with open(os.path.join(folder, "hostconfig.json")) as file:
                host = json.load(file)
            shown = self.show("container", one["names"][0])
            with self.subTest(one["names"][0]):
                self.assertEqual(shown["spec_origin"], "synthesised")
                self.assertTrue(shown["spec"]["root"]["path"].endswith("/rootfs/overlayfs/" + one["id"]))
                self.assertEqual(shown["spec"]["process"]["args"], [record["Path"], *record["Args"]])
                self.assertEqual({mount["destination"] for mount in shown["mounts"]},
                                 {*record["MountPoints"], *(host.get("Tmpfs") or {})})
                self.assertTrue(shown["privileges"])

    def test_list_runtimes(self):
        done = meridian.run("--host-root", self.host.name, "list", "runtimes", "--format", "json")
        self.assertEqual(done.code, 3, done)  # as above
        self.assertIn("overlayfs", done.out)
        self.assertIn("warning", done.err)


if __name__ == "__main__":
    unittest.main()
