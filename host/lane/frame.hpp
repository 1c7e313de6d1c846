// SPDX-License-Identifier: Apache-2.0
//
// frame.hpp: the types of frames, and how large they may be.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/limits.hpp"

namespace meridian::lane {

enum class FrameType : std::uint16_t {
  // Host to lane.
  kBundle,
  kLoad,
  kFork,
  kReap,
  kShutdown,
  // Lane to host.
  kPluginLoaded,
  kLoaded,
  kForked,
  kReaped,
  // Host to worker.
  kUnitBegin,
  kFiles,
  kUnreadable,
  kLayerGap,
  kLayerDone,
  kTarget,
  kMergedFiles,
  kMergedGap,
  kTargetDone,
  kUnitEnd,
  kAnswer,
  // Worker to host.
  kHello,
  kBatchDone,
  kFinding,
  kFact,
  kGap,
  kPluginDone,
  kUnitDone,
  kAsk,
  // Lane or worker to host.
  kLog,
  // Host to reader.
  kRead,
};

/// Payload of one frame of a worker: its largest (a finding with its path, secret and detail) has
/// 160 KiB, the reason why one failed 256.
inline constexpr std::size_t kMaxFrame = 1 << 20;
/// Of the host: a look-up's answer with what stands around it. Of a lane: a plugin's subscriptions;
/// real ones have under a megabyte.
inline constexpr std::uint64_t kMaxHostPayload = limits::kMaxLookup + kMaxFrame;
inline constexpr std::uint64_t kMaxSubscriptionsPayload = 64ull << 20;
inline constexpr std::uint64_t kMaxKeptPatterns = 32ull << 20;  // 150 of secrets: 2 MiB
/// Descriptors of one frame; the kernel takes at most 253 (SCM_MAX_FD).
inline constexpr std::size_t kMaxDescriptors = 250;

}  // namespace meridian::lane
