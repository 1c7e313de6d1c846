# SPDX-License-Identifier: Apache-2.0
#
# references.py: what a REF means in a real engine's store. docker_test.py gives the engine and runs these tests.

import meridian_cli as meridian
import corpus


class References:
    """What a REF means, rule by rule of contract.md: the same for `scan`, which takes all, and `show`, which wants one. Mixed into a TestCase
    that has engine()."""

    @classmethod
    def store(cls):
        return ["--host-root", "/", "--store", "docker=" + cls.engine().data_root, "--no-discover"]

    def scan(self, *args):
        return meridian.scan(*self.store(), *args)

    @classmethod
    def setUpClass(cls):
        cls.ids = {name: cls.engine().inspect(name)["Id"] for name in (*corpus.IMAGES, "running", "stopped")}
        # Names that read like ids: of another image, of another container.
        cls.like_image = cls.ids["opaque:1"][7:19]
        cls.like_container = cls.ids["running"][:12]
        cls.tags = {"deleted:1": ["team/app:1", "localhost:5000/team/app:3", "python3:1", "oci:1"],
                    "overwritten:1": ["team/app:2", "veinmind/python3:1.0.2-stretch", cls.like_image + ":1"]}
        for image, tags in cls.tags.items():
            for tag in tags:
                cls.engine().docker("tag", image, tag)
        cls.engine().docker("create", "--name", cls.like_container, "--network", "none", "base:1")

    @classmethod
    def tearDownClass(cls):
        cls.engine().docker("rm", cls.like_container)
        for tags in cls.tags.values():
            cls.engine().docker("rmi", *tags)

    def ids_of(self, report):
        return {target["id"] for target in report["targets"]}

    def check(self, kind, ref, wanted):
        """`wanted`: the ids that it means."""
        scanned = self.scan(*([kind] if kind else []), ref)
        shown = meridian.run(*self.store(), "show", kind or "image", ref, "--format", "json")
        if not wanted:
            self.assertEqual((scanned.code, shown.code), (2, 2), (scanned, shown))
            self.assertIn(ref, scanned.err)
            self.assertIn(ref, shown.err)
            return
        self.assertEqual(scanned.code, 0, scanned)
        self.assertEqual(self.ids_of(scanned.json), set(wanted))
        if not kind:
            return
        if len(wanted) == 1:
            self.assertEqual([one["target"]["id"] for one in shown.json["objects"]], list(wanted))
            return
        self.assertEqual(shown.code, 2, shown)
        self.assertEqual(shown.out, "")
        for candidate in wanted:
            self.assertIn("%s %s" % (kind, candidate), shown.err)

    def test_images(self):
        base, deleted, overwritten, opaque = (self.ids[name] for name in corpus.IMAGES)
        for ref, wanted in (
                # 1 and 2: a full id, the beginning of one.
                (opaque, [opaque]), (opaque[7:], [opaque]), (opaque[7:20], [opaque]), (opaque[:20], [opaque]),
                (opaque[8:20], []), (opaque.upper(), []), (opaque + "0", []),
                # 3: one identifier of any repository.
                ("python3", [deleted, overwritten]), ("veinmind", [overwritten]), ("app", [deleted, overwritten]),
                ("pytho", []), ("localhost", []),
                # 4: a repository path.
                ("team/app", [deleted, overwritten]), ("localhost:5000/team/app", [deleted]),
                ("docker.io/veinmind/python3", [overwritten]), ("quay.io/team/app", []),
                # 5: an exact reference, familiar and full.
                ("team/app:2", [overwritten]), ("docker.io/team/app:1", [deleted]), ("library/base:1", [base]),
                ("docker.io/library/base:1", [base]), ("team/app:3", []), ("base:2", []),
                # A name that reads like an id: both; written out it is one.
                (self.like_image, [opaque, overwritten]), (self.like_image + ":1", [overwritten]),
                # An image that is called like a transport is no transport with its registry or folder.
                ("library/oci:1", [deleted]), ("docker.io/library/oci:1", [deleted])):
            with self.subTest(ref):
                self.check("image", ref, wanted)

    def test_containers(self):
        running, stopped = self.ids["running"], self.ids["stopped"]
        other = self.engine().docker("ps", "-aq", "--no-trunc", "--filter", "name=^/%s$" % self.like_container).stdout.strip()
        for ref, wanted in ((running, [running]), (running[:20], [running]), ("stopped", [stopped]), ("stop", []),
                            ("/stopped", []), (running[1:12], []), (self.like_container, [running, other]), (other, [other]),
                            ("base:1", [])):
            with self.subTest(ref):
                self.check("container", ref, wanted)

    def test_without_a_kind_both_are_meant(self):
        self.check(None, self.like_container, [self.ids["running"], *(
            self.engine().docker("ps", "-aq", "--no-trunc", "--filter", "name=^/%s$" % self.like_container).stdout.split())])
        done = meridian.run(*self.store(), "fs", "ls", self.like_container, "/")
        self.assertEqual(done.code, 2, done)
        self.assertIn("means 2 objects, one is wanted: container ", done.err)

    def test_all_that_mean_nothing_are_named(self):
        done = self.scan("image", "base:1", "absent:1", "neither")
        self.assertEqual(done.code, 2, done)
        self.assertIn("absent:1, neither", done.err)
        self.assertEqual(done.out, "")
