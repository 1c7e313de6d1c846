// SPDX-License-Identifier: Apache-2.0
//
// seccomp_profile.cpp: the table as JSON. "architectures" and not docker's "archMap": containerd
// and kubelet read the OCI form, docker and podman both.
#include <cerrno>

#include "deploy/render.hpp"
#include "deploy/seccomp_table.hpp"

namespace meridian::deploy {

namespace {

bool holds(const Plan& plan, CallGroup::When when) {
  if (when == CallGroup::When::kAlways) return true;
  return plan.writes == (when == CallGroup::When::kWrites);
}

/// `"a", "b"`, eight a line; the names are ours and need no escapes.
std::string names_of(std::string_view calls) {
  constexpr std::size_t kInLine = 8;
  std::string text;
  std::size_t number = 0;
  while (!calls.empty()) {
    const std::size_t end = std::min(calls.find(' '), calls.size());
    if (number > 0) text += number % kInLine == 0 ? ",\n        " : ", ";
    text += "\"" + std::string(calls.substr(0, end)) + "\"";
    calls.remove_prefix(std::min(end + 1, calls.size()));
    ++number;
  }
  return text;
}

std::string entry(std::string_view reason, std::string_view calls, const std::string& rest) {
  return "    {\n      \"comment\": \"" + std::string(reason) +
         "\",\n      \"names\": [\n        " + names_of(calls) + "\n      ],\n      " + rest +
         "\n    }";
}

std::string entries(const Plan& plan) {
  std::string text;
  const auto add = [&](const std::string& one) { text += (text.empty() ? "" : ",\n") + one; };
  for (const CallGroup& group : allowed_calls()) {
    if (holds(plan, group.when)) {
      add(entry(group.reason, group.calls, "\"action\": \"SCMP_ACT_ALLOW\""));
    }
  }
  for (const MaskedCall& one : masked_calls()) {
    if (!holds(plan, one.when)) continue;
    add(entry(one.reason, one.call,
              "\"action\": \"SCMP_ACT_ALLOW\",\n      \"args\": [{\"index\": " +
                  std::to_string(one.index) + ", \"value\": " + std::to_string(one.mask) +
                  ", \"valueTwo\": " + std::to_string(one.value) +
                  ", \"op\": \"SCMP_CMP_MASKED_EQ\"}]"));
  }
  for (const CallGroup& group : absent_calls()) {
    if (!holds(plan, group.when)) continue;
    add(entry(group.reason, group.calls,
              "\"action\": \"SCMP_ACT_ERRNO\",\n      \"errnoRet\": " + std::to_string(ENOSYS)));
  }
  return text;
}

}  // namespace

std::string seccomp_profile(const Plan& plan) {
  return "{\n  \"defaultAction\": \"SCMP_ACT_ERRNO\",\n"
         "  \"architectures\": [\"SCMP_ARCH_X86_64\", \"SCMP_ARCH_AARCH64\"],\n"
         "  \"syscalls\": [\n" +
         entries(plan) + "\n  ]\n}\n";
}

}  // namespace meridian::deploy
