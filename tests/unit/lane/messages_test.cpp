// SPDX-License-Identifier: Apache-2.0
#include "lane/messages.hpp"

#include <catch2/catch.hpp>
#include <typeinfo>

#include "filler.hpp"

namespace meridian::lane {
namespace {

template <typename F, std::size_t... I>
void for_each(std::index_sequence<I...>, F f) {
  (f(std::tuple_element_t<I, Messages>()), ...);
}
template <typename F>
void for_each_message(F f) {
  for_each(std::make_index_sequence<std::tuple_size_v<Messages>>(), f);
}

}  // namespace

TEST_CASE("messages: each comes back with every field") {
  for_each_message([]<typename T>(const T&) {
    INFO(typeid(T).name());
    const std::string bytes = encode(Filler::filled<T>());
    const auto back = decode<T>(bytes);
    REQUIRE(back.has_value());
    CHECK(encode(*back) == bytes);
    CHECK((std::is_empty_v<T> || bytes != encode(T{})));
  });
}

TEST_CASE("messages: cut short anywhere they are refused") {
  for_each_message([]<typename T>(const T&) {
    INFO(typeid(T).name());
    const std::string bytes = encode(Filler::filled<T>());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      const auto back = decode<T>(std::string_view(bytes).substr(0, size));
      if (back || back.error().code() != ErrorCode::kCorrupt) FAIL("at " << size);
    }
    CHECK_FALSE(decode<T>(bytes + '\0'));
  });
}

TEST_CASE("messages: any byte changed, they are refused or say that and nothing else") {
  for_each_message([]<typename T>(const T&) {
    INFO(typeid(T).name());
    const std::string bytes = encode(Filler::filled<T>());
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      for (const int change : {0x01, 0x80, 0xff}) {
        std::string changed = bytes;
        changed[at] = static_cast<char>(changed[at] ^ change);
        const auto back = decode<T>(changed);
        if (back && encode(*back) != changed) FAIL("at " << at);
      }
    }
  });
}

TEST_CASE("messages: the largest that a worker has to say fits into a frame") {
  message::Finding finding;
  finding.finding.message = finding.finding.field = finding.finding.remediation =
      std::string(limits::kMaxText, 'x');
  finding.finding.path = std::string(limits::kMaxPath, 'x');
  finding.finding.evidence = std::string(limits::kMaxEvidence, 'x');
  finding.finding.secret = std::string(limits::kMaxSecret, 'x');
  finding.finding.detail = std::string(limits::kMaxDetail, 'x');
  finding.finding.rule = std::string(64, 'x');
  CHECK(encode(finding).size() < kMaxFrame);
  const message::Fact fact{0,
                           {std::string(127, 'x'), std::string(limits::kMaxPath, 'x'),
                            std::string(limits::kMaxFactBytes, 'x')}};
  CHECK(encode(fact).size() < kMaxFrame);
}

}  // namespace meridian::lane
