// SPDX-License-Identifier: Apache-2.0
#include "store/kubernetes/cni.hpp"

#include <utility>

#include "model/json.hpp"

namespace meridian::store::kubernetes {

using model::Json;

Result<model::CniNetwork> parse_cni(std::string_view json) {
  MERIDIAN_TRY(const Json root, Json::parse(json));
  if (!root.is_object()) return Error(ErrorCode::kCorrupt, "is no JSON object");
  model::CniNetwork network;
  MERIDIAN_TRY(network.name, root.text("name"));
  MERIDIAN_TRY(auto plugins, root.list("plugins"));
  if (plugins.empty()) plugins.push_back(root);
  for (const Json& plugin : plugins) {
    MERIDIAN_TRY(auto type, plugin.text("type"));
    network.plugins.push_back(std::move(type));
  }
  return network;
}

}  // namespace meridian::store::kubernetes
