#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# shrink.py: one image as ten tools wrote it, without its two megabytes of busybox.
#
#   shrink.py FOLDER OUTPUT.tar.xz
#
# FOLDER holds the tools' own files. In each the layers with busybox are replaced by a small tar, and every
# digest, diffID, size and name that follows from it is set anew, as text: what else the tool wrote,
# and how, stays as it was. All other layers are the tool's own bytes.

import gzip
import hashlib
import io
import os
import re
import subprocess
import sys
import tarfile

LARGE = 500_000  # bytes of a stored layer; only those with the program have as many


def sha(content):
    return hashlib.sha256(content).hexdigest()


def small_layer(whole):
    """The layer with the program cut to its first bytes; all names, modes and links stay."""
    out = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(whole)) as old, \
            tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as new:
        for info in old:
            content = old.extractfile(info).read()[:64] if info.isreg() else b""
            info.size = len(content) if info.isreg() else 0
            new.addfile(info, io.BytesIO(content))
    return out.getvalue()


def decoded(blob):
    if blob[:2] == b"\x1f\x8b":
        return gzip.decompress(blob)
    if blob[:4] == b"\x28\xb5\x2f\xfd" or blob[1:4] == b"\x2a\x4d\x18":
        return subprocess.run(["zstd", "-dcq"], input=blob, stdout=subprocess.PIPE, check=True).stdout
    return blob


def encoded_as(blob, content):
    if blob[:2] == b"\x1f\x8b":
        return gzip.compress(content, mtime=0)
    if decoded(blob) != blob:
        return subprocess.run(["zstd", "-q"], input=content, stdout=subprocess.PIPE, check=True).stdout
    return content


def shrink(files):
    """Name -> bytes with the large layers replaced and every name that follows set anew."""
    renamed, sizes = {}, {}  # old hex -> new hex; of the blobs that changed: old size -> new size
    files = dict(files)

    def replace(name, content):
        old, new = sha(files[name]), sha(content)
        files[name] = content
        renamed[old] = new
        sizes[old] = (len(originals[name]), len(content), new)

    originals = dict(files)
    for name, content in originals.items():
        if len(content) > LARGE:
            tar = small_layer(decoded(content))
            renamed[sha(decoded(content))] = sha(tar)  # the diffID, where that is another
            replace(name, encoded_as(content, tar))

    # Texts name other texts, so until nothing changes any more.
    for _ in range(6):
        for name in list(files):
            content = files[name]
            if len(content) > 100_000 or not content.lstrip()[:1] in (b"{", b"["):
                continue
            text = originals[name].decode()
            for old, (before, after, new) in sizes.items():
                # In one descriptor, before or behind the digest.
                text = re.sub(r'("digest":\s*"sha256:%s",\s*"size":\s*)%d\b' % (old, before), r"\g<1>%d" % after, text)
                text = re.sub(r'("size":\s*)%d(,\s*"digest":\s*"sha256:%s")' % (before, old), r"\g<1>%d\2" % after, text)
            for old, new in renamed.items():
                text = text.replace(old, new)
            if text.encode() != content:
                replace_text(name, text.encode(), files, originals, renamed, sizes)
    return {rename(name, renamed): content for name, content in files.items()}


def replace_text(name, content, files, originals, renamed, sizes):
    old = sha(originals[name])
    files[name] = content
    renamed[old] = sha(content)
    sizes[old] = (len(originals[name]), len(content), sha(content))


def rename(name, renamed):
    for old, new in renamed.items():
        name = name.replace(old, new)
    return name


def shrink_tar(path):
    with tarfile.open(path) as archive:
        infos = archive.getmembers()
        files = {i.name: archive.extractfile(i).read() for i in infos if i.isreg()}
    small = shrink(files)
    names = dict(zip(files, small))  # old name -> new name
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for info in infos:
            if info.isreg():
                info.name = names[info.name]
                info.size = len(small[info.name])
            elif info.issym() or info.islnk():
                for old, new in names.items():
                    info.linkname = info.linkname.replace(old, new)
            archive.addfile(info, io.BytesIO(small[info.name]) if info.isreg() else None)
    return out.getvalue()


def main(folder, output):
    parts = []
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if name.endswith(".tar"):
            parts.append((name, shrink_tar(path)))
        else:
            files = {}
            for place, _, leaves in os.walk(path):
                for leaf in sorted(leaves):
                    with open(os.path.join(place, leaf), "rb") as content:
                        files[os.path.relpath(os.path.join(place, leaf), folder)] = content.read()
            parts += sorted(shrink(files).items())
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in parts:
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(content), 0o644
            archive.addfile(info, io.BytesIO(content))
    packed = subprocess.run(["xz", "-9e", "-c"], input=plain.getvalue(), stdout=subprocess.PIPE, check=True)
    with open(output, "wb") as out:
        out.write(packed.stdout)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
