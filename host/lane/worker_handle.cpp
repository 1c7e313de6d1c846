// SPDX-License-Identifier: Apache-2.0
#include "lane/worker_handle.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include "lane/lane_handle.hpp"

namespace meridian::lane {

WorkerHandle::WorkerHandle(LaneHandle& lane, pid_t pid, base::UniqueFd process,
                           base::UniqueFd socket, MappedPage page)
    : lane_(lane),
      pid_(pid),
      process_(std::move(process)),
      channel_(std::in_place, std::move(socket), Channel::Accepted{}),
      page_(std::move(page)) {}

WorkerHandle::WorkerHandle(LaneHandle& lane, std::unique_ptr<LaneProcess> process)
    : lane_(lane), single_(std::move(process)) {}

WorkerHandle::~WorkerHandle() {
  if (!single_) lane_.forget(pid_);  // its page ends here
  if (ended_) return;
  if (single_) {
    lane_.note_shutdown(single_->shut_down());
  } else {
    end(GivenUp::kStopped, "");
  }
}

bool WorkerHandle::lend_threads(std::size_t count) {
  return !single_ && lane_.lend_threads(pid_, count);
}

void WorkerHandle::stop(base::StopReason reason) {
  if (single_) {
    single_->page().cancel.stop(reason);
  } else {
    lane_.stop(reason);
  }
}

ProcessEnd WorkerHandle::end(GivenUp given_up, std::string detail) {
  ended_ = true;
  ProcessEnd ended;
  ended.given_up = given_up;
  ended.detail = std::move(detail);
  ended.in_flight = read_page(page());
  ended.stopped = given_up == GivenUp::kTimeout && is_stopped(single_ ? single_->pid() : pid_);
  if (single_) {
    // What has closed its socket is about to end, or only wants to look so.
    ended.status = single_->end(std::chrono::milliseconds(given_up == GivenUp::kEnded ? 200 : 0));
  } else {
    channel_->close();
    // One that is ending already keeps its own status.
    if (given_up == GivenUp::kEnded) lane_.wait_for_end(process_.get());
    ::syscall(SYS_pidfd_send_signal, process_.get(), SIGKILL, nullptr, 0);
    ended.status = lane_.reap(pid_);
  }
  note_end(page(), oom_kills_, ended);
  return ended;
}

}  // namespace meridian::lane
