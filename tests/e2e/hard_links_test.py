# SPDX-License-Identifier: Apache-2.0
#
# hard_links_test.py: a file with several names is read once for all of them, and every name is matched.

import os
import unittest

import hostile_tree
import image_archive
import meridian_cli as meridian
import opens
from image_archive import Image, Layer
from planted import token, token_rule

TEXT = token(1) + "\n"


class HardLinks(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(hostile_tree.folder())
        self.root = os.path.join(self.folder, "root")
        hostile_tree.put(self.root, "srv/a/token.txt", TEXT.encode())
        for name in ("srv/b.txt", "opt/token.py", "usr/share/doc/x/copyright", "srv/excluded.txt"):
            os.makedirs(os.path.dirname(os.path.join(self.root, name)), exist_ok=True)
            os.link(os.path.join(self.root, "srv/a/token.txt"), os.path.join(self.root, name))

    def archive(self):
        layer = (Layer().file("srv/a/token.txt", TEXT).hard_link("srv/b.txt", "srv/a/token.txt")
                 .hard_link("opt/token.py", "srv/b.txt").hard_link("srv/excluded.txt", "srv/b.txt")
                 .hard_link("usr/share/doc/x/copyright", "srv/a/token.txt"))
        path = image_archive.write(os.path.join(self.folder, "image.tar"), [Image("linked:1", [layer])])
        return "docker-archive:" + path

    def found_in_both(self, *args):
        """(target, paths of the token) of the directory and of the archive, by one scan."""
        done = meridian.scan(*args, "dir:" + self.root, self.archive(), plugins=meridian.SECRETS)
        self.assertEqual((done.code, done.json["gaps"]), (0, []), done)
        names = meridian.target_names(done.json).values()
        self.assertEqual(len(names), 2)
        found = meridian.places(done.json, token_rule())
        return [(name, {path for of, path, _, _, _ in found if of == name}) for name in names]

    def test_every_name_is_matched(self):
        for name, found in self.found_in_both("--exclude", "srv/excluded.txt"):
            with self.subTest(name):
                self.assertLessEqual({"srv/a/token.txt", "srv/b.txt", "opt/token.py"}, found)
                self.assertNotIn("srv/excluded.txt", found)

    def test_one_name_is_enough_to_be_read(self):
        excluded = [word for name in ("srv/a/*", "srv/excluded.txt", "opt/**", "usr/**") for word in ("--exclude", name)]
        for name, found in self.found_in_both(*excluded):
            with self.subTest(name):
                self.assertEqual(found, {"srv/b.txt"})

    @unittest.skipIf(meridian.SANITIZED, "a sanitizer's leak checker fails below strace; the release build counts")
    def test_read_once(self):
        command = [meridian.BINARY, "scan", "--plugin-dir", meridian.SECRETS, "dir:" + self.root]
        _, opened = opens.count(command, self.root, meridian.environment())
        self.assertEqual(sum(opened.values()), 1, opened)


if __name__ == "__main__":
    unittest.main()
