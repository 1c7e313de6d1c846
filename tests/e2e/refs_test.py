# SPDX-License-Identifier: Apache-2.0
#
# refs_test.py: which images a REF means, and what a scan says about each.

import json
import os
import unittest

import image_archive
import meridian_cli as meridian
import samples
from image_archive import Image, Layer
from planted import token, token_rule


def scan_secrets(*args):
    return meridian.scan(*args, plugins=meridian.SECRETS)


class Archive(unittest.TestCase):
    def setUp(self):
        self.folder = meridian.scratch(self)
        self.images = [samples.leaky("team/leaky:1"), samples.deleted("deleted:1"), samples.clean("clean:1")]
        self.ref = samples.archive(self.folder, *self.images)

    def names(self, *refs):
        done = meridian.scan(*refs)
        self.assertEqual(done.code, 0, done)
        return sorted(meridian.target_names(done.json).values())

    def test_without_a_name_means_every_image(self):
        self.assertEqual(self.names(self.ref), ["clean:1", "deleted:1", "team/leaky:1"])

    def test_with_a_name_means_that_image(self):
        self.assertEqual(self.names(self.ref + ":deleted:1"), ["deleted:1"])
        self.assertEqual(self.names(self.ref + ":leaky"), ["team/leaky:1"])
        self.assertEqual(self.names(self.ref + ":" + self.images[2].id[7:19]), ["clean:1"])

    def test_the_forms_of_a_name(self):
        ids = {image.names[0]: image.id for image in self.images}
        for ref, wanted in (("leaky", ["team/leaky:1"]), ("team", ["team/leaky:1"]), ("team/leaky", ["team/leaky:1"]),
                            ("docker.io/team/leaky:1", ["team/leaky:1"]), ("docker.io/library/clean:1", ["clean:1"]),
                            (ids["clean:1"], ["clean:1"]), (ids["clean:1"][7:], ["clean:1"]),
                            (ids["clean:1"][7:17], ["clean:1"]), ("@0", ["team/leaky:1"]), ("@2", ["clean:1"])):
            with self.subTest(ref):
                self.assertEqual(self.names(self.ref + ":" + ref), wanted)
        for ref in ("leak", "leaky:1", "team/leaky:2", "quay.io/team/leaky", "clean:1:1", "@3", "@", ids["clean:1"][8:17]):
            with self.subTest(ref):
                done = meridian.scan(self.ref + ":" + ref)
                self.assertEqual(done.code, 2, done)
                self.assertIn(ref, done.err)

    def test_a_name_that_reads_like_another_images_id(self):
        looks = self.images[0].id[7:19]
        twin = samples.deleted(looks + ":1", 3)
        ref = samples.archive(self.folder, *self.images, twin, name="twin.tar")
        self.assertEqual(self.names(ref + ":" + looks), sorted(["team/leaky:1", looks + ":1"]))
        self.assertEqual(self.names(ref + ":" + looks + ":1"), [looks + ":1"])
        done = meridian.run("show", "image", ref + ":" + looks)
        self.assertEqual(done.code, 2, done)
        for image in (self.images[0], twin):
            self.assertIn("image %s (%s)" % (image.id, image.names[0]), done.err)

    def test_transports_are_the_fixed_list(self):
        for ref, why in (("docker://x/y", "not built yet"),
                         ("docker-archive:", "needs a path"), ("dir:", "needs a path"), ("containerd:x", "needs NAMESPACE/REF"),
                         ("docker://", "needs an image reference"), ("oci:/absent", "/absent"), ("", "empty")):
            with self.subTest(ref):
                done = meridian.scan(ref)
                self.assertEqual(done.code, 2, done)
                self.assertIn(why, done.err)
        root = samples.empty_docker(meridian.scratch(self))
        for ref in ("docker:24", "docker", "tar:x", "oci-layout:x", "ocix:y"):
            with self.subTest(ref):
                done = meridian.run("--host-root", root, "scan", "--plugin-dir", meridian.HELLO, ref)
                self.assertEqual(done.code, 2, done)
                self.assertIn("no such image or container: " + ref, done.err)

    def test_many_candidates_are_counted_and_the_first_are_listed(self):
        images = [samples.leaky("many/image:%d" % number, number) for number in range(30)]
        done = meridian.run("show", "image", samples.archive(self.folder, *images, name="many.tar"))
        self.assertEqual(done.code, 2, done)
        self.assertIn("means 30 objects", done.err)
        self.assertIn("and 10 more", done.err)
        self.assertEqual(done.err.count("image sha256:"), 20)

    def test_twice_the_same_is_one_target(self):
        self.assertEqual(self.names(self.ref + ":clean:1", self.ref + ":clean"), ["clean:1"])

    def test_one_image_in_two_archives_is_one_target_present_in_both(self):
        other = samples.archive(self.folder, samples.clean("alias:2"), name="other.tar")
        done = meridian.scan(self.ref + ":clean:1", other)
        self.assertEqual(len(done.json["targets"]), 1, done)
        one = done.json["targets"][0]
        self.assertEqual(one["names"], ["alias:2", "clean:1"])
        self.assertEqual(len(one["present_in"]), 2)

    def test_places_layers_and_visibility_of_plain_and_compressed_layers_under_a_verified_identity(self):
        packed = "docker-archive:" + image_archive.write(os.path.join(self.folder, "packed.tar"), self.images,
                                                         compress=True)
        plain, packed = scan_secrets(self.ref).json, scan_secrets(packed).json
        rule = token_rule()
        self.assertEqual(meridian.places(plain, rule), {
            ("team/leaky:1", "etc/hello.conf", rule, 0, "visible"),
            ("deleted:1", "srv/key", rule, 0, "shadowed")})
        self.assertEqual(meridian.places(plain), meridian.places(packed))
        self.assertEqual({finding["fingerprint"] for finding in plain["findings"]},
                         {finding["fingerprint"] for finding in packed["findings"]})
        for report in (plain, packed):
            self.assertEqual({layer["identity"] for target in report["targets"] for layer in target["layers"]},
                             {"verified"})

    def test_the_value_stands_nowhere_unless_asked_for(self):
        done, texts = meridian.scan_formats(("table", "json", "jsonl"), "--log-level", "debug", self.ref,
                                            plugins=meridian.SECRETS)
        self.assertEqual(done.code, 0, done)
        for form, text in {**texts, "streams": done.out + done.err}.items():
            with self.subTest(form):
                self.assertNotIn(token(1), text)
                self.assertNotIn(token(1)[8:30], text)
        self.assertIn(token(1), scan_secrets(self.ref, "--show-secrets").out)

    def test_a_layer_in_several_images_is_scanned_once(self):
        base = Layer().file("base/conf", token(5) + "\n")
        images = [Image("app%d:1" % number, [base, Layer().file("own/%d" % number, "x")]) for number in range(5)]
        report = scan_secrets(samples.archive(self.folder, *images, name="shared.tar")).json
        self.assertEqual((report["statistics"]["layers"], report["statistics"]["layers_unique"]), (10, 6))
        self.assertEqual(report["statistics"]["files"], 6)
        self.assertEqual(len({place[0] for place in meridian.places(report, token_rule())}), 5)

    def test_a_secret_in_the_environment_and_in_the_history(self):
        image = Image("env:1", samples.clean().layers, env=["GITHUB_TOKEN=" + token(6)],
                      history=["RUN echo " + token(7)])
        report = scan_secrets(samples.archive(self.folder, image, name="env.tar")).json
        found = [finding for finding in report["findings"] if finding["rule"] == token_rule()]
        self.assertEqual(len(found), 2, found)
        self.assertEqual({finding["location"]["visibility"] for finding in found}, {"none"})

    def test_severity_drops_what_lies_below(self):
        override = ["--rule", "hello/hello-file=high"]
        every, high = (meridian.scan(self.ref, *override, "--severity", minimum).json["findings"]
                       for minimum in ("info", "high"))
        self.assertEqual(high, [one for one in every if one["severity"] == "high"])
        self.assertLess(len(high), len(every))


