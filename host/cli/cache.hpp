// SPDX-License-Identifier: Apache-2.0
//
// cache.hpp: the cache of a scan: where it is, what it knows of the plugins, what it is told at the
// end. What goes wrong with it costs no result: then more is read.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "cli/args.hpp"
#include "lane/plugin_set.hpp"
#include "lane/supervision.hpp"
#include "scan/cache/cached_scan.hpp"

namespace meridian::cli {

/// --cache, MERIDIAN_CACHE, /var/cache/meridian of root, $XDG_CACHE_HOME/meridian or
/// ~/.cache/meridian of others. Nothing: "none" was said, or there is no such place.
std::optional<std::string> cache_folder(const ScanArgs& args);

class ScanCache final : public lane::PatternKeep {
 public:
  /// An error: the folder that was named cannot be used; kRefused: it is not ours alone to write.
  /// Secrets are not kept, so with --show-secrets nothing is. `log` outlives it.
  static Result<std::unique_ptr<ScanCache>> open(const ScanArgs& args, const base::Log& log);

  bool is_used() const { return store_ != nullptr; }
  /// How redacted secrets are compared; null: no cache is used.
  std::shared_ptr<const scan::Seal> seal() const;
  /// The folders that must stay writable.
  std::vector<std::string> folders() const;

  /// The plugins as they were when they were last loaded, in the order of a set; nothing if one of
  /// them is not known, or (`full`) was in a lesser sandbox.
  std::optional<lane::PluginSet> recall_plugins(const std::vector<const plugin::Bundle*>& bundles,
                                                const std::vector<scan::PluginIdentity>& identities,
                                                bool full);
  /// What is known of the units of a scan; null: no cache is used. All outlive it, and this does.
  std::unique_ptr<scan::CachedScan> begin(const std::vector<scan::PluginIdentity>& identities,
                                          const store::Collection& collection,
                                          const scan::Plan& plan, const lane::PluginSet& set,
                                          const plugin::Quarantine& quarantine);
  /// Once all is said: the plugins that were loaded, but not those that `last_words` are of.
  void remember_plugins(const lane::PluginSet& set,
                        const std::vector<scan::PluginIdentity>& identities,
                        const std::vector<finding::Gap>& last_words);
  void tidy();
  std::string read(const std::string& lane) override;
  void write(const std::string& lane, const std::string& bytes) override;

 private:
  ScanCache() = default;
  scan::CacheKey plugin_key(const scan::PluginIdentity& identity) const;
  scan::CacheKey pattern_key(const std::string& lane) const;

  std::unique_ptr<scan::ResultStore> store_;
  scan::Circumstances circumstances_;
};

}  // namespace meridian::cli
