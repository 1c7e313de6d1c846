// SPDX-License-Identifier: Apache-2.0
//
// config_table.cpp: see config_table.hpp.
#include "plugin/config_table.hpp"

#include <limits>
#include <nlohmann/json.hpp>

#include "base/escape.hpp"
#include "meridian/text.hpp"
#include "plugin/json_text.hpp"

namespace meridian::plugin {

using nlohmann::json;

ConfigTable::ConfigTable() {
  record_.struct_size = sizeof record_;
  record_.impl = this;
  record_.text = &ConfigTable::text;
  record_.integer = &ConfigTable::integer;
  record_.number = &ConfigTable::number;
  record_.boolean = &ConfigTable::boolean;
  record_.texts = &ConfigTable::texts;
}

Result<std::unique_ptr<ConfigTable>> ConfigTable::parse(std::string_view options) {
  const auto wrong = [](const std::string& what) { return Error(ErrorCode::kInvalid, what); };
  auto parsed = parse_json(options);
  if (!parsed) return wrong("options: " + parsed.error().message());
  if (!parsed->is_object()) return wrong("options are no JSON object");
  std::unique_ptr<ConfigTable> table(new ConfigTable());
  for (const auto& item : parsed->items()) {
    const json& value = item.value();
    Value& kept = table->values_[item.key()];
    if (value.is_string()) {
      kept = value.get<std::string>();
    } else if (value.is_boolean()) {
      kept = value.get<bool>();
    } else if (value.is_number_float()) {
      kept = value.get<double>();
    } else if (value.is_number_integer() &&
               !(value.is_number_unsigned() &&
                 value.get<std::uint64_t>() >
                     std::uint64_t{std::numeric_limits<std::int64_t>::max()})) {
      kept = value.get<std::int64_t>();
    } else if (value.is_array() && std::all_of(value.begin(), value.end(),
                                               [](const json& v) { return v.is_string(); })) {
      Texts& texts = kept.emplace<Texts>();
      texts.owned = value.get<std::vector<std::string>>();
      for (const std::string& text : texts.owned) texts.lent.push_back(lend(text));
    } else {
      return wrong("option '" + base::escape(item.key()) + "' has a value that no getter can give");
    }
  }
  return table;
}

template <typename T>
const T* ConfigTable::find(void* impl, meridian_str key) {
  const auto& values = static_cast<const ConfigTable*>(impl)->values_;
  const auto found = values.find(view(key));
  return found == values.end() ? nullptr : std::get_if<T>(&found->second);
}

meridian_status ConfigTable::text(void* impl, meridian_str key, meridian_str* ret) {
  const auto* value = find<std::string>(impl, key);
  if (value == nullptr) return MERIDIAN_NOT_FOUND;
  *ret = lend(*value);
  return MERIDIAN_OK;
}

meridian_status ConfigTable::integer(void* impl, meridian_str key, std::int64_t* ret) {
  const auto* value = find<std::int64_t>(impl, key);
  if (value == nullptr) return MERIDIAN_NOT_FOUND;
  *ret = *value;
  return MERIDIAN_OK;
}

meridian_status ConfigTable::number(void* impl, meridian_str key, double* ret) {
  // JSON has one kind of number: 2 is a number as 2.0 is.
  if (const auto* value = find<double>(impl, key)) {
    *ret = *value;
    return MERIDIAN_OK;
  }
  const auto* whole = find<std::int64_t>(impl, key);
  if (whole == nullptr) return MERIDIAN_NOT_FOUND;
  *ret = static_cast<double>(*whole);
  return MERIDIAN_OK;
}

meridian_status ConfigTable::boolean(void* impl, meridian_str key, std::uint32_t* ret) {
  const auto* value = find<bool>(impl, key);
  if (value == nullptr) return MERIDIAN_NOT_FOUND;
  *ret = *value ? 1 : 0;
  return MERIDIAN_OK;
}

meridian_status ConfigTable::texts(void* impl, meridian_str key, meridian_strings* ret) {
  const auto* value = find<Texts>(impl, key);
  if (value == nullptr) return MERIDIAN_NOT_FOUND;
  *ret = {value->lent.data(), value->lent.size()};
  return MERIDIAN_OK;
}

RuleTable::RuleTable(const std::vector<std::pair<std::string, std::string>>& rules,
                     const std::vector<DataFile>& data, KeptBytes* kept) {
  files_.reserve(rules.size());
  for (const auto& [name, bytes] : rules) files_.push_back({lend(name), lend(bytes)});
  for (const DataFile& one : data) {
    data_.push_back({lend(one.name), lend(one.bytes->bytes())});
  }
  if (kept != nullptr) {
    for (const auto& [name, bytes] : kept->before) kept_.push_back({lend(name), lend(bytes)});
    record_.impl = kept;
    record_.keep = &RuleTable::keep;
  }
  record_.struct_size = sizeof record_;
  record_.kept = kept_.data();
  record_.kept_count = kept_.size();
  record_.data = data_.data();
  record_.data_count = data_.size();
  record_.files = files_.data();
  record_.count = files_.size();
}

meridian_status RuleTable::keep(void* impl, meridian_str name, meridian_str bytes) {
  auto& given = static_cast<KeptBytes*>(impl)->given;
  std::size_t size = view(name).size() + view(bytes).size();
  for (const auto& [other, text] : given) size += other.size() + text.size();
  if (size > KeptBytes::kMost || given.size() == KeptBytes::kMostNames) return MERIDIAN_LIMIT;
  given.emplace_back(view(name), view(bytes));
  return MERIDIAN_OK;
}

}  // namespace meridian::plugin
