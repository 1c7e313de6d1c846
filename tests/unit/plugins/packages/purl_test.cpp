// SPDX-License-Identifier: Apache-2.0
#include "purl.hpp"

#include "support/catch.hpp"
#include "support/purl_reader.hpp"

namespace meridian::packages {

TEST_CASE("purl: as PURL-TYPES writes each type") {
  const Distribution debian{"debian", "12"}, none;
  const auto of = [&](const std::string& type, const std::string& name,
                      const std::string& version) {
    return purl({.type = type, .name = name, .version = version}, none);
  };
  CHECK(purl({.type = "deb",
              .name = "libc6",
              .version = "2.36-9+deb12u1",
              .arch = "amd64",
              .source = "glibc",
              .source_version = "2.36-9+deb12u1"},
             debian) ==
        "pkg:deb/debian/libc6@2.36-9%2Bdeb12u1?arch=amd64&distro=debian-12&upstream=glibc");
  CHECK(purl({.type = "deb",
              .name = "a",
              .version = "1:2-3+b1",
              .arch = "all",
              .source = "a",
              .source_version = "1:2-3"},
             debian) == "pkg:deb/debian/a@1:2-3%2Bb1?arch=all&distro=debian-12&upstream=a%401:2-3");
  CHECK(purl({.type = "rpm",
              .name = "Bash",
              .version = "2:5.2-1.fc38",
              .arch = "x86_64",
              .source = "Bash",
              .source_version = "5.2-1.fc38"},
             {"fedora", "38"}) ==
        "pkg:rpm/fedora/Bash@5.2-1.fc38?arch=x86_64&distro=fedora-38&"
        "epoch=2&upstream=Bash-5.2-1.fc38.src.rpm");
  CHECK(purl({.type = "apk",
              .name = "musl",
              .version = "1.2.4-r2",
              .arch = "x86_64",
              .source = "musl",
              .source_version = "1.2.4-r2"},
             none) == "pkg:apk/musl@1.2.4-r2?arch=x86_64");
  CHECK(of("npm", "@babel/core", "7.0.0") == "pkg:npm/%40babel/core@7.0.0");
  CHECK(of("pypi", "Flask_Cors", "4.0") == "pkg:pypi/flask-cors@4.0");
  CHECK(of("golang", "github.com/Azure/go", "v1+incompatible") ==
        "pkg:golang/github.com/azure/go@v1%2Bincompatible");
  CHECK(of("golang", "stdlib", "") == "pkg:golang/stdlib");
  CHECK(of("maven", "org.slf4j:slf4j-api", "2.0.7") == "pkg:maven/org.slf4j/slf4j-api@2.0.7");
  CHECK(of("composer", "Monolog/Monolog", "2.9") == "pkg:composer/monolog/monolog@2.9");
  CHECK(of("gem", "rake", "13.0.6") == "pkg:gem/rake@13.0.6");
}

TEST_CASE("purl: whatever a name holds, it reads back") {
  for (const char* name :
       {"a b", "a/b/c", "@x/y", "a@b", "a?b=c&d", "a#b", "%41", "\xff\n", "a:b:c"}) {
    for (const char* type : {"deb", "npm", "golang", "maven", "gem"}) {
      const Package package{
          .type = type, .name = name, .version = name, .arch = name, .source = name};
      const auto read = test::read_purl(purl(package, {name, name}));
      REQUIRE(read);
      CHECK(read->type == type);
      CHECK(read->version == name);
      CHECK(read->qualifiers.at("arch") == name);
    }
  }
}

}  // namespace meridian::packages
