# SPDX-License-Identifier: Apache-2.0
#
# samples.py: the small images that several end-to-end tests scan.

import os

import image_archive
from image_archive import Image, Layer
from planted import token


def clean(name="clean:1"):
    return Image(name, [Layer().directory("etc").file("etc/motd", "welcome\n")])


def leaky(name="leaky:1", number=1):
    """One visible secret in layer 0 at etc/hello.conf, so that fixture hello finds the file too."""
    return Image(name, [Layer().directory("etc").file("etc/hello.conf", token(number) + "\n")])


def deleted(name="deleted:1", number=2):
    """A secret in layer 0 that layer 1 deletes."""
    return Image(name, [Layer().file("srv/key", token(number) + "\n").file("srv/kept", "x\n"),
                        Layer().whiteout("srv/key")])


def archive(folder, *images, name="images.tar"):
    """Writes `images` (default: clean); returns the REF."""
    return "docker-archive:" + image_archive.write(os.path.join(folder, name), images or [clean()])


def root_directory(folder, files):
    """A plain root file system; returns the REF."""
    root = os.path.join(folder, "root")
    for path, content in files.items():
        place = os.path.join(root, path)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "wb") as out:
            out.write(content if isinstance(content, bytes) else content.encode())
    return "dir:" + root


def empty_docker(folder):
    """A host root with a Docker data root that holds no image."""
    data = os.path.join(folder, "var/lib/docker")
    for part in ("containers", "overlay2/l", "image/overlay2/imagedb/content/sha256",
                 "image/overlay2/layerdb/sha256"):
        os.makedirs(os.path.join(data, part))
    with open(os.path.join(data, "image/overlay2/repositories.json"), "w") as out:
        out.write('{"Repositories":{}}')
    return folder
