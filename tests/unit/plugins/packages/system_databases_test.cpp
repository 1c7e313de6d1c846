// SPDX-License-Identifier: Apache-2.0
#include "system_databases.hpp"

#include "support/catch.hpp"

namespace meridian::packages {
namespace {

std::vector<std::string> names(const Parsed& parsed) {
  std::vector<std::string> out;
  for (const Package& package : parsed.packages)
    out.push_back(package.name + "=" + package.version);
  return out;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("dpkg: packages whose files are there, whatever the state is called") {
  const Parsed parsed = parse_dpkg_status(
      "Package: a\nStatus: install ok installed\nVersion: 1\nArchitecture: amd64\n\n"
      "Package: b\nStatus: deinstall ok config-files\nVersion: 2\n\n"
      "Package: c\nStatus: install ok unpacked\nVersion: 3\n\n"
      "Package: d\nStatus: install reinstreq half-installed\nVersion: 4\n\n"
      "Package: e\nStatus: purge ok not-installed\n\n"
      "Package: f\nStatus: hold ok triggers-awaited\nVersion: 5\n\n"
      "Package: g\nStatus: install ok half-configured\nVersion: 6\n");
  CHECK(names(parsed) == Names{"a=1", "c=3", "d=4", "f=5", "g=6"});
  CHECK(parsed.problems.empty());
}

TEST_CASE("dpkg: the source package and its version, in each way to write them") {
  const Parsed parsed = parse_dpkg_status(
      "Package: libc6\nStatus: install ok installed\nSource: glibc\nVersion: 2.36-9\n\n"
      "Package: gcc-12-base\nStatus: install ok installed\nSource: gcc-12 (12.2.0-14)\n"
      "Version: 12.2.0-14+b1\n\n"
      "Package: sed\nStatus: install ok installed\nVersion: 4.9-1\n");
  REQUIRE(parsed.packages.size() == 3);
  CHECK(parsed.packages[0].source == "glibc");
  CHECK(parsed.packages[0].source_version == "2.36-9");
  CHECK(parsed.packages[1].source == "gcc-12");
  CHECK(parsed.packages[1].source_version == "12.2.0-14");
  CHECK(parsed.packages[2].source == "sed");
  CHECK(parsed.packages[2].source_version == "4.9-1");
}

TEST_CASE("dpkg: fields of a folded text are none of the package's") {
  const Parsed parsed = parse_dpkg_status(
      "package: a\r\nSTATUS: install ok installed\r\nDescription: x\r\n Version: 9\r\n .\r\n"
      "Version: 1\r\n\r\n");
  CHECK(names(parsed) == Names{"a=1"});
}

TEST_CASE("dpkg: a damaged stanza is told and the rest goes on") {
  const Parsed parsed = parse_dpkg_status(
      "Package: a\nStatus: install ok installed\n\n"
      "Status: install ok installed\nVersion: 1\n\n"
      "Package: b\nVersion: 1\n\n"
      "garbage\n\nPackage: c\nStatus: install ok installed\nVersion: 1\n");
  CHECK(names(parsed) == Names{"c=1"});
  CHECK(parsed.problems.size() == 3);
}

TEST_CASE("dpkg: a stanza of status.d needs no status, but is believed if it has one") {
  CHECK(names(parse_dpkg_stanza("Package: base-files\nVersion: 12.4\n")) ==
        Names{"base-files=12.4"});
  CHECK(parse_dpkg_stanza("Package: a\nVersion: 1\nStatus: deinstall ok config-files\n")
            .packages.empty());
  CHECK(parse_dpkg_stanza("0123  usr/bin/x\n").problems.size() == 1);
}

TEST_CASE("dpkg: licences of a machine-readable copyright file alone") {
  CHECK(parse_copyright(
            "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n"
            "\nFiles: *\nLicense: GPL-2+\n text\n\nFiles: x\nLicense: MIT\n\n"
            "License: GPL-2+\n long text\n\nFiles: y\nLicense: MIT\n") == Names{"GPL-2+", "MIT"});
  CHECK(parse_copyright("This package was debianized by\nLicense: GPL\n").empty());
}

TEST_CASE("apk: fields of one letter, and the origin as the source") {
  const Parsed parsed = parse_apk_installed(
      "C:Q1x=\nP:musl\nV:1.2.4-r2\nA:x86_64\nL:MIT\no:musl\nF:lib\nR:ld-musl-x86_64.so.1\n\n"
      "P:libcrypto3\nV:3.1.4-r1\no:openssl\nL:Apache-2.0\n\n");
  CHECK(names(parsed) == Names{"musl=1.2.4-r2", "libcrypto3=3.1.4-r1"});
  REQUIRE(parsed.packages.size() == 2);
  CHECK(parsed.packages[0].arch == "x86_64");
  CHECK(parsed.packages[1].source == "openssl");
  CHECK(parsed.packages[1].source_version == "3.1.4-r1");
  CHECK(parsed.packages[1].licenses == Names{"Apache-2.0"});
  CHECK(parse_apk_installed("P:a\n\nP:b\nV:1\n").problems.size() == 1);
}

TEST_CASE("apk: the last package needs no empty line") {
  CHECK(names(parse_apk_installed("P:a\nV:1")) == Names{"a=1"});
}

TEST_CASE("pacman: values stand below their names") {
  const Parsed parsed = parse_pacman_desc(
      "%NAME%\npacman\n\n%VERSION%\n6.0.2-7\n\n%BASE%\npacman-base\n\n%ARCH%\nx86_64\n\n"
      "%LICENSE%\nGPL\nMIT\n\n%DESC%\n%NAME%x\n");
  REQUIRE(names(parsed) == Names{"pacman=6.0.2-7"});
  CHECK(parsed.packages[0].source == "pacman-base");
  CHECK(parsed.packages[0].licenses == Names{"GPL", "MIT"});
  CHECK(parse_pacman_desc("%NAME%\nx\n").problems.size() == 1);
}

TEST_CASE("package: texts and numbers without end are problems, not memory") {
  const Parsed longest = parse_apk_installed("P:" + std::string(kMaxText + 1, 'a') + "\nV:1\n");
  CHECK(longest.packages.empty());
  REQUIRE(longest.problems.size() == 1);
  CHECK(longest.problems[0].code() == ErrorCode::kLimit);
  std::string many;
  for (std::size_t i = 0; i < 3 * kMaxProblems; ++i) many += "P:a\n\n";
  CHECK(parse_apk_installed(many).problems.size() == kMaxProblems + 1);
}

}  // namespace meridian::packages
