# SPDX-License-Identifier: Apache-2.0
#
# determinism_test.py: the report is the same, byte for byte, whatever --jobs says and in whatever
# order the units of work are done.

import random
import unittest

import meridian_cli as meridian
import samples
from image_archive import Image, Layer
from planted import token


def busy_images():
    """Eight images over shared layers, with the same secret in several places and layers."""
    chance = random.Random(2)
    base = Layer()
    for number in range(120):
        content = token(chance.randrange(20)) if number % 7 == 0 else "plain %d\n" % number
        base.file("opt/base/%03d.conf" % number, content)
    images = []
    for number in range(8):
        layers = [base]
        for depth in range(1 + number % 4):
            layer = Layer()
            for name in range(10):
                layer.file("srv/%d/%d.env" % (depth, name), token(chance.randrange(20)) + "\n")
            layer.whiteout("opt/base/%03d.conf" % (7 * depth)).file("opt/base/014.conf", token(depth))
            layer.file("etc/hello.%d" % depth, "x").whiteout("etc/hello.%d" % (depth - 1))
            layers.append(layer)
        images.append(Image("app%d:1" % number, layers, env=["TOKEN=" + token(number % 3)]))
    return images


class SameBytes(unittest.TestCase):
    def same(self, seeds, **plugins):
        ref = samples.archive(meridian.scratch(self), *busy_images())
        first = meridian.scan(ref, "--jobs", "1", **plugins)
        self.assertEqual(first.code, 0, first)
        self.assertGreater(len(first.json["findings"]), 20)
        wanted = meridian.steady(first.out)
        for jobs in (1, 2, 3, 8):
            for seed in seeds:
                with self.subTest(jobs=jobs, shuffle=seed):
                    done = meridian.scan(ref, "--jobs", jobs, "--shuffle", seed, **plugins)
                    self.assertEqual(done.code, 0, done)
                    self.assertEqual(meridian.steady(done.out), wanted)

    def test_for_every_number_of_jobs_and_many_orders_of_units(self):
        self.same(range(1, 9))

    def test_for_secrets_with_their_ordinals_and_groups(self):
        self.same([7], plugins=meridian.SECRETS)

    def test_in_every_format(self):
        ref = samples.archive(meridian.scratch(self), *busy_images()[:3])
        for form in ("table", "jsonl"):
            one, eight = (meridian.run("scan", "--plugin-dir", meridian.SECRETS, "--format", form, "--jobs", jobs,
                                       "--shuffle", jobs, ref) for jobs in (1, 8))
            self.assertEqual(meridian.steady(one.out), meridian.steady(eight.out))


if __name__ == "__main__":
    unittest.main()
