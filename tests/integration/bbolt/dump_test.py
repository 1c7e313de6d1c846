# SPDX-License-Identifier: Apache-2.0
#
# Every bucket, key and value of the databases that real engines wrote equals what an independent
# reader sees. tests/data/bbolt/README.md says where the databases come from.

import os
import subprocess
import sys
import tarfile
import tempfile
import unittest

from independent_bolt import Bolt

FOLDER = os.path.join(os.environ["MERIDIAN_SOURCE"], "tests/data/bbolt")
DUMP = os.path.join(os.environ["MERIDIAN_FIXTURES"], "bbolt_dump")


def independent_dump(path):
    bolt = Bolt(path)

    def lines(bucket, depth):
        for key in sorted(bucket):
            value = bucket[key]
            if isinstance(value, tuple):
                yield "%d bucket %s" % (depth, key.hex())
                yield from lines(value[2], depth + 1)
            else:
                yield "%d key %s %s" % (depth, key.hex(), value.hex())

    return list(lines(bolt.walk(), 0)), bolt


class Dump(unittest.TestCase):
    def test_every_key_of_real_databases(self):
        keys, inline, branches, overflow = 0, 0, 0, 0
        with tempfile.TemporaryDirectory() as folder:
            with tarfile.open(os.path.join(FOLDER, "databases.tar.xz")) as archive:
                archive.extractall(folder)
            names = sorted(os.listdir(folder))
            for name in names:
                path = os.path.join(folder, name)
                done = subprocess.run([DUMP, path], capture_output=True, text=True, timeout=60)
                with self.subTest(name):
                    self.assertEqual((done.returncode, done.stderr), (0, ""))
                    expected, bolt = independent_dump(path)
                    self.assertEqual(done.stdout.splitlines(), expected)
                    keys += len(expected)
                    inline += bolt.inline_buckets
                    branches += bolt.branches
                    overflow += bolt.overflow
        # Real stores have each of these; a set that lost one would prove less.
        self.assertGreater(len(names), 40)
        for count in (keys - 2000, inline, branches, overflow):
            self.assertGreater(count, 0)
        print("%d databases, %d buckets and keys, %d inline buckets, %d branches, %d overflow pages"
              % (len(names), keys, inline, branches, overflow), file=sys.stderr)


if __name__ == "__main__":
    unittest.main()
