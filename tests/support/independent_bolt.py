# SPDX-License-Identifier: Apache-2.0
#
# independent_bolt.py: a bbolt reader that shares nothing with host/store/bbolt. It was written to
# verify the notes on engines' stores, against the databases of running engines; source:
# /work/shared/reference/stores-tools/bolt.py of the session's lab, its reading part as it came but
# for names, counters and layout. It trusts its input: for files of real engines only.

import os
import struct

MAGIC, VERSION = 0xED0CDAED, 2


def fnv1a64(data):
    value = 0xcbf29ce484222325
    for byte in data:
        value = ((value ^ byte) * 0x100000001b3) & 0xffffffffffffffff
    return value


class Bolt:
    def __init__(self, path):
        self.fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        self.inline_buckets = self.branches = self.overflow = 0
        self.pick()

    def read(self, offset, size):
        data = os.pread(self.fd, size, offset)
        if len(data) != size:
            raise ValueError("short read at %d" % offset)
        return data

    def meta_at(self, offset):
        meta = self.read(offset, 16 + 64)[16:]
        (magic, version, page_size, _, root, _, _, high_water, transaction,
         checksum) = struct.unpack_from("<IIIIQQQQQQ", meta, 0)
        if magic != MAGIC or version != VERSION or checksum != fnv1a64(meta[:56]):
            raise ValueError("no meta at %d" % offset)
        return dict(page_size=page_size, root=root, high_water=high_water, transaction=transaction)

    def pick(self):
        try:
            sizes = [self.meta_at(0)["page_size"]]
        except ValueError:
            sizes = [1024 << i for i in range(15)]
        good = []
        for offset in [0] + sizes:
            try:
                good.append(self.meta_at(offset))
            except ValueError:
                pass
        self.meta = max(good, key=lambda meta: meta["transaction"])
        self.page_size = self.meta["page_size"]

    def page(self, number):
        if not 2 <= number < self.meta["high_water"]:
            raise ValueError("page %d out of range" % number)
        data = self.read(number * self.page_size, self.page_size)
        own, flags, count, overflow = struct.unpack_from("<QHHI", data, 0)
        if own != number:
            raise ValueError("page %d calls itself %d" % (number, own))
        if overflow:
            data = self.read(number * self.page_size, self.page_size * (overflow + 1))
            self.overflow += overflow
        return data, flags, count

    def walk(self):
        """{key: value or ("B", sequence, {...})}"""
        return self.tree(self.meta["root"], {})

    def tree(self, number, out):
        data, flags, count = self.page(number)
        if flags == 0x01:
            self.branches += 1
            for i in range(count):
                _, _, child = struct.unpack_from("<IIQ", data, 16 + i * 16)
                self.tree(child, out)
        elif flags == 0x02:
            self.leaf(data, 0, count, out)
        else:
            raise ValueError("page %d has flags %x" % (number, flags))
        return out

    def leaf(self, data, base, count, out):
        for i in range(count):
            at = base + 16 + i * 16
            flags, position, key_size, value_size = struct.unpack_from("<IIII", data, at)
            begin = at + position
            key = data[begin:begin + key_size]
            value = data[begin + key_size:begin + key_size + value_size]
            if not flags & 1:
                out[key] = value
                continue
            root, sequence = struct.unpack_from("<QQ", value, 0)
            if root:
                out[key] = ("B", sequence, self.tree(root, {}))
                continue
            self.inline_buckets += 1
            _, _, inner_count, _ = struct.unpack_from("<QHHI", value, 16)
            inner = {}
            self.leaf(value, 16, inner_count, inner)
            out[key] = ("B", sequence, inner)
