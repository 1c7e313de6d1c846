// SPDX-License-Identifier: Apache-2.0
//
// fork_warden.hpp: the supervisor's answer to calls that a lane may not make on its own: fork, and
// signals. They arrive through seccomp user notification.
//
// Only registers decide (clone's flags, the target of kill), so nothing can change between the look
// and the answer. A fork passes once for each order; a signal passes if it goes to the caller's own
// thread group; everything else fails with EPERM and is noted. A lane whose listener is removed
// gets ENOSYS.
//
// Threads: one of its own that answers; every method may be called from any.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "base/unique_fd.hpp"
#include "meridian/result.hpp"

namespace meridian::lane {

/// A call that was answered with EPERM.
struct RefusedCall {
  pid_t thread = 0;        // who called, as this process sees it: a worker's pid, or a thread of it
  std::uint32_t call = 0;  // number; call_name() names it
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
  Id add(base::UniqueFd listener);
  /// One more fork of that lane may pass. Order, then ask the lane to fork.
  void order(Id id);
  /// Orders that no fork has used yet.
  std::size_t ordered(Id id) const;
  /// Closes the listener. The lane is dead or to be killed.
  void remove(Id id);

  /// Refused since the last call; `count` also has those that were not kept.
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
