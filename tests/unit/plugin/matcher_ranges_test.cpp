// SPDX-License-Identifier: Apache-2.0
#include <random>
#include <string>
#include <vector>

#include "scanned_text.hpp"
#include "support/catch.hpp"

using namespace meridian;
using namespace meridian::plugin;
using scanned::Compiled;
using scanned::Content;
using scanned::literal;
using scanned::Run;

namespace {

constexpr std::uint64_t kRange = 64 << 10;

std::vector<PatternSubscription> patterns() {
  std::vector<PatternSubscription> all;
  for (const char* expression :
       {"key=[0-9a-f]{8,40}", "(?m)^line [0-9]{1,5}$", "\\bword\\b", "begin[^#]*#", "tail$",
        "^head", "[A-Z]{23,60}", "eyJ[a-z]{10,}\\.[a-z]{4}", "x{3,2000}", "token_[a-z0-9]{20}"}) {
    all.push_back(literal(expression));
    all.back().binary = all.size() % 2 == 0;
    all.back().context = 12;
  }
  return all;
}

/// Lines and bytes, with what is looked for at random places and around each border.
std::string filled(std::mt19937& random, bool binary, std::size_t size) {
  static const std::vector<std::string> kPieces{"key=0123456789abcdef0123456789abcdef",
                                                "\nline 12345\n",
                                                " word ",
                                                "begin",
                                                "#",
                                                "head",
                                                "tail",
                                                std::string(40, 'Q'),
                                                "eyJabcdefghijklmnop.abcd",
                                                std::string(1500, 'x'),
                                                "eyJ" + std::string(3000, 'a') + ".wxyz",
                                                "token_0123456789abcdefghij",
                                                "\n",
                                                "words"};
  std::string text = binary ? std::string(1, '\0') : "head ";
  const auto add = [&] { text += kPieces[random() % kPieces.size()]; };
  while (text.size() < size) {
    if (random() % 4 == 0) add();
    if (text.size() % kRange > kRange - 2000 && random() % 3 == 0) add();
    for (std::size_t left = random() % 300; left > 0; --left)
      text.push_back(binary && random() % 8 == 0 ? '\x01' : static_cast<char>('a' + random() % 26));
    if (random() % 5 == 0) text.push_back('\n');
  }
  return text + (random() % 2 == 0 ? "tail" : "tail\n");
}

}  // namespace

TEST_CASE("matcher: in ranges the same is found, in texts and binary files, whatever the threads") {
  const Compiled matcher(patterns());
  std::mt19937 random(64);  // NOLINT(cert-msc51-cpp): the same bytes each time
  std::size_t hits = 0;
  for (int round = 0; round < 12; ++round) {
    const std::string text = filled(random, round % 2 == 1, 150'000 + random() % 400'000);
    const Run whole = matcher.scan(text);
    hits += whole.hits.size();
    for (const unsigned searchers : {1u, 3u, 40u}) {
      Content content(text);
      const Run run = matcher.scan(content, 1 << (12 + round % 5), {kRange, searchers});
      REQUIRE(run.hits == whole.hits);
      CHECK(run.outcome.limits == whole.outcome.limits);
    }
  }
  CHECK(hits > 1500);
}

TEST_CASE("matcher: in ranges an expression without a longest match ends where it does") {
  const std::string text = "a eyJ" + std::string(300'000, 'b') + ".tail\neyJabcdefghijklm.word";
  const Compiled matcher({literal("eyJ[a-z]{10,}\\.[a-z]{4}")});
  Content content(text);
  const Run run = matcher.scan(content, limits::kChunk, {kRange, 2});
  const Run whole = matcher.scan(text);
  CHECK(run.hits == whole.hits);
  REQUIRE(run.hits.size() == 1);
  CHECK(run.hits[0].line == 2);
  // The first is longer than a match may be: that is said.
  CHECK(run.outcome.limits == whole.outcome.limits);
  CHECK(run.outcome.limits.size() == 1);
}

TEST_CASE("matcher: in ranges a file with more ends than are kept has the limits of one") {
  std::string text;
  while (text.size() < 5'000'000) text += "ab.";
  const Compiled matcher({literal("ab"), literal("b\\.")});
  Content content(text);
  const Run run = matcher.scan(content, limits::kChunk, {kRange, 3});
  const Run whole = matcher.scan(text);
  CHECK(run.outcome.limits.size() == 2);
  CHECK(run.outcome.limits == whole.outcome.limits);
  CHECK(run.hits == whole.hits);
}

TEST_CASE("matcher: in ranges a file shorter than it says is searched to its end") {
  const Compiled matcher({literal("key$")});
  for (const std::uint64_t claimed : {std::uint64_t{200'000}, std::uint64_t{10'000'000}}) {
    Content content(std::string(150'000, '.') + "key", claimed);
    CHECK(matcher.scan(content, 4096, {kRange, 2}).hits.size() == 1);
  }
}

TEST_CASE("matcher: in ranges an error of reading ends the file without hits") {
  Subscriptions wishes;
  wishes.patterns = {literal("key")};
  auto matcher = Matcher::compile({&wishes});
  REQUIRE(matcher);
  rootfs::Stat stat;
  stat.size = 1;
  const Wanted wanted = (*matcher)->wants("file", stat);
  auto scanner = (*matcher)->make_scanner(4096, kRange);
  REQUIRE(scanner);
  Content content("key" + std::string(500'000, '.'));
  content.fail_at(300'000);
  int hits = 0;
  const auto outcome = (*scanner)->scan(
      content, wanted, [&](const Hit&) { return ++hits > 0; }, 3);
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code() == ErrorCode::kUnreadable);
  CHECK(hits == 0);
  Content next("a key" + std::string(500'000, '.'));
  REQUIRE((*scanner)->scan(
      next, wanted, [&](const Hit&) { return ++hits > 0; }, 3));
  CHECK(hits == 1);
}
