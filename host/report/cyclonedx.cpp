// SPDX-License-Identifier: Apache-2.0
//
// cyclonedx.cpp: the components as CycloneDX 1.6 (ECMA-424). Each target is a component of type
// container that holds its packages; the only one of a report is what the document is about.
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "report/components.hpp"
#include "report/json_bytes.hpp"
#include "report/writers.hpp"

namespace meridian::report {
namespace {

using Json = nlohmann::ordered_json;

Json property(const char* name, const std::string& value) {
  return {{"name", name}, {"value", json_text(value)}};
}

Json package_object(const Component& component, const std::string& ref) {
  Json object;
  object["type"] = "library";
  object["bom-ref"] = ref;
  object["name"] = json_text(component.name);
  if (!component.version.empty()) object["version"] = json_text(component.version);
  for (const std::string& license : component.licenses) {
    const char* const key = is_spdx_license(license) ? "id" : "name";
    object["licenses"].push_back({{"license", {{key, json_text(license)}}}});
  }
  object["purl"] = json_text(component.purl);
  for (const std::string& path : component.paths) {
    object["evidence"]["occurrences"].push_back({{"location", json_text(path)}});
  }
  const finding::LayerEntry& layer = component.target->layers[component.layer];
  Json& properties = object["properties"] = Json::array();
  if (!component.kind.empty()) properties.push_back(property("meridian:kind", component.kind));
  properties.push_back(property("meridian:layer:index", std::to_string(component.layer)));
  properties.push_back(property("meridian:layer:id", layer.id));
  return object;
}

Json target_object(const finding::TargetEntry& target, const std::string& ref) {
  Json object;
  object["type"] = "container";
  object["bom-ref"] = ref;
  object["name"] = json_text(target.names.empty() ? target.id : target.names.front());
  object["version"] = json_text(target.id);
  Json& properties = object["properties"] = Json::array();
  properties.push_back(property("meridian:kind", target.kind));
  for (const std::string& name : target.names)
    properties.push_back(property("meridian:name", name));
  return object;
}

/// Nothing claims to be complete: a package without a record is not seen.
Json composition(const finding::Report& report, const finding::TargetEntry& target,
                 const std::string& ref) {
  bool incomplete = false;
  for (const finding::CoverageEntry& pair : report.coverage) {
    if (pair.target == target.id && !pair.complete) incomplete = true;
  }
  return {{"aggregate", incomplete ? "incomplete" : "unknown"}, {"assemblies", {ref}}};
}

}  // namespace

std::string report_cyclonedx(const finding::Report& report) {
  std::map<const finding::TargetEntry*, Json> packages;
  std::map<const finding::TargetEntry*, std::string> refs;
  for (const finding::TargetEntry& target : report.targets) {
    refs[&target] = "target-" + std::to_string(refs.size() + 1);
    packages[&target] = Json::array();
  }
  each_component(report, [&](const Component& component) {
    Json& list = packages[component.target];
    const std::string ref = refs[component.target] + "-package-" + std::to_string(list.size() + 1);
    list.push_back(package_object(component, ref));
  });

  Json components = Json::array(), compositions = Json::array();
  Json metadata;
  metadata["timestamp"] = json_text(report.finished);
  metadata["tools"]["components"] = {
      {{"type", "application"}, {"name", "meridian"}, {"version", json_text(report.version)}}};
  for (const finding::TargetEntry& target : report.targets) {
    Json object = target_object(target, refs[&target]);
    compositions.push_back(composition(report, target, refs[&target]));
    if (report.targets.size() == 1) {
      metadata["component"] = std::move(object);
      components = std::move(packages[&target]);
    } else {
      if (!packages[&target].empty()) object["components"] = std::move(packages[&target]);
      components.push_back(std::move(object));
    }
  }
  const Json listed = {metadata.value("component", Json()), components};
  const std::string content = listed.dump(-1, ' ', true, Json::error_handler_t::replace);

  Json document;
  document["$schema"] = "http://cyclonedx.org/schema/bom-1.6.schema.json";
  document["bomFormat"] = "CycloneDX";
  document["specVersion"] = "1.6";
  // The same for the same content, whenever it was looked at.
  document["serialNumber"] = "urn:uuid:" + uuid_of(content);
  document["version"] = 1;
  document["metadata"] = std::move(metadata);
  document["components"] = std::move(components);
  if (!compositions.empty()) document["compositions"] = std::move(compositions);
  return document.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace meridian::report
