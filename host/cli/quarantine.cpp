// SPDX-License-Identifier: Apache-2.0
#include "cli/quarantine.hpp"

#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "base/escape.hpp"

namespace meridian::cli {

namespace {

/// Of the environment; relative ones are no place (XDG base directories).
std::string folder_named(const char* variable) {
  const char* const value = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe): one thread
  return value != nullptr && *value == '/' ? value : "";
}

std::string shell_word(const std::string& word) {
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

}  // namespace

std::optional<std::string> state_folder(const GlobalArgs& args) {
  std::string folder = args.state;
  if (folder.empty()) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread
    const char* const value = std::getenv("MERIDIAN_STATE");
    if (value != nullptr) folder = value;
  }
  if (folder == "none") return std::nullopt;
  if (!folder.empty()) return folder;
  if (::geteuid() == 0) return "/var/lib/meridian";
  if (const std::string state = folder_named("XDG_STATE_HOME"); !state.empty()) {
    return state + "/meridian";
  }
  if (const std::string home = folder_named("HOME"); !home.empty()) {
    return home + "/.local/state/meridian";
  }
  return std::nullopt;
}

std::string state_options(const GlobalArgs& args) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread
  const bool named = !args.state.empty() || std::getenv("MERIDIAN_STATE") != nullptr;
  const auto folder = state_folder(args);
  return named && folder ? " --state " + shell_word(base::escape(*folder)) : "";
}

ScanQuarantine::ScanQuarantine(const GlobalArgs& global, const ScanArgs& args, const base::Log& log)
    : log_(log), term_(args.quarantine.value_or(std::chrono::milliseconds(0))) {
  const auto folder = state_folder(global);
  if (!folder || !args.quarantine) return;
  folder_ = *folder;
  auto opened = plugin::QuarantineStore::open(folder_, plugin::QuarantineStore::IfAbsent::kMake);
  if (!opened) {
    why_not_ = std::move(opened).error().in("quarantine");
    // The usual place is missed only once there is something to remember.
    const bool named = !global.state.empty() || why_not_->code() == ErrorCode::kRefused;
    log_.write(named ? base::LogLevel::kWarn : base::LogLevel::kDebug, why_not_->message());
    return;
  }
  store_.emplace(*std::move(opened));
  auto read = store_->read();
  if (read) {
    held_ = read->holding(base::utc_now(), args.running.timeout);
    held_.set_place(state_options(global));
  } else {
    log_.warn(read.error().message() + "; no plugin is kept out");
  }
}

std::vector<std::string> ScanQuarantine::folders() const {
  return store_ ? std::vector<std::string>{folder_} : std::vector<std::string>();
}

void ScanQuarantine::remember(std::vector<plugin::QuarantineRecord> faults) {
  if (faults.empty() || term_.count() == 0) return;
  if (why_not_) {
    log_.warn("faults are not remembered: " + why_not_->message());
    return;
  }
  if (!store_) return;
  const base::UtcTime now = base::utc_now();
  for (plugin::QuarantineRecord& fault : faults) {
    fault.created = now;
    fault.expires = now + std::chrono::ceil<std::chrono::seconds>(term_);
    log_.warn("plugin " + fault.plugin.id + ", " +
              (fault.content.empty() ? "as a whole" : "for " + fault.content) + ": " +
              plugin::to_text(fault));
  }
  auto written = store_->update([&](plugin::Quarantine& quarantine) {
    for (plugin::QuarantineRecord& fault : faults) quarantine.add(std::move(fault));
  });
  if (!written) log_.warn("faults are not remembered: " + written.error().message());
}

}  // namespace meridian::cli
