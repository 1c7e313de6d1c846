// SPDX-License-Identifier: Apache-2.0
#include "inventory.hpp"

#include "support/catch.hpp"

using namespace meridian::vulnerabilities;

namespace {

std::string ecosystems(const std::string& os_release) {
  std::string all;
  for (const std::string& one : parse_os_release(os_release).ecosystems) all += one + " ";
  return all;
}

}  // namespace

TEST_CASE("where a distribution's packages are looked up") {
  CHECK(ecosystems("ID=debian\nVERSION_ID=\"12\"\n") == "debian:12 ");
  CHECK(ecosystems("ID=debian\n") == "debian:unstable ");
  CHECK(ecosystems("ID=alpine\nVERSION_ID=3.18.4") == "alpine:3.18 ");
  CHECK(ecosystems("ID=ubuntu\nVERSION_ID='22.04'\n") == "ubuntu:22.04 ");
  CHECK(ecosystems("ID=\"rocky\"\nVERSION_ID=\"9.3\"\n") == "rocky:9 rhel:9 ");
  CHECK(ecosystems("ID=wolfi\nVERSION_ID=20230201\n") == "wolfi ");
  CHECK(ecosystems("ID=amzn\nVERSION_ID=2023\n") == "amzn:2023 ");
  CHECK(ecosystems("ID=fedora\n") == "");
  CHECK(ecosystems("=\n\nNAME\n") == "");
}

TEST_CASE("package URLs") {
  const Distribution debian = parse_os_release("ID=debian\nVERSION_ID=12\n");
  const auto purl = [&](std::string type, std::string name, std::string version) {
    Package package;
    package.type = std::move(type);
    package.name = std::move(name);
    package.version = std::move(version);
    return purl_of(package, debian);
  };
  CHECK(purl("deb", "g++-12", "1:2+b1") == "pkg:deb/debian/g%2B%2B-12@1:2%2Bb1");
  CHECK(purl("rpm", "x", "1:2-3") == "pkg:rpm/debian/x@2-3");
  CHECK(purl("npm", "@a/b", "1.0") == "pkg:npm/%40a/b@1.0");
  CHECK(purl("maven", "org.x:y", "1") == "pkg:maven/org.x/y@1");
  CHECK(purl("golang", "github.com/a/b", "v1") == "pkg:golang/github.com/a/b@v1");
  CHECK(purl("pypi", "Zope.Interface", "") == "pkg:pypi/zope-interface");
}
