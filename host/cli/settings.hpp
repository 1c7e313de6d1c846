// SPDX-License-Identifier: Apache-2.0
//
// settings.hpp: what the user sets for plugins and rules, from --config, --set and --rule.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "lane/plugin_set.hpp"
#include "meridian/result.hpp"
#include "plugin/catalog.hpp"
#include "scan/options.hpp"

namespace meridian::cli {

class Settings {
 public:
  /// `config`: path of a JSON file, or empty: {"plugins": {ID: {KEY: VALUE}}}. `set`: ID.KEY=VALUE,
  /// and wins. ID is an id or its unique last part. kInvalid names the file, the key and what is
  /// accepted.
  static Result<Settings> read(const plugin::Catalog& catalog, const std::string& config,
                               const std::vector<std::string>& set);

  /// The options of one plugin as JSON text, validated, defaults filled in.
  Result<std::string> of(const plugin::Manifest& manifest) const;

 private:
  std::map<std::string, std::string> objects_;  // plugin id -> JSON object
};

/// "ID/RULE=off|SEVERITY"; RULE must be one of the plugin's.
Result<std::map<std::string, scan::RuleOverride>> parse_rules(
    const lane::PluginSet& set, const std::vector<std::string>& texts);

}  // namespace meridian::cli
