#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Keeps the floors: a folder includes only what stands below it, and third parties only where the
table names them. The test "layers"; cmake/README.md has the rules in words.

    check_layers.py [ROOT]        check the tree, one line per breach, status 1 if there is one
    check_layers.py --self-test   check that each kind of breach is seen
"""

import re
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
import source_tree  # noqa: E402

# A folder may include folders of a lower number, and itself; equal numbers may not meet.
FLOORS = {
    "sdk/include/meridian/abi": 0,
    "sdk/include/meridian": 1,
    "sdk/include/meridian/testing": 1.5,
    "host/base": 2,
    "host/archive": 3, "host/model": 3, "host/finding": 3,
    "host/rootfs": 4,
    "host/store": 5, "host/plugin": 5, "host/data": 5,
    "host/lane": 6,
    "host/scan": 7,
    "host/report": 8, "host/bundle": 8, "host/deploy": 8, "host/testing": 8,
    "host/environment": 8,
    "host/serve": 9,
    "host/cli": 10,
}

# Floors of the host that may include all of the SDK. The rest has result.hpp alone.
SDK_USERS = {"host/plugin", "host/lane", "host/testing"}
SDK_FOR_ALL = "sdk/include/meridian/result.hpp"

# Beginning of an include -> the library. What is in no list here is refused by name.
LIBRARIES = {
    "tl/expected.hpp": "libexpected",
    "openssl/": "libcrypto",
    "crypt.h": "libxcrypt",
    "spdlog/": "spdlog", "fmt/": "spdlog",
    "archive.h": "libarchive", "archive_entry.h": "libarchive",
    "isa-l/": "libisal",
    "nlohmann/": "nlohmann_json",
    "boost/dll": "Boost.DLL", "boost/filesystem": "Boost.Filesystem",
    "hs.h": "libhs", "hs/": "libhs",
    "valijson/": "valijson",
    "toml++/": "toml++", "toml.hpp": "toml++",
    "sqlite3.h": "SQLite",
    "seccomp.h": "libseccomp",
    "zlib.h": "zlib",
    "yaml.h": "libyaml",
    "CLI/": "CLI11",
    "catch2/": "Catch2",
}
ALLOWED = {
    "sdk/include/meridian": {"libexpected"},
    "host/base": {"libcrypto", "spdlog"},
    "host/archive": {"libarchive", "libisal", "nlohmann_json"},
    "host/model": {"nlohmann_json"},
    "host/store": {"nlohmann_json", "SQLite", "libyaml"},
    "host/data": {"nlohmann_json", "SQLite"},
    "host/plugin": {"nlohmann_json", "Boost.DLL", "Boost.Filesystem", "libhs", "valijson"},
    "host/lane": {"libseccomp"},
    "host/scan": {"SQLite"},
    "host/report": {"nlohmann_json"},
    "host/environment": {"nlohmann_json"},
    "host/cli": {"CLI11", "nlohmann_json"},
    "plugin-template": {"Catch2"},
}
SOURCES_ONLY = {"nlohmann_json", "CLI11", "spdlog", "SQLite", "libyaml"}  # slow to compile, or one file's: never in a header
CHEAP = {"nlohmann/json_fwd.hpp"}  # declares, defines nothing
ONE_FILE = {"CLI11"}

# The C library and the kernel: usable everywhere. C++ headers have no dot.
SYSTEM_FOLDERS = {"sys", "linux", "asm", "arpa", "net", "netinet", "sanitizer"}
SYSTEM = set("""assert complex ctype dirent dlfcn elf endian errno fcntl features fenv float fnmatch
    glob grp inttypes limits link locale malloc math mntent poll pthread pwd sched setjmp signal spawn
    stdalign stdarg stdatomic stdbool stddef stdint stdio stdlib string strings syscall sysexits
    syslog termios time ucontext unistd utime wchar wctype cxxabi""".split())

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def folder_of(path):
    """The folder that a file counts as, or None where no floor is laid down."""
    parts = path.parts
    if parts[0] == "plugins" and len(parts) > 2:
        return "/".join(parts[:2])
    if parts[0] in ("plugin-template", "tests"):
        return parts[0]
    for length in range(len(parts) - 1, 0, -1):
        folder = "/".join(parts[:length])
        if folder in FLOORS:
            return folder
    return None


def resolve(root, path, quoted, name):
    """The file of this tree that an include means, or None."""
    places = [path.parent] if quoted else []
    own = [Path("host"), Path("sdk/include")]
    if path.parts[0] == "tests":
        own.append(Path("tests"))
    if path.parts[0] == "plugins" and len(path.parts) > 2:
        own.append(Path(*path.parts[:2]))
    for place in places + own + [Path(".")]:
        candidate = (root / place / name).resolve()
        if candidate.is_file() and candidate.is_relative_to(root):
            return candidate.relative_to(root)
    return None


def library_of(name):
    return next((library for prefix, library in LIBRARIES.items()
                 if name == prefix or (not prefix.endswith(".h") and name.startswith(prefix))), None)


def is_system(name):
    if "/" in name:
        return name.split("/")[0] in SYSTEM_FOLDERS
    return "." not in name or (name.endswith(".h") and name[:-2] in SYSTEM)


def may_include(folder, target):
    """None if `folder` may include the file `target` of this tree, else why not."""
    there = folder_of(target)
    if there == "tests":
        return None if folder == "tests" else "nobody includes tests/"
    if folder == "tests" or there == folder:
        return None
    if there is None or there not in FLOORS:
        return f"{target.parent} is no floor that may be included"
    if folder not in FLOORS:  # a plugin, the template
        return None if there.startswith("sdk/") else "a plugin knows only the SDK and itself"
    if there.startswith("sdk/") and folder.startswith("host/"):
        if str(target) == SDK_FOR_ALL or folder in SDK_USERS:
            return None
        return (f"of the SDK, {folder} may include {SDK_FOR_ALL} alone; all of it: "
                + ", ".join(sorted(SDK_USERS)))
    if FLOORS[there] < FLOORS[folder]:
        return None
    return f"{folder} (floor {FLOORS[folder]}) may not include {there} (floor {FLOORS[there]})"


def may_use(root, folder, path, library, name):
    """None if the file may include the header `name` of `library`, else why not."""
    if folder == "tests":
        return None
    if library in SOURCES_ONLY and path.suffix != ".cpp" and name not in CHEAP:
        return f"{library} belongs into .cpp files, never into a header"
    if folder.startswith("plugins/"):
        readme = root / folder / "README.md"
        if readme.is_file() and library.lower() in readme.read_text(errors="replace").lower():
            return None
        return f"{folder}/README.md does not name {library} with its reason"
    if library in ALLOWED.get(folder, set()):
        return None
    users = sorted(name for name, some in ALLOWED.items() if library in some)
    return f"{library} belongs to " + (", ".join(users) or "tests")


def check(root):
    breaches = []
    only_user = {}
    for path in source_tree.code_files(root):
        folder = folder_of(path)
        if folder is None:
            breaches.append(f"{path}: stands on no floor; add {path.parent} to FLOORS")
            continue
        text = (root / path).read_text(encoding="utf-8", errors="replace")
        for found in INCLUDE.finditer(text):
            name = found[2]
            where = f"{path}:{text.count(chr(10), 0, found.start(2)) + 1}: \"{name}\": "
            target = resolve(root, path, found[1] == '"', name)
            library = None if target else library_of(name)
            if target:
                why = may_include(folder, target)
            elif library:
                why = may_use(root, folder, path, library, name)
                if library in ONE_FILE and folder != "tests":
                    first = only_user.setdefault(library, path)
                    if first != path:
                        why = f"{library} is included in {first}; one file is the rule"
            else:
                # Tests also include what the build generates.
                known = is_system(name) or folder == "tests"
                why = None if known else "no file of this tree, no library of the table"
            if why:
                breaches.append(where + why)
    return breaches


def self_test():
    """Each entry: file, its text, words of the breach (None: must pass)."""
    cases = [
        ("host/base/a.hpp", '#include <string>\n#include "meridian/result.hpp"', None),
        ("host/store/a.cpp", '#include "rootfs/t.hpp"\n#include <nlohmann/json.hpp>', None),
        ("host/lane/a.cpp", '#include "meridian/abi/entry.h"\n#include <sys/stat.h>', None),
        ("plugins/x/a.cpp", '#include "meridian/plugin.hpp"\n#include "b.hpp"', None),
        ("tests/unit/a.cpp", '#include "cli/c.hpp"\n#include <catch2/catch.hpp>', None),
        ("host/base/up.cpp", '#include "rootfs/t.hpp"', "floor 2"),
        ("host/base/relative.cpp", '#include "../rootfs/t.hpp"', "floor 2"),
        ("host/plugin/side.cpp", '#include "store/s.hpp"', "floor 5"),
        ("host/model/sdk.cpp", '#include "meridian/plugin.hpp"', "result.hpp alone"),
        ("host/rootfs/json.cpp", '#include <nlohmann/json.hpp>', "nlohmann_json belongs to"),
        ("host/model/fwd.hpp", '#include <nlohmann/json_fwd.hpp>', None),
        ("host/model/json.hpp", '#include <nlohmann/json.hpp>', "never into a header"),
        ("host/base/other.cpp", '  #  include <absl/base.h>', "no library of the table"),
        ("host/base/boost.cpp", '#include <boost/asio.hpp>', "no library of the table"),
        ("host/scan/t.cpp", '#include "../../tests/support/y.hpp"', "nobody includes tests/"),
        ("host/new/a.cpp", "", "stands on no floor"),
        ("plugins/x/host.cpp", '#include "../../host/base/b.hpp"', "only the SDK"),
        ("plugins/x/json.cpp", '#include <nlohmann/json.hpp>', "does not name nlohmann_json"),
        ("plugin-template/a.cpp", '#include "../plugins/x/b.hpp"', "no floor"),
        ("sdk/include/meridian/abi/up.h", '#include "../plugin.hpp"', "floor 0"),
        ("sdk/include/meridian/up.hpp", '#include "testing/testing.hpp"', "floor 1"),
    ]
    ground = ["sdk/include/meridian/result.hpp", "sdk/include/meridian/plugin.hpp",
              "sdk/include/meridian/abi/entry.h", "sdk/include/meridian/testing/testing.hpp",
              "host/base/b.hpp", "host/rootfs/t.hpp", "host/store/s.hpp", "host/cli/c.hpp",
              "plugins/x/b.hpp", "plugins/x/README.md", "tests/support/y.hpp"]
    failed = []

    def breaches_of(some):
        with tempfile.TemporaryDirectory() as name:
            root = Path(name).resolve()
            for file, text in [(file, "") for file in ground] + some:
                (root / file).parent.mkdir(parents=True, exist_ok=True)
                (root / file).write_text(text + "\n")
            return check(root)

    for file, text, words in cases:
        found = breaches_of([(file, text)])
        right = not found if words is None else (
            len(found) == 1 and found[0].startswith(file) and words in found[0])
        if not right:
            failed.append(f"{file}: wanted {words!r}, got {found}")
    two = [(f"host/cli/{name}.cpp", "#include <CLI/CLI.hpp>") for name in ("one", "two")]
    if not any("one file is the rule" in line for line in breaches_of(two)):
        failed.append("two users of CLI11 passed")
    return failed, len(cases) + 1


def main():
    if sys.argv[1:] == ["--self-test"]:
        failed, count = self_test()
        print("\n".join(failed) if failed else f"{count} planted cases judged rightly")
        return 1 if failed else 0
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent).resolve()
    breaches = check(root)
    print("\n".join(breaches) if breaches else "every include goes down")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
