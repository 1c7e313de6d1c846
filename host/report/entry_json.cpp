// SPDX-License-Identifier: Apache-2.0
#include "report/entry_json.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/escape.hpp"
#include "base/json_bounds.hpp"
#include "report/json_bytes.hpp"

namespace meridian::report {
namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& value, Layout layout) {
  const int indent = layout == Layout::kIndented ? 2 : -1;
  return value.dump(indent, ' ', true, Json::error_handler_t::replace);
}

Json texts(const std::vector<std::string>& items) {
  Json array = Json::array();
  for (const std::string& item : items) array.push_back(json_text(item));
  return array;
}

void put_unless_empty(Json& object, const char* key, const std::string& value) {
  if (!value.empty()) object[key] = json_text(value);
}

Json host_object(const finding::HostFacts& host) {
  Json environment = Json::array();
  for (const finding::EnvironmentEntry& entry : host.environment) {
    Json one = {{"feature", json_text(entry.feature)},
                {"state", entry.state},
                {"cause", entry.cause},
                {"message", json_text(entry.message)}};
    put_unless_empty(one, "mend", entry.mend);
    environment.push_back(std::move(one));
  }
  Json object = {{"root", json_text(host.root)},
                 {"name", json_text(host.name)},
                 {"kernel", json_text(host.kernel)},
                 {"parallel_container", host.parallel_container},
                 {"sandbox_level", json_text(host.sandbox_level)}};
  put_unless_empty(object, "container", host.container);
  if (!environment.empty()) object["environment"] = std::move(environment);
  return object;
}

Json start_of(const char* schema, const finding::Report& report) {
  Json object;
  object["schema"] = schema;
  object["meridian"]["version"] = json_text(report.version);
  object["host"] = host_object(report.host);
  return object;
}

Json present_in_object(const finding::PresentIn& present) {
  Json object;
  object["runtime"] = json_text(present.runtime);
  put_unless_empty(object, "namespace", present.name_space);
  object["store_root"] = json_text(present.store_root);
  object["id"] = json_text(present.id);
  object["names"] = texts(present.names);
  return object;
}

Json layer_object(const finding::LayerEntry& layer) {
  Json object;
  object["id"] = json_text(layer.id);
  put_unless_empty(object, "diff_id", layer.diff_id);
  object["kind"] = json_text(layer.kind);
  object["identity"] = json_text(layer.identity);
  put_unless_empty(object, "digest", layer.digest);
  object["size"] = layer.size;
  object["created_by"] = json_text(layer.created_by);
  return object;
}

Json location_object(const finding::Location& location) {
  Json object = Json::object();
  if (!location.path.empty()) put_bytes(object, "path", location.path);
  put_unless_empty(object, "field", location.field);
  if (location.line != 0) object["line"] = location.line;
  if (location.column != 0) object["column"] = location.column;
  if (location.layer) {
    object["layer"] = {{"index", location.layer->index}, {"id", json_text(location.layer->id)}};
  }
  object["visibility"] = finding::to_text(location.visibility);
  return object;
}

/// What a plugin sent as detail. Text that is not an object of the promised shape stays readable
/// under a kind of our own.
Json detail_object(const std::string& detail) {
  if (base::is_utf8(detail) && base::check_json_bounds(detail)) {
    Json parsed = Json::parse(detail, nullptr, false);
    if (parsed.is_object() && parsed.contains("kind") && parsed["kind"].is_string()) return parsed;
  }
  return {{"kind", "malformed"}, {"text", json_text(detail)}};
}

}  // namespace

std::string head_json(const finding::Report& report, Layout layout) {
  Json object = start_of("meridian.report/1", report);
  object["started"] = json_text(report.started);
  object["finished"] = json_text(report.finished);
  object["complete"] = report.complete;
  return dump(object, layout);
}

std::string list_head_json(const finding::Report& report, Layout layout) {
  return dump(start_of("meridian.list/1", report), layout);
}

std::string entry_json(const finding::PluginEntry& plugin, Layout layout) {
  Json object{
      {"id", json_text(plugin.id)},         {"version", json_text(plugin.version)},
      {"digest", json_text(plugin.digest)}, {"rules_digest", json_text(plugin.rules_digest)},
      {"sdk", json_text(plugin.sdk)},       {"publisher", json_text(plugin.publisher)},
      {"trust", json_text(plugin.trust)}};
  for (const finding::DataEntry& data : plugin.data) {
    Json& entry = object["data"].emplace_back(Json{{"name", json_text(data.name)},
                                                   {"schema", json_text(data.schema)},
                                                   {"id", json_text(data.id)}});
    put_unless_empty(entry, "built", data.built);
    entry["sources"] = Json::array();
    for (const auto& source : data.sources) {
      entry["sources"].push_back({{"name", json_text(source.name)},
                                  {"kind", json_text(source.kind)},
                                  {"date", json_text(source.date)}});
    }
  }
  return dump(object, layout);
}

