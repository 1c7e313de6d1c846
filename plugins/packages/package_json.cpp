// SPDX-License-Identifier: Apache-2.0
#include "package_json.hpp"

#include <nlohmann/json.hpp>
#include <utility>

namespace meridian::packages {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kHead = "{\"packages\":[", kTail = "]}";

void put(Json& object, const char* key, const std::string& text) {
  if (!text.empty()) object[key] = text;
}

Json object_of(const Package& package) {
  Json object;
  object["type"] = package.type;
  object["name"] = package.name;
  object["version"] = package.version;
  object["kind"] = to_text(package.kind);
  put(object, "arch", package.arch);
  if (!package.source.empty()) {
    object["source"] = {{"name", package.source}, {"version", package.source_version}};
  }
  if (!package.licenses.empty()) object["licenses"] = package.licenses;
  put(object, "inside", package.inside);
  return object;
}

/// Cuts the list where a fact is full. One object is far below that: Collector bounds its texts.
class FactWriter {
 public:
  void add(const Json& object) {
    const std::string text = object.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (!body_.empty() && kHead.size() + body_.size() + text.size() + 1 + kTail.size() > kMaxFact) {
      finish();
    }
    if (!body_.empty()) body_ += ',';
    body_ += text;
  }
  std::vector<std::string> take() {
    if (!body_.empty()) finish();
    return std::move(facts_);
  }

 private:
  void finish() {
    facts_.push_back(std::string(kHead).append(body_).append(kTail));
    body_.clear();
  }
  std::string body_;
  std::vector<std::string> facts_;
};

std::string text_of(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<Package> package_of(const nlohmann::json& object) {
  if (!object.is_object()) return std::nullopt;
  Package package;
  package.type = text_of(object, "type");
  package.name = text_of(object, "name");
  package.version = text_of(object, "version");
  package.arch = text_of(object, "arch");
  package.inside = text_of(object, "inside");
  const std::string kind = text_of(object, "kind");
  for (const Kind one : {Kind::kInstalled, Kind::kEmbedded, Kind::kDeclared}) {
    if (to_text(one) == kind) package.kind = one;
  }
  if (const auto source = object.find("source"); source != object.end() && source->is_object()) {
    package.source = text_of(*source, "name");
    package.source_version = text_of(*source, "version");
  }
  if (const auto list = object.find("licenses"); list != object.end() && list->is_array()) {
    for (const auto& one : *list) {
      if (one.is_string()) package.licenses.push_back(one.get<std::string>());
    }
  }
  if (package.type.empty() || package.name.empty()) return std::nullopt;
  return package;
}

}  // namespace

std::vector<std::string> layer_facts(const std::vector<Package>& packages) {
  FactWriter writer;
  for (const Package& package : packages) writer.add(object_of(package));
  return writer.take();
}

std::vector<std::string> target_facts(const std::vector<Component>& components) {
  constexpr std::size_t kMaxPaths = 20;
  constexpr std::size_t kMaxPathBytes = 32 << 10;  // so that one object stays below a fact
  FactWriter writer;
  for (const Component& component : components) {
    Json object = object_of(component.package);
    object["purl"] = component.purl;
    object["layer"] = component.layer;
    Json& paths = object["paths"] = Json::array();
    std::size_t bytes = 0;
    for (const std::string& path : component.paths) {
      bytes += path.size();
      if (paths.size() >= kMaxPaths || bytes > kMaxPathBytes) break;
      paths.push_back(path);
    }
    if (paths.size() < component.paths.size())
      object["more_paths"] = component.paths.size() - paths.size();
    writer.add(object);
  }
  return writer.take();
}

std::optional<std::vector<Package>> parse_layer_fact(std::string_view text) {
  const auto document = nlohmann::json::parse(text, nullptr, false);
  if (!document.is_object()) return std::nullopt;
  const auto list = document.find("packages");
  if (list == document.end() || !list->is_array()) return std::nullopt;
  std::vector<Package> packages;
  for (const auto& one : *list) {
    auto package = package_of(one);
    if (!package) return std::nullopt;
    packages.push_back(*std::move(package));
  }
  return packages;
}

}  // namespace meridian::packages
