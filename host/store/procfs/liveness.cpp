// SPDX-License-Identifier: Apache-2.0
#include "store/procfs/liveness.hpp"

#include <string>

#include "model/json.hpp"
#include "store/procfs/parse.hpp"
#include "store/procfs/proc_folder.hpp"

namespace meridian::store {
namespace {

using model::HostPath;
using model::Liveness;

constexpr std::uint64_t kMaxStat = 4096;  // one line of numbers and a name of at most 64 bytes

HostPath stat_path(std::int64_t pid) {
  return *HostPath::parse("/proc/" + std::to_string(pid) + "/stat");
}

}  // namespace

Result<RecordedProcess> parse_runtime_state(std::string_view json) {
  MERIDIAN_TRY(const model::Json root, model::Json::parse(json));
  if (!root.is_object()) return Error(ErrorCode::kCorrupt, "is no JSON object");
  const bool of_crun = root.has("process-start-time");
  RecordedProcess out;
  MERIDIAN_TRY(const auto pid, root.integer(of_crun ? "pid" : "init_process_pid"));
  MERIDIAN_TRY(out.start_time, root.natural(of_crun ? "process-start-time" : "init_process_start"));
  out.pid = pid.value_or(0);
  return out;
}

Liveness check_process(const rootfs::HostRoot& host, const RecordedProcess& process) {
  if (process.pid <= 0) return Liveness::kUnverified;
  if (!has_procfs(host)) return Liveness::kUnverified;
  const auto text = host.read_file(stat_path(process.pid), kMaxStat);
  if (!text) {
    const bool gone = text.error().code() == ErrorCode::kNotFound;
    return gone ? Liveness::kStale : Liveness::kUnverified;
  }
  const auto stat = parse_process_stat(*text);
  if (!stat) return Liveness::kUnverified;
  if (stat->state == 'Z' || stat->state == 'X') return Liveness::kStale;
  if (!process.start_time) return Liveness::kAlive;
  return stat->start_time == *process.start_time ? Liveness::kVerified : Liveness::kStale;
}

}  // namespace meridian::store
