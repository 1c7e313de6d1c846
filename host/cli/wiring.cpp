// SPDX-License-Identifier: Apache-2.0
#include "cli/wiring.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "base/escape.hpp"
#include "cli/settings.hpp"
#include "store/store.hpp"

#ifndef MERIDIAN_PLUGIN_DIR
#define MERIDIAN_PLUGIN_DIR "../lib/meridian/plugins"
#endif

namespace meridian::cli {

namespace {

std::string default_host_root() {
  const char* given =
      std::getenv("MERIDIAN_HOST_ROOT");  // NOLINT(concurrency-mt-unsafe): one thread
  if (given != nullptr && *given != '\0') return given;
  if (inside_container() && ::access("/host/etc", F_OK) == 0) return "/host";
  return "/";
}

/// Beside the program: an installation may stand anywhere.
std::string installed_plugins() {
  std::error_code failed;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", failed);
  return failed ? "" : (program.parent_path() / MERIDIAN_PLUGIN_DIR).lexically_normal().string();
}

Result<std::vector<store::StoreSpec>> parse_specs(const std::vector<std::string>& texts) {
  std::vector<store::StoreSpec> specs;
  for (const std::string& text : texts) {
    MERIDIAN_TRY(auto spec, store::StoreSpec::parse(text));
    specs.push_back(std::move(spec));
  }
  return specs;
}

/// The bundle that `name` means: an id, or the unique last part of one.
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

/// One plugin whose patterns do not compile costs itself, not the scan. Asked only when there is
/// more than one: the set of all says it too.
void drop_uncompilable(std::vector<std::unique_ptr<plugin::LoadedPlugin>>& loaded,
                       std::vector<scan::AbsentPlugin>& absent, const base::Log& log) {
  if (loaded.size() < 2) return;
  std::erase_if(loaded, [&](const std::unique_ptr<plugin::LoadedPlugin>& plugin) {
    if (plugin->subscriptions().patterns.empty()) return false;
    const auto compiled = plugin::Matcher::compile({&plugin->subscriptions()});
    if (compiled) return false;
    log.error("plugin " + plugin->id() + ": " + compiled.error().message());
    absent.push_back(
        {plugin->id(), finding::PairResult::kError, "did not load: " + compiled.error().message()});
    return true;
  });
}

bool contains(const std::vector<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

}  // namespace

bool inside_container() {
  return ::access("/.dockerenv", F_OK) == 0 || ::access("/run/.containerenv", F_OK) == 0;
}

Result<Stores> open_stores(const GlobalArgs& args, const std::vector<std::string>& references) {
  Stores stores;
  stores.in_container = inside_container();
  MERIDIAN_TRY(const auto specs, parse_specs(args.stores));
  std::vector<model::Reference> parsed;
  bool only_transports = !references.empty() && specs.empty();
  for (const std::string& text : references) {
    MERIDIAN_TRY(auto reference, model::Reference::parse(text));
    only_transports = only_transports && !reference.transport.empty();
    parsed.push_back(std::move(reference));
  }
  std::vector<std::unique_ptr<store::Store>> opened;
  std::vector<model::Problem> problems;
  if (!only_transports) {
    const std::string root = args.host_root.empty() ? default_host_root() : args.host_root;
    MERIDIAN_TRY(stores.host_root, rootfs::HostRoot::open(root));
    auto found = store::discover(
        *stores.host_root, specs,
        args.no_discover ? store::DiscoverMode::kSpecsOnly : store::DiscoverMode::kEverything);
    opened = std::move(found.stores);
    stores.looked_at = std::move(found.looked_at);
    problems = std::move(found.problems);
    stores.nothing_found = opened.empty() && problems.empty();
  }
  for (const model::Reference& reference : parsed) {
    scan::Wish wish{reference.name, std::nullopt, reference.text()};
    if (!reference.transport.empty()) {
      MERIDIAN_TRY(auto transport, store::open_transport(reference, args.platform));
      wish.name.clear();  // the store holds only what it names
      wish.store = opened.size();
      opened.push_back(std::move(transport));
      stores.nothing_found = false;
    }
    stores.wishes.push_back(std::move(wish));
  }
  stores.collection = std::make_unique<store::Collection>(std::move(opened), std::move(problems));
  return stores;
}

void say_nothing_found(const Stores& stores, const base::Log& log) {
  log.error("no store found below " + base::escape(stores.host_root->directory()) + "; looked at:");
  for (const std::string& place : stores.looked_at) log.error("  " + base::escape(place));
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

Result<Plugins> load_plugins(const PluginArgs& args, const base::Log& log,
                             const base::Cancel& cancel) {
  Plugins plugins;
  MERIDIAN_TRY(auto catalog, open_catalog(args.directories));
  plugins.refusals = std::move(catalog.refusals);
  MERIDIAN_TRY(const auto only, ids_of(catalog, args.only));
  MERIDIAN_TRY(const auto skip, ids_of(catalog, args.skip));
  MERIDIAN_TRY(auto settings, Settings::read(catalog, args.config, args.settings));

  std::vector<std::unique_ptr<plugin::LoadedPlugin>> loaded;
  for (const plugin::Bundle& bundle : catalog.bundles) {
    const std::string& id = bundle.manifest.id;
    if (contains(skip, id) || (!only.empty() && !contains(only, id))) {
      plugins.absent.push_back({id, finding::PairResult::kSkipped, "switched off by the user"});
      continue;
    }
    // A wrong option is the user's mistake and ends the command; the plugin's own is its own.
    MERIDIAN_TRY(const std::string options, settings.of(bundle.manifest));
    auto plugin = plugin::LoadedPlugin::load(bundle, options, log, cancel);
    if (plugin) {
      loaded.push_back(*std::move(plugin));
      continue;
    }
    log.error("plugin " + id + ": " + plugin.error().message());
    plugins.absent.push_back(
        {id, finding::PairResult::kError, "did not load: " + plugin.error().message()});
  }
  if (loaded.empty()) {
    std::string places;
    for (const std::string& directory : args.directories) places += " " + directory;
    if (args.directories.empty()) places = " " + installed_plugins();
    for (const plugin::Refusal& refusal : plugins.refusals) {
      log.error("refused " + base::escape(refusal.path) + ": " + refusal.message);
    }
    return Error(ErrorCode::kInvalid,
                 "no plugin was loaded from" + places + "; --plugin-dir names a folder of bundles");
  }
  drop_uncompilable(loaded, plugins.absent, log);
  MERIDIAN_TRY(plugins.set, lane::PluginSet::make(std::move(loaded)));
  return plugins;
}

}  // namespace meridian::cli
