// SPDX-License-Identifier: Apache-2.0
#include "purl.hpp"

#include <array>
#include <map>
#include <string_view>

#include "text_fields.hpp"

namespace meridian::packages {
namespace {

bool is_plain(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9') || letter == '-' || letter == '.' || letter == '_' ||
         letter == '~' || letter == ':';
}

std::string encoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char letter : text) {
    if (is_plain(letter)) {
      out += letter;
      continue;
    }
    const auto byte = static_cast<unsigned char>(letter);
    out += '%';
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

/// Parts between '/', each encoded; empty ones, "." and ".." are no parts (of a namespace).
std::string encoded_path(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t slash = text.find('/');
    const std::string_view part = text.substr(0, slash);
    text.remove_prefix(slash == std::string_view::npos ? text.size() : slash + 1);
    if (part.empty()) continue;
    if (!out.empty()) out += '/';
    out += encoded(part);
  }
  return out;
}

bool is_system(std::string_view type) {
  return type == "deb" || type == "rpm" || type == "apk" || type == "alpm";
}

struct Name {
  std::string space, name;
};

Name split_at(std::string_view whole, std::size_t at) {
  if (at == std::string_view::npos || at + 1 == whole.size()) return {"", std::string(whole)};
  return {std::string(whole.substr(0, at)), std::string(whole.substr(at + 1))};
}

/// Namespace and name as PURL-TYPES wants them of each type.
Name name_of(const Package& package, const Distribution& distribution) {
  const std::string_view type = package.type;
  if (is_system(type)) {
    return {lower(distribution.id), type == "rpm" ? package.name : lower(package.name)};
  }
  if (type == "maven") return split_at(package.name, package.name.find(':'));
  if (type == "npm") return split_at(package.name, package.name.rfind('/'));
  if (type == "golang" || type == "composer") {
    const std::string name = lower(package.name);
    return split_at(name, name.rfind('/'));
  }
  if (type == "pypi") {
    std::string name = lower(package.name);
    for (char& letter : name) letter = letter == '_' ? '-' : letter;
    return {"", name};
  }
  return {"", package.name};
}

std::string upstream(const Package& package) {
  if (package.source.empty()) return {};
  if (package.type == "rpm") {
    return package.source + "-" + package.source_version + ".src.rpm";
  }
  if (package.source == package.name && package.source_version == package.version) return {};
  if (package.source_version == package.version) return package.source;
  return package.source + "@" + package.source_version;
}

}  // namespace

std::string purl(const Package& package, const Distribution& distribution) {
  const Name name = name_of(package, distribution);
  std::string out = "pkg:" + package.type + "/";
  if (const std::string space = encoded_path(name.space); !space.empty()) out += space + "/";
  out += encoded(name.name);
  std::string version = package.version;
  std::map<std::string_view, std::string> qualifiers;
  if (package.type == "rpm") {
    if (const std::size_t colon = version.find(':'); colon != std::string::npos) {
      qualifiers["epoch"] = version.substr(0, colon);
      version.erase(0, colon + 1);
    }
  }
  if (!version.empty()) out += "@" + encoded(version);
  qualifiers["arch"] = package.arch;
  if (is_system(package.type) && !distribution.id.empty()) {
    qualifiers["distro"] =
        distribution.id + (distribution.version.empty() ? "" : "-" + distribution.version);
  }
  if (is_system(package.type)) qualifiers["upstream"] = upstream(package);
  char separator = '?';
  for (const auto& [key, value] : qualifiers) {
    if (value.empty()) continue;
    out.append(1, separator).append(key).append("=").append(encoded(value));
    separator = '&';
  }
  return out;
}

}  // namespace meridian::packages
