# SPDX-License-Identifier: Apache-2.0
#
# docker_store.py: a machine's root with a data root of dockerd (overlay2) made in code: one image, and a
# container of it that has written nothing.

import hashlib
import json
import os

from image_archive import Image

IMAGE_NAME = "faulty:1"


def _digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


def _write(*path, content=b""):
    place = os.path.join(*path)
    os.makedirs(os.path.dirname(place), exist_ok=True)
    with open(place, "wb") as out:
        out.write(content if isinstance(content, bytes) else content.encode())


def make(folder, layers):
    """`layers`: a list of {path: content}. Returns what goes to --host-root."""
    host = os.path.join(folder, "host")
    root = os.path.join(host, "var/lib/docker")
    os.makedirs(os.path.join(root, "overlay2/l"))
    layerdb = os.path.join(root, "image/overlay2/layerdb")
    diffs = ["sha256:" + _digest("layer %d" % number) for number in range(len(layers))]
    chain = None
    for diff, files in zip(diffs, layers):
        parent, chain = chain, diff if chain is None else "sha256:" + _digest(chain + " " + diff)
        place = os.path.join(layerdb, "sha256", chain[7:])
        cache = _digest("cache of " + chain)
        _write(place, "cache-id", content=cache)
        _write(place, "diff", content=diff)
        _write(place, "size", content=str(sum(map(len, files.values()))))
        if parent:
            _write(place, "parent", content=parent)
        for path, content in files.items():
            _write(root, "overlay2", cache, "diff", path, content=content)
    config = json.loads(Image(IMAGE_NAME, []).config())
    config["rootfs"]["diff_ids"] = diffs
    config = json.dumps(config, sort_keys=True)
    image = "sha256:" + _digest(config)
    _write(root, "image/overlay2/imagedb/content/sha256", image[7:], content=config)
    name = IMAGE_NAME.split(":")[0]
    _write(root, "image/overlay2/repositories.json",
           content=json.dumps({"Repositories": {name: {IMAGE_NAME: image}}}))
    container = _digest("a container")
    record = {"State": {"Running": False}, "ID": container, "Created": "2026-01-02T03:04:05Z",
              "Config": {"Env": [], "Cmd": ["sh"], "Image": IMAGE_NAME}, "Image": image, "Name": "/one",
              "Driver": "overlay2", "OS": "linux", "MountPoints": {}}
    _write(root, "containers", container, "config.v2.json", content=json.dumps(record))
    _write(root, "containers", container, "hostconfig.json", content='{"Runtime":"runc"}')
    mount = _digest("mount of a container")
    for key, value in (("mount-id", mount), ("init-id", mount + "-init"), ("parent", chain)):
        _write(layerdb, "mounts", container, key, content=value)
    _write(root, "overlay2", mount + "-init", "diff/.dockerenv")
    os.makedirs(os.path.join(root, "overlay2", mount, "diff"))
    return host
