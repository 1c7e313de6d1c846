// SPDX-License-Identifier: Apache-2.0
#include "deploy/quote.hpp"
#include "deploy/render.hpp"
#include "deploy/wording.hpp"

namespace meridian::deploy {

namespace {

/// One --mount, or --tmpfs for memory that is writable or only hides.
std::string mount_words(const Mount& mount) {
  if (mount.type == Mount::Type::kMemory) {
    const std::string how = mount.read_only ? ":ro,mode=0555" : ":rw,mode=0700";
    return "--tmpfs " +
           shell_word(mount.target + how +
                      ",nosuid,nodev,noexec,size=" + std::to_string(mount.bytes)) +
           "\"$empty\"";
  }
  std::string text = "type=bind," + csv_field("source=" + mount.source) + "," +
                     csv_field("target=" + mount.target);
  if (mount.read_only) text += ",readonly";
  if (mount.follows_host) text += ",bind-propagation=rslave";
  return "--mount " + shell_word(text);
}

/// The options are put in front of the words so far, so that each has a line and a comment.
std::string line(const Reason& reason, const std::string& words) {
  return comment(explained(reason), "") + "set -- " + words + " \"$@\"\n\n";
}

}  // namespace

std::string docker_script(const Plan& plan) {
  std::string arguments;
  for (const std::string& word : plan.arguments) arguments += " " + shell_word(word);
  std::string text = "#!/bin/sh\n";
  text += comment("Made by meridian " + plan.version + " deploy docker.", "");
  text += comment(summary(plan), "");
  text +=
      "#\n#   sh THIS > report.json      the scan below\n"
      "#   sh THIS list images        any other command of meridian\n#\n"
      "# MERIDIAN_ENGINE=podman: another program that takes the same options.\n"
      "set -eu\n\n"
      "profile=$(mktemp)\n"
      "trap 'rm -f \"$profile\"' EXIT\n"
      "# Ctrl-C is the engine's to pass on: the scan writes what it has, and its status is this "
      "one.\n"
      "trap : INT TERM\n"
      "cat >\"$profile\" <<'SECCOMP'\n" +
      seccomp_profile(plan) + "SECCOMP\n\n";
  text +=
      "# podman would fill an empty mount with what it hides.\n"
      "case ${MERIDIAN_ENGINE:-docker} in *podman*) empty=,notmpcopyup ;; *) empty= ;; esac\n\n";
  text += "[ $# -gt 0 ] || set --" + arguments + "\n";
  text += "set -- " + shell_word(plan.image) + " \"$@\"\n\n";
  for (const Limit& limit : limits(plan)) text += line(limit.reason, limit.docker);
  text += line(seccomp_reason(plan), "--security-opt \"seccomp=$profile\"");
  for (const Capability& one : plan.capabilities) text += line(one.reason, "--cap-add " + one.name);
  for (const Mount& mount : plan.mounts) text += line(mount.reason, mount_words(mount));
  for (const auto& [key, value] : plan.environment) {
    text += line(environment_reason(key, value), "--env " + shell_word(key + "=" + value));
  }
  text += "\"${MERIDIAN_ENGINE:-docker}\" run --rm \"$@\"\n";
  return text;
}

}  // namespace meridian::deploy
