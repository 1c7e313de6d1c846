// SPDX-License-Identifier: Apache-2.0
#include "inventory.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>
#include <utility>

namespace meridian::vulnerabilities {
namespace {

constexpr std::string_view kSchema = "meridian.packages/1";
constexpr std::uint64_t kMaxOsRelease = 64 << 10;
constexpr std::size_t kMaxText = 512;

std::string text_of(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return "";
  const auto& text = found->get_ref<const std::string&>();
  return text.size() <= kMaxText ? text : "";
}

/// False: not of the schema.
bool parse_fact(std::string_view text, std::vector<Package>& into) {
  const auto document = nlohmann::json::parse(text, nullptr, false);
  if (!document.is_object()) return false;
  const auto list = document.find("packages");
  if (list == document.end() || !list->is_array()) return false;
  for (const auto& one : *list) {
    if (!one.is_object()) return false;
    Package package;
    package.type = text_of(one, "type");
    package.name = text_of(one, "name");
    package.version = text_of(one, "version");
    package.kind = text_of(one, "kind");
    if (const auto source = one.find("source"); source != one.end() && source->is_object()) {
      package.source = text_of(*source, "name");
      package.source_version = text_of(*source, "version");
    }
    if (package.type.empty() || package.name.empty()) return false;
    into.push_back(std::move(package));
  }
  return true;
}

/// Where only the system's package manager writes (Debian's policies of each language).
bool is_distributions(std::string_view path) {
  constexpr std::array kFolders = {"usr/lib/python3/dist-packages/",
                                   "usr/lib/python2.7/dist-packages/",
                                   "usr/share/nodejs/",
                                   "usr/share/rubygems-integration/",
                                   "usr/share/java/",
                                   "usr/share/maven-repo/",
                                   "usr/share/php/"};
  return std::any_of(kFolders.begin(), kFolders.end(),
                     [&](std::string_view folder) { return path.starts_with(folder); });
}

/// "python3-yaml", "py3-yaml" and "rubygem-rack" end in what the language calls it. Names that a
/// distribution makes up (python3-yaml is PyYAML) are found by the folder alone.
bool is_in(const std::set<std::string, std::less<>>& tails, const Package& package) {
  if (!package.path.starts_with("usr/") || package.path.starts_with("usr/local/")) return false;
  return tails.contains(normalised("pypi", package.name));
}

/// What stands in a system's package as well.
void drop_owned(std::vector<Package>& packages) {
  std::set<std::string, std::less<>> tails;
  bool any = false;
  for (const Package& package : packages) {
    if (!package.is_system()) continue;
    any = true;
    const std::size_t dash = package.name.find('-');
    if (dash == std::string::npos) continue;
    const std::string_view head = std::string_view(package.name).substr(0, dash);
    if (head.starts_with("py") || head.starts_with("ruby") || head.starts_with("node")) {
      tails.insert(normalised("pypi", package.name.substr(dash + 1)));
    }
  }
  if (!any) return;
  std::erase_if(packages, [&](const Package& package) {
    return !package.is_system() && package.kind == "installed" &&
           (is_distributions(package.path) || is_in(tails, package));
  });
}

std::string encoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~' || c == ':' || c == '/';
    if (plain) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

}  // namespace

Inventory inventory_of(const Facts& facts) {
  Inventory inventory;
  // By file and package: facts come bottom layer first.
  std::map<std::tuple<std::string, std::string, std::string, std::string>, std::uint32_t> lowest;
  std::set<std::tuple<std::string, std::string, std::string, std::string>> taken;
  for (std::size_t i = 0; i < facts.size(); ++i) {
    const Fact fact = facts[i];
    if (fact.key() != kSchema) continue;
    std::vector<Package> packages;
    if (!parse_fact(fact.value(), packages)) {
      if (fact.visible()) inventory.unread.emplace_back(fact.plugin());
      continue;
    }
    for (Package& package : packages) {
      const auto key =
          std::tuple(std::string(fact.path()), package.type, package.name, package.version);
      const auto first = lowest.emplace(key, fact.layer()).first;
      if (!fact.visible() || !taken.insert(key).second) continue;
      package.path = fact.path();
      package.layer = first->second;
      inventory.packages.push_back(std::move(package));
    }
  }
  drop_owned(inventory.packages);
  return inventory;
}

Distribution parse_os_release(std::string_view text) {
  Distribution found;
  std::string like;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    std::string_view value = line.substr(equals + 1);
    while (value.ends_with(' ') || value.ends_with('\r')) value.remove_suffix(1);
    const bool quoted = value.size() >= 2 && (value.front() == '"' || value.front() == '\'') &&
                        value.back() == value.front();
    if (quoted) value = value.substr(1, value.size() - 2);
    if (value.size() > kMaxText) continue;
    if (line.substr(0, equals) == "ID") found.id = value;
    if (line.substr(0, equals) == "VERSION_ID") found.version = value;
    if (line.substr(0, equals) == "ID_LIKE") like = value;
  }
  if (found.id.empty()) return found;
  const std::string major = found.version.substr(0, found.version.find('.'));
  std::string release = found.version;
  if (found.id == "alpine") {
    const std::size_t dot = release.find('.');
    if (dot != std::string::npos)
      release.resize(std::min(release.find('.', dot + 1), release.size()));
  }
  const bool by_major = found.id != "alpine" && found.id != "ubuntu" && found.id != "amzn" &&
                        found.id != "opensuse-leap" && found.id != "sles" && found.id != "photon";
  if (by_major) release = major;
  if (found.id == "wolfi" || found.id == "chainguard") {
    found.ecosystems.push_back(found.id);
  } else if (found.id == "debian" && release.empty()) {
    found.ecosystems.emplace_back("debian:unstable");  // testing has no number either
  } else if (!release.empty()) {
    found.ecosystems.push_back(found.id + ":" + release);
  }
  // Rebuilds of one source; without advisories of their own, its own hold for them.
  const bool rebuilt = found.id == "almalinux" || found.id == "rocky" || found.id == "centos";
  if (rebuilt && !major.empty()) found.ecosystems.push_back("rhel:" + major);
  return found;
}

Result<Distribution> distribution_of(const Tree& tree) {
  for (const char* const path : {"etc/os-release", "usr/lib/os-release"}) {
    const auto text = tree.read(path, kMaxOsRelease);
    if (text) return parse_os_release(*text);
    if (text.error().code() != ErrorCode::kNotFound) return Error(text.error()).in(path);
  }
  return Error(ErrorCode::kNotFound, "no os-release");
}

std::string normalised(std::string_view type, std::string_view name) {
  std::string result;
  const bool lower = type == "pypi" || type == "nuget" || type == "composer";
  for (char c : name) {
    if (lower && c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool separates = type == "pypi" && (c == '-' || c == '_' || c == '.');
    if (separates && result.ends_with('-')) continue;
    result += separates ? '-' : c;
  }
  return result;
}

std::string purl_of(const Package& package, const Distribution& distribution) {
  std::string space, name = normalised(package.type, package.name), version = package.version;
  if (package.is_system()) {
    space = distribution.id;
  } else {
    const std::size_t at = package.type == "maven" ? name.find(':') : name.rfind('/');
    if (at != std::string::npos) {
      space = name.substr(0, at);
      name.erase(0, at + 1);
    }
  }
  if (package.type == "rpm") version.erase(0, version.find(':') + 1);
  return "pkg:" + package.type + "/" + (space.empty() ? "" : encoded(space) + "/") + encoded(name) +
         (version.empty() ? "" : "@" + encoded(version));
}

}  // namespace meridian::vulnerabilities
