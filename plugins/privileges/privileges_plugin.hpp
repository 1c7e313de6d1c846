// SPDX-License-Identifier: Apache-2.0
//
// privileges_plugin.hpp: the plugin: a container's privileges in, its paths to the host out.
#pragma once

#include <meridian/plugin.hpp>

namespace meridian::privileges {

class PrivilegesPlugin final : public Plugin<> {
 public:
  void subscribe(Subscriptions& on) const override;

 private:
  void container(const Target& target, TargetSink& out) const;
};

}  // namespace meridian::privileges
