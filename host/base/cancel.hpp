// SPDX-License-Identifier: Apache-2.0
//
// cancel.hpp: "stop soon", asked once and seen by every loop over foreign input.
//
// Why not std::stop_token: the SDK's rules for libc++ 14 hold for code shared with it, and a signal
// handler may set this one (lock-free).
#pragma once

#include <atomic>

namespace meridian::base {

enum class StopReason : int { kNone, kDeadline, kInterrupt, kTerminate };

class Cancel {
 public:
  /// The first reason stays. Safe in a signal handler.
  void stop(StopReason reason) noexcept {
    int none = 0;
    reason_.compare_exchange_strong(none, static_cast<int>(reason));
  }
  bool stopped() const noexcept { return reason_.load(std::memory_order_relaxed) != 0; }
  StopReason reason() const noexcept { return static_cast<StopReason>(reason_.load()); }

 private:
  std::atomic<int> reason_{0};
  static_assert(std::atomic<int>::is_always_lock_free);
};

}  // namespace meridian::base
