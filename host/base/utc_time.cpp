// SPDX-License-Identifier: Apache-2.0
#include "base/utc_time.hpp"

#include <array>
#include <ctime>

namespace meridian::base {

namespace {

constexpr const char* kForm = "%Y-%m-%dT%H:%M:%SZ";

}  // namespace

UtcTime utc_now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

std::string to_text(UtcTime time) {
  const auto seconds = static_cast<std::time_t>(time.time_since_epoch().count());
  std::tm parts{};
  if (::gmtime_r(&seconds, &parts) == nullptr) return "";
  std::array<char, 32> text{};
  return std::string(text.data(), std::strftime(text.data(), text.size(), kForm, &parts));
}

std::optional<UtcTime> parse_utc_time(const std::string& text) {
  std::tm parts{};
  const char* const end = ::strptime(text.c_str(), kForm, &parts);
  if (end == nullptr || end != text.c_str() + text.size()) return std::nullopt;
  const UtcTime time{std::chrono::seconds(::timegm(&parts))};
  // strptime takes the 31st of February and numbers without leading zeros.
  if (to_text(time) != text) return std::nullopt;
  return time;
}

}  // namespace meridian::base
