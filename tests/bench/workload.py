#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# workload.py: what tests/bench/run measures on. Each part is made once, below a temporary name that is
# renamed when it is whole; a part that is there is left alone. Nothing is installed on this machine:
# packages are fetched and unpacked.
"""workload.py [DIR] [--large]: makes what is missing of the workload in DIR (/var/tmp/meridian-bench)."""

import argparse
import bisect
import concurrent.futures
import hashlib
import io
import json
import os
import random
import shutil
import subprocess
import sys
import tarfile
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS / "support"), str(TESTS / "integration/docker")]

from apt_mirror import mirror  # noqa: E402
from engine import Engine  # noqa: E402

DEFAULT = Path("/var/tmp/meridian-bench")
SUITE = "bookworm"
BUILD_SECONDS = 1800

# The packages that are asked for; apt adds what they depend on, without what they only recommend.
IMAGES = {
    "python": ["python3-scipy", "python3-pandas", "python3-matplotlib", "python3-sklearn", "python3-django",
               "python3-sympy", "python3-flask", "python3-boto3", "python3-notebook"],
    "node": ["npm", "webpack", "jest", "eslint", "gulp", "node-express", "node-react", "node-typescript",
             "node-babel7", "mocha", "rollup", "node-d3", "node-lodash", "node-core-js", "node-jquery",
             "node-uglify-js", "node-moment"],
    "web": ["nginx-extras", "php-fpm", "php-mysql", "php-gd", "php-intl", "php-mbstring", "redis", "postgresql",
            "mariadb-server", "wordpress", "phpmyadmin", "certbot", "apache2"],
    "compilers": ["g++", "gfortran", "cmake", "git", "gdb", "golang-1.19", "openjdk-17-jdk-headless", "maven",
                  "autoconf", "libboost1.74-dev"],
}
SAVED = {"node": "node.tar", "web": "web.tar.gz"}  # of `docker save`
FORTY = 40
FORTY_BYTES = 5 << 20
LARGE_FILES = 10  # of 1 GiB

SMALL_FILES = 300_000
FILES_A_FOLDER = 24
LARGEST_SMALL = 1 << 20
# Logarithm of a size: normal, so that 86 % are under 8 KiB and the median is 1.4 KiB, as counted in
# images (reference/lab.md, row 10).
SIZE_MU, SIZE_SIGMA = 7.28, 1.6
BINARY_SHARE = 0.12
TEXT_ENDINGS = {".js": 40, ".json": 12, ".d.ts": 12, ".md": 8, ".py": 10, ".h": 6, ".css": 3, ".html": 3, "": 6}
BINARY_ENDINGS = {".pyc": 60, ".png": 25, ".so": 5, ".mo": 10}
POOL_BYTES = 8 << 20


def say(text):
    print("workload: " + text, flush=True)


def part(folder, name, make):
    """Calls make(temporary path) unless folder/name is there."""
    final = folder / name
    if final.exists():
        return final
    started = time.monotonic()
    temporary = folder / (name + ".partial")
    remove(temporary)
    temporary.parent.mkdir(parents=True, exist_ok=True)
    say("making " + name)
    make(temporary)
    temporary.rename(final)
    say("%s took %.0f s" % (name, time.monotonic() - started))
    return final


def remove(path):
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def call(*command, **how):
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, check=False, **how)
    if done.returncode != 0:
        raise SystemExit("workload: %s ended with %d" % (" ".join(map(str, command[:3])), done.returncode))
    return done


def make_base(place):
    call("debootstrap", "--variant=minbase", SUITE, place, mirror(), stdout=subprocess.DEVNULL)
    shutil.rmtree(place / "var/cache/apt/archives")


def make_tar(tree, place):
    call("tar", "-C", tree, "--numeric-owner", "-cf", place, *sorted(os.listdir(tree)))


# --- what apt would install on top of the base ---

