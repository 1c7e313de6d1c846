# SPDX-License-Identifier: Apache-2.0
#
# secrets_inside_test.py: plugin secrets from the command line, where a secret does not stand in a file as it is: packed,
# in a database, in UTF-16, in base64; and in long lines, large logs and places that the operator allows.

import base64
import gzip
import json
import os
import sqlite3
import unittest

import meridian_cli as meridian
import samples
from image_archive import Image, Layer
from zip_file import zipped

TOKEN = "ghp_zQWBuTSOoRi4A9spHc" + "VY5ncnsDkxkJ" + "0mLq17"
OWN_RULE = {"id": "acme-token", "title": "Acme token", "severity": "critical", "confidence": "high",
            "pattern": "acme_[a-z0-9]{12}", "keywords": ["acme_"], "confirm": []}


def database(path):
    with sqlite3.connect(path) as file:
        file.execute("PRAGMA journal_mode = WAL")
        file.execute("CREATE TABLE credentials(id INTEGER, token TEXT)")
        file.execute("INSERT INTO credentials VALUES(1, ?)", (TOKEN,))
    file.close()


class SecretsInside(unittest.TestCase):
    def setUp(self):
        self.root = meridian.scratch(self)

    def write(self, name, content):
        path = os.path.join(self.root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as out:
            out.write(content if isinstance(content, bytes) else content.encode())
        return path

    def scan(self, *more):
        done = meridian.run("scan", "dir:" + self.root, "--plugin-dir", meridian.SECRETS, "--format", "json",
                            "--show-secrets", *more)
        meridian.validate(done.json)
        return done.json

    def test_each_kind_of_packing_with_the_place_inside(self):
        self.write("var/log/app.log.2.gz", gzip.compress(b"GET /?token=" + TOKEN.encode() + b" 200\n"))
        self.write("srv/app.war", zipped({"WEB-INF/lib/a.jar": zipped({"application.yml": "t: " + TOKEN})}))
        self.write("srv/notes.txt", ("token " + TOKEN + "\n").encode("utf-16"))
        os.makedirs(os.path.join(self.root, "data"))
        database(os.path.join(self.root, "data/app.db"))
        secret = {"token": base64.b64encode(TOKEN.encode()).decode(), "password": base64.b64encode(b"Zk83mQp1xVb").decode()}
        lines = ["  %s: %s\n" % item for item in secret.items()]
        self.write("srv/secret.yaml", "apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\ndata:\n" + "".join(lines))
        self.write("srv/secret.json", json.dumps({"kind": "Secret", "data": secret}))
        for isolation in ("auto", "none"):
            report = self.scan("--isolation", isolation)
            self.assertEqual(report["gaps"], [])
            found = sorted((one["location"]["path"], one["rule"], one["location"].get("field", ""))
                           for one in report["findings"])
            self.assertEqual(found, [
                ("data/app.db", "github-token", "member:table credentials"),
                ("srv/app.war", "github-token", "member:WEB-INF/lib/a.jar!application.yml"),
                ("srv/notes.txt", "github-token", "utf-16"),
                ("srv/secret.json", "environment-secret", "data:password"),
                ("srv/secret.json", "github-token", "data:token"),
                ("srv/secret.yaml", "environment-secret", "data:password"),
                ("srv/secret.yaml", "github-token", "data:token"),
                ("var/log/app.log.2.gz", "github-token", "unpacked")])
            # One secret in six places is one group, the password in two another.
            groups = {one["rule"]: set() for one in report["findings"]}
            for one in report["findings"]:
                groups[one["rule"]].add(one["group"])
            self.assertEqual([len(groups[rule]) for rule in sorted(groups)], [1, 1])

    def test_archives_are_left_alone_if_asked(self):
        self.write("a.gz", gzip.compress(TOKEN.encode()))
        self.write("b.jar", zipped({"application.yml": "t: " + TOKEN}))
        self.write("c.txt", TOKEN.encode("utf-16"))
        report = self.scan("--set", "secrets.archives=false")
        self.assertEqual(report["gaps"], [])
        self.assertEqual([one["location"]["path"] for one in report["findings"]], ["c.txt"])
        self.assertEqual(len(self.scan()["findings"]), 3)

    def test_the_end_of_a_log_of_60_mb_and_the_middle_of_a_line_of_20_mb(self):
        line = b"2026-01-01T00:00:00Z INFO request served in 12 ms by worker 7\n"
        count = (60 << 20) // len(line)
        self.write("var/log/app.log", line * count + b"token=" + TOKEN.encode() + b"\n")
        half = b"x=1;" * (10 << 18)
        self.write("srv/app.min.js", half + b"t='" + TOKEN.encode() + b"';" + half)
        report = self.scan()
        self.assertEqual(report["gaps"], [])
        found = {one["location"]["path"]: one["location"] for one in report["findings"] if one["rule"] == "github-token"}
        self.assertEqual((found["var/log/app.log"]["line"], found["var/log/app.log"]["column"]), (count + 1, 7))
        self.assertEqual((found["srv/app.min.js"]["line"], found["srv/app.min.js"]["column"]), (1, len(half) + 4))
        self.assertLess(report["statistics"]["peak_memory"], 400 << 20)

    def test_what_cannot_be_unpacked_is_a_gap(self):
        self.write("cut.gz", gzip.compress(os.urandom(4000))[:2000])
        self.assertEqual([(gap["path"], gap["kind"]) for gap in self.scan()["gaps"]], [("cut.gz", "corrupt")])

    def test_allowed_places_ignored_values_and_own_rules(self):
        self.write("srv/a.txt", TOKEN + "\n")
        self.write("srv/samples/b.txt", TOKEN + "\n")
        self.write("srv/own.txt", "acme_0a1b2c3d4e5f\n")
        options = {"rules": [json.dumps(OWN_RULE)], "allow": ["github-*:srv/samples/**"]}
        config = os.path.join(meridian.scratch(self), "config.json")
        with open(config, "w") as out:
            json.dump({"plugins": {"secrets": options}}, out)
        report = self.scan("--config", config)
        self.assertEqual(sorted((one["location"]["path"], one["rule"]) for one in report["findings"]),
                         [("srv/a.txt", "github-token"), ("srv/own.txt", "own-rule")])
        self.assertEqual(self.scan("--set", "secrets.ignore_values=" + TOKEN)["findings"], [])
        done = meridian.run("scan", "dir:" + self.root, "--plugin-dir", meridian.SECRETS, "--set", "secrets.allow=abc")
        self.assertEqual(done.code, 2, done)


class Places(unittest.TestCase):
    """What other scanners pass over: skipped folders, second copies, deleted layers, large texts."""
    def scan(self, *references):
        done = meridian.run("scan", *references, "--plugin-dir", meridian.SECRETS, "--format", "json")
        meridian.validate(done.json)
        return done.json

    def test_no_folder_is_skipped_and_copies_in_two_images_are_one_group(self):
        folder = meridian.scratch(self)
        other = TOKEN[:-1] + "8"  # its checksum is wrong: a near miss
        first = Image("first:1", [Layer().file("usr/src/app/.env", "A=1\nTOKEN=" + TOKEN + "\n").file("opt/app/lib/config.py", "t = '%s'\n" % TOKEN)])
        second = Image("second:1", [Layer().file("opt/app/lib/near.py", "t = '%s'\n" % other).file("srv/token", TOKEN)])
        report = self.scan(samples.archive(folder, first, second))
        found = [one for one in report["findings"] if one["rule"] == "github-token"]
        self.assertEqual(sorted(one["location"]["path"] for one in found), ["opt/app/lib/config.py", "srv/token", "usr/src/app/.env"])
        self.assertEqual(len({one["group"] for one in found}), 1)

    def test_a_secret_of_the_second_layer_that_the_third_deletes_is_shadowed(self):
        folder = meridian.scratch(self)
        image = Image("deleted:1", [Layer().file("etc/a", "1"), Layer().file("etc/token", TOKEN), Layer().whiteout("etc/token")])
        (found,) = self.scan(samples.archive(folder, image))["findings"]
        self.assertEqual((found["location"]["visibility"], found["location"]["layer"]["index"]), ("shadowed", 1))

    def test_a_text_of_2_gib_is_a_gap_and_costs_no_memory(self):
        folder = meridian.scratch(self)
        with open(os.path.join(folder, "large.log"), "wb") as out:
            out.write(b"a line of text\n" * 1000)
            out.truncate(2 << 30)
        report = self.scan("dir:" + folder)
        self.assertEqual([(gap["kind"], gap["path"]) for gap in report["gaps"]], [("limit", "large.log")])
        self.assertLess(report["statistics"]["peak_memory"], 400 << 20)


if __name__ == "__main__":
    unittest.main()
