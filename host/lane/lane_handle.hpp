// SPDX-License-Identifier: Apache-2.0
//
// lane_handle.hpp: one lane on the supervisor's side: its plugins, and workers for the threads of
// the scan. Starts its process again when that is lost, without the plugin at fault.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "finding/gap.hpp"
#include "lane/lane_process.hpp"
#include "lane/worker_handle.hpp"
#include "plugin/plugin_facts.hpp"

namespace meridian::lane {

/// A bundle that takes no part, and why.
struct LoadFailure {
  std::string plugin;  // id
  finding::GapKind kind = finding::GapKind::kRefused;
  std::string message;
  bool broke = false;  // its process, as in finding::UnitOutput
};

class LaneHandle {
 public:
  /// Loads the bundles, each of them or a failure. An error: no process can be started, or the scan
  /// was ended.                                                                     [control]
  static Result<std::unique_ptr<LaneHandle>> start(const Supervision& supervision,
                                                   std::vector<BundleOrder> orders);
  LaneHandle(const LaneHandle&) = delete;
  LaneHandle& operator=(const LaneHandle&) = delete;
  ~LaneHandle() = default;

  /// What loaded, in the order of the lane's own numbers.
  const std::vector<std::shared_ptr<const plugin::PluginFacts>>& plugins() const {
    return plugins_;
  }
  const std::vector<LoadFailure>& failures() const { return failures_; }
  const message::Sandbox& sandbox() const { return sandbox_; }
  /// Why workers load anew instead of being forked; empty: they are forked.
  const std::string& note() const { return note_; }
  const Supervision& supervision() const { return supervision_; }

  /// One more worker.                                                                    [any]
  Result<std::unique_ptr<WorkerHandle>> worker();
  /// "Stop soon" for the plugins of its forked workers; may have to be said again.       [any]
  void stop(base::StopReason reason);
  /// Lets the plugins end, after all workers are gone: faults of destroy, and what was refused to
  /// bundles while they were loaded.
  std::vector<finding::Gap> end();

  // For WorkerHandle.                                                                     [any]
  std::optional<int> reap(pid_t pid);
  void wait_for_end(int process) const;
  void forget(pid_t pid);
  bool lend_threads(pid_t pid, std::size_t count);
  void note_shutdown(const std::vector<Fault>& faults);

 private:
  LaneHandle(const Supervision& supervision, std::vector<BundleOrder> orders)
      : supervision_(supervision), orders_(std::move(orders)) {}
  Result<void> load();
  void take_loaded();
  void note_refused(const LaneProcess& process);
  Result<void> restart();
  Result<void> check_same(LaneProcess& process) const;
  Result<std::unique_ptr<WorkerHandle>> make_worker(std::uint64_t& generation);
  Result<std::unique_ptr<WorkerHandle>> fork_worker();
  Result<std::unique_ptr<WorkerHandle>> load_worker();
  Result<void> greet(WorkerHandle& worker) const;

  const Supervision& supervision_;
  std::mutex mutex_;  // guards all below, once loaded
  std::vector<BundleOrder> orders_;
  std::unique_ptr<LaneProcess> process_;  // forks; or the first worker to be
  std::vector<std::shared_ptr<const plugin::PluginFacts>> plugins_;
  std::vector<LoadFailure> failures_;
  message::Sandbox sandbox_;
  std::string note_;
  bool forks_ = false;
  std::uint32_t workers_ = 0;
  std::uint64_t generation_ = 0;  // of process_: who saw an older one fail does not end this one
  int restarts_ = 0;
  bool ended_ = false;
  std::vector<finding::Gap> gaps_;
};

}  // namespace meridian::lane
