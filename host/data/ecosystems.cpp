// SPDX-License-Identifier: Apache-2.0
#include "data/ecosystems.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace meridian::data {

namespace {

struct Known {
  std::string_view word, name, order;
};

/// Words of the OSV schema, types of package URLs, words of Grype's database.
constexpr std::array kLanguages = {Known{"npm", "npm", "semver"},
                                   Known{"PyPI", "pypi", "pep440"},
                                   Known{"pypi", "pypi", "pep440"},
                                   Known{"python", "pypi", "pep440"},
                                   Known{"Maven", "maven", "maven"},
                                   Known{"maven", "maven", "maven"},
                                   Known{"java-archive", "maven", "maven"},
                                   Known{"Go", "golang", "go"},
                                   Known{"golang", "golang", "go"},
                                   Known{"go-module", "golang", "go"},
                                   Known{"crates.io", "cargo", "semver"},
                                   Known{"cargo", "cargo", "semver"},
                                   Known{"rust-crate", "cargo", "semver"},
                                   Known{"RubyGems", "gem", "rubygems"},
                                   Known{"gem", "gem", "rubygems"},
                                   Known{"NuGet", "nuget", "nuget"},
                                   Known{"nuget", "nuget", "nuget"},
                                   Known{"dotnet", "nuget", "nuget"},
                                   Known{"Packagist", "composer", "composer"},
                                   Known{"composer", "composer", "composer"},
                                   Known{"php-composer", "composer", "composer"}};

/// ID of os-release, the order of its packages' versions.
constexpr std::array kDistributions = {Known{"debian", "debian", "dpkg"},
                                       Known{"ubuntu", "ubuntu", "dpkg"},
                                       Known{"alpine", "alpine", "apk"},
                                       Known{"wolfi", "wolfi", "apk"},
                                       Known{"chainguard", "chainguard", "apk"},
                                       Known{"rhel", "rhel", "rpm"},
                                       Known{"redhat", "rhel", "rpm"},
                                       Known{"almalinux", "almalinux", "rpm"},
                                       Known{"alma", "almalinux", "rpm"},
                                       Known{"rocky", "rocky", "rpm"},
                                       Known{"rockylinux", "rocky", "rpm"},
                                       Known{"centos", "centos", "rpm"},
                                       Known{"fedora", "fedora", "rpm"},
                                       Known{"amzn", "amzn", "rpm"},
                                       Known{"amazonlinux", "amzn", "rpm"},
                                       Known{"ol", "ol", "rpm"},
                                       Known{"oraclelinux", "ol", "rpm"},
                                       Known{"sles", "sles", "rpm"},
                                       Known{"suse", "sles", "rpm"},
                                       Known{"opensuse-leap", "opensuse-leap", "rpm"},
                                       Known{"mariner", "mariner", "rpm"},
                                       Known{"azurelinux", "azurelinux", "rpm"},
                                       Known{"openeuler", "openeuler", "rpm"},
                                       Known{"photon", "photon", "rpm"}};

/// Those that number their releases by one number; a minor one gets the same fixes.
bool has_major_only(std::string_view id) {
  constexpr std::array kMajor = {"rhel", "almalinux", "rocky", "centos", "ol", "debian", "fedora"};
  return std::find(kMajor.begin(), kMajor.end(), id) != kMajor.end();
}

bool is_rolling(std::string_view id) { return id == "wolfi" || id == "chainguard"; }

template <typename Table>
const Known* find(const Table& table, std::string_view word) {
  const auto found =
      std::find_if(table.begin(), table.end(), [&](const Known& one) { return one.word == word; });
  return found == table.end() ? nullptr : &*found;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

/// What OSV calls distributions.
constexpr std::array kOsvDistributions = {
    std::pair{"Debian", "debian"},        std::pair{"Ubuntu", "ubuntu"},
    std::pair{"Alpine", "alpine"},        std::pair{"AlmaLinux", "almalinux"},
    std::pair{"Rocky Linux", "rocky"},    std::pair{"Wolfi", "wolfi"},
    std::pair{"Chainguard", "chainguard"}};

}  // namespace

std::optional<Ecosystem> distribution(std::string_view id, std::string_view version) {
  const Known* const known = find(kDistributions, id);
  if (known == nullptr) return std::nullopt;
  const std::string name(known->name), order(known->order);
  if (is_rolling(name)) return Ecosystem{name, order};
  if (version.starts_with('v')) version.remove_prefix(1);
  if (has_major_only(name)) version = version.substr(0, version.find('.'));
  if (name == "alpine") {
    const std::size_t dot = version.find('.');
    if (dot != std::string_view::npos) version = version.substr(0, version.find('.', dot + 1));
  }
  if (version.empty()) {
    if (name != "debian") return std::nullopt;
    version = "unstable";
  }
  return Ecosystem{name + ":" + std::string(version), order};
}

std::optional<Ecosystem> osv_ecosystem(std::string_view name) {
  if (const Known* const known = find(kLanguages, name)) {
    return Ecosystem{std::string(known->name), std::string(known->order)};
  }
  const std::size_t colon = name.find(':');
  const std::string_view base = name.substr(0, colon);
  std::string_view release =
      colon == std::string_view::npos ? std::string_view() : name.substr(colon + 1);
  for (const auto& [word, id] : kOsvDistributions) {
    if (base != word) continue;
    // "22.04:LTS" is what everybody gets; "Pro:22.04:LTS" is not.
    if (release.starts_with("Pro")) return std::nullopt;
    release = release.substr(0, release.find(':'));
    // Without a release a record would be of all of them, which no order of versions allows.
    if (release.empty() && !is_rolling(id)) return std::nullopt;
    return distribution(id, release);
  }
  return std::nullopt;
}

std::optional<Ecosystem> language(std::string_view type) {
  const Known* const known = find(kLanguages, type);
  if (known == nullptr) return std::nullopt;
  return Ecosystem{std::string(known->name), std::string(known->order)};
}

std::string normalised(std::string_view ecosystem, std::string_view package) {
  if (ecosystem == "nuget" || ecosystem == "composer") return lower(package);
  if (ecosystem != "pypi") return std::string(package);
  std::string result;
  for (const char c : lower(package)) {
    const bool separates = c == '-' || c == '_' || c == '.';
    if (separates && !result.empty() && result.back() == '-') continue;
    result += separates ? '-' : c;
  }
  return result;
}

}  // namespace meridian::data
