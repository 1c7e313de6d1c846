# SPDX-License-Identifier: Apache-2.0
#
# hostile_tree.py: directories that an image or a container may leave behind, and a data root of dockerd
# (overlay2) laid out by hand that holds them.

import contextlib
import ctypes
import hashlib
import json
import os
import socket
import stat
import subprocess
import tempfile
import threading

EXCHANGE = 2  # RENAME_EXCHANGE


MEMORY = "/dev/shm"  # files are made there in a tenth of the time


@contextlib.contextmanager
def folder(place=None):
    """A folder that ends with the block, however deep it has become: shutil.rmtree recurses."""
    place = tempfile.mkdtemp(prefix="meridian-hostile-", dir=place)
    try:
        yield place
    finally:
        subprocess.run(["rm", "-rf", place], check=True)


def put(root, path, content=b"x"):
    place = os.path.join(os.fsencode(root), os.fsencode(path))
    os.makedirs(os.path.dirname(place), exist_ok=True)
    with open(place, "wb") as out:
        out.write(content)


def links(root, outside):
    """Symbolic links that lead out of `root` to the folder `outside`, or nowhere: names below etc/ that
    fixture `hello` would like to read."""
    etc = os.path.join(root, "etc")
    os.makedirs(etc, exist_ok=True)
    up = "../" * 40
    for name, target in (("absolute", outside + "/hello.conf"), ("dots", up + outside[1:] + "/hello.conf"),
                         ("folder", outside), ("host", "/etc/passwd"), ("self", "hello-self"),
                         ("proc", "/proc/self/root" + outside + "/hello.conf"),
                         ("fd", "/proc/self/fd/0"), ("empty-parent", "..")):
        os.symlink(target, os.path.join(etc, "hello-" + name))
    os.symlink("loop-b", os.path.join(root, "loop-a"))
    os.symlink("loop-a", os.path.join(root, "loop-b"))
    os.symlink("..", os.path.join(root, "up"))
    os.symlink(outside, os.path.join(root, "out"))


def specials(root):
    """What must never be opened, under names that fixture `hello` asks for. Their paths; devices as root."""
    etc = os.path.join(root, "etc")
    os.makedirs(etc, exist_ok=True)
    made = [os.path.join(etc, "hello-" + name) for name in ("fifo", "socket", "char", "block")]
    os.mkfifo(made[0])
    here = os.getcwd()
    os.chdir(etc)  # sun_path holds 107 bytes
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("hello-socket")
    finally:
        os.chdir(here)
    if os.geteuid() != 0:
        return made[:2]
    os.mknod(made[2], stat.S_IFCHR | 0o666, os.makedev(1, 5))  # zero: endless if it were read
    os.mknod(made[3], stat.S_IFBLK | 0o666, os.makedev(7, 255))
    return made


def sparse(root, path, size, start=b""):
    place = os.path.join(root, path)
    os.makedirs(os.path.dirname(place), exist_ok=True)
    with open(place, "wb") as out:
        out.write(start)
        out.truncate(size)


def crowd(root, count):
    """`count` empty files in one directory."""
    os.makedirs(root, exist_ok=True)
    place = os.open(root, os.O_PATH)
    for number in range(count):
        os.close(os.open("%06d" % number, os.O_CREAT | os.O_WRONLY, 0o644, dir_fd=place))
    os.close(place)


def deep(root, names, leaf="hello"):
    """Directories inside each other, called `names` in turn, and a file in the last: longer than PATH_MAX."""
    os.makedirs(root, exist_ok=True)
    here = os.open(root, os.O_RDONLY)
    for name in names:
        os.mkdir(name, dir_fd=here)
        below = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(os.open(leaf, os.O_CREAT | os.O_WRONLY, 0o644, dir_fd=here))
    os.close(here)


class Swapping:
    """Exchanges two names over and over, while the block runs."""

    def __init__(self, one, other):
        self.names = [os.fsencode(one), os.fsencode(other)]
        self.stop = threading.Event()
        self.times = 0
        self.thread = threading.Thread(target=self.run)
        self.libc = ctypes.CDLL(None, use_errno=True)

    def run(self):
        while not self.stop.is_set():
            if self.libc.renameat2(-100, self.names[0], -100, self.names[1], EXCHANGE) != 0:
                return
            self.times += 1

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()


class Repeating(Swapping):
    """Calls `action` over and over, while the block runs."""

    def __init__(self, action):
        super().__init__("", "")
        self.action = action

    def run(self):
        while not self.stop.is_set():
            self.action()
            self.times += 1


def docker_store(host_root, name, fillers):
    """/var/lib/docker below `host_root` with one image; each filler gets the folder of one layer, bottom
    first. The image's id."""
    data = os.path.join(host_root, "var/lib/docker")
    diff_ids = ["sha256:" + hashlib.sha256(b"layer %d" % i).hexdigest() for i in range(len(fillers))]
    steps = [{"created_by": "RUN layer %d" % i} for i in range(len(fillers))]
    config = json.dumps({"architecture": "amd64", "os": "linux", "config": {}, "history": steps,
                         "rootfs": {"type": "layers", "diff_ids": diff_ids}}).encode()
    image = hashlib.sha256(config).hexdigest()
    put(data, "image/overlay2/imagedb/content/sha256/" + image, config)
    os.makedirs(os.path.join(data, "containers"))
    os.makedirs(os.path.join(data, "overlay2/l"))
    put(data, "image/overlay2/repositories.json",
        json.dumps({"Repositories": {name.split(":")[0]: {name: "sha256:" + image}}}).encode())
    chain = ""
    for diff_id, fill in zip(diff_ids, fillers):
        parent, chain = chain, diff_id
        if parent:
            chain = "sha256:" + hashlib.sha256((parent + " " + diff_id).encode()).hexdigest()
        cache = hashlib.sha256(b"cache of " + chain.encode()).hexdigest()
        record = "image/overlay2/layerdb/sha256/" + chain[7:]
        for key, value in (("cache-id", cache), ("diff", diff_id), ("size", "0"), ("parent", parent)):
            if value:
                put(data, record + "/" + key, value.encode())
        tree = os.path.join(data, "overlay2", cache, "diff")
        os.makedirs(tree)
        fill(tree)
    return "sha256:" + image
