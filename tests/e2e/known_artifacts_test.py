# SPDX-License-Identifier: Apache-2.0
#
# known_artifacts_test.py: plugin known-artifacts from the command line: nested archives in real files, isolated or not.

import json
import os
import unittest

import meridian_cli as meridian
from zip_file import zipped

LOG4J = "org/apache/logging/log4j/core/"
VULNERABLE = {LOG4J + "lookup/JndiLookup.class": b"lookup", LOG4J + "net/JndiManager.class": b"manager"}


def tree(case, files):
    root = meridian.scratch(case)
    for name, content in files.items():
        path = os.path.join(root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as out:
            out.write(content)
    return root


class KnownArtifacts(unittest.TestCase):
    def scan(self, root, *more):
        done = meridian.run("scan", "dir:" + root, "--plugin-dir", os.path.join(meridian.BUNDLES, "known_artifacts"),
                            "--format", "json", *more)
        meridian.validate(done.json)
        return done

    def test_a_library_in_a_library_is_found_wherever_plugins_run(self):
        # A script in front: an archive that starts itself.
        root = tree(self, {"srv/app.jar": b"#!/bin/sh\nexec java -jar $0\n" + zipped({"BOOT-INF/lib/x.jar": zipped(VULNERABLE)}),
                           "srv/fixed.jar": zipped({**VULNERABLE, LOG4J + "net/JndiManager.class": b"log4j2.enableJndi"})})
        seen = []
        for isolation in ("auto", "plugin", "none"):
            done = self.scan(root, "--isolation", isolation, "--fail-on", "critical")
            self.assertEqual(done.code, 1, done)
            seen.append([(one["rule"], one["location"]["path"], one["evidence"]["text"], one["fingerprint"])
                         for one in done.json["findings"]])
            self.assertEqual(done.json["gaps"], [])
        self.assertEqual(seen[0][0][:3], ("log4shell", "srv/app.jar", "BOOT-INF/lib/x.jar:" + LOG4J + "lookup/JndiLookup.class"))
        self.assertEqual((len(seen[0]), seen[1:]), (1, seen[:1] * 2))

    def test_a_damaged_archive_is_a_gap_and_the_rest_is_looked_at(self):
        whole = zipped(VULNERABLE)
        done = self.scan(tree(self, {"a.jar": whole[:-30], "b.jar": whole, "c.jar": b""}))
        self.assertEqual({gap["path"] for gap in done.json["gaps"]}, {"a.jar", "c.jar"})
        self.assertEqual([one["location"]["path"] for one in done.json["findings"]], ["b.jar"])

    def test_a_rule_of_the_installation(self):
        rule = {"id": "acme", "severity": "low", "title": "Acme 1", "references": ["https://example.org"], "remediation": "use 2",
                "when": [{"file": {"names": ["acme"], "contains": ["v1"]}}]}
        root = tree(self, {"opt/acme": b"acme v1"})
        config = os.path.join(meridian.scratch(self), "config.json")

        def with_rules(*rules):
            with open(config, "w") as out:
                json.dump({"plugins": {"known-artifacts": {"rules": [json.dumps(one) for one in rules]}}}, out)
            return config

        done = self.scan(root, "--config", with_rules(rule))
        self.assertEqual([(one["rule"], one["location"]["field"]) for one in done.json["findings"]], [("own-artifact", "acme")])
        bad = meridian.run("scan", "dir:" + root, "--plugin-dir", os.path.join(meridian.BUNDLES, "known_artifacts"),
                           "--config", with_rules(rule, {}))
        self.assertEqual(bad.code, 2, bad)
        self.assertIn("option 'rules'", bad.err)


if __name__ == "__main__":
    unittest.main()
