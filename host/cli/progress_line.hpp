// SPDX-License-Identifier: Apache-2.0
//
// progress_line.hpp: one line on a terminal, rewritten in place: targets, bytes, rate, time left.
#pragma once

#include <chrono>
#include <string>

#include "scan/progress.hpp"

namespace meridian::cli {

class ProgressLine {
 public:
  /// Nothing is ever printed unless `enabled`. `progress` outlives it.
  ProgressLine(const scan::Progress& progress, bool enabled);
  /// Removes the line.
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void update();

 private:
  std::string text(std::chrono::duration<double> elapsed) const;

  const scan::Progress& progress_;
  bool enabled_;
  bool printed_ = false;
  std::chrono::steady_clock::time_point start_;
};

/// 1536 -> "1.5 KiB"
std::string human_bytes(double bytes);

}  // namespace meridian::cli
