# SPDX-License-Identifier: Apache-2.0
#
# sbom_test.py: what a scan writes as `cyclonedx` and `spdx` is valid by the official schemas
# (tests/data/sbom) and by what those cannot say, and lists what the report lists; and the facts it
# is made of are of the schema that plugin `packages` ships.

import json
import os
import re
import unittest

import jsonschema

import meridian_cli as meridian
import image_archive

DATA = os.path.join(meridian.SOURCE, "tests/data/sbom")
PACKAGES = os.path.join(meridian.BUNDLES, "packages")

STATUS = """Package: libc6
Status: install ok installed
Source: glibc
Version: 2.36-9+deb12u1
Architecture: amd64

Package: odd
Status: install ok installed
Version: 1:2~\u00fc-3
Architecture: all

"""
FILES = {
    "etc/os-release": "ID=debian\nVERSION_ID=12\n",
    "var/lib/dpkg/status": STATUS,
    "usr/share/doc/libc6/copyright": "Format: x\n\nFiles: *\nLicense: LGPL-2.1+\n\nFiles: y\nLicense: MIT\n",
    "srv/node_modules/@a/b/package.json": '{"name": "@a/b", "version": "1.0.0", "license": "(MIT OR \\"x\\")"}',
    "srv/Cargo.lock": '[[package]]\nname = "\u202e<x>"\nversion = "0.1"\n',
}


def schema(name):
    with open(os.path.join(DATA, name), encoding="utf-8") as text:
        return json.load(text)


def check_cyclonedx(document):
    main = schema("bom-1.6.schema.json")
    store = {one["$id"]: one for one in
             (main, schema("spdx.schema.json"), schema("jsf-0.82.schema.json"))}
    resolver = jsonschema.RefResolver.from_schema(main, store=store)
    jsonschema.Draft7Validator(main, resolver=resolver,
                               format_checker=jsonschema.FormatChecker()).validate(document)


def packages_of(document):
    """{purl: times} of a CycloneDX document, nested or not."""
    found = []
    for one in document["components"]:
        found += [inner["purl"] for inner in one.get("components", [])]
        found += [one["purl"]] if "purl" in one else []
    return sorted(found)


class Sbom(unittest.TestCase):
    def setUp(self):
        self.folder = meridian.scratch(self)

    def archive(self, *names):
        """A `docker save` archive with an image of FILES for each of the names."""
        path = os.path.join(self.folder, "images.tar")
        images = []
        for number, name in enumerate(names):
            layer = image_archive.Layer().file("srv/number", str(number))
            for file, content in FILES.items():
                layer.file(file, content)
            images.append(image_archive.Image(name, [layer]))
        image_archive.write(path, images)
        return "docker-archive:" + path

    def documents(self, ref):
        done, texts = meridian.scan_formats(("json", "cyclonedx", "spdx"), ref, plugins=PACKAGES)
        self.assertEqual(done.code, 0, str(done))
        return {form: json.loads(text) for form, text in texts.items()}

    def check(self, documents):
        check_cyclonedx(documents["cyclonedx"])
        jsonschema.Draft7Validator(schema("spdx-2.3.schema.json")).validate(documents["spdx"])
        with open(os.path.join(meridian.SOURCE, "plugins/packages/packages-1.schema.json"),
                  encoding="utf-8") as text:
            of_facts = json.load(text)
        for fact in documents["json"]["facts"]:
            self.assertEqual(fact["schema"], "meridian.packages/1")
            jsonschema.validate(json.loads(fact["data"]), of_facts)
        listed = sorted(one["purl"] for one in documents["json"]["components"])
        self.assertGreater(len(listed), 3)
        self.assertEqual(packages_of(documents["cyclonedx"]), listed)
        self.assertEqual(sorted(ref["referenceLocator"] for one in documents["spdx"]["packages"]
                                for ref in one.get("externalRefs", [])), listed)
        # SPDX 2.3, 3.2, 7.2 and 10.1: what its schema does not say.
        spdx = documents["spdx"]
        ids = [one["SPDXID"] for one in spdx["packages"]] + ["SPDXRef-DOCUMENT"]
        self.assertEqual(len(ids), len(set(ids)))
        for one in ids:
            self.assertRegex(one, r"^SPDXRef-[A-Za-z0-9.-]+$")
        for one in spdx["relationships"]:
            self.assertIn(one["spdxElementId"], ids)
            self.assertIn(one["relatedSpdxElement"], ids)
        self.assertRegex(spdx["creationInfo"]["created"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        known = {one["licenseId"] for one in spdx["hasExtractedLicensingInfos"]}
        used = set(re.findall(r"LicenseRef-[A-Za-z0-9.-]+", json.dumps(spdx["packages"])))
        self.assertEqual(known, used)

    def test_one_image(self):
        documents = self.documents(self.archive("shop/web:1"))
        self.check(documents)
        about = documents["cyclonedx"]["metadata"]["component"]
        self.assertEqual(about["name"], "shop/web:1")
        libc = next(one for one in documents["cyclonedx"]["components"] if one["name"] == "libc6")
        self.assertEqual(libc["purl"], "pkg:deb/debian/libc6@2.36-9%2Bdeb12u1?arch=amd64"
                                       "&distro=debian-12&upstream=glibc")
        self.assertEqual([one["license"] for one in libc["licenses"]],
                         [{"name": "LGPL-2.1+"}, {"id": "MIT"}])

    def test_two_images(self):
        documents = self.documents(self.archive("shop/web:1", "shop/web:2"))
        self.check(documents)
        self.assertEqual(len(documents["cyclonedx"]["components"]), 2)

    def test_the_same_bytes_whatever_jobs_says(self):
        ref = self.archive("shop/web:1", "shop/web:2")
        for form in ("cyclonedx", "spdx"):
            texts = set()
            for jobs in (1, 3):
                done = meridian.run("scan", "--plugin-dir", PACKAGES, "--format", form, "--jobs", jobs, ref)
                self.assertEqual(done.code, 0, str(done))
                texts.add(re.sub(r'"(timestamp|created)": "[^"]*"', "", done.out))
            self.assertEqual(len(texts), 1)

    def test_a_gap_makes_it_incomplete(self):
        place = os.path.join(self.folder, "root/var/lib/rpm")
        os.makedirs(place)
        with open(os.path.join(place, "rpmdb.sqlite"), "wb") as text:
            text.write(b"no database")
        documents = self.documents("dir:" + os.path.join(self.folder, "root"))
        check_cyclonedx(documents["cyclonedx"])
        self.assertEqual(documents["cyclonedx"]["compositions"][0]["aggregate"], "incomplete")

    def test_other_commands_do_not_offer_them(self):
        self.assertEqual(meridian.run("list", "images", "--format", "spdx").code, 2)


if __name__ == "__main__":
    unittest.main()
