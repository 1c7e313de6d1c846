// SPDX-License-Identifier: Apache-2.0
//
// The plugin through the host's own path from image to report.
#include <fstream>
#include <iterator>
#include <map>
#include <meridian/testing/testing.hpp>
#include <nlohmann/json.hpp>
#include <set>

#include "package_json.hpp"
#include "packages_plugin.hpp"
#include "support/catch.hpp"
#include "support/package_bytes.hpp"

namespace meridian::packages {
namespace {

using namespace testing;
using nlohmann::json;

std::string stanza(const std::string& name, const std::string& version) {
  return "Package: " + name + "\nStatus: install ok installed\nVersion: " + version +
         "\nArchitecture: amd64\n\n";
}

/// What the report says of the image: purl -> layer.
std::map<std::string, int> told(const Outcome& outcome) {
  std::map<std::string, int> out;
  for (const auto& [schema, data] : outcome.facts()) {
    CHECK(schema == kSchema);
    const json document = json::parse(data);
    for (const json& one : document["packages"]) {
      out[one["purl"].get<std::string>()] = one["layer"].get<int>();
    }
  }
  return out;
}

using Told = std::map<std::string, int>;

}  // namespace

TEST_CASE("packages: an upper layer's database stands for the lower, and names each origin") {
  const auto outcome = scan<PackagesPlugin>(
      image()
          .layer({file("etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n"),
                  file("var/lib/dpkg/status",
                       stanza("a", "1") + stanza("b", "1") + stanza("old", "1"))})
          .layer({file("var/lib/dpkg/status", stanza("a", "1") + stanza("b", "2"))}));
  CHECK(outcome.gaps().empty());
  CHECK(outcome.findings().empty());
  CHECK(told(outcome) == Told{{"pkg:deb/debian/a@1?arch=amd64&distro=debian-12", 0},
                              {"pkg:deb/debian/b@2?arch=amd64&distro=debian-12", 1}});
}

TEST_CASE("packages: a database that a later layer deletes tells nothing") {
  const auto outcome = scan<PackagesPlugin>(
      image()
          .layer({file("var/lib/dpkg/status", stanza("a", "1")),
                  file("app/node_modules/x/package.json", R"({"name": "x", "version": "1"})")})
          .layer({whiteout("var/lib/dpkg/status"), opaque("app")}));
  CHECK(told(outcome).empty());
  CHECK(outcome.gaps().empty());
}

TEST_CASE("packages: distroless has a file a package, with and without an ending") {
  const auto outcome = scan<PackagesPlugin>(
      image()
          .layer({file("var/lib/dpkg/status.d/base", "Package: base-files\nVersion: 12\n"),
                  file("var/lib/dpkg/status.d/base.md5sums", "0123  etc/x\n"),
                  file("var/lib/dpkg/status.d/tz.list", "Package: tzdata\nVersion: 2024a\n")})
          .layer({file("var/lib/dpkg/status.d/libssl", "Package: libssl3\nVersion: 3\n")}));
  CHECK(outcome.gaps().empty());
  CHECK(told(outcome) ==
        Told{{"pkg:deb/base-files@12", 0}, {"pkg:deb/libssl3@3", 1}, {"pkg:deb/tzdata@2024a", 0}});
}

TEST_CASE("packages: licences come from the copyright file that shows") {
  const std::string head = "Format: https://x/\n\nFiles: *\nLicense: ";
  const auto outcome = scan<PackagesPlugin>(
      image()
          .layer({file("var/lib/dpkg/status", stanza("a", "1") + stanza("b", "1")),
                  file("usr/share/doc/a/copyright", head + "MIT\n"),
                  file("usr/share/doc/b/copyright", head + "GPL-2\n")})
          .layer({file("usr/share/doc/a/copyright", head + "BSD\n"), whiteout("usr/share/doc/b")}));
  REQUIRE(outcome.facts().size() == 1);
  const json packages = json::parse(outcome.facts()[0].second)["packages"];
  REQUIRE(packages.size() == 2);
  CHECK(packages[0]["licenses"] == json::array({"BSD"}));
  CHECK_FALSE(packages[1].contains("licenses"));
}

TEST_CASE("packages: a database that cannot be read is a gap that names it and why") {
  const auto outcome = scan<PackagesPlugin>(image().layer(
      {file("var/lib/rpm/rpmdb.sqlite", "SQLite format 3"),
       file("usr/lib/sysimage/rpm/Packages.db", "RpmP"), file("var/lib/rpm/rpmdb.sqlite-wal", "x"),
       file("srv/Cargo.lock", "x = 1\n"), file("srv/composer.lock", "{")}));
  std::map<std::string, std::string> gaps;
  for (const FoundGap& gap : outcome.gaps()) gaps[gap.path] = gap.kind;
  CHECK(gaps ==
        std::map<std::string, std::string>{{"srv/composer.lock", "corrupt"},
                                           {"usr/lib/sysimage/rpm/Packages.db", "corrupt"},
                                           {"var/lib/rpm/rpmdb.sqlite", "corrupt"},
                                           {"var/lib/rpm/rpmdb.sqlite-wal", "unsupported"}});
}

TEST_CASE("packages: a file above its limit is a gap, not memory") {
  const auto outcome = scan<PackagesPlugin>(
      image().layer({file("a.dist-info/METADATA", std::string((4 << 20) + 1, 'x'))}));
  REQUIRE(outcome.gaps().size() == 1);
  CHECK(outcome.gaps()[0].kind == "limit");
  CHECK(outcome.gaps()[0].path == "a.dist-info/METADATA");
}

TEST_CASE("packages: only what names a package is opened, and files below a root count too") {
  const std::string program = test::elf_of({{".text", std::string(70'000, 'x')}});
  const auto outcome = scan<PackagesPlugin>(image().layer(
      {file("Cargo.lock", ""), file("a/b/c/yarn.lock", ""), file("bin/tool", program, 0755),
       file("lib/x.so", program), file("node_modules/x/package.json", "{}"),
       file("node_modules/x/dist/package.json", "{}"), file("app/package.json", "{}"),
       file("bin/small", program.substr(0, 1000), 0755), file("x.py", "y")}));
  CHECK(outcome.opened() ==
        paths{"Cargo.lock", "a/b/c/yarn.lock", "bin/tool", "node_modules/x/package.json"});
  CHECK(outcome.gaps().empty());
}

TEST_CASE("packages: a container's own layer counts, and the image's stay its origin") {
  const auto outcome = scan<PackagesPlugin>(
      image()
          .layer({file("lib/apk/db/installed", "P:a\nV:1\n\n")})
          .writable({file("lib/apk/db/installed", "P:a\nV:1\n\nP:b\nV:1\n\n")}));
  CHECK(outcome.facts().size() == 2);
  CHECK(told(outcome) == Told{{"pkg:apk/a@1", 0}, {"pkg:apk/b@1", 1}});
}

TEST_CASE("packages: a path that is no text, and the same report for every schedule") {
  const auto made =
      image().layer({file("srv/\xff/Cargo.lock", "[[package]]\nname = \"\xff\"\nversion = \"1\"\n"),
                     file("srv/a.jar", test::zip_of({{"b-1.0.jar", test::zip_of({})}}))});
  const auto one = scan<PackagesPlugin>(made);
  CHECK(one.facts().size() == 1);
  CHECK(one == scan<PackagesPlugin>(made, {.jobs = 3, .shuffle = 7}));
}

TEST_CASE("packages: no reader is named twice, and each bounds what it takes") {
  std::set<std::string_view> names;
  for (const Reader& reader : readers()) {
    CHECK(names.insert(reader.name).second);
    CHECK(reader.max_size > 0);
    CHECK((!reader.paths.empty() || !reader.magic.empty()));
  }
}

}  // namespace meridian::packages
