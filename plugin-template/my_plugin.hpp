// SPDX-License-Identifier: Apache-2.0
//
// my_plugin.hpp: what Meridian shows this plugin, and what it makes of it.
#pragma once

#include <meridian/plugin.hpp>

#include "my_rule.hpp"

class MyPlugin final : public meridian::Plugin<> {
 public:
  void subscribe(Subscriptions& on) const override {
    on.rule({.id = "ssh-root-login",
             .severity = meridian::Severity::kMedium,
             .title = "the SSH server lets root log in",
             .help = "https://man.openbsd.org/sshd_config#PermitRootLogin"});
    on.layer_matches({.pattern = R"(PermitRootLogin[ \t]+yes\b)",
                      .where = {.paths = {"etc/ssh/sshd_config", "etc/ssh/sshd_config.d/*.conf"}},
                      .context = 128,
                      .caseless = true},
                     &MyPlugin::root_login);
  }

  void root_login(const meridian::Match& match, meridian::LayerSink& out) const {
    if (!begins_line(match.before())) return;
    out.report({.rule = "ssh-root-login",
                .message = "PermitRootLogin should be no or prohibit-password",
                .at = match,
                .evidence = match.bytes()});
  }
};
