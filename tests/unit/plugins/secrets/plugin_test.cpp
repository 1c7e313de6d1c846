// SPDX-License-Identifier: Apache-2.0
//
// The plugin through its C++ face, with options and rules lent as the host lends them.
#include "inside.hpp"
#include "rule_source.hpp"
#include "secrets_plugin.hpp"

namespace meridian::secrets {
namespace {

meridian_status no_text(void*, meridian_str, meridian_str*) { return MERIDIAN_NOT_FOUND; }
meridian_status no_number(void*, meridian_str, double*) { return MERIDIAN_NOT_FOUND; }
meridian_status no_flag(void*, meridian_str, std::uint32_t*) { return MERIDIAN_NOT_FOUND; }
meridian_status flag_off(void*, meridian_str, std::uint32_t* ret) {
  *ret = 0;
  return MERIDIAN_OK;
}
meridian_status no_texts(void*, meridian_str, meridian_strings*) { return MERIDIAN_NOT_FOUND; }
meridian_status size_option(void* impl, meridian_str, std::int64_t* ret) {
  *ret = *static_cast<std::int64_t*>(impl);
  return MERIDIAN_OK;
}

Result<void> configure(SecretsPlugin& plugin, const std::string& name, const std::string& bytes,
                       std::int64_t max_file_size = 1000, decltype(&no_flag) flags = &no_flag) {
  const meridian_config options{sizeof options, 0,          &max_file_size, &no_text,
                                &size_option,   &no_number, flags,          &no_texts};
  const meridian_rule_file file{lend(name), lend(bytes)};
  const meridian_rule_data data{sizeof data, 0, &file, 1, nullptr, 0, nullptr, 0, nullptr, nullptr};
  return plugin.configure(Config(&options), RuleData(&data));
}

}  // namespace

TEST_CASE("plugin: no rules, wrong rules and wrong patterns are told by name") {
  SecretsPlugin plugin;
  CHECK(configure(plugin, "other.json", "{}").error().code() == ErrorCode::kMissingData);
  CHECK(configure(plugin, "secrets.json", "{").error().code() == ErrorCode::kCorrupt);
  const std::string pattern = R"(, "pattern": "tok_(", "keywords": ["tok_"], "confirm": [])";
  const auto wrong = configure(plugin, "secrets.json", rule_file(pattern));
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().message().find("a-rule") != std::string::npos);
  CHECK(configure(plugin, "secrets.json", rule_file(std::string(kRest)), 0).error().code() ==
        ErrorCode::kInvalid);
}

TEST_CASE("plugin: subscribes to every rule, within the size that was asked for") {
  SecretsPlugin plugin;
  REQUIRE(configure(plugin, "secrets.json", bundle_file("rules/secrets.json"), 5000));
  SecretsPlugin::Subscriptions on;
  plugin.subscribe(on);
  const auto rules = shipped_rules();
  CHECK(on.rules.size() == rules.size() + 1);  // and own-rule
  std::size_t content = 0;
  for (const Rule& rule : rules) content += rule.scope == Rule::Scope::kContent ? 1 : 0;
  REQUIRE(on.matches.size() == content + 1);  // and manifests of Kubernetes
  for (const auto& [wanted, handler] : on.matches) {
    CHECK(wanted.where.max_size <= 5000);
    CHECK(wanted.where.max_size > 0);
    CHECK(wanted.context <= 4096);
  }
  REQUIRE(on.files.size() == 4);
  CHECK(on.files[3].first.min_size == 5001);
  CHECK(on.targets.size() == 2);
}

TEST_CASE("plugin: without archives only databases and other encodings are asked for") {
  SecretsPlugin plugin;
  const std::string rules = bundle_file("rules/secrets.json");
  REQUIRE(configure(plugin, "secrets.json", rules, 5000, &flag_off));
  SecretsPlugin::Subscriptions on;
  plugin.subscribe(on);
  REQUIRE(on.files.size() == 2);
  CHECK(on.files[0].first.magic == encoded_magic());
  CHECK(on.files[1].first.min_size == 5001);
}

}  // namespace meridian::secrets
