// SPDX-License-Identifier: Apache-2.0
//
// flight_page.hpp: the flight recorder of one worker process: a few pages of shared memory that say
// which plugin is doing what to which subject, since when, and how it ended. Written by the worker
// and its signal handlers (plain stores, nothing that can fail); read by the supervisor, who trusts
// none of it: a plugin can write here too, and so accuse only plugins of its own lane.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/read_pace.hpp"

namespace meridian::lane {

/// What a plugin may be in. The slots of meridian_plugin_api, and what stands around them.
enum class Operation : std::uint32_t {
  kNone,  // the host's own code, between callbacks
  kLoad,  // dlopen: constructors run
  kCreate,
  kConfigure,
  kSubscribe,
  kUnitBegin,
  kMatch,  // the host's matcher
  kLayerFile,
  kLayerMatch,
  kLayerDone,
  kTarget,
  kMergedFile,
  kTargetDone,
  kUnitEnd,
  kDestroy,
};

struct FlightPage {
  static constexpr std::uint32_t kNobody = 0xffffffff;
  static constexpr std::size_t kSubject = 2048;
  static constexpr std::size_t kCalls = 1024;  // numbers of system calls; the kernel has under 500

  std::atomic<std::uint32_t> plugin{kNobody};  // index in the lane
  std::atomic<Operation> operation{Operation::kNone};
  std::atomic<std::uint64_t> calls{0};  // rises with each operation entered
  std::atomic<std::uint64_t> since{0};  // when: nanoseconds of CLOCK_MONOTONIC
  std::atomic<std::uint32_t> subject_size{0};
  std::array<char, kSubject> subject{};  // path or id, cut

  base::ReadMeter reading;  // what the process reads, and may

  std::atomic<std::uint64_t> starved{0};  // `calls` when an allocation failed last

  // By the handler of signals that end a process.
  std::atomic<std::uint32_t> signal{0};
  std::atomic<std::uint32_t> signal_code{0};
  std::atomic<std::uint64_t> signal_address{0};
  std::atomic<std::uint32_t> signal_foreign{0};  // another process sent it

  // By the handler of SIGSYS: a bit for each system call that the sandbox refused.
  std::atomic<std::uint32_t> refused_any{0};
  std::array<std::atomic<std::uint64_t>, kCalls / 64> refused{};
};

static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

/// From a handler of signals too.
inline void note_refused(FlightPage& page, std::size_t call) {
  if (call < FlightPage::kCalls) {
    page.refused[call / 64].fetch_or(std::uint64_t{1} << (call % 64));
  }
  page.refused_any.store(1);
}

}  // namespace meridian::lane
