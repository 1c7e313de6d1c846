# SPDX-License-Identifier: Apache-2.0
#
# determinism_test.py: the report is the same, byte for byte, whatever --jobs says and in whatever
# order the units of work are done.

import json
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
    def same(self, seeds, forms, **plugins):
        ref = samples.archive(meridian.scratch(self), *busy_images())

        def texts(*args):
            done, written = meridian.scan_formats(forms, ref, *args, **plugins)
            self.assertEqual(done.code, 0, done)
            self.assertGreater(len(json.loads(written["json"])["findings"]), 20)
            return {form: meridian.steady(text) for form, text in written.items()}
        wanted = texts("--jobs", "1")
        for jobs in (1, 2, 3, 8):
            for seed in seeds:
                with self.subTest(jobs=jobs, shuffle=seed):
                    self.assertEqual(texts("--jobs", jobs, "--shuffle", seed), wanted)

    def test_for_every_number_of_jobs_and_many_orders_of_units(self):
        self.same(range(1, 9), ["json"])

    def test_for_secrets_with_their_ordinals_and_groups_in_every_format(self):
        self.same([7], ["json", "jsonl", "table"], plugins=meridian.SECRETS)


if __name__ == "__main__":
    unittest.main()
