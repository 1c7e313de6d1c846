// SPDX-License-Identifier: Apache-2.0
#include "languages.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "json_text.hpp"
#include "text_fields.hpp"

namespace meridian::packages {
namespace {

constexpr auto kNone = std::string_view::npos;

bool starts_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

/// The text in the first pair of quotes; empty: there is none.
std::string_view first_quoted(std::string_view text) {
  const std::size_t open = text.find_first_of("\"'");
  if (open == kNone) return {};
  const std::size_t close = text.find(text[open], open + 1);
  return close == kNone ? std::string_view() : text.substr(open + 1, close - open - 1);
}

/// "1.15.0-x86_64-linux": RubyGems writes the platform behind the version, which has no "-".
std::string_view without_platform(std::string_view version) {
  return version.substr(0, version.find('-'));
}

}  // namespace

Parsed parse_python_metadata(std::string_view bytes) {
  const Stanza stanza = Stanza::take(bytes);
  Package package;
  package.type = "pypi";
  package.name = stanza["Name"];
  package.version = stanza["Version"];
  if (package.name.empty() || package.version.empty()) {
    return failed(ErrorCode::kCorrupt, "no Name or no Version in it");
  }
  const std::string_view expression = stanza["License-Expression"];
  const std::string_view license = expression.empty() ? stanza["License"] : expression;
  if (!license.empty() && license != "UNKNOWN") package.licenses.emplace_back(license);
  if (package.licenses.empty()) {
    for (const std::string_view classifier : stanza.all("Classifier")) {
      if (!starts_with(classifier, "License ::")) continue;
      package.licenses.emplace_back(trimmed(classifier.substr(classifier.rfind(':') + 1)));
    }
  }
  Collector out;
  out.add(std::move(package));
  return out.take();
}

Parsed parse_gemspec(std::string_view path, std::string_view bytes) {
  Package package;
  package.type = "gem";
  // "# stub: rake 13.0.6 ruby lib" says it without Ruby.
  for (std::size_t lines = 0; !bytes.empty() && lines < 1000; ++lines) {
    const std::string_view line = trimmed(take_line(bytes));
    constexpr std::string_view kStub = "# stub: ";
    if (starts_with(line, kStub)) {
      std::string_view words = line.substr(kStub.size());
      const std::size_t blank = std::min(words.find(' '), words.size());
      package.name = words.substr(0, blank);
      words.remove_prefix(std::min(blank + 1, words.size()));
      package.version = words.substr(0, words.find(' '));
    }
    const std::size_t equals = line.find('=');
    if (line.empty() || line[0] == '#' || equals == kNone) continue;
    const std::string_view target = trimmed(line.substr(0, equals));
    const std::string_view value = line.substr(equals + 1);
    if (ends_with(target, ".name") && package.name.empty()) package.name = first_quoted(value);
    if (ends_with(target, ".version") && package.version.empty()) {
      package.version = first_quoted(value);
    }
    if (ends_with(target, ".license")) package.licenses = {std::string(first_quoted(value))};
    if (ends_with(target, ".licenses")) {
      for (std::string_view rest = value; package.licenses.size() < kMaxLicenses;) {
        const std::string_view one = first_quoted(rest);
        if (one.empty()) break;
        package.licenses.emplace_back(one);
        rest.remove_prefix(static_cast<std::size_t>(one.data() - rest.data()) + one.size() + 1);
      }
    }
  }
  if (package.name.empty() || package.version.empty()) {
    // NAME-VERSION.gemspec
    std::string_view stem = path.substr(path.rfind('/') + 1);
    stem = stem.substr(0, stem.rfind('.'));
    std::size_t dash = stem.find('-');
    while (dash != kNone && dash + 1 < stem.size() &&
           (stem[dash + 1] < '0' || stem[dash + 1] > '9')) {
      dash = stem.find('-', dash + 1);
    }
    if (dash == kNone || dash == 0) {
      return failed(ErrorCode::kCorrupt, "neither it nor its name says name and version");
    }
    package.name = stem.substr(0, dash);
    package.version = without_platform(stem.substr(dash + 1));
  }
  Collector out;
  out.add(std::move(package));
  return out.take();
}

Parsed parse_gemfile_lock(std::string_view bytes) {
  Collector out;
  bool in_gem = false;
  while (!bytes.empty() && out.has_room()) {
    const std::string_view line = take_line(bytes);
    if (line.empty()) continue;
    if (line[0] != ' ') in_gem = line == "GEM";
    // "    rake (13.0.6)"; what it needs stands deeper.
    if (!in_gem || !starts_with(line, "    ") || starts_with(line, "     ")) continue;
    const std::size_t open = line.find(" (");
    if (open == kNone || open <= 4 || line.back() != ')') continue;
    Package package;
    package.type = "gem";
    package.kind = Kind::kDeclared;
    package.name = line.substr(4, open - 4);
    package.version = without_platform(line.substr(open + 2, line.size() - open - 3));
    out.add(std::move(package));
  }
  return out.take();
}

namespace {

void add_composer(Collector& out, const nlohmann::json& list, Kind kind) {
  if (!list.is_array()) return;
  for (const auto& one : list) {
    if (!out.has_room()) return;
    Package package;
    package.type = "composer";
    package.kind = kind;
    package.name = json_text(one, "name");
    package.version = json_text(one, "version");
    for (const auto& license : json_at(one, "license")) {
      if (license.is_string() && package.licenses.size() < kMaxLicenses) {
        package.licenses.push_back(license.get<std::string>());
      }
    }
    out.add(std::move(package));
  }
}

}  // namespace

Parsed parse_composer_installed(std::string_view bytes) {
  const auto json = parse_json(bytes);
  if (!json) return failed(json.error().code(), json.error().message());
  // Version 1 is the list itself.
  const auto& list = json->is_array() ? *json : json_at(*json, "packages");
  if (!list.is_array()) return failed(ErrorCode::kCorrupt, "no list of packages in it");
  Collector out;
  add_composer(out, list, Kind::kInstalled);
  return out.take();
}

Parsed parse_composer_lock(std::string_view bytes) {
  const auto json = parse_json(bytes);
  if (!json) return failed(json.error().code(), json.error().message());
  if (!json_at(*json, "packages").is_array()) {
    return failed(ErrorCode::kCorrupt, "no list of packages in it");
  }
  Collector out;
  add_composer(out, json_at(*json, "packages"), Kind::kDeclared);
  add_composer(out, json_at(*json, "packages-dev"), Kind::kDeclared);
  return out.take();
}

Parsed parse_cargo_lock(std::string_view bytes) {
  Collector out;
  Package package;
  bool in_package = false;
  const auto finish = [&] {
    if (in_package) out.add(std::move(package));
    package = {};
    package.type = "cargo";
    package.kind = Kind::kDeclared;
  };
  finish();
  while (!bytes.empty() && out.has_room()) {
    const std::string_view line = trimmed(take_line(bytes));
    if (!line.empty() && line[0] == '[') {
      finish();
      in_package = line == "[[package]]";
      continue;
    }
    const std::size_t equals = line.find('=');
    if (!in_package || equals == kNone) continue;
    const std::string_view key = trimmed(line.substr(0, equals));
    if (key == "name") package.name = unquoted(trimmed(line.substr(equals + 1)));
    if (key == "version") package.version = unquoted(trimmed(line.substr(equals + 1)));
  }
  finish();
  return out.take();
}

Parsed parse_dotnet_deps(std::string_view bytes) {
  const auto json = parse_json(bytes);
  if (!json) return failed(json.error().code(), json.error().message());
  const auto& libraries = json_at(*json, "libraries");
  if (!libraries.is_object()) return failed(ErrorCode::kCorrupt, "no libraries in it");
  Collector out;
  for (const auto& [key, value] : libraries.items()) {
    if (json_text(value, "type") != "package" || !out.has_room()) continue;
    const std::size_t slash = key.find('/');
    Package package;
    package.type = "nuget";
    package.name = key.substr(0, slash);
    if (slash != std::string::npos) package.version = key.substr(slash + 1);
    out.add(std::move(package));
  }
  return out.take();
}

}  // namespace meridian::packages
