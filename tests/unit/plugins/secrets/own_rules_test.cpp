// SPDX-License-Identifier: Apache-2.0
#include "own_rules.hpp"

#include "rule_source.hpp"

namespace meridian::secrets {
namespace {

std::string own(const std::string& members) {
  return R"({"id": "acme", "title": "Acme token", "severity": "high", "confidence": "high",
    "pattern": "acme_[a-z0-9]{8}", "keywords": ["acme_"], "confirm": [])" +
         members + "}";
}

Result<void> add(const std::string& text) {
  std::vector<Rule> rules = shipped_rules();
  MERIDIAN_CHECK(add_own_rules({text}, rules));
  MERIDIAN_TRY(const auto judge, Judge::create(std::move(rules), {}));
  return check_own_samples(*judge);
}

}  // namespace

TEST_CASE("own rules: found, with their name in the message") {
  std::vector<Rule> rules = shipped_rules();
  REQUIRE(add_own_rules({own("")}, rules));
  const auto judge = judge_of(std::move(rules));
  Scratch scratch;
  const auto hits = judge->search("x acme_k3j9x2m7 y", false, scratch);
  REQUIRE(hits);
  REQUIRE(hits->size() == 1);
  CHECK(hits->front().verdict.message == "Acme token (acme)");
}

TEST_CASE("own rules: samples must be true, ids new, keys known") {
  CHECK(add(own(R"(, "positives": [["acme_k3j9", "x2m7"]], "near_misses": [["acme_k3j9"]])")));
  CHECK(add(own(R"(, "positives": [["acme_k3j9"]])")).error().code() == ErrorCode::kInvalid);
  CHECK(add(own(R"(, "near_misses": [["acme_k3j9x2m7"]])")).error().code() == ErrorCode::kInvalid);
  CHECK(add(own(R"(, "patern": "x")")).error().code() == ErrorCode::kCorrupt);
  std::string same = own("");
  same.replace(same.find("\"acme\""), 6, "\"npm-token\"");
  CHECK(add(same).error().code() == ErrorCode::kInvalid);
  CHECK(add("{").error().code() == ErrorCode::kCorrupt);
}

TEST_CASE("allow-list: globs of rule and place") {
  const auto allowed = parse_allowed({"github-*:srv/test/**", "*:env:CI_*"});
  REQUIRE(allowed);
  const auto judge = judge_of(shipped_rules(), {.allow = *allowed});
  const auto number = [&](std::string_view id) {
    return static_cast<std::size_t>(std::find_if(judge->rules().begin(), judge->rules().end(),
                                                 [&](const Rule& rule) { return rule.id == id; }) -
                                    judge->rules().begin());
  };
  CHECK(judge->is_allowed(number("github-token"), "srv/test/a/b"));
  CHECK_FALSE(judge->is_allowed(number("github-token"), "srv/tests/a"));
  CHECK_FALSE(judge->is_allowed(number("npm-token"), "srv/test/a/b"));
  CHECK(judge->is_allowed(number("npm-token"), "env:CI_TOKEN"));
  for (const char* wrong : {"", "a", ":a", "a:"}) {
    CHECK(parse_allowed({wrong}).error().code() == ErrorCode::kInvalid);
  }
}

TEST_CASE("published examples: the whole value, and nothing that only looks like it") {
  const auto published = parse_published(bundle_file("rules/secrets.json"));
  REQUIRE(published);
  REQUIRE(published->size() >= 4);
  const auto judge = judge_of(shipped_rules(), {.ignore_values = *published});
  Scratch scratch;
  for (const std::string& value : *published) {
    INFO(value.substr(0, 4));
    const std::string text = "storage_key=" + value + "\n";
    CHECK(judge->search(text, false, scratch)->empty());
    if (value.size() % 4 != 0 || value.back() != '=') continue;
    std::string other = text;
    other[20] = other[20] == 'a' ? 'b' : 'a';
    CHECK_FALSE(judge->search(other, false, scratch)->empty());
  }
}

}  // namespace meridian::secrets
