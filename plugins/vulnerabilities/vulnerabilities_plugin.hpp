// SPDX-License-Identifier: Apache-2.0
//
// vulnerabilities_plugin.hpp: the plugin: packages of a target and the imported database in,
// findings out. It reads no file but os-release.
#pragma once

#include <meridian/plugin.hpp>
#include <optional>
#include <string_view>

namespace meridian::vulnerabilities {

class VulnerabilitiesPlugin final : public Plugin<> {
 public:
  Result<void> configure(const Config& config, const RuleData& data) override;
  void subscribe(Subscriptions& on) const override;

 private:
  void target(const Target& target, const Facts& facts, TargetSink& out) const;

  std::optional<std::string_view> database_;  // of the host, until the plugin is destroyed
};

}  // namespace meridian::vulnerabilities
