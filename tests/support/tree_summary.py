# SPDX-License-Identifier: Apache-2.0
#
# tree_summary.py: a mounted tree as values, to compare with what is read of it.

import hashlib
import os
import stat


def summary(root):
    """Path -> type, mode, and link or digest, of a tree."""
    out = {}
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            path = os.path.join(folder, name)
            found = os.lstat(path)
            what = ""
            if stat.S_ISLNK(found.st_mode):
                what = os.readlink(path)
            elif stat.S_ISREG(found.st_mode):
                with open(path, "rb") as content:
                    what = hashlib.sha256(content.read()).hexdigest()
            out[os.path.relpath(path, root)] = (stat.S_IFMT(found.st_mode), stat.S_IMODE(found.st_mode), what)
    return out
