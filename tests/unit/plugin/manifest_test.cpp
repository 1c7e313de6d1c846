// SPDX-License-Identifier: Apache-2.0
//
// manifest_test.cpp: plugin.json, right and wrong.
#include "plugin/manifest.hpp"

#include <nlohmann/json.hpp>

#include "base/limits.hpp"
#include "support/catch.hpp"

using namespace meridian;
using nlohmann::json;
using plugin::Manifest;

namespace {

json valid() {
  return json::parse(R"({
    "id": "org.example.x", "version": "1.2.3", "summary": "s", "licence": "Apache-2.0",
    "library": "x.so",
    "rules": [{"id": "a-rule", "title": "t", "severity": "high", "help": "https://h"}],
    "configuration": {"type": "object", "properties": {"n": {"type": "integer", "default": 3}}},
    "needs": {"memory": 1000, "threads": 2, "jit": true, "privileges": ["CAP_X"],
              "pure_layer_function": false}
  })");
}

Error refused(const json& manifest) {
  const auto parsed = Manifest::parse(manifest.dump());
  REQUIRE_FALSE(parsed.has_value());
  return parsed.error();
}

bool says(const Error& error, std::string_view words) {
  UNSCOPED_INFO(error.message());
  return error.message().find(words) != std::string::npos;
}

json with(const char* key, json value) {
  json manifest = valid();
  manifest[key] = std::move(value);
  return manifest;
}

json with_option(const char* text) {
  return with("configuration", {{"properties", {{"o", json::parse(text)}}}});
}

}  // namespace

TEST_CASE("manifest: every key arrives in its field") {
  const auto manifest = Manifest::parse(valid().dump());
  REQUIRE(manifest.has_value());
  CHECK(manifest->id == "org.example.x");
  CHECK(manifest->version == "1.2.3");
  CHECK(manifest->library == "x.so");
  REQUIRE(manifest->rules.size() == 1);
  CHECK(manifest->rules[0] ==
        plugin::ManifestRule{"a-rule", "t", finding::Severity::kHigh, "https://h"});
  CHECK(manifest->needs.memory == 1000);
  CHECK(manifest->needs.threads == 2);
  CHECK(manifest->needs.jit);
  CHECK(manifest->needs.privileges == std::vector<std::string>{"CAP_X"});
  CHECK_FALSE(manifest->needs.pure_layer_function);
}

TEST_CASE("manifest: a misspelt key is refused by name, at every level") {
  CHECK(says(refused(with("licens", "x")), "'licens' is not a known key; accepted: id, version"));
  CHECK(says(refused(with("needs", {{"memroy", 1}})), "'memroy'"));
  CHECK(
      says(refused(with("rules",
                        {{{"id", "a"}, {"title", "t"}, {"severity", "low"}, {"severty", "low"}}})),
           "rule 0: 'severty'"));
}

TEST_CASE("manifest: a missing or ill-typed key is named") {
  for (const char* const key : {"id", "version", "summary", "licence", "library"}) {
    json manifest = valid();
    manifest.erase(key);
    CHECK(says(refused(manifest), std::string("'") + key + "' is missing"));
    CHECK(says(refused(with(key, 7)), std::string("'") + key + "' must be a text"));
    CHECK(says(refused(with(key, "")), std::string("'") + key + "'"));
  }
  CHECK(says(refused(with("rules", "x")), "'rules' must be an array"));
  CHECK(says(refused(with("needs", {{"memory", -1}})), "'memory'"));
  CHECK(says(refused(with("needs", {{"threads", 5000000000}})), "'threads'"));
  CHECK(says(refused(with("needs", {{"jit", 1}})), "'jit'"));
}

TEST_CASE("manifest: names that could leave the folder or confuse a reader are refused") {
  for (const char* const library :
       {"../x.so", "/x.so", "a/x.so", ".x.so", "x.so\n", "x.txt", ".so", "x.so\x01.so", "..so"}) {
    CHECK(says(refused(with("library", library)), "'library'"));
  }
  for (const char* const id : {"x", "nodots", "Org.example", "org..x", ".org.x", "org.x.",
                               "org/x.y", "org.ex\xc3\xa4mple"}) {
    CHECK(says(refused(with("id", id)), "'id'"));
  }
  for (const char* const version : {"1", "1.2", "1.2.3.4", "v1.2.3", "1..3", "1.2.3 x",
                                    "1.2.3-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}) {
    CHECK(says(refused(with("version", version)), "'version'"));
  }
  CHECK(Manifest::parse(with("version", "1.2.3-rc.1+b5").dump()).has_value());
}

TEST_CASE("manifest: a key or a rule that stands twice is refused") {
  std::string text = valid().dump();
  text.insert(1, R"("id": "org.example.other", )");
  const auto twice = Manifest::parse(text);
  REQUIRE_FALSE(twice.has_value());
  CHECK(says(twice.error(), "key 'id' stands twice"));
  json rules = valid()["rules"];
  rules.push_back(rules[0]);
  CHECK(says(refused(with("rules", rules)), "'a-rule' twice"));
}

TEST_CASE("manifest: bytes that are no JSON, too deep or too many are refused") {
  const auto code = [](const std::string& text) { return Manifest::parse(text).error().code(); };
  CHECK(code("") == ErrorCode::kCorrupt);
  CHECK(code("{") == ErrorCode::kCorrupt);
  CHECK(code("[]") == ErrorCode::kCorrupt);
  CHECK(code("null") == ErrorCode::kCorrupt);
  CHECK(code(valid().dump() + "x") == ErrorCode::kCorrupt);
  CHECK(code("{\"id\": \"\xff\xfe\"}") == ErrorCode::kCorrupt);
  CHECK(code("{\"id\": 1e999}") == ErrorCode::kCorrupt);
  CHECK(code(std::string(500'000, '[')) == ErrorCode::kLimit);
  CHECK(code(std::string(limits::kMaxManifest + 1, ' ')) == ErrorCode::kLimit);
  const auto broken = Manifest::parse("{\n  \"id\": nonsense}");
  CHECK(says(broken.error(), "line 2"));
}

TEST_CASE("configuration schema: what meridian_config cannot carry is refused by name") {
  CHECK(says(refused(with_option(R"({"$ref": "#"})")), "'type' must be"));
  CHECK(says(refused(with_option(R"({"type": "string", "$ref": "#"})")), "'$ref' is not taken"));
  CHECK(says(refused(with_option(R"({"type": "object"})")), "option 'o': 'type' must be"));
  CHECK(says(refused(with_option(R"({"type": ["string", "null"]})")), "'type' must be"));
  CHECK(says(refused(with_option(R"({"type": "string", "pattern": "(a*)*b"})")), "'pattern'"));
  CHECK(says(refused(with_option(R"({"type": "integer", "multipleOf": 0})")), "'multipleOf'"));
  CHECK(says(refused(with_option(R"({"type": "array"})")), "needs 'items'"));
  CHECK(
      says(refused(with_option(R"({"type": "array", "items": {"type": "integer"}})")), "'items'"));
  CHECK(says(refused(with_option(R"({"type": "integer", "default": "x"})")), "default"));
  CHECK(says(refused(with_option(R"({"type": "string", "minLength": "x"})")), "schema"));
  CHECK(says(refused(with("configuration", {{"type", "array"}})), "'type' must be object"));
  CHECK(says(refused(with("configuration", {{"definitions", json::object()}})), "'definitions'"));
  CHECK(says(refused(with("configuration", {{"additionalProperties", true}})),
             "'additionalProperties'"));
  CHECK(says(refused(with("configuration", {{"required", {"absent"}}})), "'required'"));
}
