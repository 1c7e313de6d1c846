// SPDX-License-Identifier: Apache-2.0
//
// isolation_plugin.hpp: the plugin: kernel boundaries of containers and RuntimeClasses of a host
// in, what is wrong with them out.
#pragma once

#include <meridian/plugin.hpp>

#include "policy.hpp"

namespace meridian::isolation {

class IsolationPlugin final : public Plugin<> {
 public:
  Result<void> configure(const Config& config, const RuleData& data) override;
  void subscribe(Subscriptions& on) const override;

 private:
  void container(const Target& target, TargetSink& out) const;
  void host(const Target& target, TargetSink& out) const;

  Policy policy_;
};

}  // namespace meridian::isolation
