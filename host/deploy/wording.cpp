// SPDX-License-Identifier: Apache-2.0
#include "deploy/wording.hpp"

#include <algorithm>

namespace meridian::deploy {

std::string explained(const Reason& reason) {
  return reason.name + ": " + reason.why + ". Without: " + reason.without + ".";
}

std::string summary(const Plan& plan) {
  std::string text =
      "Scans this machine's images and containers from a container that may read everything and " +
      std::string(plan.writes ? "write to the folders named below alone."
                              : "write to nothing: the report goes to standard output.");
  return text + " Nothing needs --privileged.";
}

std::vector<Limit> limits(const Plan& plan) {
  const std::string memory = in_mebibytes(plan.memory) + "m";
  return {
      {{"user", "uid 0: to any other user an engine gives no capability at all",
        "cap-dac-read-search has no effect"},
       "--user 0:0"},
      {{"read-only-root", "nothing is written into the container",
        "what broke into the program can change it for as long as the container lives"},
       "--read-only"},
      {{"no-capabilities", "uid 0 gives up what it has by being uid 0",
        "the engine's usual fourteen capabilities are there, CAP_DAC_OVERRIDE among them: every "
        "file "
        "of the host that a mount leaves writable"},
       "--cap-drop ALL"},
      {{"no-new-privileges", "no program that is started gains anything, setuid or not",
        "a setuid file found below /host could be started for what it gives"},
       "--security-opt no-new-privileges"},
      {{"no-network", "nothing is asked of any network", "what was read can be sent away"},
       "--network none"},
      {{"memory", "room for the program and what the chosen plugins declare; no swap",
        "a hostile archive competes with the host's own work for memory"},
       "--memory " + memory + " --memory-swap " + memory},
      {{"cpus", "as many as the scan has jobs", "a scan takes every processor"},
       "--cpus " + in_cpus(plan.milli_cpus)},
      {{"processes", "program, lanes, readers and their threads",
        "a fork bomb takes the host's process ids"},
       "--pids-limit " + std::to_string(plan.processes)},
  };
}

Reason limit_reason(const Plan& plan, const std::string& name) {
  const auto all = limits(plan);
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const Limit& limit) { return limit.reason.name == name; });
  return found->reason;
}

Reason seccomp_reason(const Plan& plan) {
  const std::string writing = plan.writes ? "" : ", opening anything for writing";
  return {"seccomp",
          "the system calls that a recorded scan makes and no others: open_by_handle_at" + writing +
              ", sockets with an address, ptrace, mount and mknod are refused",
          "the engine's usual profile: with CAP_DAC_READ_SEARCH it allows open_by_handle_at, which "
          "leaves the container through any writable mount" +
              std::string(plan.writes ? "" : "; mounts below /host are writable")};
}

Reason environment_reason(const std::string& key, const std::string& value) {
  if (key == "MERIDIAN_WRITES") {
    return {
        key,
        "the program gives up writing to files before it reads anything; the profile has to leave "
        "a "
        "way, by which the engine starts the program",
        "whoever broke into the program may write to files that are there, on mounts below /host, "
        "where their modes let uid 0"};
  }
  if (key == "MERIDIAN_DATA") {
    return {key, "databases that `meridian data import` wrote on the host, read there",
            "plugins that need one say of every target that it is missing"};
  }
  if (value == "none") {
    return {key, "nothing is kept between scans, there is no place for it",
            "a warning that its usual folder cannot be made"};
  }
  return {key, "kept in the mount `keep`",
          "what is kept would be looked for where nothing can be written"};
}

std::string in_mebibytes(std::uint64_t bytes) { return std::to_string(bytes >> 20); }

std::string in_cpus(std::uint32_t milli_cpus) {
  std::string text = std::to_string(milli_cpus / 1000);
  if (milli_cpus % 1000 == 0) return text;
  std::string rest = std::to_string(1000 + milli_cpus % 1000).substr(1);
  rest.erase(rest.find_last_not_of('0') + 1);
  return text + "." + rest;
}

}  // namespace meridian::deploy
