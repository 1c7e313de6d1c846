// SPDX-License-Identifier: Apache-2.0
#include "plugin/quarantine.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>

#include "base/escape.hpp"
#include "base/json_bounds.hpp"
#include "model/digest.hpp"
#include "plugin/acceptance.hpp"
#include "plugin/identity.hpp"

namespace meridian::plugin {

namespace {

using nlohmann::ordered_json;

constexpr const char* kSchema = "meridian.quarantine/1";
constexpr std::string_view kSchemaName = "meridian.quarantine/";
constexpr std::array kKinds = {finding::GapKind::kCrash, finding::GapKind::kTimeout,
                               finding::GapKind::kMemory, finding::GapKind::kProtocol};
constexpr std::int64_t kMostMilliseconds = std::int64_t{365} * 24 * 3600 * 1000;

Error corrupt(const std::string& what) { return Error(ErrorCode::kCorrupt, "quarantine: " + what); }

auto key_of(const QuarantineRecord& record) { return std::tie(record.plugin, record.content); }

bool is_digest(const std::string& text) { return model::Digest::parse(text).has_value(); }

Result<std::string> text_in(const ordered_json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) {
    return corrupt(std::string(key) + " is no text");
  }
  return found->get<std::string>();
}

Result<base::UtcTime> time_in(const ordered_json& object, const char* key) {
  MERIDIAN_TRY(const std::string text, text_in(object, key));
  const auto time = base::parse_utc_time(text);
  if (!time) return corrupt(std::string(key) + " is no time");
  return *time;
}

Result<PluginKey> plugin_in(const ordered_json& record) {
  const auto found = record.find("plugin");
  if (found == record.end() || !found->is_object()) return corrupt("a record without plugin");
  PluginKey plugin;
  MERIDIAN_TRY(plugin.id, text_in(*found, "id"));
  MERIDIAN_TRY(plugin.digest, text_in(*found, "digest"));
  MERIDIAN_TRY(plugin.rules_digest, text_in(*found, "rules_digest"));
  if (!is_plugin_id(plugin.id) || !is_digest(plugin.digest) ||
      (!plugin.rules_digest.empty() && !is_digest(plugin.rules_digest))) {
    return corrupt("what is no plugin");
  }
  return plugin;
}

/// "by" and "kind" say the same thing twice, for people.
Result<std::optional<finding::GapKind>> kind_in(const ordered_json& json) {
  MERIDIAN_TRY(const std::string by, text_in(json, "by"));
  MERIDIAN_TRY(const std::string name, text_in(json, "kind"));
  if (by == "operator" && name == "operator") return std::optional<finding::GapKind>();
  const auto* const kind = std::find_if(kKinds.begin(), kKinds.end(), [&](finding::GapKind one) {
    return finding::to_text(one) == name;
  });
  if (by != "host" || kind == kKinds.end()) return corrupt("a record by nobody, of no kind");
  return std::optional(*kind);
}

Result<QuarantineRecord> record_in(const ordered_json& json) {
  if (!json.is_object()) return corrupt("a record that is no object");
  QuarantineRecord record;
  MERIDIAN_TRY(record.plugin, plugin_in(json));
  const auto content = json.find("content");
  if (content == json.end() || !(content->is_null() || content->is_string())) {
    return corrupt("content is no text");
  }
  if (content->is_string()) record.content = content->get<std::string>();
  if (content->is_string() && !is_digest(record.content)) return corrupt("content is no digest");
  MERIDIAN_TRY(record.kind, kind_in(json));
  MERIDIAN_TRY(record.message, text_in(json, "message"));
  if (record.message.size() > kMaxQuarantineMessage) return corrupt("a message that is too long");
  if (const auto limit = json.find("limit_ms"); limit != json.end()) {
    if (!limit->is_number_integer()) return corrupt("limit_ms is no number");
    const auto number = limit->get<std::int64_t>();
    if (number < 0 || number > kMostMilliseconds) return corrupt("limit_ms out of range");
    record.limit = std::chrono::milliseconds(number);
  }
  MERIDIAN_TRY(record.created, time_in(json, "created"));
  MERIDIAN_TRY(record.expires, time_in(json, "expires"));
  return record;
}

ordered_json to_json(const QuarantineRecord& record) {
  const char* const kind = record.kind ? finding::to_text(*record.kind) : "operator";
  ordered_json json = {{"plugin",
                        {{"id", record.plugin.id},
                         {"digest", record.plugin.digest},
                         {"rules_digest", record.plugin.rules_digest}}},
                       {"content", nullptr},
                       {"by", record.kind ? "host" : "operator"},
                       {"kind", kind},
                       {"message", record.message}};
  if (!record.content.empty()) json["content"] = record.content;
  if (record.limit.count() > 0) json["limit_ms"] = record.limit.count();
  json["created"] = base::to_text(record.created);
  json["expires"] = base::to_text(record.expires);
  return json;
}

}  // namespace

