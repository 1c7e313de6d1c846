#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Is every C and C++ file as clang-format 14 would write it? The test "format".

    check_format.py          names each file that differs, status 1 if there is one
    check_format.py --fix    rewrites them
"""

import re
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True
import source_tree  # noqa: E402


def main():
    root = Path(__file__).parent.parent.resolve()
    paths = [str(path) for path in source_tree.code_files(root)]
    if not paths:
        print("no file to check: is this the source tree?")
        return 1
    fix = sys.argv[1:] == ["--fix"]
    # Another version formats otherwise, so it is named and not searched for.
    command = ["clang-format-14", *(["-i"] if fix else ["--dry-run", "-Werror"]), *paths]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    places = re.findall(r"^(.+?):(\d+):\d+: error: code should be", done.stderr, re.MULTILINE)
    first = {}
    for name, line in places:
        first.setdefault(name, line)
    for name, line in first.items():
        print(f"{name}:{line}: differs from clang-format 14 from here on")
    if done.returncode and not first:
        print(done.stderr, end="")
    elif first:
        print("cmake/check_format.py --fix rewrites them")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
