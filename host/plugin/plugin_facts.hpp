// SPDX-License-Identifier: Apache-2.0
//
// plugin_facts.hpp: what the host knows of a plugin that is configured and subscribed, wherever it
// runs. Values: they cross the lane's socket.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "plugin/subscriptions.hpp"

namespace meridian::plugin {

struct PluginFacts {
  std::string id;
  std::string version;
  std::string sdk;
  std::string digest;        // "sha256:..." of the library; "" when adopted
  std::string rules_digest;  // "" without rules
  Subscriptions subscriptions;

  /// Null: not declared. Lives as long as these facts.
  const ManifestRule* rule(std::string_view rule_id) const {
    const auto& rules = subscriptions.rules;
    const auto found = std::lower_bound(
        rules.begin(), rules.end(), rule_id,
        [](const ManifestRule& rule, std::string_view wanted) { return rule.id < wanted; });
    return found == rules.end() || found->id != rule_id ? nullptr : &*found;
  }
};

}  // namespace meridian::plugin
