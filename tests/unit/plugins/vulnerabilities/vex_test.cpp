// SPDX-License-Identifier: Apache-2.0
#include "vex.hpp"

#include "support/catch.hpp"

using namespace meridian::vulnerabilities;

namespace {

const Product kProduct = {{"pkg:deb/debian/openssl@3.0.11-1~deb12u2", "pkg:npm/%40a/b@1.0"},
                          {"sha256:aa", "docker.io/library/shop:1", "registry:5000/x/web:2"}};

bool is_about(std::string product, std::string subcomponent = "") {
  const std::vector<Statement> statements = {
      {std::move(product), std::move(subcomponent), "fixed", "", "", ""}};
  return find_statement(statements, kProduct) != nullptr;
}

}  // namespace

TEST_CASE("a package URL in its parts") {
  const auto purl = parse_purl("pkg:npm/%40a/b@1%2B2?repository_url=r%2Fx&tag=t#sub");
  REQUIRE(purl);
  CHECK(purl->type == "npm");
  CHECK(purl->path == "@a/b");
  CHECK(purl->version == "1+2");
  CHECK(purl->repository == "r/x");
  CHECK(purl->tag == "t");
  CHECK(parse_purl("pkg:npm/@a/b")->path == "@a/b");
  for (const char* const bad : {"", "npm/x", "pkg:", "pkg:npm", "pkg:npm/", "pkg:/x"}) {
    CHECK_FALSE(parse_purl(bad));
  }
}

TEST_CASE("a package by its URL, with a version or without") {
  CHECK(is_about("pkg:deb/debian/openssl"));
  CHECK(is_about("pkg:deb/debian/openssl@3.0.11-1~deb12u2?arch=amd64"));
  CHECK(is_about("pkg:npm/@a/b@1.0"));
  CHECK_FALSE(is_about("pkg:deb/debian/openssl@3.0.13-1"));
  CHECK_FALSE(is_about("pkg:deb/ubuntu/openssl"));
  CHECK_FALSE(is_about("openssl"));
}

TEST_CASE("an image by digest, or by name and tag; with the package or without") {
  CHECK(is_about("pkg:oci/shop"));
  CHECK(is_about("pkg:oci/shop?tag=1"));
  CHECK(is_about("pkg:oci/x@sha256%3Aaa"));
  CHECK(is_about("pkg:oci/web?repository_url=registry:5000/x/web&tag=2"));
  CHECK(is_about("pkg:oci/shop", "pkg:deb/debian/openssl"));
  CHECK_FALSE(is_about("pkg:oci/shop", "pkg:deb/debian/sudo"));
  CHECK_FALSE(is_about("pkg:oci/shop?tag=2"));
  CHECK_FALSE(is_about("pkg:oci/hop"));
  CHECK_FALSE(is_about("pkg:oci/shop@sha256:bb"));
  CHECK_FALSE(is_about("pkg:oci/web?repository_url=elsewhere/x/web"));
}

TEST_CASE("the last statement counts") {
  const std::vector<Statement> statements = {{"pkg:oci/shop", "", "affected", "", "", ""},
                                             {"pkg:oci/shop", "", "fixed", "", "", ""}};
  CHECK(find_statement(statements, kProduct)->status == "fixed");
}
