// SPDX-License-Identifier: Apache-2.0
#include "isolation_plugin.hpp"

#include <string>

#include "rule_table.hpp"
#include "runtime_classes.hpp"
#include "weaknesses.hpp"

namespace meridian::isolation {
namespace {

void report(const std::vector<Weakness>& found, TargetSink& out) {
  for (const Weakness& one : found) {
    out.report({.rule = one.rule,
                .message = one.message,
                .field = one.field,
                .evidence = one.evidence,
                .remediation = rule_text(one.rule).remediation,
                .severity = one.severity,
                .confidence = one.confidence});
  }
}

}  // namespace

Result<void> IsolationPlugin::configure(const Config& config, const RuleData& /*data*/) {
  MERIDIAN_TRY(policy_, Policy::of(config));
  return {};
}

void IsolationPlugin::subscribe(Subscriptions& on) const {
  for (const RuleText& rule : rule_table()) {
    on.rule({.id = std::string(rule.id),
             .severity = rule.severity,
             .title = std::string(rule.title),
             .help = std::string(rule.help)});
  }
  on.container(&IsolationPlugin::container);
  on.host(&IsolationPlugin::host);
}

void IsolationPlugin::container(const Target& target, TargetSink& out) const {
  const auto isolation = target.isolation();
  if (!isolation) return;
  const auto found = weaknesses(target, *isolation, policy_);
  report(found, out);
  const bool said = isolation->state() == HandlerState::kNotConfigured ||
                    isolation->state() == HandlerState::kNoProgram;
  if (isolation->boundary() == Boundary::kUnknown && !said) {
    std::string why = "which kernel it has is not known";
    for (const std::string_view one : isolation->evidence()) why.append("; ").append(one);
    out.gap("", Error(ErrorCode::kMissingData, why));
  }
  if (!target.privileges()) {
    out.gap("", Error(ErrorCode::kUnreadable,
                      "no runtime spec is known of it, so its privileges are not known"));
  }
}

void IsolationPlugin::host(const Target& target, TargetSink& out) const {
  const auto look = look_at_classes(target.config_json());
  if (!look) return out.gap("", look.error());
  report(look->weaknesses, out);
  for (const std::string& why : look->unknown) {
    out.gap("", Error(ErrorCode::kMissingData, why));
  }
}

}  // namespace meridian::isolation
