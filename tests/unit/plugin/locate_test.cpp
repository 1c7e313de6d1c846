// SPDX-License-Identifier: Apache-2.0
#include "plugin/locate.hpp"

#include <optional>
#include <random>
#include <regex>
#include <string>
#include <vector>

#include "scanned_text.hpp"
#include "support/catch.hpp"

using scanned::Found;
using scanned::literal;

namespace {

using Spans = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

Spans spans(const scanned::Compiled& compiled, const std::string& text, std::size_t chunk) {
  Spans all;
  for (const Found& found : compiled.scan(text, chunk).hits)
    all.emplace_back(found.offset, found.offset + found.bytes.size());
  return all;
}

/// The meaning, by trying every pair of offsets with another regular expression engine.
Spans every_pair(const std::string& expression, const std::string& text) {
  const std::regex regex(expression);
  const auto at = [&](std::size_t i) { return text.begin() + static_cast<std::ptrdiff_t>(i); };
  const auto matches = [&](std::size_t begin, std::size_t end) {
    return std::regex_match(at(begin), at(end), regex);
  };
  Spans all;
  std::size_t position = 0;
  for (std::size_t end = 1; end <= text.size(); ++end) {
    for (std::size_t begin = position; begin < end; ++begin) {
      if (!matches(begin, end)) continue;
      std::size_t longest = end;
      for (std::size_t more = end + 1; more <= text.size(); ++more)
        if (matches(begin, more)) longest = more;
      all.emplace_back(begin, longest);
      position = end = longest;
      break;
    }
  }
  return all;
}

}  // namespace

TEST_CASE("locate: equals trying every start and end with another engine") {
  std::mt19937 random(11);
  for (const char* expression :
       {"ab", "a+b", "a*b", "[ab]{2,4}c", "(?:ab|b)?c", "a(?:b|cc)+a?", "ab|b?c", "[abc]{0,3}ca",
        "a[bc]{0,5}a", "(?:a|ab)(?:c|bcd)?d?", "c(?:a{1,2}b?){1,3}c", "b[^b]*b", "a{3,5}|ca"}) {
    const scanned::Compiled compiled({literal(expression)});
    for (int i = 0; i < 40; ++i) {
      std::string text(random() % 20, ' ');
      for (char& c : text) c = "abcd"[random() % 4];
      INFO(expression << " in " << text);
      const Spans expected = every_pair(expression, text);
      REQUIRE(spans(compiled, text, meridian::limits::kChunk) == expected);
      REQUIRE(spans(compiled, text, 5) == expected);
    }
  }
}

TEST_CASE("locate: matches do not depend on how the file is cut into pieces") {
  std::mt19937 random(5);
  const std::vector<std::string> words = {"token",      "=",    "\"",
                                          "secret_key", " ",    "\n",
                                          "AKIA",       "abcd", "xyz",
                                          "key=",       "....", "-----BEGIN ",
                                          "-----END",   "\r\n", "0123456789ABCDEF"};
  auto with_context =
      literal(R"(\w{0,20}(?:secret|token)\w{0,20}\s*[:=]\s*["'][^"'\n]{3,200}["'])");
  with_context.context = 40;
  const std::vector<meridian::plugin::PatternSubscription> patterns = {
      with_context,
      literal("AKIA[0-9A-Z]{16}"),
      literal("\\bkey=\\w+\\b"),
      literal("-----BEGIN [\\s\\S]{0,300}-----END"),
      literal("(?m)^abcd.*$"),
      literal("[a-z]+")};
  const scanned::Compiled compiled(patterns);
  for (int round = 0; round < 3; ++round) {
    std::string text;
    while (text.size() < 10'000) text += words[random() % words.size()];
    const auto whole = compiled.scan(text);
    REQUIRE(whole.hits.size() > 100);
    for (const std::size_t chunk : {1u, 7u, 64u, 1000u, 4096u, 9'999u}) {
      INFO("pieces of " << chunk);
      const auto pieces = compiled.scan(text, chunk);
      REQUIRE(pieces.hits == whole.hits);
      REQUIRE(pieces.outcome.limits == whole.outcome.limits);
    }
  }
}

TEST_CASE("locate: a match across the border of two reads is found once") {
  for (const std::size_t shift : {0u, 1u, 10u, 19u, 20u, 21u}) {
    const std::string text = std::string(meridian::limits::kChunk - shift, ' ') +
                             "AKIAABCDEFGHIJKLMNOP" + std::string(100, ' ');
    const auto run = scanned::scan({literal("AKIA[0-9A-Z]{16}")}, text);
    REQUIRE(run.hits.size() == 1);
    CHECK(run.hits[0].offset == meridian::limits::kChunk - shift);
    CHECK(run.hits[0].bytes == "AKIAABCDEFGHIJKLMNOP");
  }
}

TEST_CASE("locate: in a file of several reads only windows are read again") {
  std::string text(8 << 20, ' ');
  text.replace(5 << 20, 3, "key");
  scanned::Content content(text);
  CHECK(scanned::scan({literal("key")}, content).hits.size() == 1);
  CHECK(content.most_reads_of_a_byte() <= 3);
  CHECK(content.bytes_read() < text.size() + (1 << 20));
}
