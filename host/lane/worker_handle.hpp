// SPDX-License-Identifier: Apache-2.0
//
// worker_handle.hpp: a worker process as the supervisor sees it. Belongs to one thread of the scan.
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>

#include "lane/channel.hpp"
#include "lane/lane_process.hpp"
#include "lane/process_end.hpp"
#include "lane/shared_page.hpp"
#include "lane/supervision.hpp"

namespace meridian::lane {

class LaneHandle;

class WorkerHandle {
 public:
  /// Forked by the lane; `process` is its descriptor (pidfd_open(2)).
  WorkerHandle(LaneHandle& lane, pid_t pid, base::UniqueFd process, base::UniqueFd socket,
               MappedPage page);
  /// A lane that is itself the worker.
  WorkerHandle(LaneHandle& lane, std::unique_ptr<LaneProcess> process);
  /// Lets it end: a forked one at once, another after its plugins' destroy.
  ~WorkerHandle();
  WorkerHandle(const WorkerHandle&) = delete;
  WorkerHandle& operator=(const WorkerHandle&) = delete;

  Channel& channel() { return single_ ? single_->channel() : *channel_; }
  FlightPage& page() { return single_ ? single_->page().flight : page_->flight; }
  LaneHandle& lane() { return lane_; }

  /// So many threads more may start in it, once each, whatever its plugins may have; 0: none of
  /// them any more. False: none can.
  bool lend_threads(std::size_t count);
  /// "Stop soon" for its plugins; may have to be said again.
  void stop(base::StopReason reason);

  /// Kills it, if it has not ended, and says how it ended. Once.
  ProcessEnd end(GivenUp given_up, std::string detail);

 private:
  LaneHandle& lane_;
  std::unique_ptr<LaneProcess> single_;  // set: the rest is not
  pid_t pid_ = -1;
  base::UniqueFd process_;
  std::optional<Channel> channel_;
  MappedPage page_;
  bool ended_ = false;
  const std::optional<std::uint64_t> oom_kills_ = oom_kills();  // at its start
};

}  // namespace meridian::lane
