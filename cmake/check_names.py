#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Names, sizes, marks and READMEs of the tree. The test "names"; cmake/README.md has the rules.

    check_names.py [ROOT]        check the tree, one line per breach, status 1 if there is one
    check_names.py --self-test   check that each kind of breach is seen
"""

import re
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
import source_tree  # noqa: E402

# Drawers without a subject: everything fits in, so everything ends up there.
DRAWERS = {"util", "utils", "utility", "utilities", "helper", "helpers", "common", "misc",
           "manager", "managers"}

MAX_HEADER = 250
MAX_SOURCE = 600

MARK_KINDS = {"security", "perf", "cleanup", "port"}

# Folders whose README stands above them, and why.
README_ABOVE = [
    (r"tests/unit(/.*)?", "mirrors the source tree: tests/README.md"),
    (r"tests/(support|full|bench|integration)", "tests/README.md lists them"),
    (r"tests/fixtures/.+", "tests/fixtures/README.md lists them"),
    (r"tests/fuzz", "tests/README.md"),
    (r"tests/(integration|e2e|data)/.+", "one subject each, explained by the test or script in it"),
    (r"host/store/.+", "host/store/README.md has a word on each"),
    (r"sdk/(cmake|include|include/meridian)(/.*)?", "sdk/README.md"),
    (r"plugins/[^/]+/rules(/.*)?", "a bundle ships rules/ as it is: the plugin's README"),
    (r"\.ci", "one script that calls cmake/bootstrap"),
]

# Bytes of others, kept as they came.
FOREIGN = re.compile(r"tests/fuzz/corpus/|tests/golden/|tests/data/[^/]+/layers/")

SCRIPT = {".py", ".sh", ".cmake"}
_WORD = re.compile(r"[a-z0-9]+")
_NAMESPACE = re.compile(r"^\s*(?:inline\s+)?namespace\s+([\w:]+)", re.MULTILINE)
_MARK = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b(?:\((\w*)\):)?")
_TEST_MACRO = re.compile(r"\b(TEST_CASE|FRIEND_TEST|SECTION)\s*\(")


def drawer_in(text):
    """The drawer word in a name of snake, kebab, dotted or Pascal case, or None."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text).lower()
    return next((word for word in _WORD.findall(spaced) if word in DRAWERS), None)


def is_script(path, text):
    return path.suffix in SCRIPT or path.name == "CMakeLists.txt" or text.startswith("#!")


def check_text(path, text):
    """Breaches in one file that people wrote."""
    lines = text.count("\n")
    code = path.suffix in source_tree.CODE
    if not code and not is_script(path, text):
        return
    first = text.split("\n", 4)[:4]
    if not any("SPDX-License-Identifier: Apache-2.0" in line for line in first[:2]):
        yield "no SPDX line at the top"
    limit = MAX_HEADER if path.suffix in {".hpp", ".h"} else MAX_SOURCE
    if lines > limit:
        yield f"{lines} lines, limit {limit}: a place to look for a second subject"
    for found in _MARK.finditer(text):
        if found[1] not in MARK_KINDS:
            line = text.count("\n", 0, found.start()) + 1
            yield f"line {line}: {found[0]} without a kind of {', '.join(sorted(MARK_KINDS))}"
    if not code:
        return
    if path.suffix in {".hpp", ".h"} and not any(f"{path.name}: " in line for line in first):
        yield f"does not begin by saying what it is: \"{path.name}: ...\""
    for found in _NAMESPACE.finditer(text):
        if drawer_in(found[1]):
            yield f"namespace {found[1]}: give the thing a name"
    in_product = path.parts[0] in ("host", "sdk") or path.parts[0] == "plugins"
    if in_product and (found := _TEST_MACRO.search(text)):
        yield f"{found[1]} in the product: tests live in tests/"


def check(root):
    breaches = []
    paths = source_tree.files(root)
    present = set(paths)
    folders = set()
    for path in paths:
        if FOREIGN.match(path.as_posix()):
            continue
        for part in path.parts:
            word = drawer_in(part)
            if word:
                breaches.append(f"{path}: \"{word}\" says nothing: name the subject")
                break
        data = (root / path).read_bytes()
        if b"\0" not in data:
            text = data.decode("utf-8", "replace")
            breaches += [f"{path}: {why}" for why in check_text(path, text)]
            is_rule = "rules" in path.parts[:-1]
            if path.suffix in source_tree.CODE or is_script(path, text) or is_rule:
                folders.add(path.parent)
    for folder in sorted(folders):
        above = any(re.fullmatch(pattern, str(folder)) for pattern, _ in README_ABOVE)
        if not above and folder / "README.md" not in present:
            breaches.append(f"{folder}: no README.md that says what lives here and what does not")
    return breaches


def self_test():
    spdx = "// SPDX-License-Identifier: Apache-2.0\n"
    script = "# SPDX-License-Identifier: Apache-2.0\n"
    mark = "TO" "DO"
    cases = [
        ("host/base/fd.hpp", spdx + "//\n// fd.hpp: owns\n", None),
        ("host/base/fd.cpp", spdx + f"// {mark}(security): say why\n", None),
        ("host/base/fd.cpp", spdx + "\n" * 500, None),
        ("host/base/fd_utils.cpp", spdx, "\"utils\""),
        ("host/base/FdManager.cpp", spdx, "\"manager\""),
        ("host/base/communal.cpp", spdx, None),
        ("host/base/fd.cpp", "int x;\n", "SPDX"),
        ("tests/fuzz/corpus/x/run", "#!/bin/sh\ntrue\n", None),
        ("tests/golden/x/run.txt", "#!/bin/sh\ntrue\n", None),
        ("host/base/run", "#!/bin/sh\ntrue\n", "SPDX"),
        ("host/base/fd.hpp", spdx + "// owns\n", "what it is"),
        ("host/base/fd.hpp", spdx + "//\n// fd.hpp: owns\n" + "\n" * 250, "limit 250"),
        ("host/base/fd.cpp", spdx + "\n" * 600, "limit 600"),
        ("host/base/fd.cpp", spdx + f"// {mark}: later\n", "without a kind"),
        ("host/base/fd.cpp", spdx + f"// {mark}(someday): later\n", "without a kind"),
        ("host/base/fd.cpp", spdx + "namespace meridian::misc {}\n", "namespace"),
        ("host/base/fd.cpp", spdx + 'TEST_CASE("x") {}\n', "in the product"),
        ("host/new/fd.cpp", spdx, "no README.md"),
        ("cmake/new/x.cmake", script, "no README.md"),
        ("plugins/x/other/rules/a.json", "{}\n", "no README.md"),
        ("plugins/x/rules/a.json", "{}\n", None),
    ]
    failed = []
    for file, text, words in cases:
        with tempfile.TemporaryDirectory() as name:
            root = Path(name).resolve()
            for path, content in [("host/base/README.md", ""), (file, text)]:
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text(content)
            found = check(root)
        right = not found if words is None else len(found) == 1 and words in found[0]
        if not right:
            failed.append(f"{file}: wanted {words!r}, got {found}")
    return failed, len(cases)


def main():
    if sys.argv[1:] == ["--self-test"]:
        failed, count = self_test()
        print("\n".join(failed) if failed else f"{count} planted cases judged rightly")
        return 1 if failed else 0
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent).resolve()
    breaches = check(root)
    print("\n".join(breaches) if breaches else "names, sizes, marks and READMEs are in order")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
