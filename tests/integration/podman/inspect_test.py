# SPDX-License-Identifier: Apache-2.0
#
# inspect_test.py: what `show` and `list` say of containers that a real podman runs, against `podman inspect`, key by key.
#
# In the release build only, see README.md.

import json
import os
import shutil
import subprocess
import unittest

import image_archive
import inspect_keys
import inspect_rules
import inspect_variants
import jsonschema
import meridian_cli as meridian
import podman_engine as engines
from image_archive import Image, Layer

ENGINE = None
INSPECTED = {}  # name -> `podman inspect`
SHOWN = {}      # name -> object of `show`
PASSWD = "root:x:0:0::/:/bin/sh\napp:x:77:78::/:/bin/sh\n"


def image():
    with open(shutil.which("busybox"), "rb") as program:
        files = Layer().directory("bin").file("bin/busybox", program.read(), 0o755).symlink("bin/sh", "busybox")
    files.directory("etc").directory("tmp").file("etc/passwd", PASSWD)
    return Image(inspect_variants.IMAGE, [files], env=["A=1"])


def options():
    return ("--host-root", "/", "--no-discover", "--store", "containers-storage=%s,%s" % (ENGINE.root, ENGINE.run_root))


def folder_to_bind():
    folder = ENGINE.home + "/binds"
    os.makedirs(folder + "/one")
    with open(folder + "/file", "w") as out:
        out.write("x")
    # The init of --init: any program that runs its arguments.
    with open(folder + "/init.c", "w") as out:
        out.write("#include <unistd.h>\nint main(int n, char** words) { return n < 3 ? 1 : execv(words[2], words + 2); }\n")
    subprocess.run(["gcc-12", "-static", "-o", folder + "/init", folder + "/init.c"], check=True)
    return folder


def setUpModule():
    global ENGINE
    ENGINE = engines.Podman()
    unittest.addModuleCleanup(ENGINE.close)
    ENGINE.podman("load", "-q", "-i", image_archive.write(ENGINE.home + "/demo.tar", [image()]))
    ENGINE.podman("pod", "create", "--name", "pod1", "--infra=false")
    wanted = inspect_variants.variants(folder_to_bind())
    for name, (words, command) in wanted.items():
        ENGINE.podman("run", "-d", "--name", name, *words, inspect_variants.IMAGE, *command)
    ENGINE.podman("create", "--name", "created", "--network", "none", inspect_variants.IMAGE, "/bin/busybox", "true")
    ENGINE.podman("stop", "--time", "0", "caps")
    ENGINE.podman("pause", "caps-none")
    ENGINE.podman("healthcheck", "run", "health")
    for one in ENGINE.json("inspect", *wanted, "created"):
        INSPECTED[one["Name"]] = one
    done = meridian.run(*options(), "show", "container", *INSPECTED, "--format", "json")
    if done.code != 0:
        raise AssertionError(str(done))
    SHOWN.update({one["target"]["names"][0]: one for one in done.json["objects"]})


class Inspect(unittest.TestCase):
    """`podman inspect`, key by key: equal, mapped, or listed as not said."""
    maxDiff = None

    def test_containers(self):
        self.assertGreaterEqual(len(INSPECTED), 30)
        for name, inspected in INSPECTED.items():
            with self.subTest(name):
                inspect_rules.check(self, inspected, SHOWN[name], inspect_keys.CONTAINER)

    def test_the_list_says_what_inspect_says(self):
        done = meridian.run(*options(), "list", "containers", "--format", "json")
        self.assertEqual(done.code, 0, done)
        listed = {one["names"][0]: one for one in done.json["targets"]}
        self.assertEqual(set(listed), set(INSPECTED))
        for name, one in listed.items():
            with self.subTest(name):
                inspected = INSPECTED[name]
                self.assertEqual((one["id"], one["image_id"]), (inspected["Id"], "sha256:" + inspected["Image"]))
                self.assertEqual(inspect_keys.OneOf(one["state"]), inspected["State"]["Status"])
                self.assertEqual(one["isolation"]["runtime"], inspected["OCIRuntime"])
                self.assertEqual(one.get("pod", {}).get("uid", ""), inspected["Pod"])

    def test_the_image(self):
        inspected = ENGINE.json("image", "inspect", inspect_variants.IMAGE)[0]
        done = meridian.run(*options(), "show", "image", inspect_variants.IMAGE, "--format", "json")
        self.assertEqual(done.code, 0, done)
        inspect_rules.check(self, inspected, done.json["objects"][0], inspect_keys.IMAGE)

    def test_an_unknown_key_is_noticed(self):
        with self.assertRaises(AssertionError):
            inspect_rules.check(self, {**INSPECTED["plain"], "FromTheFuture": 1}, SHOWN["plain"], inspect_keys.CONTAINER)


class InventoryFacts(unittest.TestCase):
    """Plugin inventory, which has the parts of the configuration that a container's card names."""
    maxDiff = None

    def test_they_say_what_inspect_says(self):
        report = meridian.scan(*options(), plugins=os.path.join(meridian.BUNDLES, "inventory")).json
        names = meridian.target_names(report)
        cards = {names[fact["target"]]: json.loads(fact["data"]) for fact in report["facts"]}
        with open(os.path.join(meridian.SOURCE, "plugins/inventory/inventory-1.schema.json")) as text:
            schema = json.load(text)
        for name, inspected in INSPECTED.items():
            with self.subTest(name):
                card, config = cards[name], inspected["Config"]
                jsonschema.validate(card, schema)
                self.assertEqual(card["user"], config["User"])
                self.assertEqual(card["command"], config["Cmd"])
                self.assertEqual(inspect_keys.Words(card["entrypoint"]), config["Entrypoint"])
                self.assertEqual(card["working_dir"], config["WorkingDir"])
                self.assertEqual(card["labels"], config["Labels"] or {})
                self.assertEqual(card["state"], SHOWN[name]["target"]["state"])


if __name__ == "__main__":
    meridian.release_only()
    reason = engines.why_not()
    if reason:
        meridian.skip(reason)
    unittest.main()
