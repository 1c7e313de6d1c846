// SPDX-License-Identifier: Apache-2.0
#include "merge.hpp"

#include <algorithm>
#include <utility>

namespace meridian::packages {

Merge::Identity Merge::identity(const Package& package) {
  return {package.type, package.name, package.version, package.arch};
}

void Merge::add(std::uint32_t layer, const std::string& path, bool visible,
                const std::vector<Package>& packages) {
  for (const Package& package : packages) {
    const Identity key = identity(package);
    const std::uint32_t lowest = lowest_.emplace(std::pair(key, path), layer).first->second;
    if (!visible) continue;
    auto [found, is_new] = shown_.try_emplace(key);
    Component& component = found->second;
    if (is_new) {
      component.package = package;
      component.layer = lowest;
    }
    component.layer = std::min(component.layer, lowest);
    // What is installed says more than what is declared.
    component.package.kind = std::min(component.package.kind, package.kind);
    Package& known = component.package;
    if (known.source.empty()) {
      known.source = package.source;
      known.source_version = package.source_version;
    }
    known.licenses.insert(known.licenses.end(), package.licenses.begin(), package.licenses.end());
    component.paths.push_back(package.inside.empty() ? path : path + ":" + package.inside);
  }
}

void Merge::add_licenses(const std::string& package, std::vector<std::string> licenses) {
  licenses_[package] = std::move(licenses);
}

std::vector<Component> Merge::take(const Distribution& distribution) {
  const auto once = [](std::vector<std::string>& texts) {
    std::sort(texts.begin(), texts.end());
    texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  };
  std::vector<Component> components;
  for (auto& [key, component] : shown_) {
    Package& package = component.package;
    package.inside.clear();  // stands in the paths
    if (package.type == "deb") {
      const auto found = licenses_.find(package.name);
      if (found != licenses_.end()) package.licenses = found->second;
    }
    once(package.licenses);
    if (package.licenses.size() > kMaxLicenses) package.licenses.resize(kMaxLicenses);
    once(component.paths);
    component.purl = purl(package, distribution);
    components.push_back(std::move(component));
  }
  shown_.clear();
  lowest_.clear();
  return components;
}

}  // namespace meridian::packages
