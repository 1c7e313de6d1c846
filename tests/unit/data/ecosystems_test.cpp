// SPDX-License-Identifier: Apache-2.0
#include "data/ecosystems.hpp"

#include "support/catch.hpp"

using namespace meridian;

namespace {

std::string osv(std::string_view name) {
  const auto found = data::osv_ecosystem(name);
  return found ? found->name + " " + found->order : "";
}

std::string distribution(std::string_view id, std::string_view version) {
  const auto found = data::distribution(id, version);
  return found ? found->name : "";
}

}  // namespace

TEST_CASE("OSV's ecosystems become those of os-release and package URLs") {
  CHECK(osv("PyPI") == "pypi pep440");
  CHECK(osv("crates.io") == "cargo semver");
  CHECK(osv("Debian:12") == "debian:12 dpkg");
  CHECK(osv("Alpine:v3.18") == "alpine:3.18 apk");
  CHECK(osv("Ubuntu:22.04:LTS") == "ubuntu:22.04 dpkg");
  CHECK(osv("Rocky Linux:9") == "rocky:9 rpm");
  CHECK(osv("Wolfi") == "wolfi apk");
}

TEST_CASE("what not everybody gets, and what has no release, is left out") {
  CHECK(osv("Ubuntu:Pro:22.04:LTS").empty());
  CHECK(osv("Debian").empty());
  CHECK(osv("GIT").empty());
  CHECK(osv("").empty());
}

TEST_CASE("a release is as much of a version as gets fixes of its own") {
  CHECK(distribution("rhel", "9.4") == "rhel:9");
  CHECK(distribution("redhat", "8") == "rhel:8");
  CHECK(distribution("alpine", "3.18.4") == "alpine:3.18");
  CHECK(distribution("ubuntu", "22.04") == "ubuntu:22.04");
  CHECK(distribution("debian", "") == "debian:unstable");
  CHECK(distribution("fedora", "").empty());
  CHECK(distribution("templeos", "5").empty());
}

TEST_CASE("names of packages are spelt one way") {
  CHECK(data::normalised("pypi", "Zope.Interface__x") == "zope-interface-x");
  CHECK(data::normalised("nuget", "Newtonsoft.Json") == "newtonsoft.json");
  CHECK(data::normalised("npm", "JSONStream") == "JSONStream");
}
