// SPDX-License-Identifier: Apache-2.0
//
// privilege_escalation_plugin.hpp: the plugin: layers say which programs are privileged, each
// target what its users can make of them and of its configuration.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <meridian/plugin.hpp>

#include "program_data.hpp"
#include "rule_data.hpp"

namespace meridian::privilege_escalation {

class PrivilegeEscalationPlugin final : public Plugin<> {
 public:
  /// kMissingData without a file of rules/; kCorrupt, naming it, if one is wrong; kInvalid for an
  /// option that cannot be.
  Result<void> configure(const Config& config, const RuleData& data) override;
  void subscribe(Subscriptions& on) const override;

 private:
  void privileged(const File& file, LayerSink& out) const;
  void capable(const File& file, LayerSink& out) const;
  void finish(const Target& target, const Facts& facts, TargetSink& out) const;

  std::vector<RuleText> rules_;
  std::map<std::string, std::string> remediations_;  // by rule
  ProgramData programs_;
};

}  // namespace meridian::privilege_escalation
