# SPDX-License-Identifier: Apache-2.0
"""Which files make up the source tree: shared by the check_*.py scripts."""

import os
import subprocess
from pathlib import Path

CODE = {".cpp", ".hpp", ".h"}
_NOT_SOURCE = {"build", ".git", ".cache", "__pycache__"}


def files(root):
    """Every file of the tree at `root`, relative and sorted: what git would take, or a plain walk
    where there is no repository (an unpacked archive, the trees of the self-tests)."""
    listed = None
    if (root / ".git").exists():
        # safe.directory: bootstrap may run as root in a tree that a user cloned.
        listed = subprocess.run(
            ["git", "-c", "safe.directory=*", "-C", str(root), "ls-files", "-z", "--cached",
             "--others", "--exclude-standard"],
            capture_output=True, check=False)
    if listed is not None and listed.returncode == 0:
        names = [os.fsdecode(name) for name in listed.stdout.split(b"\0") if name]
    else:
        names = []
        for folder, folders, leaves in os.walk(root):
            folders[:] = [name for name in folders if name not in _NOT_SOURCE]
            names += [os.path.relpath(os.path.join(folder, leaf), root) for leaf in leaves]
    # Listed but deleted, and links, are no source.
    return sorted(Path(name) for name in names
                  if (root / name).is_file() and not (root / name).is_symlink())


def code_files(root):
    return [path for path in files(root) if path.suffix in CODE]
