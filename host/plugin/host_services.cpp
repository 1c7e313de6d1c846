// SPDX-License-Identifier: Apache-2.0
//
// host_services.cpp: see host_services.hpp.
#include "plugin/host_services.hpp"

#include "base/limits.hpp"
#include "base/system_error.hpp"
#include "meridian/text.hpp"

namespace meridian::plugin {
namespace {

base::LogLevel level_of(meridian_log_level level) {
  switch (level) {
    case MERIDIAN_LOG_DEBUG:
      return base::LogLevel::kDebug;
    case MERIDIAN_LOG_WARN:
      return base::LogLevel::kWarn;
    case MERIDIAN_LOG_ERROR:
      return base::LogLevel::kError;
    default:
      return base::LogLevel::kInfo;
  }
}

}  // namespace

HostServices::HostServices(std::string id, const base::Log& log, const base::Cancel& cancel)
    : id_(std::move(id)), log_(log), cancel_(cancel) {
  record_.struct_size = sizeof record_;
  record_.abi_minor = MERIDIAN_ABI_MINOR;
  record_.impl = this;
  record_.version = lend(MERIDIAN_VERSION);
  record_.log = &HostServices::log;
  record_.cancelled = &HostServices::cancelled;
}

HostServices::~HostServices() {
  if (lines_ <= limits::kMaxLogLines) return;
  log_.warn("plugin " + id_ + ": " + std::to_string(lines_ - limits::kMaxLogLines) +
            " further lines were dropped");
}

void HostServices::log(void* impl, meridian_log_level level, meridian_str text) {
  auto& self = *static_cast<HostServices*>(impl);
  if (self.lines_.fetch_add(1, std::memory_order_relaxed) >= limits::kMaxLogLines) return;
  // Nothing may unwind into the plugin; a line that cannot be written is not worth an error.
  (void)base::seam("log", [&] {
    const std::string_view line = view(text).substr(0, limits::kMaxText);
    self.log_.write(level_of(level), "plugin " + self.id_ + ": " + std::string(line));
    return 0;
  });
}

std::uint32_t HostServices::cancelled(void* impl) {
  return static_cast<const HostServices*>(impl)->cancel_.stopped() ? 1 : 0;
}

}  // namespace meridian::plugin
