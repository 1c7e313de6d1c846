// SPDX-License-Identifier: Apache-2.0
//
// merge.hpp: what a target has, from what each layer's files say.
//
// Only a file that shows counts: a database of an upper layer stands for those below it, and what a
// later layer deletes is not told.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "package.hpp"
#include "package_json.hpp"
#include "purl.hpp"

namespace meridian::packages {

class Merge {
 public:
  /// One fact of a layer, bottom layer first. `path`: the file that says it.
  void add(std::uint32_t layer, const std::string& path, bool visible,
           const std::vector<Package>& packages);
  /// What the visible copyright file of a Debian package says.
  void add_licenses(const std::string& package, std::vector<std::string> licenses);

  /// Sorted by type, name, version, architecture. A package that several files tell of is one
  /// component with their paths. Its layer is the lowest in which one of these files told of the
  /// same name, version and architecture.
  std::vector<Component> take(const Distribution& distribution);

 private:
  using Identity = std::tuple<std::string, std::string, std::string, std::string>;
  static Identity identity(const Package& package);

  std::map<Identity, Component> shown_;
  std::map<std::pair<Identity, std::string>, std::uint32_t> lowest_;  // by what and in which file
  std::map<std::string, std::vector<std::string>, std::less<>> licenses_;
};

}  // namespace meridian::packages
