// SPDX-License-Identifier: Apache-2.0
//
// log.hpp: one line on standard error. Made by cli/wiring and passed down; there is no global.
#pragma once

#include <memory>
#include <string_view>

namespace meridian::base {

enum class LogLevel { kTrace, kDebug, kInfo, kWarn, kError, kOff };

/// Escapes control bytes of every line. Callable from any thread.
class Log {
 public:
  /// Lines below `threshold` are dropped. `color`: whether standard error is a terminal that has
  /// it.
  enum class Color { kNo, kYes };
  Log(LogLevel threshold, Color color);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void debug(std::string_view text) const { write(LogLevel::kDebug, text); }
  void info(std::string_view text) const { write(LogLevel::kInfo, text); }
  void warn(std::string_view text) const { write(LogLevel::kWarn, text); }
  void error(std::string_view text) const { write(LogLevel::kError, text); }
  void write(LogLevel level, std::string_view text) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace meridian::base
