// SPDX-License-Identifier: Apache-2.0
//
// config_table_test.cpp: options and rules as the SDK's getters see them.
#include "plugin/config_table.hpp"

#include "meridian/config.hpp"
#include "support/catch.hpp"

using namespace meridian;

TEST_CASE("config table: each getter answers for its own type only") {
  const auto table = plugin::ConfigTable::parse(
      R"({"t": "x", "i": -5, "n": 0.5, "b": true, "l": ["a", ""], "e": []})");
  REQUIRE(table.has_value());
  const Config config((*table)->get());
  CHECK(config.text("t") == "x");
  CHECK(config.integer("i") == -5);
  CHECK(config.number("n") == 0.5);
  CHECK(config.number("i") == -5.0);
  CHECK(config.boolean("b") == true);
  CHECK(config.texts("l") == std::vector<std::string>{"a", ""});
  CHECK(config.texts("e") == std::vector<std::string>{});
  CHECK_FALSE(config.text("i").has_value());
  CHECK_FALSE(config.integer("n").has_value());
  CHECK_FALSE(config.integer("b").has_value());
  CHECK_FALSE(config.boolean("i").has_value());
  CHECK_FALSE(config.texts("t").has_value());
  CHECK_FALSE(config.text("absent").has_value());
}

TEST_CASE("config table: a value that no getter can give is refused") {
  for (const char* const text : {"[]", "{", R"({"a": null})", R"({"a": {}})", R"({"a": [1]})",
                                 R"({"a": 18446744073709551615})"}) {
    CHECK(plugin::ConfigTable::parse(text).error().code() == ErrorCode::kInvalid);
  }
}

TEST_CASE("rule table: files are found by name") {
  const std::vector<std::pair<std::string, std::string>> files = {{"a", "1"}, {"b/c", ""}};
  const plugin::RuleTable table(files, {}, nullptr);
  const RuleData rules(table.get());
  CHECK(rules.size() == 2);
  CHECK(rules.file("a") == "1");
  CHECK(rules.file("b/c") == "");
  CHECK_FALSE(rules.file("c").has_value());
}

TEST_CASE("rule table: what is kept comes back, and one start gives so much and no more") {
  const plugin::RuleTable nothing({}, {}, nullptr);
  CHECK_FALSE(RuleData(nothing.get()).keep("a", "1"));
  CHECK_FALSE(RuleData(nothing.get()).kept("a").has_value());

  plugin::KeptBytes bytes;
  bytes.before = {{"a", std::string("1\0", 2)}};
  const plugin::RuleTable table({}, {}, &bytes);
  const RuleData rules(table.get());
  CHECK(rules.kept("a") == std::string_view("1\0", 2));
  CHECK_FALSE(rules.kept("b").has_value());
  CHECK(rules.keep("b", "2"));
  CHECK(rules.keep("large", std::string(plugin::KeptBytes::kMost - 7, 'x')));
  CHECK_FALSE(rules.keep("c", ""));
  REQUIRE(bytes.given.size() == 2);
  plugin::KeptBytes many;
  const plugin::RuleTable counted({}, {}, &many);
  for (std::size_t i = 0; i < plugin::KeptBytes::kMostNames; ++i) {
    CHECK(RuleData(counted.get()).keep("", ""));
  }
  CHECK_FALSE(RuleData(counted.get()).keep("", ""));
  CHECK(bytes.given[0] == std::pair<std::string, std::string>("b", "2"));

  // A host that knows nothing of keeping.
  meridian_rule_data older = *table.get();
  older.struct_size = offsetof(meridian_rule_data, kept);
  CHECK_FALSE(RuleData(&older).kept("a").has_value());
  CHECK_FALSE(RuleData(&older).keep("a", "1"));
}
