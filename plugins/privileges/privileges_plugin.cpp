// SPDX-License-Identifier: Apache-2.0
#include "privileges_plugin.hpp"

#include "paths.hpp"
#include "rule_table.hpp"

namespace meridian::privileges {
namespace {

/// Said in the message and not in the evidence: the fingerprint is of the evidence, and a stopped
/// container has the same paths as before.
std::string_view origin_text(std::string_view origin) {
  return origin == "recorded" ? "from the runtime spec that it was started with"
                              : "from the runtime spec that its engine would start it with";
}

}  // namespace

Paths paths_to_host(const Privileges& privileges, const std::optional<Isolation>& isolation) {
  const Standing standing(privileges, isolation);
  const Subject subject{privileges, standing};
  Paths out;
  if (privileges.privileged()) {
    privileged_path(subject, out);
  } else {
    capability_paths(subject, out);
    confinement_paths(subject, out);
    device_paths(subject, out);
  }
  namespace_paths(subject, out);
  mount_paths(subject, out);
  return out;
}

void PrivilegesPlugin::subscribe(Subscriptions& on) const {
  for (const RuleText& rule : rule_table()) {
    on.rule({.id = std::string(rule.id),
             .severity = rule.severity,
             .title = std::string(rule.title),
             .help = std::string(rule.help)});
  }
  on.container(&PrivilegesPlugin::container);
}

void PrivilegesPlugin::container(const Target& target, TargetSink& out) const {
  const auto privileges = target.privileges();
  if (!privileges) {
    return out.gap("", Error(ErrorCode::kUnreadable,
                             "no runtime spec is known of it, so its privileges are not known"));
  }
  for (const PathToHost& path : paths_to_host(*privileges, target.isolation())) {
    std::string message = path.message;
    message.append(" (").append(origin_text(target.spec_origin())).append(")");
    out.report({.rule = path.rule,
                .message = message,
                .field = path.field,
                .evidence = path.evidence,
                .remediation = rule_text(path.rule).remediation,
                .severity = path.severity,
                .confidence = path.confidence});
  }
}

}  // namespace meridian::privileges
