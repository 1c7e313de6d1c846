// SPDX-License-Identifier: Apache-2.0
#include "cli/plugins.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "base/escape.hpp"
#include "cli/settings.hpp"
#include "lane/remote_lanes.hpp"
#include "lane/sandbox_probe.hpp"
#include "plugin/matcher.hpp"
#include "plugin/own_bundles.hpp"
#include "scan/quarantining.hpp"

#ifndef MERIDIAN_PLUGIN_DIR
#define MERIDIAN_PLUGIN_DIR "../lib/meridian/plugins"
#endif

namespace meridian::cli {

namespace {

/// Beside the program: an installation may stand anywhere.
std::string installed_plugins() {
  std::error_code failed;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", failed);
  return failed ? "" : (program.parent_path() / MERIDIAN_PLUGIN_DIR).lexically_normal().string();
}

/// Ids of the bundles that the names mean.
Result<std::vector<std::string>> ids_of(const plugin::Catalog& catalog,
                                        const std::vector<std::string>& names) {
  std::vector<std::string> ids;
  for (const std::string& name : names) {
    MERIDIAN_TRY(const plugin::Bundle* bundle, find_bundle(catalog, name));
    ids.push_back(bundle->manifest.id);
  }
  return ids;
}

bool contains(const std::vector<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

/// Of those that the user named, also what they read facts of.
void add_needed(const plugin::Catalog& catalog, std::vector<std::string>& ids) {
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const std::string id = ids[i];
    for (const plugin::Bundle& bundle : catalog.bundles) {
      if (bundle.manifest.id != id) continue;
      for (const std::string& needed : bundle.manifest.needs.plugins) {
        if (!contains(ids, needed)) ids.push_back(needed);
      }
    }
  }
}

/// Without one of these it would find nothing and call that clean.
std::optional<scan::AbsentPlugin> lacks(const plugin::Bundle& bundle,
                                        const plugin::Catalog& catalog,
                                        const std::vector<std::string>& skip) {
  for (const std::string& needed : bundle.manifest.needs.plugins) {
    if (contains(skip, needed)) {
      return scan::AbsentPlugin{bundle.manifest.id, finding::PairResult::kSkipped,
                                "it needs " + needed + ", which the user switched off"};
    }
    const auto is_it = [&](const plugin::Bundle& other) { return other.manifest.id == needed; };
    if (std::none_of(catalog.bundles.begin(), catalog.bundles.end(), is_it)) {
      return scan::AbsentPlugin{bundle.manifest.id, finding::PairResult::kError,
                                "it needs the plugin " + needed + ", which is not there"};
    }
  }
  return std::nullopt;
}

/// True: it is kept out as a whole.
bool is_quarantined(const plugin::Bundle& bundle, const plugin::Quarantine& quarantine,
                    Plugins& plugins, const base::Log& log) {
  const std::string& id = bundle.manifest.id;
  const auto* const record = quarantine.find({id, bundle.digest, bundle.rules_digest}, "");
  if (record == nullptr) return false;
  const std::string reason = scan::quarantine_reason(quarantine, *record);
  log.warn("plugin " + id + ": " + reason);
  plugins.absent.push_back({id, finding::PairResult::kError, reason, finding::GapKind::kQuarantined,
                            quarantine.clear_command(*record)});
  return true;
}

Result<std::vector<Chosen>> choose(const PluginArgs& args, const plugin::Quarantine& quarantine,
                                   Plugins& plugins, const base::Log& log) {
  MERIDIAN_TRY(auto only, ids_of(plugins.catalog, args.only));
  add_needed(plugins.catalog, only);
  MERIDIAN_TRY(const auto skip, ids_of(plugins.catalog, args.skip));
  MERIDIAN_TRY(auto settings, Settings::read(plugins.catalog, args.config, args.settings));
  std::vector<Chosen> chosen;
  for (const plugin::Bundle& bundle : plugins.catalog.bundles) {
    const std::string& id = bundle.manifest.id;
    if (contains(skip, id) || (!only.empty() && !contains(only, id))) {
      plugins.absent.push_back({id, finding::PairResult::kSkipped, "switched off by the user"});
      continue;
    }
    if (auto absent = lacks(bundle, plugins.catalog, skip)) {
      if (absent->result == finding::PairResult::kError) {
        log.error("plugin " + id + ": " + absent->reason);
      }
      plugins.absent.push_back(*std::move(absent));
      continue;
    }
    // A wrong option is the user's mistake and ends the command; the plugin's own is its own.
    MERIDIAN_TRY(std::string options, settings.of(bundle.manifest));
    if (is_quarantined(bundle, quarantine, plugins, log)) continue;
    chosen.push_back({&bundle, std::move(options)});
  }
  return chosen;
}

void note_failure(const lane::LoadFailure& failure, Plugins& plugins, const base::Log& log) {
  log.error("plugin " + failure.plugin + ": " + failure.message);
  plugins.absent.push_back({failure.plugin, finding::PairResult::kError,
                            "did not load: " + failure.message, failure.kind});
}

lane::LoadFailure failure_of(const std::string& id, const Error& error) {
  return {id, finding::gap_kind(error.code()), error.message()};
}

/// One plugin whose patterns do not compile costs itself, not the scan. Each is tried by itself
/// only where several have some: of one, the set of all says it too.
Result<lane::LoadedSet> compile_together(std::vector<std::unique_ptr<plugin::LoadedPlugin>>& loaded,
                                         Plugins& plugins, const base::Log& log) {
  const auto sole = lane::LoadedSet::sole_with_patterns(loaded);
  if (!sole && loaded.size() > 1) {
    std::erase_if(loaded, [&](const std::unique_ptr<plugin::LoadedPlugin>& plugin) {
      const plugin::Subscriptions& wishes = plugin->facts().subscriptions;
      if (wishes.patterns.empty()) return false;
      const auto compiled = plugin::Matcher::compile({&wishes});
      if (!compiled) note_failure(failure_of(plugin->facts().id, compiled.error()), plugins, log);
      return !compiled;
    });
  }
  auto set = lane::LoadedSet::make(loaded);
  if (set || !sole || loaded.size() < 2) return set;
  note_failure(failure_of(loaded[*sole]->facts().id, set.error()), plugins, log);
  loaded.erase(loaded.begin() + static_cast<std::ptrdiff_t>(*sole));
  return lane::LoadedSet::make(loaded);
}

Result<void> load_in_process(const std::vector<Chosen>& chosen, Plugins& plugins,
                             const base::Log& log, const base::Cancel& cancel) {
  std::vector<std::unique_ptr<plugin::LoadedPlugin>> loaded;
  for (const Chosen& one : chosen) {
    auto plugin = plugin::LoadedPlugin::load(*one.bundle, one.options, log, cancel);
    if (plugin) {
      loaded.push_back(*std::move(plugin));
    } else {
      note_failure(failure_of(one.bundle->manifest.id, plugin.error()), plugins, log);
    }
  }
  MERIDIAN_TRY(auto set, compile_together(loaded, plugins, log));
  plugins.set = lane::PluginSet::in_process(std::move(set));
  return {};
}

/// Beside the folder of installed plugins.
std::string own_bundles_path() {
  return (std::filesystem::path(installed_plugins()).parent_path() / "own-bundles").string();
}

/// What is remembered of plugins that broke the process in which they were loaded: of each whole.
std::vector<plugin::QuarantineRecord> faults_of(const std::vector<lane::LoadFailure>& failures,
                                                const std::vector<Chosen>& chosen,
                                                const Running& running) {
  std::vector<plugin::QuarantineRecord> faults;
  for (const lane::LoadFailure& failure : failures) {
    const auto one = std::find_if(chosen.begin(), chosen.end(), [&](const Chosen& bundle) {
      return bundle.bundle->manifest.id == failure.plugin;
    });
    if (!failure.broke || one == chosen.end()) continue;
    plugin::QuarantineRecord fault;
    fault.plugin = {failure.plugin, one->bundle->digest, one->bundle->rules_digest};
    fault.kind = failure.kind;
    fault.message = failure.message;
    if (failure.kind == finding::GapKind::kTimeout) fault.limit = running.timeout;
    faults.push_back(std::move(fault));
  }
  return faults;
}

Result<void> load_in_lanes(const std::vector<Chosen>& chosen, const Running& running,
                           ScanQuarantine& quarantine, ScanCache& cache, Plugins& plugins,
                           const base::Log& log, const base::Cancel& cancel) {
  std::set<std::string> own;
  if (running.isolation == Isolation::kAuto) {
    auto listed = plugin::read_own_bundles(own_bundles_path());
    if (listed) {
      own = *std::move(listed);
    } else {
      log.debug("no bundle counts as of this build: " + listed.error().message());
    }
  }
  std::vector<std::vector<lane::BundleOrder>> groups;
  std::vector<lane::BundleOrder> together;
  for (const Chosen& one : chosen) {
    auto order = lane::BundleOrder::make(*one.bundle, one.options);
    if (!order) {
      note_failure(failure_of(one.bundle->manifest.id, order.error()), plugins, log);
    } else if (own.contains(one.bundle->digest)) {
      together.push_back(*std::move(order));
    } else {
      groups.emplace_back().push_back(*std::move(order));
    }
  }
  if (!together.empty()) groups.push_back(std::move(together));
  lane::LaneSettings settings;
  if (cache.is_used()) settings.patterns = &cache;
  settings.patience.callback = running.timeout;
  // Rules are read while it loads: never less than seconds.
  settings.patience.load =
      std::max<std::chrono::milliseconds>(running.timeout, std::chrono::seconds(5));
  // A lane writes to no file, so what it says would end it there (SIGXFSZ).
  struct stat words {};
  const bool to_file = ::fstat(STDERR_FILENO, &words) != 0 || S_ISREG(words.st_mode);
  if (log.threshold() <= base::LogLevel::kDebug && !to_file) {
    settings.words = lane::Spawner::Words::kShown;
  }
  MERIDIAN_TRY(auto started, lane::start_lanes(std::move(groups), settings, log, cancel));
  for (const lane::LoadFailure& failure : started.failures) {
    note_failure(failure, plugins, log);
  }
  quarantine.remember(faults_of(started.failures, chosen, running));
  for (const std::string& note : started.notes) log.info(note);
  plugins.set = std::move(started.set);
  return {};
}

Error lesser_sandbox(const std::string& level) {
  return Error(ErrorCode::kInvalid, "--require-sandbox full: the sandbox here is " + level +
                                        "; `meridian doctor` says what would make it full");
}

/// Before any plugin code runs in a lesser one.
Result<void> check_sandbox(const Running& running) {
  if (running.isolation == Isolation::kNone) return lesser_sandbox("none");
  MERIDIAN_TRY(const lane::SandboxLevel level, lane::probe_sandbox());
  if (!level.is_full()) return lesser_sandbox(level.text());
  return {};
}

/// Who they are to a cache: what a plugin says may depend on what it is let do.
Result<void> identify(const Running& running, Plugins& plugins) {
  std::string level = "none";
  if (running.isolation != Isolation::kNone) {
    MERIDIAN_TRY(const lane::SandboxLevel probed, lane::probe_sandbox());
    level = probed.text();
  }
  for (const Chosen& one : plugins.chosen) {
    plugins.identities.push_back(scan::identity_of(*one.bundle, one.options, level));
  }
  return {};
}

/// True: nothing was missing.
bool recall(const Running& running, ScanCache& cache, Plugins& plugins) {
  std::vector<const plugin::Bundle*> bundles;
  for (const Chosen& one : plugins.chosen) bundles.push_back(one.bundle);
  auto known = cache.recall_plugins(bundles, plugins.identities, running.require_full_sandbox);
  if (known) plugins.set = *std::move(known);
  return known.has_value();
}

}  // namespace

Result<const plugin::Bundle*> find_bundle(const plugin::Catalog& catalog, const std::string& name) {
  std::vector<const plugin::Bundle*> found;
  std::string known;
  for (const plugin::Bundle& bundle : catalog.bundles) {
    const std::string& id = bundle.manifest.id;
    known += (known.empty() ? "" : ", ") + id;
    if (id == name) return &bundle;
    if (id.substr(id.rfind('.') + 1) == name) found.push_back(&bundle);
  }
  if (found.size() == 1) return found.front();
  return Error(ErrorCode::kInvalid,
               (found.empty() ? "no plugin '" : "several plugins are called '") +
                   base::escape(name) + "'; there are: " + (known.empty() ? "none" : known));
}

Result<plugin::Catalog> open_catalog(const std::vector<std::string>& directories) {
  plugin::Catalog catalog;
  for (const std::string& directory : directories) {
    MERIDIAN_CHECK(plugin::add_directory(directory, catalog));
  }
  if (directories.empty()) {
    const std::string installed = installed_plugins();
    auto added = plugin::add_directory(installed, catalog);
    if (!added && added.error().code() != ErrorCode::kNotFound) return added.error();
  }
  return catalog;
}

Result<std::unique_ptr<Plugins>> load_plugins(const PluginArgs& args, const Running& running,
                                              const std::optional<std::string>& data_folder,
                                              ScanQuarantine& quarantine, ScanCache& cache,
                                              const base::Log& log, const base::Cancel& cancel) {
  auto made = std::make_unique<Plugins>();
  Plugins& plugins = *made;
  MERIDIAN_TRY(plugins.catalog, open_catalog(args.directories));
  plugins.refusals = std::move(plugins.catalog.refusals);
  for (const std::string& directory : args.directories) plugins.places += " " + directory;
  if (args.directories.empty()) plugins.places = " " + installed_plugins();
  plugins.data = give_data(data_folder, plugins.catalog, log);
  MERIDIAN_TRY(plugins.chosen, choose(args, quarantine.held(), plugins, log));
  std::vector<std::string> ids;
  for (const Chosen& one : plugins.chosen) ids.push_back(one.bundle->manifest.id);
  plugins.data.keep_only(ids);
  for (const finding::Gap& gap : plugins.data.older_than(kOldData)) {
    log.warn("plugin " + gap.plugin + ": " + gap.message);
  }
  if (running.require_full_sandbox) MERIDIAN_CHECK(check_sandbox(running));
  if (cache.is_used()) {
    // Where the sandbox cannot be tried nothing is known of what plugins would say in it.
    if (auto tried = identify(running, plugins); !tried) log.debug(tried.error().message());
    if (recall(running, cache, plugins)) return made;
  }
  MERIDIAN_CHECK(start_plugins(plugins, running, quarantine, cache, log, cancel));
  return made;
}

Result<void> start_plugins(Plugins& plugins, const Running& running, ScanQuarantine& quarantine,
                           ScanCache& cache, const base::Log& log, const base::Cancel& cancel) {
  if (std::exchange(plugins.started, true)) return {};
  if (const std::string flaw = plugin::Matcher::flaw(); !flaw.empty()) log.warn(flaw);
  if (running.isolation == Isolation::kNone) {
    MERIDIAN_CHECK(load_in_process(plugins.chosen, plugins, log, cancel));
  } else {
    MERIDIAN_CHECK(load_in_lanes(plugins.chosen, running, quarantine, cache, plugins, log, cancel));
  }
  if (plugins.set.plugins.empty()) {
    for (const plugin::Refusal& refusal : plugins.refusals) {
      log.error("refused " + base::escape(refusal.path) + ": " + refusal.message);
    }
    return Error(ErrorCode::kInvalid, "no plugin was loaded from" + plugins.places +
                                          "; --plugin-dir names a folder of bundles");
  }
  const std::string level = plugins.set.lanes->sandbox_level();
  if (running.require_full_sandbox && level != "full") return lesser_sandbox(level);
  return {};
}

}  // namespace meridian::cli
