// SPDX-License-Identifier: Apache-2.0
#include "candidate.hpp"

#include "rule_source.hpp"

namespace meridian::secrets {
namespace {

Rule rule_with(const std::string& members) {
  auto rules = parse_rules(rule_file(std::string(kRest) + members));
  if (!rules) FAIL(rules.error().message());
  return rules->front();
}

}  // namespace

TEST_CASE("candidate: boundaries, and escapes that look like letters") {
  const Rule rule = rule_with("");
  CHECK(cut(rule, {"", "=", "tok_12345678", "\n"}, false));
  CHECK_FALSE(cut(rule, {"", "x", "tok_12345678", "\n"}, false));
  CHECK_FALSE(cut(rule, {"", "=", "tok_12345678", "9"}, false));
  for (const char* before : {"\\n", "a\\t", "%3D", "\\u003d", "\\x3d"}) {
    INFO(before);
    CHECK(cut(rule, {"", before, "tok_12345678", ""}, false));
  }
}

TEST_CASE("candidate: a length before the match ends it where letters follow") {
  const Rule rule = rule_with(R"(, "extend": {"class": "alnum", "max": 40})");
  const std::string_view before("\0\0z\x0e", 4);
  const auto candidate = cut(rule, {"", before, "tok_12345678", "abZtype"}, true);
  REQUIRE(candidate);
  CHECK(candidate->value == "tok_12345678ab");
  const std::string_view counted("\x01\x0e\0\0\0", 5);
  CHECK(cut(rule, {"", counted, "tok_12345678", "abZtype"}, true)->value == "tok_12345678ab");
  CHECK_FALSE(cut(rule, {"", "text (", "tok_12345678", "abZtype"}, true));
  CHECK_FALSE(cut(rule, {"", std::string_view("\0\x7f", 2), "tok_12345678", "ab"}, true));
}

TEST_CASE("candidate: value steps") {
  const auto value = [](const std::string& steps, std::string_view bytes) {
    const Rule rule = rule_with(R"(, "not_after": "none", "value": )" + steps);
    const auto candidate = cut(rule, {"", "", bytes, ""}, false);
    return candidate ? candidate->value : std::string("<none>");
  };
  CHECK(value(R"([{"after": "="}])", "a=b=c") == "b=c");
  CHECK(value(R"([{"after_last": "="}])", "a=b=c") == "c");
  CHECK(value(R"([{"after_any": ":="}])", "a:b=c") == "b=c");
  CHECK(value(R"([{"until": "="}])", "a=b=c") == "a");
  CHECK(value(R"([{"until_last": "="}])", "a=b=c") == "a=b");
  CHECK(value(R"([{"until_any": ";,"}])", "ab,c;d") == "ab");
  CHECK(value(R"([{"last": 2}])", "abcd") == "cd");
  CHECK(value(R"([{"last": 9}])", "abcd") == "<none>");
  CHECK(value(R"([{"tail": "hex"}])", "key=12ab") == "12ab");
  CHECK(value(R"([{"trim": " '"}])", " 'x' ") == "x");
  CHECK(value(R"([{"after": "#"}])", "a=b") == "<none>");
  const std::string assigned = R"([{"assigned": "any"}])";
  CHECK(value(assigned, "password = 'a b'") == "a b");
  CHECK(value(assigned, "PASSWORD', 'x;y')") == "x;y");
  CHECK(value(assigned, "password => \"v\"") == "v");
  CHECK(value(assigned, "password>v&amp;</password>") == "v&amp;");
  CHECK(value(assigned, "password: plain # note") == "plain");
  CHECK(value(assigned, "password: 'never closed") == "<none>");
  CHECK(value(assigned, "password") == "<none>");
  CHECK(value(R"([{"assigned": "quoted"}])", "password = plain") == "<none>");
}

}  // namespace meridian::secrets