class Output(unittest.TestCase):
    def setUp(self):
        self.folder = meridian.scratch(self)
        self.ref = samples.archive(self.folder, samples.leaky())

    def test_a_report_file_is_private_and_equal_to_standard_output(self):
        place = os.path.join(self.folder, "report.json")
        done = meridian.scan(self.ref, "--output", "json=" + place)
        self.assertEqual(done.code, 0, done)
        self.assertEqual(os.stat(place).st_mode & 0o777, 0o600)
        with open(place) as text:
            written = text.read()
        self.assertEqual(meridian.steady(written), meridian.steady(meridian.scan(self.ref).out))

    def test_several_formats_at_once(self):
        files = {form: os.path.join(self.folder, "out." + form) for form in ("table", "json", "jsonl")}
        options = [part for form, place in files.items() for part in ("--output", form + "=" + place)]
        self.assertEqual(meridian.scan(self.ref, *options).code, 0)
        with open(files["json"]) as text:
            report = meridian.validate(json.load(text))
        with open(files["jsonl"]) as text:
            lines = [json.loads(line) for line in text]
        kinds = [line["type"] for line in lines]
        self.assertEqual(kinds.count("finding"), len(report["findings"]))
        self.assertEqual(kinds.count("coverage"), len(report["coverage"]))
        self.assertEqual(kinds.count("statistics"), 1)


class Directory(unittest.TestCase):
    def test_is_one_image_with_one_local_layer(self):
        ref = samples.root_directory(meridian.scratch(self), {"etc/hello.conf": token(1) + "\n"})
        done = scan_secrets(ref)
        self.assertEqual(done.code, 0, done)
        one, = done.json["targets"]
        self.assertEqual((one["kind"], [layer["identity"] for layer in one["layers"]]), ("image", ["local"]))
        self.assertEqual({place[1:] for place in meridian.places(done.json, token_rule())},
                         {("etc/hello.conf", token_rule(), 0, "visible")})


if __name__ == "__main__":
    unittest.main()
