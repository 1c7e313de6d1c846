// SPDX-License-Identifier: Apache-2.0
//
// inventory_plugin.hpp: the plugin: a target in, one fact "meridian.inventory/1" of it out.
#pragma once

#include <string_view>

#include <meridian/plugin.hpp>

namespace meridian::inventory {

constexpr std::string_view kSchema = "meridian.inventory/1";

class InventoryPlugin final : public Plugin<> {
 public:
  void subscribe(Subscriptions& on) const override;

 private:
  void target(const Target& target, TargetSink& out) const;
};

}  // namespace meridian::inventory
