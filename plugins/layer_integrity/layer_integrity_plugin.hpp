// SPDX-License-Identifier: Apache-2.0
//
// layer_integrity_plugin.hpp: the plugin: each layer of each image and container compared with what
// its engine unpacked. The host compares; here is what that is worth.
#pragma once

#include <meridian/plugin.hpp>

namespace meridian::layer_integrity {

class LayerIntegrityPlugin final : public Plugin<> {
 public:
  void subscribe(Subscriptions& on) const override;

 private:
  void target(const Target& target, TargetSink& out) const;
};

}  // namespace meridian::layer_integrity
