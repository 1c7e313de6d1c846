// SPDX-License-Identifier: Apache-2.0
//
// config.hpp: options and rule files of a plugin, lent until configure() returns.
//
// The host has validated the options against the manifest's schema and filled in the defaults.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "abi/plugin.h"
#include "text.hpp"

namespace meridian {

/// Typed options. A getter is empty for a key that is absent or of another type.
class Config {
 public:
  explicit Config(const meridian_config* config) : config_(config) {}

  std::optional<std::string> text(std::string_view key) const {
    meridian_str value{};
    if (config_->text(config_->impl, lend(key), &value) != MERIDIAN_OK) return std::nullopt;
    return std::string(view(value));
  }
  std::optional<std::int64_t> integer(std::string_view key) const {
    std::int64_t value = 0;
    if (config_->integer(config_->impl, lend(key), &value) != MERIDIAN_OK) return std::nullopt;
    return value;
  }
  std::optional<double> number(std::string_view key) const {
    double value = 0;
    if (config_->number(config_->impl, lend(key), &value) != MERIDIAN_OK) return std::nullopt;
    return value;
  }
  std::optional<bool> boolean(std::string_view key) const {
    std::uint32_t value = 0;
    if (config_->boolean(config_->impl, lend(key), &value) != MERIDIAN_OK) return std::nullopt;
    return value != 0;
  }
  std::optional<std::vector<std::string>> texts(std::string_view key) const {
    meridian_strings values{};
    if (config_->texts(config_->impl, lend(key), &values) != MERIDIAN_OK) return std::nullopt;
    std::vector<std::string> result;
    for (const std::string_view value : Strings(values)) result.emplace_back(value);
    return result;
  }

 private:
  const meridian_config* config_;
};

/// The bundle's rules/ folder, already read by the host, and the databases that the user imported.
class RuleData {
 public:
  explicit RuleData(const meridian_rule_data* data) : data_(data) {}

  std::size_t size() const { return static_cast<std::size_t>(data_->count); }
  std::string_view name(std::size_t i) const { return view(data_->files[i].name); }
  std::string_view bytes(std::size_t i) const { return view(data_->files[i].bytes); }

  /// Bytes of the file `name`; empty if the bundle has none of that name.
  std::optional<std::string_view> file(std::string_view name) const {
    for (std::size_t i = 0; i < size(); ++i) {
      if (this->name(i) == name) return bytes(i);
    }
    return std::nullopt;
  }

  /// The database `name` of the manifest's "data", read-only; its bytes stay until the plugin is
  /// destroyed. Empty: nobody has imported one (`meridian data import`), which is no error here but
  /// a gap of kMissingData in every target that it was needed for.
  std::optional<std::string_view> data(std::string_view name) const {
    if (data_->struct_size < offsetof(meridian_rule_data, kept)) return std::nullopt;  // older host
    return find(data_->data, data_->data_count, name);
  }

  /// What takes long to make and follows from the plugin's own files and options alone (compiled
  /// tables), from one start to the next. Lent until configure() returns. Empty: make it, and
  /// keep() it. It lies in the user's cache, under the host's signature, and comes back only to a
  /// lane of the very same bundles; options may have changed: put what it was made of into `name`.
  std::optional<std::string_view> kept(std::string_view name) const {
    if (data_->struct_size < sizeof(meridian_rule_data)) return std::nullopt;
    return find(data_->kept, data_->kept_count, name);
  }
  /// What one start gives replaces all that was kept before, so give all or nothing; at most 8 MiB
  /// and 64 names in a start. False: it will not be there (no cache, isolation "none", too much),
  /// which is no error.
  bool keep(std::string_view name, std::string_view bytes) const {
    return data_->struct_size >= sizeof(meridian_rule_data) && data_->keep != nullptr &&
           data_->keep(data_->impl, lend(name), lend(bytes)) == MERIDIAN_OK;
  }

 private:
  static std::optional<std::string_view> find(const meridian_rule_file* files, std::uint64_t count,
                                              std::string_view name) {
    for (std::uint64_t i = 0; i < count; ++i) {
      if (view(files[i].name) == name) return view(files[i].bytes);
    }
    return std::nullopt;
  }

  const meridian_rule_data* data_;
};

}  // namespace meridian
