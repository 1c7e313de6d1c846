# SPDX-License-Identifier: Apache-2.0
#
# plugin_command_test.py: `plugin list|info`.

import json
import os
import unittest

import meridian_cli as meridian
import samples
from planted import token_rule


def manifest():
    with open(os.path.join(meridian.SECRETS, "plugin.json")) as text:
        return json.load(text)


class PluginCommand(unittest.TestCase):
    def test_list_names_each_plugin_with_its_version(self):
        done = meridian.run("plugin", "list", "--plugin-dir", meridian.SECRETS)
        self.assertEqual(done.code, 0, done)
        line = [line for line in done.out.splitlines() if manifest()["id"] in line]
        self.assertEqual(len(line), 1, done)
        self.assertIn(manifest()["version"], line[0])

    def test_info_tells_rules_and_options(self):
        for name in (manifest()["id"], "secrets"):
            with self.subTest(name):
                done = meridian.run("plugin", "info", "--plugin-dir", meridian.SECRETS, name)
                self.assertEqual(done.code, 0, done)
                for text in (manifest()["id"], manifest()["version"], manifest()["summary"], token_rule()):
                    self.assertIn(text, done.out)
                for option in manifest().get("configuration", {}).get("properties", {}):
                    self.assertIn(option, done.out)

    def test_info_of_what_is_not_there_is_2(self):
        done = meridian.run("plugin", "info", "--plugin-dir", meridian.SECRETS, "absent")
        self.assertEqual(done.code, 2, done)
        self.assertIn("absent", done.err)

    def test_the_report_carries_digests_of_binary_and_rules(self):
        plugin = meridian.scan(samples.archive(meridian.scratch(self))).json["plugins"]
        self.assertEqual([one["id"] for one in plugin], [meridian.fixture("hello")[1]["id"]])
        self.assertRegex(plugin[0]["digest"], "^sha256:[0-9a-f]{64}$")
        self.assertRegex(plugin[0]["rules_digest"], "^sha256:[0-9a-f]{64}$")


if __name__ == "__main__":
    unittest.main()
