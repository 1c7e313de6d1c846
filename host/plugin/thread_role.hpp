// SPDX-License-Identifier: Apache-2.0
//
// thread_role.hpp: the host's check of [control] and [worker] (abi/): such a function is called on
// the thread that runs the callback it was lent to.
//
// Always on: it is one comparison. What it finds is a mistake of the plugin, told to its author.
#pragma once

#include <string>
#include <thread>

#include "meridian/result.hpp"

namespace meridian::plugin {

class ThreadRole {
 public:
  /// The thread that makes it is the one that may call.
  ThreadRole() = default;

  /// kInvalid naming `function` on any other thread.
  Result<void> check(const char* function) const {
    if (std::this_thread::get_id() == owner_) return {};
    return Error(ErrorCode::kInvalid,
                 std::string(function) + " was called on a thread that is not its callback's");
  }

 private:
  std::thread::id owner_ = std::this_thread::get_id();
};

}  // namespace meridian::plugin
