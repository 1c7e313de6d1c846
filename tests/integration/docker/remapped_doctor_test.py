# SPDX-License-Identifier: Apache-2.0
#
# remapped_doctor_test.py: what `doctor` says in a container of a daemon that gives its containers a user namespace
# (userns-remap), where no capability reaches the machine's files; and that its mend mends it. Such a daemon shifts owners.

import json
import os
import subprocess
import unittest

import meridian_cli as meridian
from engine import Engine, why_not
from sandbox_test import image_root

OPTIONS = ["--rm", "--network", "none", "--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--cap-add", "DAC_READ_SEARCH",
           "--security-opt", "no-new-privileges", "--mount",
           "type=bind,source=/,target=/host,readonly,bind-propagation=rslave"]
FIRST = 231072  # of the ids on the machine; nobody's


class RemappedEngine(Engine):
    """In its mounts `nobody` has ids to give away; the machine's own lists stay as they are."""

    def __init__(self):
        super().__init__(config={"userns-remap": "nobody:nogroup"})
        for name in ("subuid", "subgid"):
            with open(os.path.join(self.home, name), "w") as out:
                for user in ("nobody", "nogroup"):
                    out.write("%s:%d:65536\n" % (user, FIRST))
        # The daemon gives its folders to these ids, and enters them as such.
        os.chmod(self.home, 0o711)

    def private_setup(self):
        setup = super().private_setup() + "mount --make-rshared /; "
        for name in ("subuid", "subgid"):
            setup += "[ -e /etc/{1} ] || touch /etc/{1}; mount --bind {0}/{1} /etc/{1}; ".format(self.home, name)
        return setup

    def store(self):
        """The daemon keeps what it has for these ids in a folder of their own."""
        return "%s/%d.%d" % (self.data_root, FIRST, FIRST)


class Remapped(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.engine = RemappedEngine()
        cls.addClassCleanup(cls.engine.close)
        cls.engine.start()
        root = image_root(os.path.join(cls.engine.home, "root"))
        subprocess.run(["tar", "-C", root, "-cf", root + ".tar", "."], check=True)
        cls.engine.docker("import", root + ".tar", "doctor:1")

    def doctor(self, *options):
        done = self.engine.docker("run", *OPTIONS, *options, "doctor:1", "/meridian", "doctor", "--format", "json", "--store",
                                  "docker=" + self.engine.store(), check=False)
        self.assertTrue(done.stdout, done)
        return meridian.validate(json.loads(done.stdout))

    @staticmethod
    def causes(document):
        return {feature["name"]: {one["cause"]: one for one in feature["causes"]} for feature in document["features"]}

    def test_the_user_namespace_is_named_and_gone_with_the_mend(self):
        document = self.doctor()
        found = self.causes(document)
        states = {feature["name"]: feature["state"] for feature in document["features"]}
        # Its uid 0 is nobody's on the machine: docker's folder cannot be listed, and capabilities are no help.
        for feature in ("list images", "read layers"):
            self.assertNotEqual(states[feature], "works", document)
            self.assertIn("user-namespace", found[feature], document)
            self.assertEqual(found[feature]["user-namespace"]["mend"]["docker"], "--userns host")
        self.assertTrue(all("no-dac-read-search" not in causes for causes in found.values()), document)  # it is held
        mended = self.doctor("--userns", "host")
        self.assertFalse(any("user-namespace" in causes for causes in self.causes(mended).values()), mended)
        states = {feature["name"]: feature["state"] for feature in mended["features"]}
        self.assertEqual((states["list images"], states["read layers"]), ("works", "works"), mended)

    def test_files_of_shifted_owners_are_not_changed_ones(self):
        plugin = os.path.join(os.path.dirname(meridian.BUNDLES), "bundles-on-request/layer_integrity")
        done = meridian.run("scan", "--host-root", "/", "--no-discover", "--store", "docker=" + self.engine.store(), "--plugin-dir",
                            plugin, "--format", "json", "doctor:1")
        self.assertEqual((done.code, done.json["findings"], done.json["gaps"]), (0, [], []), done)
        self.assertEqual(meridian.coverage(done.json, "doctor:1")["layer-integrity"]["result"], "clean", done)


if __name__ == "__main__":
    meridian.release_only()
    if why_not():
        meridian.skip(why_not())
    unittest.main()
