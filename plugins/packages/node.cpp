// SPDX-License-Identifier: Apache-2.0
#include "node.hpp"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "json_text.hpp"
#include "text_fields.hpp"

namespace meridian::packages {
namespace {

using Json = nlohmann::json;
constexpr auto kNone = std::string_view::npos;

Package declared(std::string_view name, std::string_view version) {
  Package package;
  package.type = "npm";
  package.kind = Kind::kDeclared;
  package.name = name;
  package.version = version;
  return package;
}

/// "MIT", {"type": "MIT"} or [{"type": "MIT"}, ...], as npm has had it.
std::vector<std::string> licenses_of(const Json& json) {
  std::vector<std::string> out;
  const auto add = [&out](const Json& one) {
    if (out.size() >= kMaxLicenses) return;
    if (one.is_string()) out.push_back(one.get<std::string>());
    if (one.is_object()) out.push_back(json_text(one, "type"));
  };
  add(json_at(json, "license"));
  if (json_at(json, "licenses").is_array()) {
    for (const Json& one : json_at(json, "licenses")) add(one);
  }
  return out;
}

/// Versions 2 and 3: paths of folders below the project.
void add_lock_packages(Collector& out, const Json& packages) {
  constexpr std::string_view kFolder = "node_modules/";
  for (const auto& [path, one] : packages.items()) {
    const std::size_t folder = path.rfind(kFolder);
    if (folder == std::string::npos || !one.is_object() || !out.has_room()) continue;
    const Json& link = json_at(one, "link");
    if (link.is_boolean() && link.get<bool>()) continue;
    // An alias has its real name beside it.
    std::string name = json_text(one, "name");
    if (name.empty()) name = path.substr(folder + kFolder.size());
    Package package = declared(name, json_text(one, "version"));
    package.licenses = licenses_of(one);
    out.add(std::move(package));
  }
}

/// Version 1: a tree of dependencies.
void add_lock_tree(Collector& out, const Json& root) {
  std::vector<const Json*> open = {&root};
  while (!open.empty() && out.has_room()) {
    const Json& dependencies = *open.back();
    open.pop_back();
    for (const auto& [key, one] : dependencies.items()) {
      if (!one.is_object() || !out.has_room()) continue;
      if (json_at(one, "dependencies").is_object()) open.push_back(&json_at(one, "dependencies"));
      // "npm:real@1.2.3" of an alias, "file:../x" of what is no package of the registry.
      std::string name = key, version = json_text(one, "version");
      if (version.rfind("npm:", 0) == 0) {
        const std::size_t at = version.rfind('@');
        if (at == std::string::npos || at <= 4) continue;
        name = version.substr(4, at - 4);
        version = version.substr(at + 1);
      }
      if (version.rfind("file:", 0) == 0) continue;
      out.add(declared(name, version));
    }
  }
}

}  // namespace

Parsed parse_package_json(std::string_view bytes) {
  const auto json = parse_json(bytes);
  if (!json) return failed(json.error().code(), json.error().message());
  Package package;
  package.type = "npm";
  package.name = json_text(*json, "name");
  package.version = json_text(*json, "version");
  if (package.name.empty() || package.version.empty()) return {};
  package.licenses = licenses_of(*json);
  Collector out;
  out.add(std::move(package));
  return out.take();
}

Parsed parse_npm_lock(std::string_view bytes) {
  const auto json = parse_json(bytes);
  if (!json) return failed(json.error().code(), json.error().message());
  Collector out;
  if (json_at(*json, "packages").is_object()) {
    add_lock_packages(out, json_at(*json, "packages"));
  } else if (json_at(*json, "dependencies").is_object()) {
    add_lock_tree(out, json_at(*json, "dependencies"));
  } else if (json_at(*json, "lockfileVersion").is_null()) {
    return failed(ErrorCode::kCorrupt, "is no lock file of npm");
  }
  return out.take();
}

namespace {

/// The name in "@babel/core@^7.0.0", "alias@npm:real@1" or "foo@npm:1.2.3"; empty: none.
std::string_view name_in(std::string_view specifier) {
  std::size_t at = specifier.find('@', 1);
  if (at == kNone) return {};
  constexpr std::string_view kNpm = "npm:";
  const std::string_view rest = specifier.substr(at + 1);
  if (rest.substr(0, kNpm.size()) == kNpm) {
    const std::string_view real = rest.substr(kNpm.size());
    if (real.empty()) return {};
    const std::size_t second = real.find('@', 1);
    if (second != kNone) return real.substr(0, second);
  }
  return specifier.substr(0, at);
}

}  // namespace

Parsed parse_yarn_lock(std::string_view bytes) {
  Collector out;
  std::string_view specifier;
  while (!bytes.empty() && out.has_room()) {
    const std::string_view line = take_line(bytes);
    if (line.empty() || line[0] == '#') continue;
    if (line[0] != ' ') {
      // The first of a list; all of one entry have the same name.
      std::string_view first = line.substr(0, line.find(','));
      if (!first.empty() && first.back() == ':') first.remove_suffix(1);
      if (!first.empty() && first.front() == '"') first.remove_prefix(1);
      if (!first.empty() && first.back() == '"') first.remove_suffix(1);
      specifier = first;
      continue;
    }
    const std::string_view field = trimmed(line);
    constexpr std::string_view kVersion = "version";
    if (line.substr(0, 3) == "   " || field.substr(0, kVersion.size()) != kVersion) continue;
    std::string_view value = field.substr(kVersion.size());
    if (value.empty() || (value[0] != ' ' && value[0] != ':')) continue;
    if (value[0] == ':') value.remove_prefix(1);
    value = unquoted(trimmed(value));
    const std::string_view name = name_in(specifier);
    const bool local = specifier.find("@workspace:") != kNone;
    if (!name.empty() && !local) out.add(declared(name, value));
    specifier = {};
  }
  return out.take();
}

Parsed parse_pnpm_lock(std::string_view bytes) {
  Collector out;
  bool in_packages = false;
  while (!bytes.empty() && out.has_room()) {
    const std::string_view line = take_line(bytes);
    if (line.empty()) continue;
    if (line[0] != ' ') {
      in_packages = line == "packages:";
      continue;
    }
    if (!in_packages || line.size() < 4 || line[2] == ' ' || line.substr(0, 2) != "  " ||
        line.back() != ':') {
      continue;
    }
    // "/foo/1.2.3:" (5), "/@scope/foo@1.2.3(react@18):" (6), "'@scope/foo@1.2.3':" (9)
    std::string_view key = unquoted(line.substr(2, line.size() - 3));
    if (!key.empty() && key.front() == '/') key.remove_prefix(1);
    key = key.substr(0, key.find('('));
    if (key.empty()) continue;
    const std::size_t scope = key.front() == '@' ? key.find('/') : 0;
    if (scope == kNone) continue;
    std::size_t cut = key.find('/', scope + 1);
    if (cut == kNone) cut = key.find('@', scope + 1);
    if (cut == kNone) continue;
    const std::string_view version = key.substr(cut + 1);
    out.add(declared(key.substr(0, cut), version.substr(0, version.find('_'))));  // peers of 5
  }
  return out.take();
}

}  // namespace meridian::packages
