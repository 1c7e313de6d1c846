# SPDX-License-Identifier: Apache-2.0
#
# oci_test.py: `oci:` and `oci-archive:`, and what both and `docker-archive:` say of bytes that are
# not what they are called.

import lzma
import os
import platform
import unittest

import image_archive
import meridian_cli as meridian
import samples
from image_archive import Image, Layer
from oci_layout import FORMS, INDEX, TAR, Layout, gzipped, zstd_frames, zstd_zeros

OTHER = "linux/riscv64" if platform.machine() != "riscv64" else "linux/amd64"


def on(text):
    os_name, architecture = text.split("/")
    return {"os": os_name, "architecture": architecture}


class Same(unittest.TestCase):
    """One image, however it is stored, gives the same findings, fingerprints and files."""

    def setUp(self):
        self.folder = meridian.scratch(self)
        self.image = Image("team/app:1", [
            Layer("COPY . /").directory("etc").file("etc/hello.key", "key\n").file("etc/hello.kept", "kept\n")
            .hard_link("etc/hello.other", "etc/hello.kept").file("etc/big", "x" * 300_000),
            Layer("RUN rm").whiteout("etc/hello.key").symlink("etc/link", "hello.kept")])
        self.first = None

    def check(self, ref):
        done = meridian.scan(ref)
        self.assertEqual(done.code, 0, done)
        report = done.json
        target, = report["targets"]
        self.assertEqual({layer["identity"] for layer in target["layers"]}, {"verified"})
        found = sorted((finding["fingerprint"], finding["location"].get("path"), finding["location"]["visibility"])
                       for finding in report["findings"])
        files = [meridian.run("fs", *words).out for words in (
            ("ls", ref, "etc"), ("cat", ref, "etc/link"), ("cat", ref, "etc/big"))]
        self.assertEqual({(path, shown) for _, path, shown in found if path}, {
            ("etc/hello.key", "shadowed"), ("etc/hello.kept", "visible"), ("etc/hello.other", "visible")})
        self.assertEqual(files[1:], ["kept\n", "x" * 300_000])
        self.first = self.first or (target["id"], found, files)
        self.assertEqual((target["id"], found, files), self.first)
        self.assertTrue(report["complete"], report["gaps"])

    def test_in_each_form_of_layer(self):
        self.check("docker-archive:" + image_archive.write(os.path.join(self.folder, "docker.tar"), [self.image]))
        for form in FORMS:
            with self.subTest(form):
                layout = Layout().add(self.image, form)
                self.check(layout.write_directory(os.path.join(self.folder, form)))
                self.check(layout.write_archive(os.path.join(self.folder, form + ".tar")))

    def test_in_an_archive_that_is_compressed_as_a_whole(self):
        for name, store in (("gzip", gzipped), ("xz", lzma.compress), ("zstd", zstd_frames)):
            with self.subTest(name):
                self.check(Layout().add(self.image, "gzip").write_archive(os.path.join(self.folder, name), store))
                docker = image_archive.write(os.path.join(self.folder, name + ".docker"), [self.image])
                with open(docker, "rb") as whole:
                    content = store(whole.read())
                with open(docker, "wb") as out:
                    out.write(content)
                self.check("docker-archive:" + docker)


