# SPDX-License-Identifier: Apache-2.0
#
# inspect_rules.py: an engine's `inspect`, key by key, against an object of `show`: equal, mapped, or listed as not said, with
# the reason.
#
# A rule is a pattern of a key's path and what gives its value from that object; the first that matches counts. NotOnDisk says
# why `show` does not have it.

import fnmatch


class NotOnDisk:
    def __init__(self, reason):
        self.reason = reason


def leaves(value, path=""):
    """(path, value) of everything that is no object; an empty object is a leaf."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            # A key may have dots in it: a label, a port.
            yield from leaves(inner, path + ("." if path else "") + key.replace(".", "\0"))
    else:
        yield path, value


def rule_for(rules, path):
    return next((rule for pattern, rule in rules if fnmatch.fnmatchcase(path, pattern)), None)


def at(value, path):
    for key in path.split("."):
        value = value[key.replace("\0", ".")]
    return value


def equal(prefix=""):
    """The same path below `prefix` of the object."""
    return lambda one, path: at(one, prefix + path)


def below(here, there):
    """`here`.X of inspect is `there`.X of the object."""
    return lambda one, path: at(one, there + path[len(here):])


def is_(there):
    return lambda one, path: at(one, there)


class Unordered(list):
    """Equal to a list with the same elements: the engine's order is a Go map's."""

    def __eq__(self, other):
        return sorted(map(repr, map(sorted_items, self))) == sorted(map(repr, map(sorted_items, other)))


def sorted_items(entry):
    return sorted(entry.items())


class UnorderedTexts(list):
    def __eq__(self, other):
        return sorted(self) == sorted(other)


def check(test, inspected, one, rules):
    """Fails `test` where a value differs or a key has no rule: a new version of the engine says so."""
    wrong = []
    for path, value in leaves(inspected):
        rule = rule_for(rules, path)
        if rule is None:
            wrong.append((path, "a key that nobody has looked at", value))
        elif not isinstance(rule, NotOnDisk) and not rule(one, path) == value:
            wrong.append((path, rule(one, path), value))
    test.assertEqual(wrong, [])