Result<Quarantine> Quarantine::parse(const std::string& text) {
  if (auto bounds = base::check_json_bounds(text); !bounds) {
    return corrupt(bounds.error().message());
  }
  const auto json = ordered_json::parse(text, nullptr, false);
  if (!json.is_object()) return corrupt("no JSON object");
  MERIDIAN_TRY(const std::string schema, text_in(json, "schema"));
  if (schema != kSchema) {
    if (schema.rfind(kSchemaName, 0) != 0) return corrupt("another schema");
    return Error(ErrorCode::kUnsupported,
                 "quarantine: written by another version: " + base::escape(schema.substr(0, 64)));
  }
  const auto records = json.find("records");
  if (records == json.end() || !records->is_array()) return corrupt("no records");
  if (records->size() > kMaxQuarantineRecords) return corrupt("too many records");
  Quarantine quarantine;
  for (const ordered_json& one : *records) {
    MERIDIAN_TRY(auto record, record_in(one));
    quarantine.add(std::move(record));
  }
  return quarantine;
}

std::string Quarantine::json() const {
  ordered_json records = ordered_json::array();
  for (const QuarantineRecord& record : records_) records.push_back(to_json(record));
  const ordered_json json = {{"schema", kSchema}, {"records", std::move(records)}};
  return json.dump(2, ' ', true, ordered_json::error_handler_t::replace) + "\n";
}

void Quarantine::add(QuarantineRecord record) {
  // What would not be read back.
  if (record.kind && std::find(kKinds.begin(), kKinds.end(), *record.kind) == kKinds.end()) return;
  record.message = fit_text(record.message, kMaxQuarantineMessage);
  const auto place = std::lower_bound(
      records_.begin(), records_.end(), record,
      [](const QuarantineRecord& a, const QuarantineRecord& b) { return key_of(a) < key_of(b); });
  if (place != records_.end() && key_of(*place) == key_of(record)) {
    if (place->kind || !record.kind) *place = std::move(record);
    return;
  }
  records_.insert(place, std::move(record));
  if (records_.size() <= kMaxQuarantineRecords) return;
  records_.erase(std::min_element(
      records_.begin(), records_.end(), [](const QuarantineRecord& a, const QuarantineRecord& b) {
        return std::make_tuple(!a.kind, a.expires) < std::make_tuple(!b.kind, b.expires);
      }));
}

std::size_t Quarantine::clear(std::string_view plugin_id) {
  return std::erase_if(
      records_, [&](const QuarantineRecord& record) { return record.plugin.id == plugin_id; });
}

void Quarantine::expire(base::UtcTime now) {
  std::erase_if(records_, [&](const QuarantineRecord& record) { return record.expires <= now; });
}

Quarantine Quarantine::holding(base::UtcTime now, std::chrono::milliseconds limit) const {
  Quarantine held = *this;
  held.expire(now);
  // Of a clock that was years ahead.
  std::erase_if(held.records_, [&](const QuarantineRecord& record) {
    return record.created > now + std::chrono::hours(1);
  });
  std::erase_if(held.records_, [&](const QuarantineRecord& record) {
    return record.limit.count() > 0 && record.limit < limit;
  });
  return held;
}

const QuarantineRecord* Quarantine::find(const PluginKey& plugin,
                                         const std::string& content) const {
  const auto key = std::tie(plugin, content);
  const auto found = std::lower_bound(
      records_.begin(), records_.end(), key,
      [](const QuarantineRecord& record, const auto& wanted) { return key_of(record) < wanted; });
  return found == records_.end() || key_of(*found) != key ? nullptr : &*found;
}

std::string Quarantine::clear_command(const QuarantineRecord& record) const {
  return "meridian plugin quarantine clear " + record.plugin.id + place_;
}

std::string to_text(const QuarantineRecord& record) {
  std::string text = "quarantined until " + base::to_text(record.expires);
  text += record.kind ? std::string(" after a fault of kind ") + finding::to_text(*record.kind)
                      : " by the operator";
  return record.message.empty() ? text : text + ": " + record.message;
}

}  // namespace meridian::plugin
