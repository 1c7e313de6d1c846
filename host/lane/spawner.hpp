// SPDX-License-Identifier: Apache-2.0
//
// spawner.hpp: starts `meridian lane` or `meridian reader` processes, all from one thread of its
// own: they ask the kernel to end them with the *thread* that started them (prctl(2),
// PR_SET_PDEATHSIG), and the threads of a scan come and go.
#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/unique_fd.hpp"
#include "meridian/result.hpp"

namespace meridian::lane {

struct Spawned {
  pid_t pid = -1;         // a child of this process: waited for by whoever ends it
  base::UniqueFd socket;  // to it
};

class Spawner {
 public:
  /// Standard error of lanes: their own words for an author who looks for a fault, or nothing. What
  /// they write to standard output is always dropped.
  enum class Words { kDropped, kShown };
  /// The argument that the program is started with.
  enum class Role { kLane, kReader };
  explicit Spawner(Words words, Role role = Role::kLane);
  ~Spawner();  // lanes that still run are ended by the kernel
  Spawner(const Spawner&) = delete;
  Spawner& operator=(const Spawner&) = delete;

  /// This program, with descriptors 0 to 2 and its socket as 3, and an
  /// environment of its own.                                                            [any]
  Result<Spawned> spawn();

 private:
  void serve();
  Result<Spawned> start() const;

  Words words_;
  Role role_;
  std::mutex calls_;  // one caller at a time
  std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  bool wanted_ = false, ending_ = false;
  Result<Spawned> answer_ = Spawned();
  std::thread thread_;
};

}  // namespace meridian::lane
