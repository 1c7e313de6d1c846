// SPDX-License-Identifier: Apache-2.0
#include "cli/progress_line.hpp"

#include <array>
#include <cstdio>

namespace meridian::cli {

namespace {

std::string format(const char* pattern, double number) {
  std::array<char, 64> buffer{};
  const int length = std::snprintf(buffer.data(), buffer.size(), pattern, number);
  return length > 0 ? std::string(buffer.data()) : std::string();
}

}  // namespace

std::string human_bytes(double bytes) {
  const char* const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  while (bytes >= 1024 && unit + 1 < std::size(units)) {
    bytes /= 1024;
    ++unit;
  }
  return format(unit == 0 ? "%.0f " : "%.1f ", bytes) + units[unit];
}

ProgressLine::ProgressLine(const scan::Progress& progress, bool enabled)
    : progress_(progress), enabled_(enabled), start_(std::chrono::steady_clock::now()) {}

ProgressLine::~ProgressLine() {
  if (printed_) static_cast<void>(std::fputs("\r\x1b[K", stderr));
}

std::string ProgressLine::text(std::chrono::duration<double> elapsed) const {
  const auto bytes = static_cast<double>(progress_.bytes.load());
  const double seconds = elapsed.count() > 0.1 ? elapsed.count() : 0.1;
  std::string line = std::to_string(progress_.targets_done.load()) + "/" +
                     std::to_string(progress_.targets_total) + " targets, " +
                     std::to_string(progress_.units_done.load()) + "/" +
                     std::to_string(progress_.units_total) + " units, " +
                     std::to_string(progress_.files.load()) + " files, " + human_bytes(bytes) +
                     ", " + human_bytes(bytes / seconds) + "/s";
  const auto total = static_cast<double>(progress_.bytes_total);
  if (total > bytes && bytes > 0 && elapsed.count() > 1) {
    line += format(", about %.0f s left", (total - bytes) / (bytes / seconds));
  }
  return line;
}

void ProgressLine::update() {
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start_;
  if (!enabled_ || elapsed.count() < 0.3) return;
  static_cast<void>(std::fputs(("\r\x1b[K" + text(elapsed)).c_str(), stderr));
  static_cast<void>(std::fflush(stderr));
  printed_ = true;
}

}  // namespace meridian::cli
