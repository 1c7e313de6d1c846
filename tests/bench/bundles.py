# SPDX-License-Identifier: Apache-2.0
#
# bundles.py: bundles that a row needs, made of plugin `secrets`.

import hashlib
import json
import shutil


def pattern_lines(rules):
    """For floor.c."""
    return "".join("%s\t%s\n" % ("i" if rule.get("caseless") else "-", rule["pattern"]) for rule in rules
                   if rule.get("scope") != "environment")


def part_of_secrets(secrets, folder, name, some, binary=True):
    """A bundle in `folder` of some of the rules of `secrets`, by an id of its own: (digest of its library, the rules). `name`
    is as long as "secrets". `binary`: whether it looks into binary files where the rule does."""
    place = folder / name
    shutil.copytree(secrets, place)
    library = (place / "secrets.so").read_bytes().replace(b"io.meridian.secrets", b"io.meridian." + name.encode())
    (place / "secrets.so").write_bytes(library)
    manifest = json.loads((place / "plugin.json").read_text())
    manifest["id"] = "io.meridian." + name
    document = json.loads((place / "rules/secrets.json").read_text())
    document["rules"] = [rule if binary else {**rule, "binary": False} for rule in document["rules"][some]]
    kept = {"own-rule", *(rule["id"] for rule in document["rules"])}
    manifest["rules"] = [rule for rule in manifest["rules"] if rule["id"] in kept]
    (place / "plugin.json").write_text(json.dumps(manifest))
    (place / "rules/secrets.json").write_text(json.dumps(document))
    return hashlib.sha256(library).hexdigest(), document["rules"]
