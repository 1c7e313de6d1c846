// SPDX-License-Identifier: Apache-2.0
#include <linux/capability.h>

#include <cerrno>
#include <nlohmann/json.hpp>

#include "environment/doctor.hpp"
#include "environment/judgement.hpp"
#include "environment/mends.hpp"
#include "environment/mount_view.hpp"

namespace meridian::environment {

namespace {

using Json = nlohmann::ordered_json;

Json level_json(const std::optional<lane::SandboxLevel>& given) {
  const lane::SandboxLevel level = given.value_or(lane::SandboxLevel());
  Json parts = Json::array();
  for (const lane::SandboxPart& part : level.parts()) {
    Json one = {{"name", part.name}, {"reached", part.reached()}};
    if (!part.reached()) one["reason"] = part.reason;
    one["counts"] = part.counts;
    parts.push_back(std::move(one));
  }
  return {{"level", level.text()}, {"full", level.is_full()}, {"parts", std::move(parts)}};
}

Json mend_json(const Diagnosis& entry) {
  const Mend mend = mend_of(entry);
  Json object = Json::object();
  const auto put = [&object](const char* key, const std::string& text) {
    if (!text.empty()) object[key] = text;
  };
  put("machine", mend.machine);
  put("docker", mend.docker);
  put("compose", mend.compose);
  put("kubernetes", mend.kubernetes);
  put("note", mend.note);
  return object;
}

Json cause_json(const Diagnosis& entry) {
  return {
      {"cause", to_text(entry.cause)}, {"observed", entry.observed}, {"mend", mend_json(entry)}};
}

void put_features(const std::vector<Diagnosis>& entries, Json& document) {
  Json features = Json::array();
  Json too_much = Json::array();
  for (const Diagnosis& entry : entries) {
    if (entry.state == State::kTooMuch) {
      too_much.push_back(cause_json(entry));
      continue;
    }
    if (features.empty() || features.back()["name"] != entry.feature) {
      features.push_back(
          {{"name", entry.feature}, {"state", to_text(entry.state)}, {"causes", Json::array()}});
    }
    Json& feature = features.back();
    if (entry.state == State::kUnavailable) feature["state"] = to_text(entry.state);
    if (entry.cause != Cause::kNone) {
      feature["causes"].push_back(cause_json(entry));
    } else if (!entry.observed.empty()) {
      feature["observed"] = entry.observed;
    }
  }
  document["features"] = std::move(features);
  document["too_much"] = std::move(too_much);
}

/// The list that meridian.doctor/1 began with: single things, whoever needs them.
class Facts {
 public:
  void add(const std::string& name, bool has, const std::string& detail, const Diagnosis& mend) {
    Json row = {{"name", name}, {"state", has ? "available" : "unavailable"}, {"detail", detail}};
    if (!has) {
      const Mend words = mend_of(mend);
      row["mend"] = words.docker.empty() ? words.machine : words.docker;
    }
    rows_.push_back(std::move(row));
  }
  void part(const lane::SandboxLevel& level, const char* name, const std::string& detail) {
    std::string reason = "could not be tried";
    for (const lane::SandboxPart& one : level.parts()) {
      if (one.name == name) reason = one.reason;
    }
    add(name, reason.empty(), reason.empty() ? detail : reason,
        {"", State::kDegraded, Cause::kSandboxPartial, "", ""});
  }
  Json take() { return std::move(rows_); }

 private:
  Json rows_ = Json::array();
};

Diagnosis of(Cause cause, const std::string& argument = "") {
  return {"", State::kDegraded, cause, "", argument};
}

Json facts_json(const Observed& seen) {
  Facts facts;
  const lane::SandboxLevel lane = seen.lane.value_or(lane::SandboxLevel());
  facts.part(lane, lane::part::kLandlock, "ABI " + std::to_string(seen.landlock_abi));
  facts.part(lane, lane::part::kSeccomp, "filters of system calls");
  facts.part(lane, lane::part::kNotification, "workers are forked from a loaded lane");
  facts.part(lane, lane::part::kNetworkNamespace, "an empty one for plugins");
  const auto held = [](bool has) { return has ? "held" : "not held"; };
  const bool reads = holds(seen, CAP_DAC_READ_SEARCH) || holds(seen, CAP_DAC_OVERRIDE);
  facts.add("CAP_DAC_READ_SEARCH", reads, held(reads), of(Cause::kNoDacReadSearch));
  facts.add("CAP_SYS_ADMIN", seen.reads_trusted, held(seen.reads_trusted), of(Cause::kNoSysAdmin));
  const bool traces = holds(seen, CAP_SYS_PTRACE);
  facts.add("CAP_SYS_PTRACE", traces, held(traces), of(Cause::kNoSysPtrace));
  facts.add("openat2", seen.openat2_error == 0,
            seen.openat2_error == 0 ? "paths are resolved below the host root by the kernel"
                                    : lane::reason_of(seen.openat2_error),
            of(Cause::kOpenat2Missing));
  facts.add("container", true, seen.container.text(), of(Cause::kNone));
  const MountView mounts(seen);
  const store::MountDetails* const top = seen.root == "/" ? nullptr : mounts.host_root();
  if (seen.container.inside && seen.root != "/") {
    const bool read_only = top != nullptr && !is_writable(*top);
    facts.add("host root read-only", read_only,
              read_only ? "its top mount; those below it may be writable" : "writable or no mount",
              of(Cause::kHostRootWritable, "/host"));
    const bool receives = top != nullptr && top->receives;
    facts.add("host root propagation", receives,
              receives ? "slave: later mounts of the machine appear"
                       : "private: what the machine mounts later is not seen",
              of(Cause::kHostRootPrivate, "/host"));
  }
  facts.add("host root", seen.root_error.empty(),
            seen.root_error.empty() ? seen.root : seen.root_error,
            of(Cause::kHostRootMissing, "/host"));
  facts.add(
      "host procfs", seen.has_procfs,
      seen.has_procfs ? "processes of containers can be told" : "no procfs below the host root",
      of(Cause::kNoProcfs, "/host"));
  facts.add("plugin sandbox", lane.is_full(), lane.text(), of(Cause::kSandboxPartial));
  const bool confined = seen.confinement && seen.confinement->is_full() && seen.landlock_abi >= 3;
  facts.add("host confinement", confined,
            seen.confinement ? seen.confinement->text() : "could not be tried",
            of(Cause::kNoLandlock));
  return facts.take();
}

}  // namespace

std::string doctor_json(const Observed& seen, const std::vector<Diagnosis>& entries) {
  Json document = {{"schema", "meridian.doctor/1"}};
  document["container"] = {{"inside", seen.container.inside},
                           {"engine", seen.container.engine},
                           {"kubernetes", seen.container.is_kubernetes},
                           {"gvisor", seen.container.is_gvisor},
                           {"evidence", seen.container.evidence}};
  document["parallel_container"] = is_parallel_container(seen);
  document["host_root"] = seen.root;
  put_features(entries, document);
  document["facts"] = facts_json(seen);
  document["plugin_sandbox"] = level_json(seen.lane);
  document["host_confinement"] = level_json(seen.confinement);
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace meridian::environment
