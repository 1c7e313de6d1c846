// SPDX-License-Identifier: Apache-2.0
//
// config_table.hpp: options and rule files as a plugin sees them (meridian_config,
// meridian_rule_data).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "meridian/abi/plugin.h"
#include "meridian/result.hpp"
#include "plugin/data_file.hpp"
#include "plugin/kept_bytes.hpp"

namespace meridian::plugin {

/// Neither copied nor moved: the record points into it.
class ConfigTable {
 public:
  /// `options` is a JSON object of scalars and arrays of strings; else kInvalid.
  static Result<std::unique_ptr<ConfigTable>> parse(std::string_view options);
  const meridian_config* get() const { return &record_; }

  ConfigTable(const ConfigTable&) = delete;
  ConfigTable& operator=(const ConfigTable&) = delete;
  ~ConfigTable() = default;

 private:
  struct Texts {
    std::vector<std::string> owned;
    std::vector<meridian_str> lent;
  };
  using Value = std::variant<std::string, std::int64_t, double, bool, Texts>;

  ConfigTable();
  template <typename T>
  static const T* find(void* impl, meridian_str key);
  static meridian_status text(void* impl, meridian_str key, meridian_str* ret);
  static meridian_status integer(void* impl, meridian_str key, std::int64_t* ret);
  static meridian_status number(void* impl, meridian_str key, double* ret);
  static meridian_status boolean(void* impl, meridian_str key, std::uint32_t* ret);
  static meridian_status texts(void* impl, meridian_str key, meridian_strings* ret);

  std::map<std::string, Value, std::less<>> values_;
  meridian_config record_{};
};

class RuleTable {
 public:
  /// Name and bytes of each file and database, borrowed, sorted by name. Null: nothing is kept.
  RuleTable(const std::vector<std::pair<std::string, std::string>>& rules,
            const std::vector<DataFile>& data, KeptBytes* kept);
  const meridian_rule_data* get() const { return &record_; }

  RuleTable(const RuleTable&) = delete;
  RuleTable& operator=(const RuleTable&) = delete;
  ~RuleTable() = default;

 private:
  static meridian_status keep(void* impl, meridian_str name, meridian_str bytes);

  std::vector<meridian_rule_file> files_, data_, kept_;
  meridian_rule_data record_{};
};

}  // namespace meridian::plugin
