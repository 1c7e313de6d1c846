// SPDX-License-Identifier: Apache-2.0
#include "file_capability.hpp"

#include "example_image.hpp"

namespace meridian::privilege_escalation {

TEST_CASE("file capability: versions 1, 2 and 3") {
  // As `setcap cap_setuid=ep` writes it.
  const auto two = parse_file_capability(std::string(
      "\x01\x00\x00\x02\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", 20));
  REQUIRE(two);
  CHECK(two->version == 2);
  CHECK(two->effective);
  CHECK(two->permitted == 1U << 7);
  CHECK(capability_text(*two) == "cap_setuid=ep");

  const auto one = parse_file_capability(capability_bytes(1U << 13, false, 1));
  REQUIRE(one);
  CHECK(one->version == 1);
  CHECK_FALSE(one->effective);
  CHECK(capability_text(*one) == "cap_net_raw=p");

  const auto three =
      parse_file_capability(capability_bytes(std::uint64_t{1} << 39, true, 3, 100000));
  REQUIRE(three);
  CHECK(three->version == 3);
  CHECK(three->root_id == 100000);
  CHECK(capability_text(*three) == "cap_bpf=ep");
}

TEST_CASE("file capability: another size or version is corrupt") {
  const std::string good = capability_bytes(1);
  for (const std::string& bad :
       {std::string(), std::string("\x01"), good.substr(0, 19), good + "x", std::string(20, '\0'),
        std::string("\x01\x00\x00\x04", 4) + good.substr(4), good.substr(0, 12),
        capability_bytes(1, true, 3).substr(0, 20)}) {
    const auto parsed = parse_file_capability(bad);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code() == ErrorCode::kCorrupt);
  }
}

TEST_CASE("file capability: which are as good as root") {
  CHECK(root_capabilities(0).empty());
  CHECK(root_capabilities(1U << 13 | 1U << 10 | 1U << 12).empty());  // raw, bind, net admin
  for (const unsigned one : {0U, 1U, 2U, 3U, 7U, 16U, 19U, 21U, 31U}) {
    CHECK(root_capabilities(std::uint64_t{1} << one) == std::vector<unsigned>{one});
  }
  CHECK(capability_name(63) == "cap_63");
}

}  // namespace meridian::privilege_escalation
