// SPDX-License-Identifier: Apache-2.0
#include "lane/spawner.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>
#include <utility>

#include "base/system_error.hpp"
#include "lane/channel.hpp"
#include "lane/lane_main.hpp"

namespace meridian::lane {

namespace {

/// What posix_spawn is told; the calls fail only for want of memory, and then so does the spawn.
struct SpawnPlan {
  SpawnPlan() {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
  }
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
};

/// What a lane's run-time libraries may know. The sanitizers' own handlers would hide a plugin's
/// fault, and their leak check needs ptrace.
constexpr std::array kEnvironment = {
    "PATH=/usr/bin:/bin",
    "LC_ALL=C.UTF-8",
    "ASAN_OPTIONS=detect_leaks=0:symbolize=0:handle_segv=0:handle_sigbus=0:handle_abort=0:"
    "handle_sigfpe=0:handle_sigill=0:use_sigaltstack=0:allocator_may_return_null=1",
    "TSAN_OPTIONS=symbolize=0:handle_segv=0:handle_abort=0:use_sigaltstack=0",
    "UBSAN_OPTIONS=symbolize=0",
};

}  // namespace

Spawner::Spawner(Words words, Role role)
    : words_(words), role_(role), thread_([this] { serve(); }) {}

Spawner::~Spawner() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

Result<Spawned> Spawner::spawn() {
  const std::lock_guard one(calls_);
  std::unique_lock lock(mutex_);
  wanted_ = true;
  changed_.notify_all();
  changed_.wait(lock, [this] { return !wanted_; });
  return std::exchange(answer_, Spawned());
}

void Spawner::serve() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return wanted_ || ending_; });
    if (ending_) return;
    answer_ = start();
    wanted_ = false;
    changed_.notify_all();
  }
}

Result<Spawned> Spawner::start() const {
  MERIDIAN_TRY(auto ends, Channel::pair());
  SpawnPlan plan;
  ::posix_spawn_file_actions_addopen(&plan.actions, 0, "/dev/null", O_RDONLY, 0);
  // Where nothing may be opened to write (MERIDIAN_WRITES=none), what it says fails instead.
  const bool writable = base::UniqueFd(::open("/dev/null", O_WRONLY)).get() >= 0;
  const int nowhere = writable ? O_WRONLY : O_RDONLY;
  ::posix_spawn_file_actions_addopen(&plan.actions, 1, "/dev/null", nowhere, 0);
  if (words_ == Words::kDropped) {
    ::posix_spawn_file_actions_addopen(&plan.actions, 2, "/dev/null", nowhere, 0);
  }
  ::posix_spawn_file_actions_adddup2(&plan.actions, ends.second.get(), kLaneSocket);
  ::posix_spawn_file_actions_addclosefrom_np(&plan.actions, kLaneSocket + 1);

  sigset_t all;
  sigset_t none;
  ::sigfillset(&all);
  ::sigemptyset(&none);
  ::posix_spawnattr_setsigdefault(&plan.attributes, &all);
  ::posix_spawnattr_setsigmask(&plan.attributes, &none);
  // A session of its own: no terminal, and Ctrl-C is the supervisor's.
  ::posix_spawnattr_setflags(&plan.attributes,
                             POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);

  std::array<std::string, 2> words{"meridian", role_ == Role::kLane ? "lane" : "reader"};
  std::array<char*, 3> arguments{words[0].data(), words[1].data(), nullptr};
  std::array<char*, kEnvironment.size() + 1> environment{};
  for (std::size_t i = 0; i < kEnvironment.size(); ++i) {
    environment[i] = const_cast<char*>(kEnvironment[i]);  // NOLINT: posix_spawn's type; not written
  }
  Spawned spawned;
  const int failed = ::posix_spawn(&spawned.pid, "/proc/self/exe", &plan.actions, &plan.attributes,
                                   arguments.data(), environment.data());
  if (failed != 0) return base::system_error(failed, "starting /proc/self/exe as a " + words[1]);
  spawned.socket = std::move(ends.first);
  return spawned;
}

}  // namespace meridian::lane
