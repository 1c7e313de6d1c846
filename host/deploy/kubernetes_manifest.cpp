// SPDX-License-Identifier: Apache-2.0
#include "deploy/quote.hpp"
#include "deploy/render.hpp"
#include "deploy/wording.hpp"

namespace meridian::deploy {

namespace {

/// Lines of YAML at a depth: every line that is added starts there.
class Yaml {
 public:
  explicit Yaml(std::size_t depth) : indent_(depth, ' ') {}
  void line(const std::string& yaml) { text_ += indent_ + yaml + "\n"; }
  void line(const Reason& reason, const std::string& yaml) {
    text_ += comment(explained(reason), indent_);
    line(yaml);
  }
  void deeper(const Yaml& inner) { text_ += inner.text_; }
  const std::string& text() const { return text_; }

 private:
  std::string indent_;
  std::string text_;
};

/// Arguments and environment: kubelet replaces $(NAME) there.
std::string expanded(const std::string& value) { return yaml_text(without_variables(value)); }

Yaml security(const Plan& plan, std::size_t depth) {
  Yaml yaml(depth);
  yaml.line("securityContext:");
  Yaml inner(depth + 2);
  inner.line(limit_reason(plan, "user"), "runAsUser: 0");
  inner.line("runAsGroup: 0");
  inner.line(limit_reason(plan, "read-only-root"), "readOnlyRootFilesystem: true");
  inner.line(limit_reason(plan, "no-new-privileges"), "allowPrivilegeEscalation: false");
  inner.line("capabilities:");
  Yaml capabilities(depth + 4);
  capabilities.line(limit_reason(plan, "no-capabilities"), "drop: [ALL]");
  capabilities.line("add:");
  for (const Capability& one : plan.capabilities) capabilities.line(one.reason, "- " + one.name);
  inner.deeper(capabilities);
  inner.line(seccomp_reason(plan), "seccompProfile:");
  inner.line("  # On every node: meridian deploy seccomp (with the same options) >");
  inner.line("  # /var/lib/kubelet/seccomp/meridian.json");
  inner.line("  type: Localhost");
  inner.line("  localhostProfile: meridian.json");
  yaml.deeper(inner);
  return yaml;
}

Yaml resources(const Plan& plan, std::size_t depth) {
  Yaml yaml(depth);
  const std::string memory = in_mebibytes(plan.memory) + "Mi";
  yaml.line("resources:");
  yaml.line("  requests:");
  yaml.line("    cpu: 100m");
  yaml.line("    memory: " + memory);
  yaml.line("  limits:");
  Yaml inner(depth + 4);
  inner.line(limit_reason(plan, "cpus"), "cpu: " + std::to_string(plan.milli_cpus) + "m");
  inner.line(limit_reason(plan, "memory"), "memory: " + memory);
  yaml.deeper(inner);
  return yaml;
}

Yaml container_mounts(const Plan& plan, std::size_t depth) {
  Yaml yaml(depth);
  yaml.line("volumeMounts:");
  Yaml inner(depth + 2);
  for (const Mount& mount : plan.mounts) {
    inner.line(mount.reason, "- name: " + mount.reason.name);
    inner.line("  mountPath: " + yaml_text(mount.target));
    inner.line(std::string("  readOnly: ") + (mount.read_only ? "true" : "false"));
    if (mount.follows_host) inner.line("  mountPropagation: HostToContainer");
  }
  yaml.deeper(inner);
  return yaml;
}

Yaml volumes(const Plan& plan, std::size_t depth) {
  Yaml yaml(depth);
  yaml.line("volumes:");
  for (const Mount& mount : plan.mounts) {
    yaml.line("  - name: " + mount.reason.name);
    if (mount.type == Mount::Type::kMemory) {
      yaml.line("    emptyDir:");
      yaml.line("      medium: Memory");
      yaml.line("      sizeLimit: \"" + std::to_string(mount.bytes) + "\"");
    } else {
      yaml.line("    hostPath:");
      yaml.line("      path: " + yaml_text(mount.source));
    }
  }
  return yaml;
}

/// A DaemonSet's containers are started again when they end, so that this one waits between scans.
Yaml command(const Plan& plan, std::size_t depth) {
  Yaml yaml(depth);
  if (plan.kind == Kind::kDaemonSet) {
    yaml.line("# A DaemonSet's container is started again when it ends: it waits between scans.");
    yaml.line("command:");
    yaml.line("  - /bin/sh");
    yaml.line("  - -c");
    yaml.line("  - " +
              expanded("while :; do meridian \"$@\" || echo \"meridian: status $?\" >&2; sleep " +
                       std::to_string(plan.every_seconds) + "; done"));
    yaml.line("  - meridian");
  }
  yaml.line("args:");
  for (const std::string& word : plan.arguments) yaml.line("  - " + expanded(word));
  yaml.line("env:");
  Yaml inner(depth + 2);
  for (const auto& [key, value] : plan.environment) {
    inner.line(environment_reason(key, value), "- name: " + key);
    inner.line("  value: " + expanded(value));
  }
  yaml.deeper(inner);
  return yaml;
}

Yaml pod(const Plan& plan, std::size_t depth) {
  Yaml yaml(depth);
  yaml.line({"no-token", "nothing is asked of the cluster",
             "a token of the service account is there to be read and sent away"},
            "automountServiceAccountToken: false");
  yaml.line("enableServiceLinks: false");
  if (plan.kind != Kind::kDaemonSet) yaml.line("restartPolicy: Never");
  yaml.line({"tolerations", "nodes that take no ordinary work have images and containers too",
             "control-plane and other tainted nodes are not scanned"},
            "tolerations:");
  yaml.line("  - operator: Exists");
  yaml.line("containers:");
  yaml.line("  - name: meridian");
  yaml.line("    image: " + yaml_text(plan.image));
  yaml.deeper(command(plan, depth + 4));
  yaml.deeper(security(plan, depth + 4));
  yaml.deeper(resources(plan, depth + 4));
  yaml.deeper(container_mounts(plan, depth + 4));
  yaml.deeper(volumes(plan, depth));
  return yaml;
}

/// `template:` with labels and the pod.
Yaml pod_template(const Plan& plan, std::size_t depth) {
  Yaml yaml(depth);
  yaml.line("template:");
  yaml.line("  metadata:");
  yaml.line("    labels:");
  yaml.line("      app.kubernetes.io/name: meridian");
  yaml.line("  spec:");
  yaml.deeper(pod(plan, depth + 4));
  return yaml;
}

Yaml job(const Plan& plan, std::size_t depth) {
  Yaml yaml(depth);
  yaml.line("# A scan that failed says why; again would fail again.");
  yaml.line("backoffLimit: 0");
  yaml.deeper(pod_template(plan, depth));
  return yaml;
}

std::string head(const Plan& plan, const std::string& kind) {
  return comment("Made by meridian " + plan.version + " deploy kubernetes.", "") +
         comment(summary(plan), "") +
         comment(
             "There is no cluster network policy in it: deny egress of pods labelled "
             "app.kubernetes.io/name=meridian; a pod has a network, but the seccomp profile gives "
             "it "
             "no socket.",
             "") +
         "apiVersion: " + (kind == "DaemonSet" ? "apps/v1" : "batch/v1") + "\nkind: " + kind +
         "\nmetadata:\n  name: meridian\n  labels:\n    app.kubernetes.io/name: meridian\nspec:\n";
}

}  // namespace

std::string kubernetes_manifest(const Plan& plan) {
  Yaml spec(2);
  if (plan.kind == Kind::kDaemonSet) {
    spec.line("selector:");
    spec.line("  matchLabels:");
    spec.line("    app.kubernetes.io/name: meridian");
    spec.deeper(pod_template(plan, 2));
    return head(plan, "DaemonSet") + spec.text();
  }
  if (plan.kind == Kind::kJob) {
    spec.line(
        "# Scans the one node that it is put on: name it with nodeName, or take a DaemonSet.");
    spec.deeper(job(plan, 2));
    return head(plan, "Job") + spec.text();
  }
  spec.line("schedule: " + yaml_text(plan.schedule));
  spec.line("# A scan that is still running is not overtaken by the next.");
  spec.line("concurrencyPolicy: Forbid");
  spec.line("jobTemplate:");
  spec.line("  spec:");
  spec.deeper(job(plan, 6));
  return head(plan, "CronJob") + spec.text();
}

}  // namespace meridian::deploy
