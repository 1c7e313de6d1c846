// SPDX-License-Identifier: Apache-2.0
#include "cli/settings.hpp"

#include <nlohmann/json.hpp>

#include "base/escape.hpp"
#include "base/json_bounds.hpp"
#include "base/limits.hpp"
#include "base/read_file.hpp"

namespace meridian::cli {

namespace {

using nlohmann::json;

bool is_called(const std::string& id, std::string_view name) {
  return id == name || std::string_view(id).substr(id.rfind('.') + 1) == name;
}

/// The one manifest that `name` means.
Result<const plugin::Manifest*> find(const plugin::Catalog& catalog, std::string_view name) {
  const plugin::Manifest* found = nullptr;
  for (const plugin::Bundle& bundle : catalog.bundles) {
    if (bundle.manifest.id == name) return &bundle.manifest;
    if (!is_called(bundle.manifest.id, name)) continue;
    if (found != nullptr) {
      return Error(ErrorCode::kInvalid, "'" + base::escape(name) + "' means " + found->id +
                                            " and " + bundle.manifest.id + ": give the whole id");
    }
    found = &bundle.manifest;
  }
  if (found == nullptr) {
    return Error(ErrorCode::kInvalid, "no plugin '" + base::escape(name) + "'");
  }
  return found;
}

/// The longest prefix of "io.example.x.key" that names a plugin, since ids hold dots themselves.
Result<const plugin::Manifest*> find_prefix(const plugin::Catalog& catalog, std::string_view path,
                                            std::string_view& key) {
  for (std::size_t dot = path.rfind('.'); dot != std::string_view::npos && dot > 0;
       dot = path.rfind('.', dot - 1)) {
    if (auto manifest = find(catalog, path.substr(0, dot))) {
      key = path.substr(dot + 1);
      return manifest;
    }
  }
  return Error(ErrorCode::kInvalid,
               "--set " + base::escape(path) + ": no plugin of that name; expected ID.KEY=VALUE");
}

Result<void> read_config(const plugin::Catalog& catalog, const std::string& path,
                         std::map<std::string, json>& objects) {
  MERIDIAN_TRY(const std::string text, base::read_own_file(path, limits::kMaxMetadataFile));
  const Error wrong(ErrorCode::kInvalid,
                    base::escape(path) + ": expected {\"plugins\": {ID: {KEY: VALUE}}}");
  if (!base::check_json_bounds(text)) return wrong;
  const json config = json::parse(text, nullptr, false);
  if (!config.is_object()) return wrong;
  for (const auto& [key, value] : config.items()) {
    if (key != "plugins" || !value.is_object()) {
      return Error(ErrorCode::kInvalid, base::escape(path) + ": key '" + base::escape(key) +
                                            "': accepted is \"plugins\"");
    }
    for (const auto& [name, options] : value.items()) {
      auto manifest = find(catalog, name);
      if (!manifest) return Error(manifest.error()).in(base::escape(path));
      if (!options.is_object()) return wrong;
      objects[(*manifest)->id] = options;
    }
  }
  return {};
}

}  // namespace

Result<Settings> Settings::read(const plugin::Catalog& catalog, const std::string& config,
                                const std::vector<std::string>& set) {
  std::map<std::string, json> objects;
  if (!config.empty()) MERIDIAN_CHECK(read_config(catalog, config, objects));
  for (const std::string& text : set) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) {
      return Error(ErrorCode::kInvalid, "--set " + base::escape(text) + ": expected ID.KEY=VALUE");
    }
    std::string_view key;
    MERIDIAN_TRY(const plugin::Manifest* manifest,
                 find_prefix(catalog, std::string_view(text).substr(0, equals), key));
    MERIDIAN_TRY(const std::string typed,
                 plugin::typed_setting(*manifest, key, std::string_view(text).substr(equals + 1)));
    objects[manifest->id].update(json::parse(typed, nullptr, false));
  }
  Settings settings;
  for (const auto& [id, object] : objects) settings.objects_[id] = object.dump();
  return settings;
}

Result<std::string> Settings::of(const plugin::Manifest& manifest) const {
  const auto found = objects_.find(manifest.id);
  return plugin::configure(manifest, found == objects_.end() ? "{}" : found->second);
}

Result<std::map<std::string, scan::RuleOverride>> parse_rules(
    const lane::PluginSet& set, const std::vector<std::string>& texts) {
  std::map<std::string, scan::RuleOverride> rules;
  for (const std::string& text : texts) {
    const std::size_t slash = text.find('/');
    const std::size_t equals = text.find('=', slash == std::string::npos ? 0 : slash);
    if (slash == std::string::npos || equals == std::string::npos) {
      return Error(ErrorCode::kInvalid,
                   "--rule " + base::escape(text) + ": expected ID/RULE=off|SEVERITY");
    }
    const std::string rule = text.substr(slash + 1, equals - slash - 1);
    const std::string value = text.substr(equals + 1);
    scan::RuleOverride change;
    change.off = value == "off";
    change.severity = finding::parse_severity(value);
    if (!change.off && !change.severity) {
      return Error(ErrorCode::kInvalid, "--rule " + base::escape(text) +
                                            ": expected off, critical, high, medium, low or info");
    }
    bool found = false;
    for (const auto& plugin : set.plugins) {
      if (!is_called(plugin->id, std::string_view(text).substr(0, slash))) continue;
      if (plugin->rule(rule) == nullptr) continue;
      rules[plugin->id + "/" + rule] = change;
      found = true;
    }
    if (!found) {
      return Error(ErrorCode::kInvalid,
                   "--rule " + base::escape(text) + ": no loaded plugin has that rule");
    }
  }
  return rules;
}

}  // namespace meridian::cli