def apt_options(folder, base, archives):
    """An apt of its own: lists, cache and sources in `folder`, and the base's list of what is there."""
    for name in ("lists/partial", "cache", "etc"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (archives / "partial").mkdir(parents=True, exist_ok=True)
    sources = folder / "etc/sources.list"
    sources.write_text("deb %s %s main\n" % (mirror(), SUITE))
    settings = {
        "Dir::Etc::SourceList": sources, "Dir::Etc::SourceParts": "/dev/null",
        "Dir::Etc::Preferences": "/dev/null", "Dir::Etc::PreferencesParts": "/dev/null",
        "Dir::State": folder, "Dir::State::Lists": folder / "lists",
        "Dir::State::Status": base / "var/lib/dpkg/status", "Dir::State::extended_states": folder / "extended_states",
        "Dir::Cache": folder / "cache", "Dir::Cache::Archives": archives,
        "APT::Sandbox::User": "root", "Debug::NoLocking": "true",
    }
    return [word for key, value in settings.items() for word in ("-o", "%s=%s" % (key, value))]


def make_layer(folder, base, name, place):
    """Writes a tar of the files that installing would add, and the list of what is installed then."""
    archives = folder / ("debs-" + name)
    options = apt_options(folder / ("apt-" + name), base, archives)
    call("apt-get", "-qq", *options, "update", stdout=subprocess.DEVNULL)
    call("apt-get", "-qq", "-y", *options, "--no-install-recommends", "--download-only", "install", *IMAGES[name],
         stdout=subprocess.DEVNULL)
    tree = folder / ("tree-" + name)
    remove(tree)
    tree.mkdir()
    # As in the base, where these are links: an archive that made them folders would hide its files.
    links = [entry.name for entry in base.iterdir() if entry.is_symlink()]
    for link in links:
        (tree / link).symlink_to(os.readlink(base / link))
        (tree / os.readlink(base / link)).mkdir(parents=True, exist_ok=True)
    info = tree / "var/lib/dpkg/info"
    info.mkdir(parents=True)
    status = (base / "var/lib/dpkg/status").read_text().rstrip("\n") + "\n"
    for deb in sorted(archives.glob("*.deb")):
        unpack(deb, tree)
        control = call("dpkg-deb", "--field", deb, capture_output=True, text=True).stdout.rstrip("\n")
        status += "\n" + control.replace("\n", "\nStatus: install ok installed\n", 1) + "\n"
        sums = subprocess.run(["dpkg-deb", "--info", deb, "md5sums"], capture_output=True, check=False)
        if sums.returncode == 0:
            (info / (deb.name.split("_")[0] + ".md5sums")).write_bytes(sums.stdout)
    (tree / "var/lib/dpkg/status").write_text(status)
    make_tar(tree, place)
    shutil.rmtree(tree)
    shutil.rmtree(archives)


def unpack(deb, tree):
    """dpkg-deb -x would put folders in the place of links to folders."""
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb], stdout=subprocess.PIPE) as reader:
        call_tar = subprocess.run(["tar", "-x", "--keep-directory-symlink", "-C", tree], stdin=reader.stdout,
                                  check=False)
    if reader.returncode or call_tar.returncode:
        raise SystemExit("workload: cannot unpack %s" % deb)


# --- a data root of an engine, and archives that the engine saved ---

def docker(engine, *words, **how):
    environment = {"PATH": os.environ["PATH"], "HOME": engine.home, "DOCKER_HOST": engine.socket,
                   "DOCKER_BUILDKIT": "0", "LC_ALL": "C"}
    return call("docker", *words, env=environment, timeout=BUILD_SECONDS, **how)


def pack(path, images, layers):
    """What `docker load` takes: images {name: [layer, ...]} of layers {layer: its tar}. A build would copy the
    bytes four times, and take most of an hour."""
    digests = {name: digest(tar) for name, tar in layers.items()}
    with tarfile.open(path, "w") as archive:
        manifest = []
        for name, stack in images.items():
            config = json.dumps({
                "architecture": "amd64", "os": "linux", "config": {"Cmd": ["/bin/sh"]},
                "rootfs": {"type": "layers", "diff_ids": ["sha256:" + digests[layer] for layer in stack]},
                "history": [{"created_by": "tests/bench/workload.py: " + layer} for layer in stack]}).encode()
            file = hashlib.sha256(config).hexdigest() + ".json"
            add_bytes(archive, file, config)
            manifest.append({"Config": file, "RepoTags": [name], "Layers": [layer + "/layer.tar" for layer in stack]})
        for name, tar in layers.items():
            archive.add(tar, name + "/layer.tar")
        add_bytes(archive, "manifest.json", json.dumps(manifest).encode())


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def add_bytes(archive, name, content):
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    archive.addfile(entry, io.BytesIO(content))


