// SPDX-License-Identifier: Apache-2.0
//
// plugin_set.hpp: the plugins of a scan: what the host knows of each wherever it runs, which names
// of files they want, and the lanes they run in.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lane/run.hpp"
#include "plugin/loaded_plugin.hpp"
#include "plugin/matcher.hpp"
#include "plugin/plugin_facts.hpp"

namespace meridian::lane {

/// Plugins that are loaded in this process, and the matchers made of all their wishes. Const once
/// made: workers share it.
struct LoadedSet {
  // Declared before the matchers, which refer to their subscriptions.
  std::vector<std::unique_ptr<plugin::LoadedPlugin>> plugins;
  std::shared_ptr<const plugin::Matcher> matcher;  // files of layers
  std::shared_ptr<const plugin::Matcher> merged;   // files of targets; null: nobody asked for them

  /// Takes all of them; kInvalid when the wishes cannot be compiled together, and none is taken.
  static Result<LoadedSet> make(std::vector<std::unique_ptr<plugin::LoadedPlugin>>& plugins,
                                plugin::DatabaseShelf* shelf = nullptr);
  /// The one of them that has patterns; nothing: none has, or several.
  static std::optional<std::size_t> sole_with_patterns(
      const std::vector<std::unique_ptr<plugin::LoadedPlugin>>& plugins);
};

/// A scan's view. The plugins of a lane stand together, in the order of its own list.
struct PluginSet {
  std::vector<std::shared_ptr<const plugin::PluginFacts>> plugins;
  std::shared_ptr<const plugin::Matcher> matcher;  // for wants()
  std::shared_ptr<const plugin::Matcher> merged;   // the same of targets' files; null: nobody asked
  std::shared_ptr<Lanes> lanes;

  /// Of plugins that were not started, since all that they would say is known: what is asked of
  /// them is an error. `sandbox`: the level that they were in.
  static PluginSet recalled(std::vector<plugin::PluginFacts> plugins, std::string sandbox);
  /// All of them in this process: `--isolation none`, tests of plugins, fuzzing.
  static PluginSet in_process(LoadedSet loaded);
};

/// The matchers of subscriptions; `what` says whether patterns are compiled too.
struct Matchers {
  std::shared_ptr<const plugin::Matcher> layer, merged;
  static Result<Matchers> compile(const std::vector<const plugin::Subscriptions*>& wishes,
                                  plugin::Matcher::What what,
                                  plugin::DatabaseShelf* shelf = nullptr);
};

}  // namespace meridian::lane