std::string entry_json(const finding::TargetEntry& target, Layout layout) {
  Json object;
  object["id"] = json_text(target.id);
  object["kind"] = json_text(target.kind);
  object["names"] = texts(target.names);
  put_unless_empty(object, "image_id", target.image_id);
  put_unless_empty(object, "state", target.state);
  if (target.pod) {
    object["pod"] = {{"name", json_text(target.pod->name)},
                     {"namespace", json_text(target.pod->name_space)},
                     {"uid", json_text(target.pod->uid)},
                     {"sandbox", json_text(target.pod->sandbox)}};
    put_unless_empty(object["pod"], "handler", target.pod->handler);
  }
  Json& present_in = object["present_in"] = Json::array();
  for (const auto& present : target.present_in) present_in.push_back(present_in_object(present));
  Json& layers = object["layers"] = Json::array();
  for (const auto& layer : target.layers) layers.push_back(layer_object(layer));
  if (target.overlay_markers_incomplete) object["overlay_markers"] = "incomplete";
  Json& isolation = object["isolation"] = nullptr;
  if (target.isolation) {
    isolation = {{"kind", json_text(target.isolation->kind)},
                 {"runtime", json_text(target.isolation->runtime)},
                 {"evidence", texts(target.isolation->evidence)}};
  }
  return dump(object, layout);
}

std::string entry_json(const finding::FindingEntry& finding, Layout layout) {
  Json object;
  object["fingerprint"] = json_text(finding.fingerprint);
  put_unless_empty(object, "group", finding.group);
  object["plugin"] = json_text(finding.plugin);
  object["rule"] = json_text(finding.rule);
  object["severity"] = finding::to_text(finding.severity);
  object["confidence"] = finding::to_text(finding.confidence);
  object["title"] = json_text(finding.title);
  object["message"] = json_text(finding.message);
  put_unless_empty(object, "remediation", finding.remediation);
  object["references"] = texts(finding.references);
  object["target"] = json_text(finding.target);
  object["location"] = location_object(finding.location);
  for (const auto& place : finding.occurrences) {
    object["occurrences"].push_back(location_object(place));
  }
  Json& evidence = object["evidence"] = nullptr;
  if (finding.evidence) {
    evidence = {{"kind", json_text(finding.evidence->kind)},
                {"text", json_text(finding.evidence->text)},
                {"redacted", finding.evidence->redacted},
                {"length", finding.evidence->length}};
  }
  if (!finding.detail.empty()) object["detail"] = detail_object(finding.detail);
  return dump(object, layout);
}

std::string entry_json(const finding::FactEntry& fact, Layout layout) {
  Json object{{"target", json_text(fact.target)},
              {"plugin", json_text(fact.plugin)},
              {"schema", json_text(fact.schema)}};
  put_bytes(object, "data", fact.data);
  return dump(object, layout);
}

std::string entry_json(const finding::CoverageEntry& pair, Layout layout) {
  Json object{{"target", json_text(pair.target)},
              {"plugin", json_text(pair.plugin)},
              {"result", finding::to_text(pair.result)},
              {"complete", pair.complete},
              {"gaps", pair.gaps}};
  put_unless_empty(object, "reason", pair.reason);
  object["files"] = pair.files;
  object["bytes"] = pair.bytes;
  object["milliseconds"] = pair.milliseconds;
  return dump(object, layout);
}

std::string entry_json(const finding::Gap& gap, Layout layout) {
  Json object;
  object["kind"] = finding::to_text(gap.kind);
  put_unless_empty(object, "plugin", gap.plugin);
  put_unless_empty(object, "target", gap.target);
  if (!gap.path.empty()) put_bytes(object, "path", gap.path);
  object["message"] = json_text(gap.message);
  put_unless_empty(object, "mend", gap.mend);
  put_unless_empty(object, "reproduce", gap.reproduce);
  return dump(object, layout);
}

std::string entry_json(const finding::Statistics& statistics, Layout layout) {
  return dump(Json{{"targets", statistics.targets},
                   {"layers", statistics.layers},
                   {"layers_unique", statistics.layers_unique},
                   {"layers_cached", statistics.layers_cached},
                   {"files", statistics.files},
                   {"files_opened", statistics.files_opened},
                   {"bytes_read", statistics.bytes_read},
                   {"plugin_calls", statistics.plugin_calls},
                   {"seconds", std::isfinite(statistics.seconds) ? statistics.seconds : 0.0},
                   {"peak_memory", statistics.peak_memory}},
              layout);
}

}  // namespace meridian::report
