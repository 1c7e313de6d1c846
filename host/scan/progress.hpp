// SPDX-License-Identifier: Apache-2.0
//
// progress.hpp: how far a scan is, for a person who waits. Written by workers, read by anybody.
#pragma once

#include <atomic>
#include <cstdint>

namespace meridian::scan {

struct Progress {
  std::atomic<std::uint64_t> units_done{0};  // layers and targets
  std::uint64_t units_total = 0;             // set before workers start
  std::atomic<std::uint64_t> targets_done{0};
  std::uint64_t targets_total = 0;
  std::atomic<std::uint64_t> files{0};
  std::atomic<std::uint64_t> bytes{0};  // of regular files walked
  std::uint64_t bytes_total = 0;        // as the stores say; 0: not known
};

}  // namespace meridian::scan
