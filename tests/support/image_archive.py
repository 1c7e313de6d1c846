# SPDX-License-Identifier: Apache-2.0
#
# image_archive.py: `docker save` archives made in code, the same bytes each time; and broken ones.

import gzip
import hashlib
import io
import json
import tarfile

LEGACY_DATE = "2024-01-02T03:04:05Z"


class Layer:
    """A layer's tar. Methods return self: Layer().file("etc/x", "y").whiteout("etc/z")"""

    def __init__(self, created_by="/bin/sh -c make"):
        self.created_by = created_by
        self.entries = []
        self.raw = None

    def file(self, path, content, mode=0o644):
        return self._add(path, tarfile.REGTYPE, content, mode)

    def directory(self, path, mode=0o755):
        return self._add(path, tarfile.DIRTYPE, b"", mode)

    def symlink(self, path, to):
        return self._add(path, tarfile.SYMTYPE, b"", 0o777, to)

    def hard_link(self, path, to):
        return self._add(path, tarfile.LNKTYPE, b"", 0o644, to)

    def device(self, path):
        return self._add(path, tarfile.CHRTYPE, b"", 0o600)

    def fifo(self, path):
        return self._add(path, tarfile.FIFOTYPE, b"", 0o600)

    def whiteout(self, path):
        folder, _, name = path.rpartition("/")
        return self.file((folder + "/" if folder else "") + ".wh." + name, b"", 0)

    def opaque(self, folder):
        return self.file(folder + "/.wh..wh..opq", b"", 0)

    def bytes_instead(self, raw):
        """The stored blob is `raw`, whatever its diffID says."""
        self.raw = raw
        return self

    def _add(self, path, kind, content, mode, link=""):
        info = tarfile.TarInfo(path)
        content = content if isinstance(content, bytes) else content.encode()
        info.type, info.mode, info.size, info.linkname = kind, mode, len(content), link
        info.uname = info.gname = "root"
        self.entries.append((info, content))
        return self

    def tar(self):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT,
                          encoding="utf-8", errors="surrogateescape") as archive:
            for info, content in self.entries:
                archive.addfile(info, io.BytesIO(content))
        return out.getvalue()


class Image:
    def __init__(self, names, layers, env=(), history=(), config=None):
        self.names = [names] if isinstance(names, str) else list(names)
        self.layers, self.env, self.history = layers, list(env), list(history)
        self.config_bytes = config  # instead of the right ones

    def diff_ids(self):
        return ["sha256:" + hashlib.sha256(layer.tar()).hexdigest() for layer in self.layers]

    def config(self):
        if self.config_bytes is not None:
            return self.config_bytes
        steps = [{"created": LEGACY_DATE, "created_by": layer.created_by} for layer in self.layers]
        steps += [{"created": LEGACY_DATE, "created_by": step, "empty_layer": True}
                  for step in self.history]
        return json.dumps({
            "architecture": "amd64", "os": "linux", "created": LEGACY_DATE,
            "config": {"Env": self.env, "Cmd": ["sh"]}, "history": steps,
            "rootfs": {"type": "layers", "diff_ids": self.diff_ids()}}, sort_keys=True).encode()

    @property
    def id(self):
        return "sha256:" + hashlib.sha256(self.config()).hexdigest()


def members(images, compress=False):
    """Name -> bytes of an archive in the layout that Docker writes; change them to damage it."""
    out, manifest, repositories = {}, [], {}
    for image in images:
        config = image.id[7:] + ".json"
        out[config] = image.config()
        blobs = []
        for layer, diff_id in zip(image.layers, image.diff_ids()):
            blob = layer.raw if layer.raw is not None else layer.tar()
            if compress and layer.raw is None:
                blob = gzip.compress(blob, mtime=0)
            name = diff_id[7:] + "/layer.tar"
            out[name] = blob
            blobs.append(name)
        manifest.append({"Config": config, "RepoTags": image.names or None, "Layers": blobs})
        for name in image.names:
            repository, _, tag = name.rpartition(":")
            repositories.setdefault(repository, {})[tag] = image.diff_ids()[-1][7:] if blobs else ""
    out["manifest.json"] = json.dumps(manifest).encode()
    out["repositories"] = json.dumps(repositories).encode()
    return out


def write_members(path, parts):
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in parts.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(content), 0o644
            archive.addfile(info, io.BytesIO(content))
    return path


def write(path, images, compress=False):
    return write_members(path, members(images, compress))
