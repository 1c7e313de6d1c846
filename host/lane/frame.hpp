// SPDX-License-Identifier: Apache-2.0
//
// frame.hpp: the types of frames and what each may hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

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
};

/// Payload in one frame: a worker's largest (a finding with its path, secret and detail) has 160
/// KiB, the reason why one failed 256, a batch of files is cut to fit, and a channel keeps a buffer
/// of this size.
inline constexpr std::size_t kMaxFrame = 1 << 20;
/// Larger payloads come in a sealed memfd, their frame's first descriptor (the others follow), the
/// frame's own payload being empty: a look-up's answer with what stands around it; many names of
/// one file; the subscriptions of a lane's plugin, of which real ones have under a megabyte.
inline constexpr std::uint64_t kMaxHostPayload = limits::kMaxLookup + kMaxFrame;
inline constexpr std::uint64_t kMaxSubscriptionsPayload = 64ull << 20;
/// Descriptors of one frame; the kernel takes at most 253 (SCM_MAX_FD).
inline constexpr std::size_t kMaxDescriptors = 250;

struct FrameBounds {
  bool to_lane = false, to_worker = false, from_lane = false, from_worker = false;
  std::uint64_t payload = kMaxFrame;                 // above kMaxFrame: in a memfd
  std::size_t descriptors = 0, descriptors_max = 0;  // least and most, that memfd aside
};

/// nullopt: a number that is no type.
std::optional<FrameBounds> bounds_of(std::uint16_t type);

}  // namespace meridian::lane
