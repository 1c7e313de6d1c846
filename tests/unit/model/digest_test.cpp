// SPDX-License-Identifier: Apache-2.0
#include "model/digest.hpp"

#include "model/host_path.hpp"
#include "support/catch.hpp"

using namespace meridian;
using namespace meridian::model;

TEST_CASE("digest: only the two algorithms, with exactly their digits") {
  const std::string a64(64, 'a');
  CHECK(Digest::parse("sha256:" + a64));
  CHECK(Digest::parse("sha512:" + std::string(128, '0')));
  for (const std::string& bad : {std::string(), a64, std::string("sha256:"), "sha256:" + a64 + "a",
                                 "sha256:" + std::string(63, 'a'), "sha256:" + std::string(64, 'A'),
                                 "sha256:../" + std::string(61, 'a'), "md5:" + a64,
                                 "sha256:" + std::string(64, '\0'), "sha512:" + a64}) {
    const auto parsed = Digest::parse(bad);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code() == ErrorCode::kCorrupt);
  }
  CHECK(Digest::parse("sha256:" + a64)->hex() == a64);
  CHECK(Digest::from_hex(a64)->text() == "sha256:" + a64);
}

TEST_CASE("chain_id: as a real daemon computed it (stores.md, 0.1)") {
  const auto bottom =
      *DiffId::from_hex("b7040049e930209c0f50b74c0b83586d35cd8e352d64e59201fecda4ac09933d");
  const auto second =
      *DiffId::from_hex("c08d01284a71edcbf3233d63bcb0ec56edec491326afac6495995f938118eb0f");
  const DiffId one[] = {bottom};
  CHECK(chain_id(one).text() == bottom.text());
  const DiffId both[] = {bottom, second};
  CHECK(chain_id(both).hex().substr(0, 8) == "24ba69ec");
  CHECK(chain_ids(both).size() == 2);
  CHECK(chain_ids({}).empty());
}

TEST_CASE("host_path: absolute, without NUL") {
  CHECK(HostPath::parse("/var/lib/docker"));
  CHECK_FALSE(HostPath::parse(""));
  CHECK_FALSE(HostPath::parse("var"));
  CHECK_FALSE(HostPath::parse(std::string_view("/a\0b", 4)));
  CHECK((*HostPath::parse("/") / "etc").text() == "/etc");
  CHECK((*HostPath::parse("/a/") / "b").text() == "/a/b");
}
