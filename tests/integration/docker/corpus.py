# SPDX-License-Identifier: Apache-2.0
#
# corpus.py: what docker_test.py plants in a real engine, and where it must be found.
#
# Files come by COPY and standard input, never by a RUN line, so that no value stands in a history or
# a command: each place holds a secret of its own, and nothing else does.

import os
import shutil

from planted import token

BASE_FILES = 300
BASE_LAYER = 2  # of base:1, after busybox and its links
IMAGES = ("base:1", "deleted:1", "overwritten:1", "opaque:1")


def busybox():
    with open(shutil.which("busybox"), "rb") as program:
        return program.read()


def base_files():
    """The shared layer, below opt/: text with a secret, a binary file with one (the rule says `binary`)."""
    files = {"tree/%02d/%03d.conf" % (number % 20, number): "setting_%d = %d\n" % (number, number * 7)
             for number in range(BASE_FILES)}
    files["tree/deep/token.conf"] = token(100) + "\n"
    files["tree/deep/binary.dat"] = b"\0" * 600 + token(101).encode() + b"\n"
    return files


def build_images(engine):
    engine.build("base:1", {
        "Dockerfile": "FROM scratch\nCOPY busybox /bin/busybox\n"
                      "RUN [\"/bin/busybox\", \"--install\", \"-s\", \"/bin\"]\n"
                      "COPY files /\nCMD [\"sh\"]\n",
        "busybox": busybox(), "files/etc/hello.base": "x",
        **{"files/opt/" + path: content for path, content in base_files().items()}})
    engine.build("deleted:1", {
        "Dockerfile": "FROM base:1\nCOPY files /\nRUN rm /srv/deleted.key /etc/hello.own\n",
        "files/srv/deleted.key": token(110) + "\n", "files/etc/hello.own": "x"})
    engine.build("overwritten:1", {
        "Dockerfile": "FROM base:1\nCOPY old /\nCOPY new /\n",
        "old/srv/app.conf": token(120) + "\n", "old/etc/hello.own": "old",
        "new/srv/app.conf": "# rotated\n" + token(121) + "\n"})
    engine.build("opaque:1", {
        "Dockerfile": "FROM base:1\nCOPY files /\nRUN rm -rf /d && mkdir /d && echo new > /d/new\n",
        "files/d/sub/token.conf": token(130) + "\n", "files/etc/hello.own": "x"})


def run_containers(engine):
    """`running` also deletes the base's secret; `created` gets its file without ever starting."""
    engine.docker("run", "-d", "--name", "running", "--network", "none", "deleted:1", "sleep", "6000")
    engine.docker("exec", "-i", "running", "sh", "-c", "cat > /srv/runtime.conf; rm /opt/tree/deep/token.conf",
                  input=token(200) + "\n")
    engine.docker("run", "-i", "--name", "stopped", "--network", "none", "opaque:1", "sh", "-c",
                  "mkdir /var /var/lib; cat > /var/lib/stopped.conf", input=token(201) + "\n")
    engine.docker("create", "--name", "created", "--network", "none", "overwritten:1", "sh")
    source = os.path.join(engine.home, "created.conf")
    with open(source, "w") as out:
        out.write(token(202) + "\n")
    engine.docker("cp", source, "created:/srv/created.conf")


# Target -> {(path, layer index, visibility)}: all that the rule finds there.
BINARY = ("opt/tree/deep/binary.dat", BASE_LAYER, "visible")
BASE = {BINARY, ("opt/tree/deep/token.conf", BASE_LAYER, "visible")}
DELETED = BASE | {("srv/deleted.key", 3, "shadowed")}
OVERWRITTEN = BASE | {("srv/app.conf", 3, "shadowed"), ("srv/app.conf", 4, "visible")}
OPAQUE = BASE | {("d/sub/token.conf", 3, "shadowed")}
IN_IMAGES = {"base:1": BASE, "deleted:1": DELETED, "overwritten:1": OVERWRITTEN, "opaque:1": OPAQUE}
# Five image layers, then init (5) and writable (6).
IN_CONTAINERS = {
    "running": {BINARY, ("opt/tree/deep/token.conf", BASE_LAYER, "shadowed"),
                ("srv/deleted.key", 3, "shadowed"), ("srv/runtime.conf", 6, "visible")},
    "stopped": OPAQUE | {("var/lib/stopped.conf", 6, "visible")},
    "created": OVERWRITTEN | {("srv/created.conf", 6, "visible")}}
EVERYWHERE = {**IN_IMAGES, **IN_CONTAINERS}
# What fixture hello finds, for tests that are not about secrets: it starts in no time.
_OWN = {("etc/hello.base", 2, "visible"), ("etc/hello.own", 3, "visible")}
_OWN_DELETED = {("etc/hello.base", 2, "visible"), ("etc/hello.own", 3, "shadowed")}
GREETINGS = {"base:1": {("etc/hello.base", 2, "visible")}, "deleted:1": _OWN_DELETED, "overwritten:1": _OWN,
             "opaque:1": _OWN, "running": _OWN_DELETED, "stopped": _OWN, "created": _OWN}
VALUES = [token(number) for number in (100, 101, 110, 120, 121, 130, 200, 201, 202)]
