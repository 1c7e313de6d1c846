// SPDX-License-Identifier: Apache-2.0
#include "model/json.hpp"

#include "support/catch.hpp"

using namespace meridian;
using meridian::model::Json;

TEST_CASE("json: absent and null are nothing, another type is an error that names the key") {
  const auto json = Json::parse(R"({"text":"a","none":null,"number":7,"list":["a",null,"b"]})");
  REQUIRE(json);
  CHECK(json->text("text").value() == "a");
  CHECK(json->text("none").value().empty());
  CHECK(json->text("absent").value().empty());
  CHECK(json->texts("list").value() == std::vector<std::string>{"a", "", "b"});
  const auto wrong = json->text("number");
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().code() == ErrorCode::kCorrupt);
  CHECK(wrong.error().message() == "'number': is number, not a string");
  CHECK_FALSE(json->object("list"));
  CHECK_FALSE(json->flag("text"));
  CHECK_FALSE(json->texts("text"));
  CHECK(json->words("text").value() == std::vector<std::string>{"a"});
}

TEST_CASE(
    "json: members of a null object are nothing, so that a chain of look-ups needs no checks") {
  const auto json = Json::parse(R"({"config":null})");
  REQUIRE(json);
  const auto config = json->object("config");
  REQUIRE(config);
  CHECK(config->text("User").value().empty());
  CHECK(config->members().value().empty());
}

TEST_CASE("json: keys match in any case, the exact one first, as Go's decoder has it") {
  CHECK(Json::parse(R"({"ENV":["a"]})")->texts("Env").value().size() == 1);
  CHECK(Json::parse(R"({"ENV":["a"],"Env":["b"]})")->texts("Env").value().front() == "b");
}

TEST_CASE("json: what is no JSON or no UTF-8 is kCorrupt, a bomb is kLimit") {
  for (const char* const text : {"", "{", "{\"a\":}", "[1,]", "nul", "{} {}", "\"\xff\""}) {
    const auto json = Json::parse(text);
    REQUIRE_FALSE(json);
    CHECK(json.error().code() == ErrorCode::kCorrupt);
  }
  CHECK(Json::parse(std::string(8 << 20, '[')).error().code() == ErrorCode::kLimit);
  CHECK(Json::parse("{\"a\n\":").error().message().find('\n') == std::string::npos);
  CHECK(Json::parse("\"" + std::string(1 << 20, 'x')).error().message().size() < 2000);
}
