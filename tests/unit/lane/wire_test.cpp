// SPDX-License-Identifier: Apache-2.0
#include "lane/wire.hpp"

#include <catch2/catch.hpp>
#include <limits>

#include "lane/wire_values.hpp"

namespace meridian::lane {

namespace {

using Map = std::map<std::string, std::string>;

template <typename T>
std::string says(std::string_view bytes) {
  const auto got = decode<T>(bytes);
  return got ? "" : got.error().message();
}

std::string bytes_of(std::initializer_list<int> values) {
  std::string bytes;
  for (const int value : values) bytes.push_back(static_cast<char>(value));
  return bytes;
}

/// The next after E's last, if `text` knows it: then kLargest<E> is not its last.
template <typename E>
bool is_last(E last, const char* (*text)(E)) {
  const auto next = static_cast<E>(static_cast<int>(last) + 1);
  const std::string said = text(next);
  for (int i = 0; i <= static_cast<int>(last); ++i) {
    if (said == text(static_cast<E>(i))) return true;  // the fallback behind the switch
  }
  return said.empty();
}

}  // namespace

TEST_CASE("wire: numbers are little-endian and as wide as their type") {
  CHECK(encode(std::uint32_t{0x01020304}) == bytes_of({4, 3, 2, 1}));
  CHECK(encode(std::int16_t{-2}) == bytes_of({0xfe, 0xff}));
  CHECK(decode<std::int64_t>(std::string(8, '\xff')) == -1);
  CHECK(decode<std::uint64_t>(encode(std::numeric_limits<std::uint64_t>::max())) ==
        std::numeric_limits<std::uint64_t>::max());
  CHECK(decode<std::int64_t>(encode(std::numeric_limits<std::int64_t>::min())) ==
        std::numeric_limits<std::int64_t>::min());
  CHECK(encode(std::array<std::uint8_t, 3>{1, 2, 3}) == bytes_of({1, 2, 3}));
}

TEST_CASE("wire: what is neither true nor false, and what is no enumerator") {
  CHECK(says<bool>("\2") == "byte 1: 2 is neither true nor false");
  CHECK(says<std::optional<bool>>("\3\1") == "byte 1: 3 is neither true nor false");
  CHECK(decode<finding::Confidence>("\2") == finding::Confidence::kHigh);
  CHECK(says<finding::Confidence>("\3") == "byte 1: 3 is no enumerator");
  CHECK(says<finding::GapKind>("\xff") == "byte 1: 255 is no enumerator");
}

TEST_CASE("wire: counts that lie take no memory") {
  CHECK(says<std::string>(bytes_of({0xff, 0xff, 0xff, 0xff, 'x'})) ==
        "byte 4: 4294967295 bytes announced, 1 left");
  CHECK(says<std::vector<std::uint64_t>>(bytes_of({0xff, 0xff, 0xff, 0xff, 0})) ==
        "byte 4: 4294967295 elements do not fit in what is left");
  // Fits in what is left by number, not by size.
  CHECK(says<std::vector<std::uint64_t>>(bytes_of({2, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9})) ==
        "byte 12: 8 bytes announced, 1 left");
  CHECK(says<Map>(bytes_of({0xff, 0xff, 0xff, 0xff})) == "byte 4: 4 bytes announced, 0 left");
  CHECK(says<std::string>("") == "byte 0: 4 bytes announced, 0 left");
}

TEST_CASE("wire: a value has one encoding") {
  const Map map{{"a", "1"}, {"b", ""}};
  CHECK(decode<Map>(encode(map)) == map);
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  CHECK(says<Map>(encode(Pairs{{"b", ""}, {"a", "1"}})).ends_with("keys are not in order"));
  CHECK(says<Map>(encode(Pairs{{"a", ""}, {"a", "1"}})).ends_with("keys are not in order"));
  CHECK(says<rootfs::RootfsPath>(encode(std::string("a//b"))).find("writes otherwise") !=
        std::string::npos);
  CHECK(decode<rootfs::RootfsPath>(encode(std::string("a/b"))));
  CHECK(says<std::string>(encode(std::string("a")) + "b") == "byte 5: 1 bytes left over");
}

TEST_CASE("wire: values without an empty one") {
  const std::optional<Error> error = Error(ErrorCode::kChanged, "moved");
  const auto back = decode<std::optional<Error>>(encode(error));
  REQUIRE((back && *back));
  CHECK((*back)->code() == ErrorCode::kChanged);
  CHECK((*back)->message() == "moved");
  using Digests = std::vector<model::Digest>;
  CHECK(decode<Digests>(encode(Digests{model::digest_of("x")})) == Digests{model::digest_of("x")});
  CHECK_FALSE(decode<Digests>(encode(std::vector<std::string>{"sha256:../../etc"})));
}

TEST_CASE("wire: the first mistake stays, and nothing is read after it") {
  Reader reader("\2\1");
  bool first = true;
  bool second = false;
  reader(first, second);
  CHECK_FALSE(reader.good());
  CHECK(first);
  CHECK_FALSE(second);
  CHECK(reader.error() == "byte 1: 2 is neither true nor false");
}

TEST_CASE("wire: the last enumerators are the last") {
  using finding::to_text;
  CHECK(is_last<finding::GapKind>(kLargest<finding::GapKind>, to_text));
  CHECK(is_last<finding::Severity>(kLargest<finding::Severity>, to_text));
  CHECK(is_last<finding::Confidence>(kLargest<finding::Confidence>, to_text));
  CHECK(is_last<model::LayerKind>(kLargest<model::LayerKind>, model::to_text));
  CHECK(is_last<model::LayerIdentity>(kLargest<model::LayerIdentity>, model::to_text));
}

}  // namespace meridian::lane
