// SPDX-License-Identifier: Apache-2.0
#include "plugin/printable_runs.hpp"

#include <random>
#include <string>
#include <vector>

#include "plugin/expression.hpp"
#include "scanned_text.hpp"
#include "support/catch.hpp"

using namespace meridian::plugin;
using scanned::literal;

namespace {

bool prints(char byte) {
  const auto value = static_cast<unsigned char>(byte);
  return value >= 0x20 && value <= 0x7f;
}

/// Stretches of any bytes and of printable ones, of lengths around what decides.
std::string mixed(std::mt19937& random, std::size_t size) {
  std::string bytes;
  while (bytes.size() < size) {
    const bool text = random() % 2 == 0;
    for (std::size_t left = random() % (random() % 8 == 0 ? 700 : 40); left > 0; --left)
      bytes.push_back(static_cast<char>(text ? 0x20 + random() % 0x5f : random() % 256));
  }
  bytes.resize(size);
  return bytes;
}

void check_parts(std::string_view bytes) {
  std::vector<bool> covered(bytes.size());
  RunSpan part;
  for (std::size_t from = 0; !(part = next_printable(bytes, from)).empty(); from = part.end) {
    REQUIRE(part.begin >= from);
    REQUIRE(part.end <= bytes.size());
    REQUIRE(prints(bytes[part.begin]));
    REQUIRE((part.begin == 0 || !prints(bytes[part.begin - 1])));
    REQUIRE((part.end == bytes.size() || !prints(bytes[part.end])));
    std::fill(covered.begin() + static_cast<std::ptrdiff_t>(part.begin),
              covered.begin() + static_cast<std::ptrdiff_t>(part.end), true);
  }
  for (std::size_t begin = 0; begin < bytes.size();) {
    std::size_t end = begin;
    while (end < bytes.size() && prints(bytes[end])) ++end;
    const bool counts = end - begin >= kShortestRun || end == bytes.size();
    for (std::size_t i = begin; counts && i < end; ++i) REQUIRE(covered[i]);
    begin = end + 1;
  }
}

}  // namespace

TEST_CASE("printable runs: every one of 23 bytes is in a part, whole, wherever it lies") {
  for (const char byte : {'\0', '\x1f', '\x80', '\xff'})
    for (std::size_t before = 0; before < 40; ++before)
      for (std::size_t length = 0; length < 40; ++length)
        for (const std::size_t after : {0u, 1u, 9u, 600u})
          check_parts(std::string(before, byte) + std::string(length, '~') +
                      std::string(after, byte));
}

TEST_CASE("printable runs: any bytes") {
  std::mt19937 random(23);  // NOLINT(cert-msc51-cpp): the same bytes each time
  for (int round = 0; round < 2000; ++round) check_parts(mixed(random, random() % 4000));
}

TEST_CASE("printable runs: binary bytes between long texts are left out, a few are not") {
  const std::string text(30, 'x');
  const std::string far(1000, '\0'), near(100, '\0');
  const std::string bytes = far + text + near + text + far + text + far;
  const RunSpan first = next_printable(bytes, 0);
  CHECK(first.begin == 1000);
  CHECK(first.end == 1160);
  const RunSpan second = next_printable(bytes, first.end);
  CHECK(second.begin == 2160);
  CHECK(second.end == 2190);
  CHECK(next_printable(bytes, second.end).empty());
}

TEST_CASE("printable runs: which expressions match printable bytes alone") {
  for (const char* yes :
       {"gh[pousr]_[A-Za-z0-9]{36}", "a|b", "(?:x|[0-9a-f])+", "[\\w.\\-\\]]", "\\d\\.",
        "----BEGIN (?:RSA )?KEY", "(?i)key[ -~]{3,}", "\\$\\{x\\}", "(?<n>a)*"})
    CHECK(directions(yes)->printable);
  for (const char* no :
       {".",  "a.b",  "[^a]",     "\\s",      "a\\tb",  "\\x41",    "[\\x41]",  "[[:alpha:]]",
        "^a", "a$",   "\\ba",     "a\\B",     "\\Aa",   "a\\z",     "\\W",      "[a\\n]",
        "\n", "\x7f", "\xc3\xa4", "[a-\xff]", "\\p{L}", "[\\s\\w]", "(?:a|\\D)"})
    CHECK_FALSE(directions(no)->printable);
}

TEST_CASE("printable runs: the same is found as in every byte, whatever the pieces") {
  // The second of each says the same, but not in a way that is understood.
  Subscriptions wishes;
  for (const char* expression :
       {"[a-z]{3}key[0-9]{17,40}", "[a-z]{3}key[\\x30-9]{17,40}", "[A-Z]{23,}", "[\\x41-Z]{23,}"}) {
    wishes.patterns.push_back(literal(expression));
    wishes.patterns.back().binary = true;
  }
  auto matcher = Matcher::compile({&wishes});
  REQUIRE(matcher);
  meridian::rootfs::Stat stat;
  stat.size = 1;
  const Wanted wanted = (*matcher)->wants("file", stat);
  std::mt19937 random(5);  // NOLINT(cert-msc51-cpp): the same bytes each time
  std::size_t hits = 0;
  for (int round = 0; round < 300; ++round) {
    std::string bytes = std::string(1, '\0') + mixed(random, random() % 3000);
    for (int planted = 0; planted < 4; ++planted) {
      std::string token = random() % 2 == 0 ? "abckey" + std::string(17 + random() % 30, '7')
                                            : std::string(22 + random() % 3, 'Q');
      if (random() % 2 == 0) token = '\x01' + token + '\x01';
      bytes.insert(random() % (bytes.size() + 1), token);
    }
    bytes[0] = '\0';
    for (const std::size_t chunk : {16u, 23u, 64u, 100u, 512u, 1u << 20}) {
      scanned::Content content(bytes);
      const auto run = scanned::scan(**matcher, content, wanted, chunk);
      std::vector<scanned::Found> in_runs, everywhere;
      for (scanned::Found found : run.hits) {
        auto& list = found.pattern.index % 2 == 0 ? in_runs : everywhere;
        found.pattern.index /= 2;
        list.push_back(found);
      }
      REQUIRE(in_runs == everywhere);
      hits += in_runs.size();
    }
  }
  CHECK(hits > 1000);
}
