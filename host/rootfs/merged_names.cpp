// SPDX-License-Identifier: Apache-2.0
#include "rootfs/merged_names.hpp"

#include <algorithm>
#include <set>

namespace meridian::rootfs {
namespace {

/// What the layers below call `path` of a layer that has these redirects.
std::string name_below(const std::string& path,
                       const std::map<std::string, std::string, std::less<>>& redirects) {
  std::string below;
  for (std::size_t end = 0; end < path.size();) {
    const std::size_t start = end == 0 ? 0 : end + 1;
    end = std::min(path.find('/', start), path.size());
    const auto redirect = redirects.find(std::string_view(path).substr(0, end));
    if (redirect != redirects.end() && redirect->second.front() == '/') {
      below = redirect->second.substr(1);
      continue;
    }
    if (!below.empty()) below += '/';
    below += redirect != redirects.end() ? redirect->second : path.substr(start, end - start);
  }
  return below;
}

}  // namespace

MergedNames::MergedNames(const std::vector<const std::vector<Redirect>*>& layers) {
  for (const std::vector<Redirect>* const redirects : layers) {
    std::map<std::string, std::string, std::less<>> by_path;
    for (const Redirect& redirect : *redirects) {
      if (!redirect.to.empty()) by_path[redirect.path.text()] = redirect.to;
    }
    Renamed renamed;
    for (const auto& [path, to] : by_path) renamed.emplace(name_below(path, by_path), path);
    layers_.push_back(std::move(renamed));
  }
}

std::vector<RootfsPath> MergedNames::of(const RootfsPath& path, std::size_t layer) const {
  std::set<std::string> names = {path.text()};
  for (std::size_t above = layer + 1; above < layers_.size(); ++above) {
    if (layers_[above].empty()) continue;
    std::set<std::string> more;
    for (const std::string& name : names) {
      for (std::size_t end = 0; end < name.size() && more.size() < kMaxNames;) {
        end = std::min(name.find('/', end == 0 ? 0 : end + 1), name.size());
        const auto range = layers_[above].equal_range(std::string_view(name).substr(0, end));
        for (auto it = range.first; it != range.second && more.size() < kMaxNames; ++it) {
          more.insert(it->second + name.substr(end));
        }
      }
    }
    for (const std::string& name : more) {
      if (names.size() < kMaxNames) names.insert(name);
    }
  }
  std::vector<RootfsPath> paths = {path};
  names.erase(path.text());
  for (const std::string& name : names) {
    if (auto parsed = RootfsPath::parse(name)) paths.push_back(*std::move(parsed));
  }
  return paths;
}

}  // namespace meridian::rootfs
