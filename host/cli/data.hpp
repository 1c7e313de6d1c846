// SPDX-License-Identifier: Apache-2.0
//
// data.hpp: the folder of imported databases, and what of it plugins are given.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "cli/args.hpp"
#include "finding/report.hpp"
#include "plugin/catalog.hpp"

namespace meridian::cli {

inline constexpr const char* kRootsDataFolder = "/var/lib/meridian/data";
/// --data-dir, MERIDIAN_DATA.
std::optional<std::string> named_data_folder(const GlobalArgs& args);
/// That; else of root kRootsDataFolder, of others XDG's. Nothing: no home.
std::optional<std::string> data_folder(const GlobalArgs& args);

/// Feeds change daily; after this a scan says that its data are old.
inline constexpr std::chrono::hours kOldData{7 * 24};

/// "3 days": how long ago `date` was; empty: no date.
std::string age_text(const std::string& date);

/// What each plugin was given, by its id.
class GivenData {
 public:
  /// As a report has it; none for a plugin that asks for nothing.
  std::vector<finding::DataEntry> of(const std::string& plugin) const;
  /// It asks for something that is not there.
  bool lacks(const std::string& plugin) const;
  /// One gap for each database of which some feed is older.
  std::vector<finding::Gap> older_than(std::chrono::milliseconds age) const;
  /// Forgets all others.
  void keep_only(const std::vector<std::string>& plugins);

 private:
  friend GivenData give_data(const std::optional<std::string>& folder, plugin::Catalog& catalog,
                             const base::Log& log);
  std::map<std::string, std::vector<finding::DataEntry>> entries_;
};

/// Opens and maps what the bundles ask for and has them know it, their rules_digest too. What is
/// not there, or no database of that schema, is said and left out: the plugin says of what target
/// it knows nothing.
GivenData give_data(const std::optional<std::string>& folder, plugin::Catalog& catalog,
                    const base::Log& log);

}  // namespace meridian::cli
