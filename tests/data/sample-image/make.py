#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a small image archive, as `docker save` writes it, from layers/ beside this script.

    make.py ARCHIVE.tar

Three layers: a base; an application with two planted secrets; one that deletes one of them. The
secrets are synthetic and made here, so that no file of the repository looks like it leaks one. The
same bytes come out on every machine.
"""

import hashlib
import io
import json
import sys
import tarfile
import zlib
from pathlib import Path

HERE = Path(__file__).parent
NAME = "meridian/sample:1"
CREATED = "2024-01-01T00:00:00Z"
STEPS = {"0-base": "COPY base / # sample", "1-app": "COPY app / # sample",
         "2-tidy": "RUN rm /root/.aws/credentials"}


def letters(alphabet, count, seed):
    """`count` letters that look random and are the same every time."""
    digest = b"".join(hashlib.sha256(f"meridian sample {seed} {i}".encode()).digest()
                      for i in range(2))
    return "".join(alphabet[byte % len(alphabet)] for byte in digest[:count])


def secrets():
    digits, upper = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    base62 = digits + upper + upper.lower()
    # A GitHub token ends with the CRC-32 of its 30 random letters, in six digits of base 62.
    body = letters(base62, 30, "github")
    crc, check = zlib.crc32(body.encode()), ""
    for _ in range(6):
        crc, digit = divmod(crc, 62)
        check = base62[digit] + check
    return {"@GITHUB_TOKEN@": "ghp_" + body + check,
            "@AWS_KEY_ID@": "AKIA" + letters(upper + "234567", 16, "aws id"),
            "@AWS_SECRET@": letters(base62 + "+/", 40, "aws secret")}


def add(archive, name, data=None):
    """One entry that depends on nothing but its name and bytes; no data: a directory."""
    entry = tarfile.TarInfo(name)
    entry.mode = 0o644 if data is not None else 0o755
    entry.type = tarfile.REGTYPE if data is not None else tarfile.DIRTYPE
    entry.size = len(data or b"")
    archive.addfile(entry, io.BytesIO(data or b""))


def tar_of(members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in members:
            add(archive, name, data)
    return out.getvalue()


def layer(folder, planted):
    members = []
    for path in sorted(folder.rglob("*")):
        data = None
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            for mark, secret in planted.items():
                text = text.replace(mark, secret)
            data = text.encode()
        members.append((path.relative_to(folder).as_posix(), data))
    return tar_of(members)


def image():
    planted = secrets()
    folders = sorted((HERE / "layers").iterdir())
    layers = [layer(folder, planted) for folder in folders]
    config = json.dumps({
        "architecture": "amd64", "os": "linux", "created": CREATED,
        "config": {"Env": ["PATH=/usr/bin:/bin", "APP_PORT=8080"], "WorkingDir": "/srv/app",
                   "Cmd": ["python3", "/srv/app/app.py"], "User": "app"},
        "history": [{"created": CREATED, "created_by": STEPS[folder.name]} for folder in folders],
        "rootfs": {"type": "layers",
                   "diff_ids": ["sha256:" + hashlib.sha256(data).hexdigest() for data in layers]},
    }, sort_keys=True).encode()
    config_name = hashlib.sha256(config).hexdigest() + ".json"
    members, names = [], []
    for data in layers:
        folder = hashlib.sha256(b"sample layer " + data).hexdigest()
        names.append(folder + "/layer.tar")
        members += [(folder, None), (names[-1], data)]
    manifest = [{"Config": config_name, "RepoTags": [NAME], "Layers": names}]
    members += [(config_name, config), ("manifest.json", json.dumps(manifest).encode())]
    return tar_of(members)


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    Path(sys.argv[1]).write_bytes(image())
    return 0


if __name__ == "__main__":
    sys.exit(main())
