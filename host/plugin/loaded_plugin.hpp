// SPDX-License-Identifier: Apache-2.0
//
// loaded_plugin.hpp: a plugin that is loaded, configured and subscribed: the tables and its wishes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/cancel.hpp"
#include "base/log.hpp"
#include "meridian/abi/plugin.h"
#include "meridian/result.hpp"
#include "plugin/catalog.hpp"

namespace meridian::plugin {

/// Copy of a meridian_file_filter.
struct FileFilter {
  std::vector<std::string> paths, names, exclude, magic;
  std::uint32_t mode_any = 0;
  std::uint64_t min_size = 0;
  std::uint64_t max_size = 0;  // 0: no bound
};

struct FileSubscription {
  std::uint32_t number = 0;
  FileFilter where;
};

struct PatternSubscription {
  std::uint32_t number = 0;
  std::string expression;
  bool caseless = false;
  bool binary = false;
  std::uint32_t context = 0;
  FileFilter where;
};

struct Subscriptions {
  std::vector<ManifestRule> rules;
  std::vector<FileSubscription> files;
  std::vector<PatternSubscription> patterns;
  std::vector<std::pair<std::uint32_t, meridian_target_kind>> targets;
  std::vector<FileSubscription> merged;
  bool layer_done = false;
  bool target_done = false;
  bool wants_layers() const { return !files.empty() || !patterns.empty() || layer_done; }
  bool wants_targets() const { return !targets.empty() || !merged.empty() || target_done; }
};

class LoadedPlugin {
 public:
  /// Loads the bundle's bytes from a sealed memfd (rtld_now | rtld_local), compares descriptor,
  /// note and manifest, creates, configures with `settings` (JSON, validated here) and subscribes;
  /// the declared rules must equal the manifest's. `log` and `cancel` outlive it.
  static Result<std::unique_ptr<LoadedPlugin>> load(const Bundle& bundle,
                                                    const std::string& settings,
                                                    const base::Log& log,
                                                    const base::Cancel& cancel);
  /// The same from a descriptor linked into this process (testing, fuzzing); rules are its own.
  static Result<std::unique_ptr<LoadedPlugin>> adopt(
      const meridian_descriptor* descriptor, const std::string& options,
      std::vector<std::pair<std::string, std::string>> rules, const base::Log& log,
      const base::Cancel& cancel);

  /// Destroys the instance; the library stays mapped until the process ends.
  ~LoadedPlugin();
  LoadedPlugin(const LoadedPlugin&) = delete;
  LoadedPlugin& operator=(const LoadedPlugin&) = delete;

  const std::string& id() const;
  const std::string& version() const;
  const std::string& sdk() const;
  const std::string& digest() const;        // "" when adopted
  const std::string& rules_digest() const;  // "" without rules
  const Subscriptions& subscriptions() const;
  const ManifestRule* rule(std::string_view id) const;  // null: not declared

  /// A copy whose slots are null where the plugin's table is older or has none; those that
  /// subscriptions() asks for, unit_begin and unit_end are there.
  const meridian_plugin_api& api() const;
  const void* instance() const;

 private:
  struct State;
  explicit LoadedPlugin(std::unique_ptr<State> state);
  static Result<std::unique_ptr<LoadedPlugin>> start(
      const meridian_descriptor* descriptor, const Bundle* bundle, const std::string& options,
      const std::vector<std::pair<std::string, std::string>>& rules, const base::Log& log,
      const base::Cancel& cancel);
  std::unique_ptr<State> state_;
};

}  // namespace meridian::plugin
