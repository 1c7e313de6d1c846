// SPDX-License-Identifier: Apache-2.0
//
// plugin_list.hpp: `plugin list` and `plugin info`: what a bundle says of itself, without loading
// it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "report/format.hpp"

namespace meridian::report {

struct PluginRow {
  struct Rule {
    std::string id, title, severity, help;
  };
  struct Needs {
    std::uint64_t memory = 0, seconds_per_file = 0, scratch = 0;
    std::uint32_t threads = 0;
    bool jit = false;
    std::vector<std::string> privileges;
    bool pure_layer_function = true;
  };
  std::string id, version, summary, licence, directory, digest, rules_digest, abi;
  std::uint32_t model_version = 0;
  std::string configuration;  // JSON Schema as text; may be empty
  std::vector<Rule> rules;
  Needs needs;
};

/// JSON: {"schema": "meridian.plugins/1", "plugins": [...]}; JSON lines: one object a line.
std::string render_plugins(const std::vector<PluginRow>& rows, Format format);
/// Everything about one; in JSON one such object.
std::string render_plugin(const PluginRow& row, Format format);

}  // namespace meridian::report
