// SPDX-License-Identifier: Apache-2.0
#include "cli/data.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "base/escape.hpp"
#include "base/utc_time.hpp"
#include "data/database.hpp"

namespace meridian::cli {

namespace {

/// Of the environment; relative ones are no place (XDG base directories).
std::string folder_named(const char* variable) {
  const char* const value = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe): one thread
  return value != nullptr && *value == '/' ? value : "";
}

/// Of a feed's date, to the second; some write fractions or an offset, which matter little here.
std::optional<base::UtcTime> time_of(const std::string& date) {
  constexpr std::size_t kSeconds = 19;
  if (date.size() < kSeconds) return std::nullopt;
  return base::parse_utc_time(date.substr(0, kSeconds) + "Z");
}

std::string mend() { return "meridian data import FILE...: feeds that were fetched before"; }

Result<finding::DataEntry> give(const std::string& path, const plugin::ManifestData& wanted,
                                plugin::Bundle& bundle) {
  finding::DataEntry entry;
  entry.name = wanted.name;
  entry.schema = wanted.schema;
  MERIDIAN_TRY(auto file, data::open_database(path));
  MERIDIAN_TRY(const data::About about, data::about(file.get(), path));
  if (about.schema != wanted.schema) {
    return Error(ErrorCode::kUnsupported, base::escape(path) + ": its schema is '" + about.schema +
                                              "', the plugin reads '" + wanted.schema + "'");
  }
  MERIDIAN_TRY(auto mapped, base::MappedFile::open(file.get(), path));
  entry.id = about.id;
  entry.built = about.built;
  for (const data::Source& source : about.sources) {
    entry.sources.push_back({source.name, source.kind, source.date});
  }
  // What the same feeds become may differ between versions of the importer.
  bundle.data.push_back({wanted.name, about.id + " " + about.built,
                         std::make_shared<const base::UniqueFd>(std::move(file)),
                         std::move(mapped)});
  return entry;
}

}  // namespace

std::optional<std::string> named_data_folder(const GlobalArgs& args) {
  if (!args.data.empty()) return args.data;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread
  if (const char* const value = std::getenv("MERIDIAN_DATA"); value != nullptr && *value != '\0') {
    return value;
  }
  return std::nullopt;
}

std::optional<std::string> data_folder(const GlobalArgs& args) {
  if (auto named = named_data_folder(args)) return named;
  if (::geteuid() == 0) return kRootsDataFolder;
  if (const std::string data = folder_named("XDG_DATA_HOME"); !data.empty()) {
    return data + "/meridian";
  }
  if (const std::string home = folder_named("HOME"); !home.empty()) {
    return home + "/.local/share/meridian";
  }
  return std::nullopt;
}

std::string age_text(const std::string& date) {
  const auto time = time_of(date);
  if (!time) return "";
  const auto hours = std::chrono::duration_cast<std::chrono::hours>(base::utc_now() - *time);
  const auto count = hours.count() < 48 ? std::max<long>(0, hours.count()) : hours.count() / 24;
  return std::to_string(count) + (hours.count() < 48 ? " hours" : " days");
}

std::vector<finding::DataEntry> GivenData::of(const std::string& plugin) const {
  const auto found = entries_.find(plugin);
  return found == entries_.end() ? std::vector<finding::DataEntry>() : found->second;
}

bool GivenData::lacks(const std::string& plugin) const {
  for (const finding::DataEntry& entry : of(plugin)) {
    if (entry.id.empty()) return true;
  }
  return false;
}

std::vector<finding::Gap> GivenData::older_than(std::chrono::milliseconds age) const {
  std::vector<finding::Gap> gaps;
  for (const auto& [plugin, entries] : entries_) {
    for (const finding::DataEntry& entry : entries) {
      for (const auto& source : entry.sources) {
        // A VEX document is finished when it is written; a feed goes on.
        const auto time = source.kind == "openvex" ? std::nullopt : time_of(source.date);
        if (!time || base::utc_now() - *time <= age) continue;
        finding::Gap gap;
        gap.kind = finding::GapKind::kMissingData;
        gap.plugin = plugin;
        gap.message = entry.name + ": " + source.name + " is of " + source.date.substr(0, 10) +
                      ": what became known since is not found";
        gap.mend = mend();
        gaps.push_back(std::move(gap));
      }
    }
  }
  return gaps;
}

void GivenData::keep_only(const std::vector<std::string>& plugins) {
  std::erase_if(entries_, [&](const auto& entry) {
    return std::find(plugins.begin(), plugins.end(), entry.first) == plugins.end();
  });
}

GivenData give_data(const std::optional<std::string>& folder, plugin::Catalog& catalog,
                    const base::Log& log) {
  GivenData given;
  for (plugin::Bundle& bundle : catalog.bundles) {
    for (const plugin::ManifestData& wanted : bundle.manifest.data) {
      const std::string path = folder.value_or("") + "/" + wanted.name + ".db";
      auto entry = folder ? give(path, wanted, bundle)
                          : Error(ErrorCode::kNotFound, "no data folder: --data-dir names one");
      if (!entry) {
        const bool absent = entry.error().code() == ErrorCode::kNotFound;
        const std::string text = "plugin " + bundle.manifest.id + ": " + entry.error().message();
        absent ? log.debug(text) : log.warn(text);
        finding::DataEntry missing;
        missing.name = wanted.name;
        missing.schema = wanted.schema;
        entry = std::move(missing);
      }
      given.entries_[bundle.manifest.id].push_back(*std::move(entry));
    }
    if (!bundle.data.empty()) {
      bundle.rules_digest = plugin::digest_of_rules(bundle.rules, bundle.data);
    }
  }
  return given;
}

}  // namespace meridian::cli
