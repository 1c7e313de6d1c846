// SPDX-License-Identifier: Apache-2.0
//
// known_artifacts_plugin.hpp: the plugin: files whose content is known to be bad, by rules.
#pragma once

#include <vector>

#include <meridian/plugin.hpp>

#include "member_groups.hpp"
#include "rule.hpp"

namespace meridian::known_artifacts {

class KnownArtifactsPlugin final : public Plugin<> {
 public:
  Result<void> configure(const Config& config, const RuleData& data) override;
  void subscribe(Subscriptions& on) const override;

 private:
  void archive(const File& file, LayerSink& out) const;
  /// A class that lies in a tree and in no archive: a fact, since what is beside it may come in
  /// another layer, or be deleted there.
  void member(const File& file, LayerSink& out) const;
  void file(const ArtifactRule& rule, const FileTest& test, const File& file, LayerSink& out) const;
  void hashed(const ArtifactRule& rule, const HashTest& test, const File& file,
              LayerSink& out) const;
  void npm(const ArtifactRule& rule, const File& file, LayerSink& out) const;
  void finish(const Target& target, const Facts& facts, TargetSink& out) const;
  Finding finding(const ArtifactRule& rule) const;

  std::vector<ArtifactRule> rules_;
  std::size_t shipped_ = 0;  // of them; the rest are the user's, under one declared rule
  MemberIndex index_{rules_};
};

}  // namespace meridian::known_artifacts
