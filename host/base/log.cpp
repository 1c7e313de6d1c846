// SPDX-License-Identifier: Apache-2.0
#include "base/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ansicolor_sink.h>

#include <utility>

#include "base/escape.hpp"

namespace meridian::base {
namespace {

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kTrace:
      return spdlog::level::trace;
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarn:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
    case LogLevel::kOff:
      break;
  }
  return spdlog::level::off;
}

}  // namespace

struct Log::Impl {
  explicit Impl(Color color)
      : logger("meridian",
               std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>(
                   color == Color::kYes ? spdlog::color_mode::always : spdlog::color_mode::never)) {
  }
  spdlog::logger logger;
};

Log::Log(LogLevel threshold, Color color)
    : threshold_(threshold), impl_(std::make_unique<Impl>(color)) {
  impl_->logger.set_level(to_spdlog(threshold));
  impl_->logger.flush_on(spdlog::level::trace);
  impl_->logger.set_formatter(std::make_unique<spdlog::pattern_formatter>(
      "%Y-%m-%dT%H:%M:%S.%eZ %^%-8l%$ %v", spdlog::pattern_time_type::utc));
}

Log::Log(LogLevel threshold, Sink sink) : threshold_(threshold), sink_(std::move(sink)) {}

Log::~Log() = default;

void Log::write(LogLevel level, std::string_view text) const {
  // A line break is escaped too: foreign text cannot write a line of its own.
  if (sink_) {
    if (level >= threshold_ && level != LogLevel::kOff) sink_(level, text);
    return;
  }
  const auto at = to_spdlog(level);
  if (level != LogLevel::kOff && impl_->logger.should_log(at)) impl_->logger.log(at, escape(text));
}

}  // namespace meridian::base
