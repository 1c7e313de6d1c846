// SPDX-License-Identifier: Apache-2.0
//
// plugin_set.hpp: the plugins of one lane, loaded, with the matcher made of all their wishes.
#pragma once

#include <memory>
#include <vector>

#include "plugin/loaded_plugin.hpp"
#include "plugin/matcher.hpp"

namespace meridian::lane {

/// Const once made: workers share it.
struct PluginSet {
  // Declared before the matchers, which refer to their subscriptions.
  std::vector<std::unique_ptr<plugin::LoadedPlugin>> plugins;
  std::unique_ptr<plugin::Matcher> matcher;  // files of layers
  std::unique_ptr<plugin::Matcher> merged;   // files of targets; null: nobody asked for them

  /// kInvalid when the wishes cannot be compiled together.
  static Result<PluginSet> make(std::vector<std::unique_ptr<plugin::LoadedPlugin>> plugins);
};

}  // namespace meridian::lane
