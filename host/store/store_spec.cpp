// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "base/escape.hpp"
#include "store/store.hpp"

namespace meridian::store {

Result<StoreSpec> StoreSpec::parse(std::string_view text) {
  const auto invalid = [text](std::string_view why) {
    return Error(ErrorCode::kInvalid, "store '" + base::escape(text) + "': " + std::string(why));
  };
  const auto equals = text.find('=');
  if (equals == std::string_view::npos) return invalid("expected KIND=ROOT[,STATE]");
  const std::string_view places = text.substr(equals + 1);
  const auto comma = places.find(',');
  StoreSpec spec;
  spec.kind = text.substr(0, equals);
  spec.root = places.substr(0, comma);
  if (comma != std::string_view::npos) spec.state = places.substr(comma + 1);
  constexpr std::array<std::string_view, 4> kKinds = {"docker", "containerd", "containers-storage",
                                                      "ignite"};
  if (std::find(kKinds.begin(), kKinds.end(), spec.kind) == kKinds.end()) {
    return invalid("unknown kind, known are: docker, containerd, containers-storage, ignite");
  }
  if (spec.root.empty() || spec.root[0] != '/') return invalid("ROOT is no absolute path");
  return spec;
}

}  // namespace meridian::store
