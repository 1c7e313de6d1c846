// SPDX-License-Identifier: Apache-2.0
//
// configuration_test.cpp: options against a plugin's schema.
#include <nlohmann/json.hpp>

#include "plugin/manifest.hpp"
#include "support/catch.hpp"

using namespace meridian;
using nlohmann::json;

namespace {

plugin::Manifest manifest() {
  plugin::Manifest result;
  result.id = "org.example.x";
  result.configuration = R"({
    "type": "object",
    "properties": {
      "count": {"type": "integer", "default": 3, "minimum": 0, "maximum": 10},
      "ratio": {"type": "number", "default": 0.5},
      "loud": {"type": "boolean", "default": false},
      "mode": {"type": "string", "enum": ["fast", "slow"]},
      "paths": {"type": "array", "items": {"type": "string", "minLength": 1}, "maxItems": 3}
    },
    "additionalProperties": false
  })";
  return result;
}

std::string refused(const char* settings) {
  const auto result = plugin::configure(manifest(), settings);
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().code() == ErrorCode::kInvalid);
  CHECK(result.error().message().find("org.example.x") != std::string::npos);
  UNSCOPED_INFO(result.error().message());
  return result.error().message();
}

bool has(const std::string& text, const char* words) {
  return text.find(words) != std::string::npos;
}

json typed(const char* key, const char* value) {
  const auto result = plugin::typed_setting(manifest(), key, value);
  if (!result) return result.error().message();
  return json::parse(*result)[key];
}

}  // namespace

TEST_CASE("configure: defaults fill what the user left out, and nothing else appears") {
  const auto none = plugin::configure(manifest(), "{}");
  REQUIRE(none.has_value());
  CHECK(json::parse(*none) == json({{"count", 3}, {"ratio", 0.5}, {"loud", false}}));
  const auto some = plugin::configure(manifest(), R"({"count": 7, "paths": ["a", "b"]})");
  REQUIRE(some.has_value());
  CHECK(json::parse(*some)["count"] == 7);
  CHECK(json::parse(*some)["paths"] == json({"a", "b"}));
  CHECK(plugin::configure({}, "{}").value() == "{}");
}

TEST_CASE("configure: a wrong key names itself, the plugin and the accepted keys") {
  const std::string text = refused(R"({"cuont": 7})");
  CHECK(has(text, "'cuont' is not known"));
  CHECK(has(text, "accepted options: count, loud, mode, paths, ratio"));
  const auto none = plugin::configure({}, R"({"a": 1})");
  CHECK(has(none.error().message(), "accepted options: none"));
}

TEST_CASE("configure: a value of the wrong type or out of range is refused") {
  CHECK(has(refused(R"({"count": "7"})"), "'count'"));
  CHECK(has(refused(R"({"count": 7.5})"), "'count'"));
  CHECK(has(refused(R"({"count": 11})"), "'count'"));
  CHECK(has(refused(R"({"count": 18446744073709551615})"), "'count'"));
  CHECK(has(refused(R"({"mode": "medium"})"), "'mode'"));
  CHECK(has(refused(R"({"loud": 1})"), "'loud'"));
  CHECK(has(refused(R"({"paths": ["a", 1]})"), "'paths'"));
  CHECK(has(refused(R"({"paths": [""]})"), "'paths'"));
  CHECK(has(refused(R"({"paths": ["a", "b", "c", "d"]})"), "'paths'"));
  CHECK(has(refused(R"({"paths": null})"), "'paths'"));
}

TEST_CASE("configure: settings that are no object are refused") {
  refused("[]");
  refused("{");
  refused("");
  refused(R"({"count": 1, "count": 2})");
}

TEST_CASE("configure: a required option without default has to be given") {
  plugin::Manifest needing = manifest();
  needing.configuration = R"({"properties": {"k": {"type": "string"}}, "required": ["k"]})";
  const auto missing = plugin::configure(needing, "{}");
  REQUIRE_FALSE(missing.has_value());
  CHECK(has(missing.error().message(), "'k' is required"));
  CHECK(plugin::configure(needing, R"({"k": "v"})").has_value());
}

TEST_CASE("typed_setting: the schema says what a text means") {
  CHECK(typed("count", "7") == 7);
  CHECK(typed("ratio", "1e-2") == 0.01);
  CHECK(typed("ratio", "2") == 2.0);
  CHECK(typed("loud", "true") == true);
  CHECK(typed("mode", "slow") == "slow");
  CHECK(typed("paths", "a,b c") == json({"a", "b c"}));
  CHECK(typed("paths", "") == json::array());
}

TEST_CASE("typed_setting: what does not parse is refused with what would") {
  const auto refuses = [](const char* key, const char* value, const char* words) {
    const json result = typed(key, value);
    INFO(result);
    CHECK(has(result.get<std::string>(), words));
  };
  refuses("count", "7x", "takes an integer");
  refuses("count", "", "takes an integer");
  refuses("count", "99999999999999999999", "takes an integer");
  refuses("count", "11", "'count'");
  refuses("ratio", "nan", "takes a number");
  refuses("ratio", "1e999", "takes a number");
  refuses("loud", "yes", "takes true or false");
  refuses("mode", "\xff", "UTF-8");
  refuses("mode", "other", "'mode'");
  refuses("paths", "a,,b", "'paths'");
  refuses("paths", "a,", "'paths'");
  refuses("absent", "x", "accepted options: count");
}
