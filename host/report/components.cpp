// SPDX-License-Identifier: Apache-2.0
#include "report/components.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "base/json_bounds.hpp"
#include "base/sha256.hpp"
#include "report/json_bytes.hpp"

namespace meridian::report {
namespace {

using nlohmann::json;

std::string text_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::vector<std::string> texts_at(const json& object, const char* key) {
  std::vector<std::string> texts;
  const auto found = object.find(key);
  if (found == object.end() || !found->is_array()) return texts;
  for (const json& one : *found) {
    if (one.is_string()) texts.push_back(one.get<std::string>());
  }
  return texts;
}

std::optional<Component> component_of(const json& object, const finding::TargetEntry& target) {
  if (!object.is_object()) return std::nullopt;
  Component component;
  component.target = &target;
  component.purl = text_at(object, "purl");
  component.name = text_at(object, "name");
  component.version = text_at(object, "version");
  component.type = text_at(object, "type");
  component.kind = text_at(object, "kind");
  component.arch = text_at(object, "arch");
  component.licenses = texts_at(object, "licenses");
  component.paths = texts_at(object, "paths");
  const auto layer = object.find("layer");
  if (layer == object.end() || !layer->is_number_unsigned()) return std::nullopt;
  const auto index = layer->get<std::uint64_t>();
  if (index >= target.layers.size()) return std::nullopt;
  component.layer = static_cast<std::uint32_t>(index);
  const bool whole = component.purl.rfind("pkg:", 0) == 0 && !component.name.empty();
  return whole ? std::optional(std::move(component)) : std::nullopt;
}

}  // namespace

void each_component(const finding::Report& report,
                    const std::function<void(const Component&)>& take) {
  std::map<std::string_view, const finding::TargetEntry*> targets;
  for (const finding::TargetEntry& target : report.targets) targets[target.id] = &target;
  for (const finding::FactEntry& fact : report.facts) {
    const auto target = targets.find(fact.target);
    if (fact.schema != "meridian.packages/1" || target == targets.end()) continue;
    if (!base::check_json_bounds(fact.data)) continue;
    const json document = json::parse(fact.data, nullptr, false);
    if (!document.is_object()) continue;
    const auto list = document.find("packages");
    if (list == document.end() || !list->is_array()) continue;
    for (const json& one : *list) {
      if (const auto component = component_of(one, *target->second)) take(*component);
    }
  }
}

std::string component_json(const Component& component, Layout layout) {
  using Json = nlohmann::ordered_json;
  const auto texts = [](const std::vector<std::string>& items) {
    Json array = Json::array();
    for (const std::string& item : items) array.push_back(json_text(item));
    return array;
  };
  const finding::LayerEntry& origin = component.target->layers[component.layer];
  const Json object = {
      {"target", json_text(component.target->id)},
      {"purl", json_text(component.purl)},
      {"name", json_text(component.name)},
      {"version", json_text(component.version)},
      {"type", json_text(component.type)},
      {"licenses", texts(component.licenses)},
      {"layer", {{"index", component.layer}, {"id", json_text(origin.id)}}},
      {"paths", texts(component.paths)},
  };
  const int indent = layout == Layout::kIndented ? 2 : -1;
  return object.dump(indent, ' ', true, Json::error_handler_t::replace);
}

bool is_spdx_license(const std::string& name) {
  // Sorted. spdx.org/licenses has six hundred more, which stand as names.
  static constexpr std::array<std::string_view, 34> kIds = {"0BSD",
                                                            "AGPL-3.0-only",
                                                            "AGPL-3.0-or-later",
                                                            "Apache-1.1",
                                                            "Apache-2.0",
                                                            "Artistic-2.0",
                                                            "BSD-2-Clause",
                                                            "BSD-3-Clause",
                                                            "BSL-1.0",
                                                            "CC0-1.0",
                                                            "EPL-1.0",
                                                            "EPL-2.0",
                                                            "GFDL-1.3-only",
                                                            "GPL-2.0-only",
                                                            "GPL-2.0-or-later",
                                                            "GPL-3.0-only",
                                                            "GPL-3.0-or-later",
                                                            "ISC",
                                                            "LGPL-2.0-or-later",
                                                            "LGPL-2.1-only",
                                                            "LGPL-2.1-or-later",
                                                            "LGPL-3.0-only",
                                                            "LGPL-3.0-or-later",
                                                            "MIT",
                                                            "MIT-0",
                                                            "MPL-1.1",
                                                            "MPL-2.0",
                                                            "OpenSSL",
                                                            "PSF-2.0",
                                                            "Python-2.0",
                                                            "Ruby",
                                                            "Unlicense",
                                                            "Vim",
                                                            "Zlib"};
  return std::binary_search(kIds.begin(), kIds.end(), name);
}

std::string uuid_of(const std::string& text) {
  std::string digits = base::sha256_hex(text).substr(0, 32);
  digits[12] = '8';
  digits[16] = "89ab"[static_cast<unsigned char>(digits[16]) % 4];
  for (const std::size_t dash : {20u, 16u, 12u, 8u}) digits.insert(dash, 1, '-');
  return digits;
}

}  // namespace meridian::report
