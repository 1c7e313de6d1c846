# SPDX-License-Identifier: Apache-2.0
#
# show_test.py: `show image|container REF`: one object whole, for people and as JSON. Containers of a real engine:
# tests/integration/docker/spec_test.py.

import unittest

import meridian_cli as meridian
import samples


class Show(unittest.TestCase):
    def setUp(self):
        self.ref = samples.archive(meridian.scratch(self), samples.clean(), samples.leaky())

    def show(self, *args):
        return meridian.run("show", *args)

    def test_an_image_as_json(self):
        done = self.show("image", self.ref + ":clean:1", "--format", "json")
        self.assertEqual(done.code, 0, done)
        one, = done.json["objects"]
        self.assertEqual(one["target"]["names"], ["clean:1"])
        self.assertEqual(one["config"]["rootfs"]["diff_ids"], [layer["diff_id"] for layer in one["target"]["layers"]])
        self.assertEqual(done.json["gaps"], [])

    def test_an_image_for_people(self):
        done = self.show("image", self.ref + ":clean:1")
        self.assertEqual(done.code, 0, done)
        self.assertTrue(done.out.startswith("image clean:1\n"), done)
        self.assertIn("layer", done.out)

    def test_each_ref_means_one(self):
        done = self.show("image", self.ref)
        self.assertEqual(done.code, 2, done)
        for name in ("clean:1", "leaky:1"):
            self.assertIn(name, done.err)

    def test_an_image_is_no_container(self):
        self.assertEqual(self.show("container", self.ref + ":clean:1").code, 2)

    def test_usage(self):
        for args in ((), ("image",), ("thing", "x"), ("image", self.ref, "--format", "table")):
            with self.subTest(args):
                self.assertEqual(self.show(*args).code, 2)


if __name__ == "__main__":
    unittest.main()
