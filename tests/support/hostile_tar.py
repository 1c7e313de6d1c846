# SPDX-License-Identifier: Apache-2.0
#
# hostile_tar.py: tars that no honest writer makes, and image archives around them. Everything is a
# stream of bytes and `Zeros`, so that a million entries or ten gigabytes take no memory and little time.

import hashlib
import io
import json
import zlib

BLOCK = 512
ZSTD_BLOCK = 128 << 10  # the most that one block of zstd may decode to


class Zeros:
    """So many zero bytes."""

    def __init__(self, count):
        self.count = count


def octal(value, width):
    return b"%0*o\0" % (width - 1, value)


def header(name, size=0, kind=b"0", link=b"", mode=0o644, size_field=None, sparse=b"", magic=b"ustar\x0000"):
    """One header block. `size_field`: 12 bytes instead of the octal size; `sparse`: from byte 386."""
    block = bytearray(BLOCK)
    for at, field in ((0, name[:100]), (100, octal(mode, 8)), (108, octal(0, 8)), (116, octal(0, 8)),
                      (124, size_field or octal(size, 12)), (136, octal(0, 12)), (148, b" " * 8),
                      (156, kind), (157, link[:100]), (257, magic), (386, sparse)):
        block[at:at + len(field)] = field
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def padded(content):
    return content + bytes(-len(content) % BLOCK)


def base256(value):
    """A size field as GNU writes what octal cannot hold, negative numbers among it."""
    return (value & ((1 << 96) - 1) | (0 if value < 0 else 1 << 95)).to_bytes(12, "big")


def pax(records, kind=b"x"):
    """An extended header; `records`: pairs of bytes."""
    body = bytearray()
    for key, value in records:
        rest = len(key) + len(value) + 3
        length = rest + len(str(rest))
        if rest + len(str(length)) != length:
            length = rest + len(str(length))
        body += b"%d %s=%s\n" % (length, key, value)
    return header(b"pax", len(body), kind) + padded(bytes(body))


def entry(name, content=b"", kind=b"0", link=b"", mode=0o644):
    """A whole entry; a long name or link by pax."""
    long = [(key, value) for key, value in ((b"path", name), (b"linkpath", link)) if len(value) > 100]
    return (pax(long) if long else b"") + header(name, len(content), kind, link, mode) + padded(content)


def zero_file(name, size):
    """A file of `size` zeros."""
    field = base256(size) if size >= 1 << 33 else None
    yield header(name, 0 if field else size, size_field=field)
    yield Zeros(size + -size % BLOCK)


def gnu_sparse(name, size):
    """A file of `size` bytes, all of them a hole: old GNU format, no bytes stored."""
    real = base256(size) if size >= 1 << 33 else octal(size, 12)
    end_of_map = (real if size >= 1 << 33 else octal(size, 12)) + octal(0, 12)
    return header(name, 0, b"S", sparse=end_of_map + bytes(96 - 24 + 1) + real, magic=b"ustar  \0")


def many_entries(thousands, first=0):
    """`thousands` * 1000 empty files, "DDD-ddd/DDD-ddd". The digits of each name and their nines'
    complement add up to the same, so every header has the same checksum and is made by a replace."""
    def twin(number):
        return b"%03d-%03d" % (number, 999 - number)
    block = b"".join(header(b"@@@@@@@/" + twin(i)) for i in range(1000))
    wrong, right = sum(b"@@@@@@@"), sum(twin(0))
    named = bytearray(block.replace(b"@@@@@@@", twin(0)))
    for at in range(0, len(named), BLOCK):
        checksum = int(named[at + 148:at + 154], 8) - wrong + right
        named[at + 148:at + 154] = b"%06o" % checksum
    template = bytes(named)
    for folder in range(first, first + thousands):
        yield template.replace(twin(0) + b"/", twin(folder) + b"/")


# Writers: each takes pieces (bytes or Zeros) and gives pieces.

def plain(pieces):
    return pieces