def load(engine, folder, images, layers):
    archive = folder / "load.tar"
    pack(archive, images, layers)
    docker(engine, "load", "-q", "-i", archive, stdout=subprocess.DEVNULL)
    archive.unlink()


def fill(engine, folder, base, layers):
    for name, layer in layers.items():
        load(engine, folder, {"bench/%s:1" % name: ["base", name]}, {"base": base, name: layer})
        say("loaded bench/%s:1" % name)
    words = Words(40)
    small = {}
    for number in range(FORTY):
        small["app%d" % number] = folder / ("app%d.tar" % number)
        with tarfile.open(small["app%d" % number], "w") as layer:
            for index in range(FORTY_BYTES >> 16):
                add_bytes(layer, "srv/app/module%d.js" % index, words.slice(1 << 16, binary=False))
    load(engine, folder, {"bench/forty:%d" % number: ["base", "app%d" % number] for number in range(FORTY)},
         {"base": base, **small})


def make_host(folder, base, layers, place):
    """place/srv/docker-data: the data root that a daemon has left; place/etc/docker names it."""
    with Engine() as engine:
        fill(engine, folder / "parts", base, layers)
        for name, file in SAVED.items():
            part(folder, "saved/" + file, lambda path, name=name, file=file: save(engine, name, file, path))
        engine.stop()
        # It made mounts in a namespace of its own only, so the folder can leave its home as it is.
        shutil.move(engine.host, place)
    name_data_root(place)


def name_data_root(place):
    (place / "etc/docker").mkdir(parents=True)
    (place / "etc/docker/daemon.json").write_text('{"data-root": "/srv/docker-data"}\n')


def save(engine, name, file, path):
    plain = path.with_suffix(".saving")
    docker(engine, "save", "-o", plain, "bench/%s:1" % name)
    if file.endswith(".gz"):
        with open(path, "wb") as out:
            call("gzip", "-c", "-1", plain, stdout=out)
        plain.unlink()
    else:
        plain.rename(path)


def copy_as_oci(saved, path):
    """As it would come from a registry: each layer a gzip."""
    call("skopeo", "copy", "--quiet", "docker-archive:%s" % saved, "oci-archive:%s:bench" % path)


# --- many small files ---