class Refs(unittest.TestCase):
    def setUp(self):
        self.folder = meridian.scratch(self)

    def test_several_images_and_one_by_name(self):
        layout = Layout().add(samples.leaky("team/leaky:1")).add(samples.clean("clean:1"))
        for ref in (layout.write_directory(os.path.join(self.folder, "l")),
                    layout.write_archive(os.path.join(self.folder, "l.tar"))):
            self.assertEqual(sorted(meridian.target_names(meridian.scan(ref).json).values()),
                             ["clean:1", "team/leaky:1"])
            for name, expected in ((":clean:1", "clean:1"), (":leaky", "team/leaky:1"), (":@0", "team/leaky:1")):
                done = meridian.scan(ref + name)
                self.assertEqual(done.code, 0, done)
                self.assertEqual(list(meridian.target_names(done.json).values()), [expected])
            none = meridian.scan(ref + ":nothing:1")
            self.assertEqual(none.code, 2, none)
            self.assertIn("team/leaky:1, clean:1", none.err)

    def test_a_number_in_a_docker_archive(self):
        ref = samples.archive(self.folder, samples.leaky("a:1"), samples.clean("b:1"))
        done = meridian.scan(ref + ":@1")
        self.assertEqual(list(meridian.target_names(done.json).values()), ["b:1"], done)

    def test_a_place_that_is_something_else_is_a_usage_error(self):
        directory = Layout().add(samples.clean()).write_directory(os.path.join(self.folder, "l"))[4:]
        archive = samples.archive(self.folder).split(":")[1]
        for ref, said in (("oci:" + archive, "oci-archive"), ("oci-archive:" + directory, "directory"),
                          ("oci-archive:" + archive, "index.json"), ("oci:" + self.folder, "index.json"),
                          ("oci:" + self.folder + "/absent", "absent")):
            done = meridian.scan(ref)
            self.assertEqual(done.code, 2, done)
            self.assertIn(said, done.err)

    def test_platform_chooses_of_an_index(self):
        layout = Layout()
        entries = [layout.image(samples.clean("x"), platform=on("linux/s390x")),
                   layout.image(samples.leaky("x"), platform=on(OTHER))]
        layout.entries.append(layout.document(INDEX, {"manifests": entries}, annotations={
            "org.opencontainers.image.ref.name": "multi:1"}))
        ref = layout.write_directory(os.path.join(self.folder, "l"))
        for arguments in (["--platform", OTHER, "scan"], ["scan", "--platform", OTHER]):
            done = meridian.run(*arguments, "--plugin-dir", meridian.HELLO, "--format", "json", ref)
            self.assertEqual(done.code, 0, done)
            self.assertEqual([target["id"] for target in done.json["targets"]], [samples.leaky("x").id])
        listed = meridian.run("fs", "ls", ref, "etc", "--platform", "linux/s390x")
        self.assertIn("motd", listed.out, listed)
        none = meridian.scan(ref, "--platform", "linux/ppc64le")
        self.assertEqual(none.code, 2, none)
        self.assertIn("linux/s390x, " + OTHER, none.err)
        self.assertEqual(meridian.scan(ref, "--platform", "amd64").code, 2)


