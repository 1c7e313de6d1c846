// SPDX-License-Identifier: Apache-2.0
//
// probe_plugin.hpp: a plugin for tests of the scan: one rule of each kind, and facts.
#pragma once

#include <string>

#include "meridian/testing/testing.hpp"

namespace probe {

struct Seen {
  int files = 0;
};

class Probe final : public meridian::Plugin<Seen> {
 public:
  void subscribe(Subscriptions& on) const override {
    on.rule({.id = "token", .severity = meridian::Severity::kHigh, .title = "A token"});
    on.rule({.id = "name", .severity = meridian::Severity::kLow, .title = "A file name"});
    on.rule(
        {.id = "env", .severity = meridian::Severity::kMedium, .title = "An environment entry"});
    on.rule({.id = "count", .severity = meridian::Severity::kInfo, .title = "How many files"});
    on.layer_matches({.pattern = "TOKEN-[0-9A-Z]{16,40}", .where = {.max_size = 1 << 20}},
                     &Probe::token);
    on.layer_files({.paths = {"etc/**"}, .names = {"*.conf"}}, &Probe::name);
    on.image(&Probe::image);
    on.container(&Probe::image);
    on.finish_layer(&Probe::layer_done);
    on.finish_target(&Probe::target_done);
  }

 private:
  void token(const meridian::Match& match, meridian::LayerSink& out) const {
    out.report({.rule = "token",
                .message = "found " + std::string(match.bytes()),
                .at = match,
                .secret = match.bytes()});
  }
  void name(const meridian::File& file, Seen& seen, meridian::LayerSink& out) const {
    ++seen.files;
    out.report({.rule = "name", .file = file, .evidence = file.name()});
    if (file.name() == "throw.conf") throw std::runtime_error("this file is too much");
    if (file.name() == "gap.conf") {
      out.gap(file.path(), meridian::Error(meridian::ErrorCode::kCorrupt, "not a configuration"));
    }
  }
  void image(const meridian::Target& target, meridian::TargetSink& out) const {
    for (const auto entry : target.env()) {
      bool inherited = false;
      if (target.kind() == meridian::TargetKind::kContainer) {
        for (const auto other : target.image_env()) inherited = inherited || other == entry;
      }
      if (!inherited) {
        const std::string field = "env:" + std::string(entry.substr(0, entry.find('=')));
        out.report({.rule = "env", .field = field, .evidence = entry});
      }
    }
  }
  void layer_done(const meridian::Layer&, Seen& seen, meridian::LayerSink& out) const {
    out.fact("files", std::to_string(seen.files));
    out.fact("marker", "x", "etc/a.conf");
  }
  void target_done(const meridian::Target& target, const meridian::Facts& facts,
                   meridian::TargetSink& out) const {
    std::string text;
    for (std::size_t i = 0; i < facts.size(); ++i) {
      text += std::string(facts[i].key()) + "@" + std::to_string(facts[i].layer()) +
              (facts[i].visible() ? "" : "-") + "=" + std::string(facts[i].value()) + " ";
    }
    const auto passwd = target.tree().read("etc/link");
    out.report({.rule = "count", .evidence = text + (passwd ? *passwd : passwd.error().message())});
    out.fact("probe.count/1", "{}");
    if (const auto content = target.tree().read("srv/told")) out.fact("probe.told/1", *content);
  }
};

}  // namespace probe
