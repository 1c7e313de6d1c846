#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a small image archive, as `docker save` writes it, from layers/ beside this script.

    make.py ARCHIVE.tar

Three layers: a base; an application with two planted secrets; one that deletes one of them. The
secrets are synthetic and made here, so that no file of the repository looks like it leaks one. The
same bytes come out on every machine.
"""

import hashlib
import sys
import zlib
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "support"))
import image_archive  # noqa: E402

NAME = "meridian/sample:1"
DIGITS = "0123456789"
UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BASE62 = DIGITS + UPPER + UPPER.lower()


def letters(alphabet, count, seed):
    """`count` letters that look random and are the same every time."""
    stream = hashlib.shake_256(f"meridian sample {seed}".encode()).digest(count)
    return "".join(alphabet[byte % len(alphabet)] for byte in stream)


def secrets():
    # A GitHub token ends with the CRC-32 of its 30 random letters, in six digits of base 62.
    body = letters(BASE62, 30, "github")
    rest, check = zlib.crc32(body.encode()), ""
    for _ in range(6):
        rest, digit = divmod(rest, 62)
        check = BASE62[digit] + check
    return {"@GITHUB_TOKEN@": "ghp_" + body + check,
            "@AWS_KEY_ID@": "AKIA" + letters(UPPER + "234567", 16, "aws id"),
            "@AWS_SECRET@": letters(BASE62 + "+/", 40, "aws secret")}


def layer(folder, created_by, planted):
    made = image_archive.Layer(created_by)
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_dir():
            made.directory(name)
            continue
        text = path.read_text(encoding="utf-8")
        for mark, secret in planted.items():
            text = text.replace(mark, secret)
        made.file(name, text)
    return made


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    planted = secrets()
    steps = {"0-base": "COPY base / # sample", "1-app": "COPY app / # sample",
             "2-tidy": "RUN rm /root/.aws/credentials"}
    layers = [layer(HERE / "layers" / name, step, planted) for name, step in steps.items()]
    image_archive.write(sys.argv[1], [image_archive.Image(NAME, layers, env=["APP_PORT=8080"])])
    return 0


if __name__ == "__main__":
    sys.exit(main())
