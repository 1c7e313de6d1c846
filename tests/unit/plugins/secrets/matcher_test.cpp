// SPDX-License-Identifier: Apache-2.0
#include "matcher.hpp"

#include <map>
#include <thread>

#include "rule_source.hpp"

namespace meridian::secrets {
namespace {

Rule pattern(const std::string& id, const std::string& text, bool caseless = false) {
  Rule rule;
  rule.id = id;
  rule.pattern = text;
  rule.caseless = caseless;
  return rule;
}

}  // namespace

TEST_CASE("matcher: leftmost, longest, not overlapping, each pattern on its own") {
  const auto matcher = Matcher::create({pattern("a", "ab{1,2}"), pattern("b", "BA", true)});
  REQUIRE(matcher);
  Scratch scratch;
  CHECK(*(*matcher)->find("abbab", scratch) == std::vector<Span>{{0, 0, 3}, {1, 2, 4}, {0, 3, 5}});
  CHECK((*matcher)->find("", scratch)->empty());
}

TEST_CASE("matcher: a wrong pattern is told with its rule") {
  for (const char* wrong : {"(", "a*", "(?=x)y"}) {
    const auto matcher = Matcher::create({pattern("good", "abc"), pattern("bad-one", wrong)});
    REQUIRE_FALSE(matcher);
    CHECK(matcher.error().code() == ErrorCode::kCorrupt);
    CHECK(matcher.error().message().find("bad-one") != std::string::npos);
  }
}

TEST_CASE("matcher: rules that ask for a path are looked for only where that is wanted") {
  std::vector<Rule> rules = {pattern("wide", "ab"), pattern("narrow", "cd")};
  rules[1].names = {"*.key"};
  rules[1].binary = true;
  const auto matcher = Matcher::create(rules);
  REQUIRE(matcher);
  Scratch scratch;
  CHECK((*matcher)->find("ab cd", scratch)->size() == 2);
  CHECK(*(*matcher)->find("ab cd", scratch, {{}, false, false}) == std::vector<Span>{{0, 0, 2}});
  CHECK(*(*matcher)->find("ab cd", scratch, {{}, true, true}) == std::vector<Span>{{1, 3, 5}});
}

TEST_CASE("matcher: compiled patterns wait on the shelf, those of other rules and damage do not") {
  std::map<std::string, std::string, std::less<>> kept;
  std::size_t taken_up = 0;
  const Matcher::Shelf shelf{
      [&](std::string_view name) -> std::optional<std::string_view> {
        const auto found = kept.find(name);
        if (found == kept.end()) return std::nullopt;
        ++taken_up;
        return found->second;
      },
      [&](std::string_view name, std::string_view bytes) { kept.emplace(name, bytes); }};
  std::vector<Rule> rules = {pattern("wide", "ab"), pattern("narrow", "cd"),
                             pattern("text", "xyz")};
  rules[0].binary = true;
  rules[1].names = {"*.key"};
  Scratch scratch;
  const auto count = [&] {
    const auto matcher = Matcher::create(rules, shelf);
    REQUIRE(matcher);
    return (*matcher)->find("ab cd", scratch)->size() +
           (*matcher)->find("ab cd", scratch, {{}, true, false})->size();
  };
  CHECK(count() == 3);
  CHECK(kept.size() == 3);
  CHECK(taken_up == 0);
  CHECK(count() == 3);
  CHECK(taken_up == 3);
  rules[1].caseless = true;  // only narrow ones are others now
  CHECK(count() == 3);
  CHECK(taken_up == 5);
  CHECK(kept.size() == 4);
  for (auto& [name, bytes] : kept) bytes.resize(bytes.size() / 2);
  CHECK(count() == 3);
}

TEST_CASE("matcher: bounds") {
  const auto matcher = Matcher::create({pattern("a", "a")});
  REQUIRE(matcher);
  Scratch scratch;
  CHECK((*matcher)->find(std::string(Matcher::kMaxText + 1, 'b'), scratch).error().code() ==
        ErrorCode::kLimit);
  CHECK((*matcher)->find(std::string(Matcher::kMaxSpans + 1, 'a'), scratch).error().code() ==
        ErrorCode::kLimit);
  CHECK((*matcher)->find("a", scratch)->size() == 1);
}

TEST_CASE("matcher: a match at every byte of a long run counts as what is kept of it") {
  const auto matcher = Matcher::create({pattern("a", "[0-9a-f]{32,40}")});
  REQUIRE(matcher);
  Scratch scratch;
  const auto spans = (*matcher)->find(std::string(400'000, 'a'), scratch);
  REQUIRE(spans);
  CHECK(spans->size() == 10'000);
  CHECK((*spans)[1] == Span{0, 40, 80});
}

TEST_CASE("matcher: two threads, a scratch each") {
  const auto matcher = Matcher::create({pattern("a", "ab")});
  REQUIRE(matcher);
  std::size_t found[2] = {};
  const auto run = [&](std::size_t i) {
    Scratch scratch;
    for (int round = 0; round < 200; ++round)
      found[i] += (*matcher)->find("xabab", scratch)->size();
  };
  std::thread one(run, 0);
  std::thread two(run, 1);
  one.join();
  two.join();
  CHECK(found[0] == 400);
  CHECK(found[1] == 400);
}

}  // namespace meridian::secrets
