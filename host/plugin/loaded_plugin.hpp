// SPDX-License-Identifier: Apache-2.0
//
// loaded_plugin.hpp: a plugin that is loaded, configured and subscribed: the tables and its wishes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/cancel.hpp"
#include "base/log.hpp"
#include "base/unique_fd.hpp"
#include "meridian/abi/plugin.h"
#include "meridian/result.hpp"
#include "plugin/catalog.hpp"
#include "plugin/kept_bytes.hpp"
#include "plugin/plugin_facts.hpp"

namespace meridian::plugin {

/// Where plugin code runs while it is loaded.
enum class LoadStep { kLoad, kCreate, kConfigure, kSubscribe };

/// The bundle's library, checked once more and sealed: for load(), here or in a lane.
Result<base::UniqueFd> seal_library(const Bundle& bundle);

class LoadedPlugin {
 public:
  /// Loads `library` (rtld_now | rtld_local), compares descriptor, note and manifest, creates,
  /// configures with `settings` (JSON, validated here) and subscribes; the declared rules must
  /// equal the manifest's. `log` and `cancel` outlive it; `on_step` hears of each step before it.
  /// `kept`: null if nothing is kept.
  using OnStep = std::function<void(LoadStep)>;
  static Result<std::unique_ptr<LoadedPlugin>> load(const Bundle& bundle, base::UniqueFd library,
                                                    const std::string& settings,
                                                    const base::Log& log,
                                                    const base::Cancel& cancel,
                                                    const OnStep& on_step, KeptBytes* kept);
  static Result<std::unique_ptr<LoadedPlugin>> load(const Bundle& bundle,
                                                    const std::string& settings,
                                                    const base::Log& log,
                                                    const base::Cancel& cancel);
  /// The same from a descriptor linked into this process (testing, fuzzing); rules and data are
  /// its own.
  static Result<std::unique_ptr<LoadedPlugin>> adopt(
      const meridian_descriptor* descriptor, const std::string& options,
      std::vector<std::pair<std::string, std::string>> rules, const base::Log& log,
      const base::Cancel& cancel, std::vector<DataFile> data = {});

  /// Destroys the instance; the library stays mapped until the process ends.
  ~LoadedPlugin();
  /// The same, and what the plugin said of it; afterwards only facts() may be asked.
  Result<void> destroy();
  LoadedPlugin(const LoadedPlugin&) = delete;
  LoadedPlugin& operator=(const LoadedPlugin&) = delete;

  const PluginFacts& facts() const;
  const std::string& id() const { return facts().id; }
  const Subscriptions& subscriptions() const { return facts().subscriptions; }

  /// A copy whose slots are null where the plugin's table is older or has none; those that
  /// subscriptions() asks for, unit_begin and unit_end are there.
  const meridian_plugin_api& api() const;
  const void* instance() const;

 private:
  struct State;
  explicit LoadedPlugin(std::unique_ptr<State> state);
  static Result<std::unique_ptr<LoadedPlugin>> start(
      const meridian_descriptor* descriptor, const Bundle* bundle, const std::string& options,
      const std::vector<std::pair<std::string, std::string>>& rules, std::vector<DataFile> data,
      const base::Log& log, const base::Cancel& cancel, const OnStep& on_step, KeptBytes* kept);
  std::unique_ptr<State> state_;
};

}  // namespace meridian::plugin
