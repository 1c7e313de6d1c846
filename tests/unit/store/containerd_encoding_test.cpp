// SPDX-License-Identifier: Apache-2.0
#include "store/containerd/encoding.hpp"
#include "support/catch.hpp"

namespace meridian::store::containerd {

TEST_CASE("encoding: a time is read as containerd writes it", "[store]") {
  using std::string_literals::operator""s;
  // Of a real store (stores.md, 3.3).
  CHECK(parse_time("\x01\x00\x00\x00\x0e\xe2\x93\xf4\xb2\x1b\x88\x81\x85\xff\xff"s) ==
        "2026-11-21T20:23:14Z");
  CHECK(parse_time("\x02\x00\x00\x00\x0e\xe2\x93\xf4\xb2\x1b\x88\x81\x85\xff\xff\x00"s) ==
        "2026-11-21T20:23:14Z");
  CHECK(parse_time("").empty());
  CHECK(parse_time(std::string(15, '\0')).empty());
  CHECK(parse_time("\x01" + std::string(14, '\0')).empty());
  CHECK(parse_time("\x01" + std::string(14, '\xff')).empty());
  CHECK(parse_time("\x03\x00\x00\x00\x0e\xe2\x93\xf4\xb2\x1b\x88\x81\x85\xff\xff"s).empty());
}

TEST_CASE("encoding: an Any is its type and its value", "[store]") {
  const auto any = parse_any(
      "\x0a\x03"
      "a/b"
      "\x12\x02"
      "{}");
  REQUIRE(any);
  CHECK(any->type == "a/b");
  CHECK(any->value == "{}");
  const auto empty = parse_any("");
  REQUIRE(empty);
  CHECK(empty->value.empty());
}

TEST_CASE("encoding: a field is found among others, and the last one counts", "[store]") {
  using std::string_literals::operator""s;
  // A number, eight bytes, four bytes, then field 7 twice.
  const std::string message = "\x08\x96\x01\x11"s + std::string(8, 'x') + "\x1d" + "yyyy" +
                              "\x3a\x01"
                              "a"
                              "\x3a\x02"
                              "bc";
  const auto found = message_field(message, 7);
  REQUIRE(found);
  CHECK(*found == std::optional<std::string_view>("bc"));
  CHECK(message_field(message, 1).value() == std::nullopt);  // of another type
  CHECK(message_field(message, 9).value() == std::nullopt);
}

TEST_CASE("encoding: what is no message is refused", "[store][hostile]") {
  for (const std::string& bytes :
       {std::string("\x0a"),
        std::string("\x0a\x05"
                    "a"),
        std::string("\x0b"), std::string("\x80"), std::string("\x0a") + std::string(11, '\xff'),
        std::string("\x09"
                    "1234567"),
        std::string("\x08\xff")}) {
    INFO(bytes);
    const auto found = message_field(bytes, 1);
    REQUIRE_FALSE(found);
    CHECK(found.error().code() == ErrorCode::kCorrupt);
  }
}

}  // namespace meridian::store::containerd
