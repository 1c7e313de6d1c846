// SPDX-License-Identifier: Apache-2.0
#include "runtime_classes.hpp"

#include <nlohmann/json.hpp>

namespace meridian::isolation {
namespace {

using Json = nlohmann::json;

std::string text(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

void look_at(const Json& one, ClassesLook& out) {
  const std::string name = text(one, "name"), handler = text(one, "handler");
  const std::string file = text(one, "file"), state = text(one, "state");
  const std::string kind = text(one, "kind"), runtime = text(one, "runtime");
  const std::string field = "runtime-class:" + name;
  const std::string who =
      "RuntimeClass '" + name + "' (" + file + ") names handler '" + handler + "'";
  const std::string evidence = file + ": handler: " + handler;
  if (state == "not-configured") {
    out.weaknesses.push_back({"handler-not-configured", field,
                              who + ", which the engine of this node's pods was not told of: pods "
                                    "of that class do not start here",
                              evidence});
  } else if (state == "no-program") {
    out.weaknesses.push_back({"handler-without-program", field,
                              who + ", whose program is not on this host: pods of that class do "
                                    "not start here",
                              evidence});
  } else if (kind == "shared-kernel" && (names_sandbox(name) || names_sandbox(handler))) {
    out.weaknesses.push_back({"sandbox-in-name-only", field,
                              who + ", which is " + (runtime.empty() ? "no sandbox" : runtime) +
                                  " and shares the host's kernel",
                              evidence});
  } else if (state != "ready") {
    out.unknown.push_back(who + ": no engine of a pod here says what that is");
  }
}

}  // namespace

Result<ClassesLook> look_at_classes(std::string_view node_json) {
  const Json node = Json::parse(node_json, nullptr, false);
  if (!node.is_object()) return Error(ErrorCode::kCorrupt, "the node is no JSON object");
  ClassesLook out;
  const auto classes = node.find("runtime_classes");
  if (classes == node.end() || !classes->is_array()) return out;
  for (const Json& one : *classes) {
    if (one.is_object()) look_at(one, out);
  }
  return out;
}

}  // namespace meridian::isolation
