// SPDX-License-Identifier: Apache-2.0
#include "deploy/quote.hpp"
#include "deploy/render.hpp"
#include "deploy/wording.hpp"

namespace meridian::deploy {

namespace {

std::string text_of(const std::string& value) { return yaml_text(without_variables(value)); }

/// Comment and line, in the service.
std::string line(const Reason& reason, const std::string& yaml) {
  return comment(explained(reason), "    ") + "    " + yaml + "\n";
}

std::string item(const Reason& reason, const std::string& yaml) {
  return comment(explained(reason), "      ") + "      - " + yaml + "\n";
}

std::string mount_item(const Mount& mount) {
  const bool bind = mount.type == Mount::Type::kBind;
  std::string yaml = std::string("type: ") + (bind ? "bind" : "tmpfs") + "\n";
  if (bind) yaml += "        source: " + text_of(mount.source) + "\n";
  yaml += "        target: " + text_of(mount.target) + "\n";
  if (mount.read_only) yaml += "        read_only: true\n";
  if (mount.follows_host) yaml += "        bind:\n          propagation: rslave\n";
  if (!bind) yaml += "        tmpfs:\n          size: " + std::to_string(mount.bytes) + "\n";
  yaml.pop_back();
  return item(mount.reason, yaml);
}

}  // namespace

std::string compose_file(const Plan& plan) {
  const auto limited = [&](const std::string& name, const std::string& yaml) {
    return line(limit_reason(plan, name), yaml);
  };
  const std::string memory = in_mebibytes(plan.memory) + "m";
  std::string text = comment("Made by meridian " + plan.version + " deploy compose.", "");
  text += comment(summary(plan), "");
  text +=
      "#\n#   meridian deploy seccomp (with the same options) > meridian-seccomp.json    beside "
      "this file\n"
      "#   docker-compose -f THIS run --rm -T meridian > report.json\n"
      "services:\n  meridian:\n    image: " +
      text_of(plan.image) + "\n    command:\n";
  for (const std::string& word : plan.arguments) text += "      - " + text_of(word) + "\n";
  text += limited("user", "user: \"0:0\"");
  text += limited("read-only-root", "read_only: true");
  text += limited("no-capabilities", "cap_drop:\n      - ALL");
  text += "    cap_add:\n";
  for (const Capability& one : plan.capabilities) text += item(one.reason, one.name);
  text += "    security_opt:\n";
  text += item(limit_reason(plan, "no-new-privileges"), "no-new-privileges:true");
  text += item(seccomp_reason(plan), "seccomp:./meridian-seccomp.json");
  text += limited("no-network", "network_mode: none");
  text += limited("memory", "mem_limit: " + memory + "\n    memswap_limit: " + memory);
  text += limited("cpus", "cpus: " + in_cpus(plan.milli_cpus));
  text += limited("processes", "pids_limit: " + std::to_string(plan.processes));
  text += "    environment:\n";
  for (const auto& [key, value] : plan.environment) {
    text += comment(explained(environment_reason(key, value)), "      ");
    text += "      " + key + ": " + text_of(value) + "\n";
  }
  text += "    volumes:\n";
  for (const Mount& mount : plan.mounts) text += mount_item(mount);
  return text;
}

}  // namespace meridian::deploy
