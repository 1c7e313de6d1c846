// SPDX-License-Identifier: Apache-2.0
//
// log.hpp: one line on standard error. Made by cli/wiring and passed down; there is no global.
#pragma once

#include <functional>
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
  /// Lines go to `sink`, unescaped: a process whose log is another's.
  using Sink = std::function<void(LogLevel, std::string_view)>;
  Log(LogLevel threshold, Sink sink);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void debug(std::string_view text) const { write(LogLevel::kDebug, text); }
  void info(std::string_view text) const { write(LogLevel::kInfo, text); }
  void warn(std::string_view text) const { write(LogLevel::kWarn, text); }
  void error(std::string_view text) const { write(LogLevel::kError, text); }
  void write(LogLevel level, std::string_view text) const;
  LogLevel threshold() const { return threshold_; }

 private:
  struct Impl;
  LogLevel threshold_;
  Sink sink_;  // empty: impl_ writes
  std::unique_ptr<Impl> impl_;
};

}  // namespace meridian::base