class Doubt(unittest.TestCase):
    """What is not what it is called, or cannot be read, is said, and never clean."""

    def setUp(self):
        self.folder = meridian.scratch(self)
        self.good, self.bad = samples.leaky("good:1", 1), samples.deleted("bad:1", 2)
        self.blob = "blobs/sha256/" + self.bad.diff_ids()[0][7:]

    def check(self, layout, kind, *said):
        """The good image is scanned as ever; every plugin's answer about the bad one is an error."""
        done = meridian.scan(layout.write_archive(os.path.join(self.folder, "l.tar")))
        self.assertEqual(done.code, 3, done)
        report = done.json
        self.assertFalse(report["complete"])
        self.assertEqual(meridian.coverage(report, "good:1")["hello"]["result"], "findings")
        self.assertTrue(meridian.coverage(report, "good:1")["hello"]["complete"])
        bad = meridian.coverage(report, "bad:1")["hello"]
        self.assertEqual(bad["result"], "error", report["coverage"])
        gaps = [gap for gap in report["gaps"] if gap["kind"] == kind]
        for text in said:
            self.assertTrue([gap for gap in gaps if text in gap["message"] + gap.get("path", "")], report["gaps"])
        return report

    def layout(self, form="plain", change=None):
        return Layout().add(self.good).add(self.bad, form, change)

    def test_a_blob_that_is_not_its_digest(self):
        layout = self.layout()
        other = samples.clean().layers[0].tar()
        other += bytes(len(layout.files[self.blob]) - len(other))  # the same size
        layout.files[self.blob] = other
        report = self.check(layout, "integrity", self.blob[13:], "decodes to")
        for layer in meridian.target(report, "bad:1")["layers"][:1]:
            self.assertEqual(layer["identity"], "recorded")

    def test_one_byte_past_the_end_of_the_tar(self):
        layout = self.layout()
        content = bytearray(layout.files[self.blob])
        content[-1] = 1
        layout.files[self.blob] = bytes(content)
        self.check(layout, "integrity", self.blob[13:])

    def test_a_right_blob_with_another_diff_id(self):
        tar = samples.clean().layers[0].tar()
        self.bad.layers[0].bytes_instead(tar)
        report = self.check(self.layout(), "integrity", self.bad.diff_ids()[0])
        self.assertNotIn("its content is", str(report["gaps"]))

    def test_a_wrong_digest_over_right_content(self):
        def relabel(layers):
            layers[0]["digest"] = "sha256:" + "a" * 64
        layout = self.layout("gzip", relabel)
        layout.files["blobs/sha256/" + "a" * 64] = gzipped(self.bad.layers[0].tar())
        self.check(layout, "integrity", "a" * 64)

    def test_a_manifest_and_a_configuration_that_are_not_their_digest(self):
        for part in ("manifest", "config"):
            with self.subTest(part):
                layout = self.layout()
                digest = layout.entries[1]["digest"][7:] if part == "manifest" else self.bad.id[7:]
                layout.files["blobs/sha256/" + digest] += b" "
                self.check(layout, "integrity", digest)

    def test_a_docker_archive_says_the_same(self):
        parts = image_archive.members([self.good, self.bad])
        parts[self.bad.diff_ids()[0][7:] + "/layer.tar"] = samples.clean().layers[0].tar()
        path = image_archive.write_members(os.path.join(self.folder, "d.tar"), parts)
        done = meridian.scan("docker-archive:" + path)
        self.assertEqual(done.code, 3, done)
        self.assertEqual(meridian.coverage(done.json, "bad:1")["hello"]["result"], "error")
        self.assertIn(self.bad.diff_ids()[0], meridian.coverage(done.json, "bad:1")["hello"]["reason"])

    def test_layers_that_cannot_be_read(self):
        def set_type(media_type, **more):
            def change(layers):
                layers[0].update(mediaType=media_type, **more)
            return change
        for change, said in ((set_type(TAR + "+gzip+encrypted"), "encrypted"),
                             (set_type("application/vnd.example.squashfs"), "example.squashfs")):
            with self.subTest(said):
                self.check(self.layout(change=change), "unsupported", said)
        with self.subTest("foreign"):
            layout = self.layout(change=set_type(TAR, urls=["https://example.com/base"]))
            del layout.files[self.blob]
            self.check(layout, "unsupported", "https://example.com/base")
        with self.subTest("missing"):
            layout = self.layout()
            del layout.files[self.blob]
            self.check(layout, "unreadable", self.blob)

    def test_a_bomb_is_a_limit(self):
        self.bad.layers[0].bytes_instead(zstd_zeros(200))
        self.check(self.layout(), "limit", "bomb")

    def test_fs_shows_and_says_that_it_is_not_what_it_is_called(self):
        layout = self.layout()
        layout.files[self.blob] = samples.clean().layers[0].tar()
        ref = layout.write_directory(os.path.join(self.folder, "l"))
        done = meridian.run("fs", "ls", ref + ":bad:1", "etc")
        self.assertIn("motd", done.out)
        self.assertEqual(done.code, 3, done)
        self.assertIn(self.blob[13:], done.err)
        self.assertEqual(meridian.run("fs", "ls", ref + ":good:1", "etc").code, 0)


if __name__ == "__main__":
    unittest.main()
