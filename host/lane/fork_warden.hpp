// SPDX-License-Identifier: Apache-2.0
//
// fork_warden.hpp: the supervisor's answer to calls that a lane may not make on its own: fork,
// threads that were declared, and signals. They arrive through seccomp user notification.
//
// Only registers decide (clone's flags, the target of kill), so nothing can change between the look
// and the answer. A fork passes once for each order; a thread while its process has fewer than the
// lane may have (threads that start at once may all pass: at most twice as many), and once for each
// that is lent to it; a signal if it
// goes to the caller's own thread group; everything else fails with EPERM, a thread with EAGAIN,
// and is noted: in the flight page of the process that called, where that is known, so that it is
// in the page before the call returns. A lane whose listener is removed gets ENOSYS.
//
// Threads: one of its own that answers; every method may be called from any.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "base/unique_fd.hpp"
#include "lane/flight_page.hpp"
#include "meridian/result.hpp"

namespace meridian::lane {

/// A call that was answered with EPERM.
struct RefusedCall {
  pid_t thread = 0;        // who called, as this process sees it: a worker's pid, or a thread of it
  std::uint32_t call = 0;  // number; call_name() names it
};

/// Of a lane's first process.
struct LaneFacts {
  pid_t process = 0;
  FlightPage* page = nullptr;  // outlives its stay with the warden
  std::size_t threads = 0;     // that one process may have
};

class ForkWarden {
 public:
  using Id = std::uint64_t;
  /// Calls kept until they are taken; more are only counted.
  static constexpr std::size_t kMaxRefusedKept = 256;

  static Result<std::unique_ptr<ForkWarden>> start();
  /// Removes all and ends its thread.
  ~ForkWarden();
  ForkWarden(const ForkWarden&) = delete;
  ForkWarden& operator=(const ForkWarden&) = delete;

  /// `listener`: what enter_lane() gave the lane, received over its socket.
  Id add(base::UniqueFd listener, const LaneFacts& facts = {});
  /// Where calls refused to a forked process are noted, until forget(), or remove() of the lane.
  void note_into(Id id, pid_t process, FlightPage& page);
  void forget(Id id, pid_t process);
  /// One more fork of that lane may pass. Order, then ask the lane to fork.
  void order(Id id);
  /// So many threads more of that process may pass, whatever the lane may have; 0: none any more.
  /// For the host's own code there: a plugin that is quicker gets no more than them.
  void lend_threads(Id id, pid_t process, std::size_t count);
  /// Orders that no fork has used yet.
  std::size_t ordered(Id id) const;
  /// Closes the listener. The lane is dead or to be killed.
  void remove(Id id);

  /// Refused since the last call to processes without a page; `count` also has those not kept.
  struct Refusals {
    std::vector<RefusedCall> calls;
    std::uint64_t count = 0;
  };
  Refusals take_refused(Id id);

 private:
  struct State;
  explicit ForkWarden(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace meridian::lane
