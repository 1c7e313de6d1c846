// SPDX-License-Identifier: Apache-2.0
#include "cli/cache.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "plugin/acceptance.hpp"
#include "scan/cache/rows.hpp"

namespace meridian::cli {

namespace {

/// Of the environment; relative ones are no place (XDG base directories).
std::string folder_named(const char* variable) {
  const char* const value = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe): one thread
  return value != nullptr && *value == '/' ? value : "";
}

/// What was said: an option, or the environment.
std::string named_folder(const ScanArgs& args) {
  if (!args.cache.empty()) return args.cache;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread
  const char* const value = std::getenv("MERIDIAN_CACHE");
  return value != nullptr ? value : "";
}

bool is_full(const std::string& level) { return level == "full"; }

}  // namespace

std::optional<std::string> cache_folder(const ScanArgs& args) {
  const std::string named = named_folder(args);
  if (named == "none") return std::nullopt;
  if (!named.empty()) return named;
  if (::geteuid() == 0) return "/var/cache/meridian";
  if (const std::string cache = folder_named("XDG_CACHE_HOME"); !cache.empty()) {
    return cache + "/meridian";
  }
  if (const std::string home = folder_named("HOME"); !home.empty())
    return home + "/.cache/meridian";
  return std::nullopt;
}

Result<std::unique_ptr<ScanCache>> ScanCache::open(const ScanArgs& args, const base::Log& log) {
  std::unique_ptr<ScanCache> cache(new ScanCache());
  const auto folder = cache_folder(args);
  if (!folder || args.show_secrets) return cache;
  auto opened = scan::ResultStore::open(*folder, log,
                                        args.cache_size.value_or(scan::CacheDatabase::kMaxBytes));
  auto program = scan::program_identity();
  if (opened && program) {
    cache->store_ = *std::move(opened);
    cache->circumstances_ = {*std::move(program), args.exclude};
    return cache;
  }
  const Error why = Error(opened ? program.error() : opened.error()).in("cache");
  if (!named_folder(args).empty()) return why;
  // The usual place is missed by nobody who did not ask for it, unless it is there and wrong.
  log.write(why.code() == ErrorCode::kRefused ? base::LogLevel::kWarn : base::LogLevel::kDebug,
            why.message() + "; the scan goes on without it");
  return cache;
}

std::shared_ptr<const scan::Seal> ScanCache::seal() const {
  return store_ ? store_->seal() : nullptr;
}

std::vector<std::string> ScanCache::folders() const {
  return store_ ? std::vector<std::string>{store_->folder()} : std::vector<std::string>();
}

scan::CacheKey ScanCache::plugin_key(const scan::PluginIdentity& identity) const {
  scan::KeyMaker key(*store_->seal(), "plugin");
  return key.add(circumstances_.program).add(identity.text).make();
}

std::optional<lane::PluginSet> ScanCache::recall_plugins(
    const std::vector<const plugin::Bundle*>& bundles,
    const std::vector<scan::PluginIdentity>& identities, bool full) {
  if (!store_ || bundles.empty() || bundles.size() != identities.size()) return std::nullopt;
  std::vector<plugin::PluginFacts> plugins;
  std::string level = "full";
  for (std::size_t i = 0; i < bundles.size(); ++i) {
    auto kept = store_->read<scan::KeptPlugin>(plugin_key(identities[i]));
    if (!kept) return std::nullopt;
    // As what a lane says that it has loaded.
    const auto checked = plugin::check_facts(kept->facts, bundles[i]->manifest, bundles[i]->digest,
                                             bundles[i]->rules_digest);
    if (!checked || (full && !is_full(kept->sandbox))) return std::nullopt;
    if (is_full(level)) level = std::move(kept->sandbox);
    plugins.push_back(std::move(kept->facts));
  }
  return lane::PluginSet::recalled(std::move(plugins), std::move(level));
}

std::unique_ptr<scan::CachedScan> ScanCache::begin(
    const std::vector<scan::PluginIdentity>& identities, const store::Collection& collection,
    const scan::Plan& plan, const lane::PluginSet& set, const plugin::Quarantine& quarantine) {
  if (!store_) return nullptr;
  auto begun = std::make_unique<scan::CachedScan>(
      scan::CacheContext{*store_, circumstances_, identities, collection, plan, set, &quarantine});
  begun->recall();
  return begun;
}

void ScanCache::remember_plugins(const lane::PluginSet& set,
                                 const std::vector<scan::PluginIdentity>& identities,
                                 const std::vector<finding::Gap>& last_words) {
  if (!store_) return;
  auto batch = store_->batch();
  for (const auto& plugin : set.plugins) {
    const auto identity = std::find_if(identities.begin(), identities.end(),
                                       [&](const auto& one) { return one.id == plugin->id; });
    const bool spoke = std::any_of(
        last_words.begin(), last_words.end(),
        [&](const finding::Gap& gap) { return gap.plugin.empty() || gap.plugin == plugin->id; });
    if (identity == identities.end() || spoke) continue;
    batch.add(plugin_key(*identity), scan::KeptPlugin{*plugin, set.lanes->sandbox_level()});
  }
  store_->write(batch);
}

scan::CacheKey ScanCache::pattern_key(const std::string& lane) const {
  scan::KeyMaker key(*store_->seal(), "patterns");
  return key.add(circumstances_.program).add(lane).make();
}

std::string ScanCache::read(const std::string& lane) {
  auto kept = store_->read<scan::KeptPatterns>(pattern_key(lane));
  return kept ? std::move(kept->bytes) : std::string();
}

void ScanCache::write(const std::string& lane, const std::string& bytes) {
  auto batch = store_->batch();
  batch.add(pattern_key(lane), scan::KeptPatterns{bytes});
  store_->write(batch);
}

void ScanCache::tidy() {
  if (store_) store_->tidy();
}

}  // namespace meridian::cli
