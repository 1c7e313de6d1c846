# SPDX-License-Identifier: Apache-2.0
#
# oci_layout.py: OCI image layouts made in code from image_archive.Image, the same bytes each time;
# right unless a test changes a part. A layout is a dict: path -> bytes.

import gzip
import hashlib
import json
import os
import struct

import image_archive

TAR = "application/vnd.oci.image.layer.v1.tar"
CONFIG = "application/vnd.oci.image.config.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
TAG = "org.opencontainers.image.ref.name"


def plain(content):
    return content


def gzipped(content):
    return gzip.compress(content, mtime=0)


def estargz(content):
    """As stargz writes: a gzip member a piece, and at the end one that is empty but for an extra field."""
    pieces = [content[at:at + 700] for at in range(0, len(content), 700)]
    footer = (b"\x1f\x8b\x08\x04" + bytes(4) + b"\x00\xff" + struct.pack("<H", 26) + b"SG" +
              struct.pack("<H", 22) + b"0000000000000000STARGZ" + b"\x01\x00\x00\xff\xff" + bytes(8))
    return b"".join(gzip.compress(piece, mtime=0) for piece in pieces) + footer


def zstd_frame(content):
    """One zstd frame of raw blocks (RFC 8878): no compressor is needed to write one."""
    frame = [b"\x28\xb5\x2f\xfd", b"\xa0", struct.pack("<I", len(content))]
    blocks = [content[at:at + 100_000] for at in range(0, len(content), 100_000)] or [b""]
    for number, block in enumerate(blocks):
        last = number == len(blocks) - 1
        frame += [struct.pack("<I", len(block) << 3 | last)[:3], block]
    return b"".join(frame)


def zstd_frames(content):
    """Several frames, and one to skip at the end, as zstd:chunked has them."""
    frames = [zstd_frame(content[at:at + 1000]) for at in range(0, len(content), 1000)]
    return b"".join(frames) + b"\x50\x2a\x4d\x18" + struct.pack("<I", 9) + b"{\"toc\":1}"


def zstd_zeros(megabytes):
    """Zeros as repeated-byte blocks of 128 KiB in four bytes: 32,768 for one."""
    blocks = megabytes * 8
    block = struct.pack("<I", (128 << 10) << 3 | 2)[:3] + b"\0"
    return b"\x28\xb5\x2f\xfd" + b"\x00\x58" + block * blocks + struct.pack("<I", 1)[:3]


FORMS = {  # how a layer is stored: media type, and its bytes
    "plain": (TAR, plain),
    "gzip": (TAR + "+gzip", gzipped),
    "zstd": (TAR + "+zstd", zstd_frames),
    "estargz": (TAR + "+gzip", estargz),
    "plain called gzip": (TAR + "+gzip", plain),
    "zstd called plain": (TAR, zstd_frames),
}


class Layout:
    def __init__(self):
        self.files = {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}'}
        self.entries = []

    def blob(self, media_type, content, **more):
        """The descriptor of a new blob."""
        digest = hashlib.sha256(content).hexdigest()
        self.files["blobs/sha256/" + digest] = content
        return {"mediaType": media_type, "digest": "sha256:" + digest, "size": len(content), **more}

    def document(self, media_type, content, **more):
        text = {"schemaVersion": 2, "mediaType": media_type, **content}
        return self.blob(media_type, json.dumps(text).encode(), **more)

    def image(self, image, form="plain", change=None, **more):
        """The descriptor of an image's manifest. `change`: a function of the list of layers."""
        media_type, store = FORMS[form]
        layers = [self.blob(media_type, layer.raw if layer.raw is not None else store(layer.tar()))
                  for layer in image.layers]
        if change is not None:
            change(layers)
        return self.document(MANIFEST, {"config": self.blob(CONFIG, image.config()), "layers": layers}, **more)

    def add(self, image, form="plain", change=None, **more):
        """`image` under its first name in index.json."""
        if image.names:
            more["annotations"] = {TAG: image.names[0]}
        self.entries.append(self.image(image, form, change, **more))
        return self

    def parts(self):
        top = {"schemaVersion": 2, "mediaType": INDEX, "manifests": self.entries}
        return {**self.files, "index.json": json.dumps(top).encode()}

    def write_directory(self, path):
        """Returns the REF."""
        for name, content in self.parts().items():
            place = os.path.join(path, name)
            os.makedirs(os.path.dirname(place), exist_ok=True)
            with open(place, "wb") as out:
                out.write(content)
        return "oci:" + path

    def write_archive(self, path, store=plain):
        """Returns the REF. `store`: gzipped, ... for the archive as a whole."""
        image_archive.write_members(path, self.parts())
        if store is not plain:
            with open(path, "rb") as whole:
                content = store(whole.read())
            with open(path, "wb") as out:
                out.write(content)
        return "oci-archive:" + path
