# SPDX-License-Identifier: Apache-2.0
#
# planted.py: synthetic secrets that plugin `secrets` finds. None is written out anywhere: each is
# made when a test runs, from its number, so that each place of a test holds a value of its own.

import json
import os
import random
import zlib

from meridian_cli import SOURCE

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def token(number):
    """A GitHub personal token of the right form and checksum (CRC-32 in base 62) that nobody issued."""
    body = "".join(random.Random(number).choices(DIGITS, k=30))
    rest, checksum = zlib.crc32(body.encode()), ""
    while rest:
        rest, digit = divmod(rest, 62)
        checksum = DIGITS[digit] + checksum
    return "gh" + "p_" + body + checksum.rjust(6, "0")


def rules():
    """The data rules of plugin `secrets`."""
    with open(os.path.join(SOURCE, "plugins/secrets/rules/secrets.json")) as text:
        document = json.load(text)
    return document["rules"]


def samples(rule):
    """The rule's positives; in the file they are pieces, so that no scanner trips over it."""
    return ["".join(pieces) for pieces in rule["positives"]]


def token_rule():
    """The id of the rule that finds token()."""
    ids = [rule["id"] for rule in rules() if any("gh" + "p_" in sample for sample in samples(rule))]
    if not ids:
        raise AssertionError("no rule of plugin secrets has a GitHub personal token as positive")
    return ids[0]