class Words:
    """Bytes that look like source text, and like what compilers write; the same for a seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.text = self.make_text()
        self.binary = self.make_binary()

    def make_text(self):
        letters = "etaoinshrdlucmfwypvbgkjqxz"
        weights = range(len(letters), 0, -1)
        names = ["".join(self.random.choices(letters, weights, k=self.random.randint(2, 11))) for _ in range(3000)]
        names += "function return const import from if else for while this null true false export class".split() * 20
        joins = [" ", " ", " ", " = ", "(", ");\n", ", ", ".", "\n", "\n    ", ": ", " {\n  ", "}\n", " // ", "_"]
        parts = []
        size = 0
        while size < POOL_BYTES:
            word = self.random.choice(names) + self.random.choice(joins)
            parts.append(word)
            size += len(word)
        return "".join(parts).encode()

    def make_binary(self):
        parts = [self.random.randbytes(64) if self.random.random() < 0.3 else
                 self.random.choice((b"\0" * 24, self.text[4000 * n % POOL_BYTES:][:80])) for n in range(60_000)]
        return b"\x7f\x01\0\0" + b"".join(parts)

    def slice(self, size, binary):
        pool = self.binary if binary else self.text
        start = self.random.randrange(len(pool) - size)
        return (b"\x01\0\0\0" if binary else b"") + pool[start:start + size - (4 if binary else 0)]


def make_small(place):
    """Each half, quarter and eighth of the files is a folder inside the next larger one."""
    words = Words(300)
    halves = [place, place / "half", place / "half/quarter", place / "half/quarter/eighth"]
    ends = [SMALL_FILES // 8, SMALL_FILES // 4, SMALL_FILES // 2, SMALL_FILES]
    made = None
    for number in range(SMALL_FILES):
        top = halves[3 - bisect.bisect_right(ends, number)]
        group = number // FILES_A_FOLDER
        folder = top / ("package-%03d" % (group // 40)) / ("lib-%d" % (group % 40))
        if folder != made:
            folder.mkdir(parents=True, exist_ok=True)
            made = folder
        binary = words.random.random() < BINARY_SHARE
        endings = BINARY_ENDINGS if binary else TEXT_ENDINGS
        ending = words.random.choices(list(endings), list(endings.values()))[0]
        size = min(max(int(words.random.lognormvariate(SIZE_MU, SIZE_SIGMA)), 8), LARGEST_SMALL)
        with open(folder / ("file%d%s" % (number, ending)), "wb") as out:
            out.write(words.slice(size, binary))


def make_large(place):
    """An image of ten GiB, in a data root of its own: memory must not grow with it."""
    words = Words(10)
    with Engine() as engine:
        environment = {"PATH": os.environ["PATH"], "HOME": engine.home, "DOCKER_HOST": engine.socket}
        taker = subprocess.Popen(["docker", "import", "-", "bench/large:1"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                 env=environment)
        with tarfile.open(fileobj=taker.stdin, mode="w|") as archive:
            for number in range(LARGE_FILES):
                entry = tarfile.TarInfo("srv/data%d.bin" % number)
                entry.size = 1 << 30
                archive.addfile(entry, Pieces(words))
        taker.stdin.close()
        if taker.wait() != 0:
            raise SystemExit("workload: docker import ended with %d" % taker.returncode)
        engine.stop()
        shutil.move(engine.host, place)
    name_data_root(place)


class Pieces:
    """Text without end."""

    def __init__(self, words):
        self.words = words

    def read(self, size):
        return self.words.slice(size, binary=False)


def make_one_file(place):
    """2 GiB, sparse: text at the start, so that it counts as text."""
    place.mkdir()
    with open(place / "log.txt", "wb") as out:
        out.write(b"12:00:00 worker 7: took one more file of the queue\n" * 20_000)
        out.truncate(2 << 30)


def make(folder, large):
    folder.mkdir(parents=True, exist_ok=True)
    part(folder, "small", make_small)
    part(folder, "one-file", make_one_file)
    if not (folder / "host").exists():
        parts = folder / "parts"
        parts.mkdir(exist_ok=True)
        base = part(parts, "base", make_base)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            layers = dict(zip(IMAGES, pool.map(lambda name: part(
                parts, name + ".tar", lambda path: make_layer(parts, base, name, path)), IMAGES)))
        tar = part(parts, "base.tar", lambda path: make_tar(base, path))
        part(folder, "host", lambda path: make_host(folder, tar, layers, path))
        shutil.rmtree(parts)
    part(folder, "saved/node-oci.tar", lambda path: copy_as_oci(folder / "saved/node.tar", path))
    if large:
        part(folder, "large", make_large)


def check():
    if os.geteuid() != 0:
        raise SystemExit("workload: needs root (a Docker daemon of its own)")
    needed = ["debootstrap", "apt-get", "dpkg-deb", "dockerd", "docker", "tar", "gzip", "skopeo"]
    missing = [name for name in needed if not shutil.which(name)]
    if missing:
        raise SystemExit("workload: not installed: " + ", ".join(missing))


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", nargs="?", type=Path, default=DEFAULT)
    options.add_argument("--large", action="store_true", help="10 GiB more, for the row on memory")
    chosen = options.parse_args()
    check()
    make(chosen.folder.resolve(), chosen.large)
    say("%s is whole" % chosen.folder)


if __name__ == "__main__":
    main()
