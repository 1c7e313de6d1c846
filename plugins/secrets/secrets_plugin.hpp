// SPDX-License-Identifier: Apache-2.0
//
// secrets_plugin.hpp: the plugin: options and rules in, subscriptions and findings out.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <meridian/plugin.hpp>

#include "judge.hpp"
#include "kube_secret.hpp"

namespace meridian::secrets {

/// Of one unit of work.
struct Unit {
  Scratch scratch = {};
  std::string manifest = {};           // path of the Kubernetes manifest that was told last
  std::string asked = {};              // of the file that is_of_kube_secret() read last
  std::vector<KubeValue> values = {};  // of that
};

class SecretsPlugin final : public Plugin<Unit> {
 public:
  /// kMissingData without rules/secrets.json; kCorrupt, naming the rule, if one is wrong or its
  /// pattern does not compile; kInvalid for an option that cannot be.
  Result<void> configure(const Config& config, const RuleData& data) override;
  void subscribe(Subscriptions& on) const override;

 private:
  void match(std::size_t rule, const Match& match, Unit& unit, LayerSink& out) const;
  void too_large(const File& file, LayerSink& out) const;
  void inside(const File& file, Unit& unit, LayerSink& out) const;
  void kube_secret(const Match& match, Unit& unit, LayerSink& out) const;
  bool is_of_kube_secret(const Match& match, std::string_view value, Unit& unit) const;
  void image(const Target& target, Unit& unit, TargetSink& out) const;
  void container(const Target& target, Unit& unit, TargetSink& out) const;
  void report(const Target& target, bool is_container, Unit& unit, TargetSink& out) const;

  std::string_view id_of(std::size_t rule) const;

  std::unique_ptr<Judge> judge_;
  std::vector<std::string> exclude_;
  std::uint64_t max_file_size_ = 0;
  bool archives_ = true;
};

}  // namespace meridian::secrets
