// SPDX-License-Identifier: Apache-2.0
#include "base/sha256.hpp"

#include "support/catch.hpp"

using namespace meridian::base;

TEST_CASE("sha256: the examples of FIPS 180-4") {
  CHECK(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("sha256: pieces hash as the whole") {
  Sha256 hash;
  hash.update("a");
  hash.update("");
  hash.update("bc");
  CHECK(hash.finish() == sha256("abc"));
}