def gzipped(pieces):
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    for piece in pieces:
        if isinstance(piece, Zeros):
            for at in range(0, piece.count, 1 << 20):
                yield packer.compress(bytes(min(1 << 20, piece.count - at)))
        else:
            yield packer.compress(piece)
    yield packer.flush()


def zstd(pieces, stored=0):
    """One frame, written by hand: four bytes for each 128 KiB of zeros, and `stored` of them as they are,
    which sets the ratio."""
    def block(size, last=False, repeated=False):
        return (size << 3 | (2 if repeated else 0) | (1 if last else 0)).to_bytes(3, "little")
    yield b"\x28\xb5\x2f\xfd\x00" + bytes([7 << 3])  # a window of 128 KiB, no size, no checksum
    raw = block(stored) + bytes(stored) if stored else b""
    whole_block = raw + block(ZSTD_BLOCK - stored, repeated=True) + b"\0"
    for piece in pieces:
        if isinstance(piece, Zeros):
            whole, rest = divmod(piece.count, ZSTD_BLOCK)
            yield from (whole_block * min(4096, whole - at) for at in range(0, whole, 4096))
            if rest:
                yield block(rest, repeated=True) + b"\0"
        else:
            for at in range(0, len(piece), ZSTD_BLOCK):
                part = piece[at:at + ZSTD_BLOCK]
                yield block(len(part)) + part
    yield block(0, last=True)


def ended(pieces):
    """A whole tar of `pieces`."""
    yield from pieces
    yield bytes(2 * BLOCK)


def write(out, pieces):
    """Into the file `out`, zeros as holes; bytes written."""
    begin = out.tell()
    for piece in pieces:
        if isinstance(piece, Zeros):
            out.seek(piece.count, io.SEEK_CUR)
        else:
            out.write(piece)
    end = out.tell()
    out.truncate(end)
    return end - begin


def digest(pieces):
    """diffID of a tar; not for gigabytes."""
    sha = hashlib.sha256()
    for piece in pieces:
        if isinstance(piece, Zeros):
            for at in range(0, piece.count, 1 << 20):
                sha.update(bytes(min(1 << 20, piece.count - at)))
        else:
            sha.update(piece)
    return "sha256:" + sha.hexdigest()


def image_archive(path, layers, name="hostile:1"):
    """`docker save` of one image; the REF. `layers`: (diffID or None, pieces of the stored blob). Without a
    diffID one is invented: an integrity error of the image."""
    diff_ids = [diff_id or "sha256:" + hashlib.sha256(b"%d" % i).hexdigest()
                for i, (diff_id, _) in enumerate(layers)]
    steps = [{"created": "2024-01-02T03:04:05Z", "created_by": "RUN hostile %d" % i} for i in range(len(layers))]
    config = json.dumps({"architecture": "amd64", "os": "linux", "config": {}, "history": steps,
                         "rootfs": {"type": "layers", "diff_ids": diff_ids}}).encode()
    config_name = hashlib.sha256(config).hexdigest() + ".json"
    blobs = ["%d/layer.tar" % i for i in range(len(layers))]
    manifest = json.dumps([{"Config": config_name, "RepoTags": [name], "Layers": blobs}]).encode()
    with open(path, "wb") as out:
        for member, content in ((config_name, config), ("manifest.json", manifest)):
            out.write(entry(member.encode(), content))
        for member, (_, pieces) in zip(blobs, layers):
            place = out.tell()
            out.seek(BLOCK, io.SEEK_CUR)
            size = write(out, pieces)
            end = out.tell()
            out.seek(place)
            out.write(header(member.encode(), 0, size_field=base256(size)))
            out.seek(end + -end % BLOCK)
        out.write(bytes(2 * BLOCK))
    return "docker-archive:" + path


def one_layer(folder, pieces, pack=plain):
    """An archive of one layer, whose entries are the list `pieces`; its diffID is right."""
    return image_archive(folder + "/hostile.tar", [(digest(ended(pieces)), pack(ended(pieces)))])
