// SPDX-License-Identifier: Apache-2.0
#include "inventory_plugin.hpp"

#include <cstdint>
#include <optional>
#include <string>

#include "os_release.hpp"
#include "target_card.hpp"

namespace meridian::inventory {
namespace {

constexpr std::uint64_t kMaxOsRelease = 64 << 10;  // real ones have one KiB

/// Where os-release(5) says that it is, in that order. Nothing: there is none, which is no gap.
std::optional<OsRelease> os_release(const Target& target, TargetSink& out) {
  for (const char* path : {"etc/os-release", "usr/lib/os-release"}) {
    const auto text = target.tree().read(path, kMaxOsRelease);
    if (text) return parse_os_release(*text);
    if (text.error().code() == ErrorCode::kNotFound) continue;
    out.gap(path, text.error());
    return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

void InventoryPlugin::subscribe(Subscriptions& on) const {
  on.image(&InventoryPlugin::target);
  on.container(&InventoryPlugin::target);
}

void InventoryPlugin::target(const Target& target, TargetSink& out) const {
  const auto os = os_release(target, out);
  Card card = target_card(target, os);
  for (const std::string& what : card.cut) {
    out.gap("", Error(ErrorCode::kLimit, what));
  }
  out.fact(kSchema, card.json);
}

}  // namespace meridian::inventory
