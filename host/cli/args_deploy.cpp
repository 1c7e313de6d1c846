// SPDX-License-Identifier: Apache-2.0
#include "cli/args_deploy.hpp"

#include <cstdlib>
#include <map>

namespace meridian::cli {

namespace {

/// "512M", "2G", or bytes; at most 1 TiB.
std::optional<std::uint64_t> parse_size(const std::string& text) {
  std::size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
  if (digits == 0 || digits > 13) return std::nullopt;
  constexpr std::uint64_t kMost = std::uint64_t{1} << 40;
  std::uint64_t bytes = std::strtoull(text.c_str(), nullptr, 10);
  std::string unit = text.substr(digits);
  if (unit.ends_with("i")) unit.pop_back();
  const std::map<std::string, unsigned> units = {{"", 0},   {"k", 10}, {"K", 10}, {"m", 20},
                                                 {"M", 20}, {"g", 30}, {"G", 30}};
  const auto shift = units.find(unit);
  if (shift == units.end() || bytes > kMost >> shift->second) return std::nullopt;
  return bytes << shift->second;
}

/// "2", "0.5": thousandths of a processor; at most 1024.
std::optional<std::uint32_t> parse_cpus(const std::string& text) {
  const std::size_t dot = std::min(text.find('.'), text.size());
  const std::string whole = text.substr(0, dot);
  std::string part = dot == text.size() ? "000" : text.substr(dot + 1);
  const bool digits = (whole + part).find_first_not_of("0123456789") == std::string::npos;
  if (!digits || whole.empty() || whole.size() > 4 || part.empty() || part.size() > 3)
    return std::nullopt;
  part.resize(3, '0');
  const long milli = std::atol(whole.c_str()) * 1000 + std::atol(part.c_str());
  if (milli > 1'024'000) return std::nullopt;
  return static_cast<std::uint32_t>(milli);
}

}  // namespace

/// "90", "90s", "5m", "2h", "500ms"; at most a year.
std::optional<std::chrono::milliseconds> parse_duration(const std::string& text) {
  constexpr std::chrono::milliseconds kLongest = std::chrono::hours(365 * 24);
  const auto bounded = [&](std::chrono::milliseconds time) {
    return time <= kLongest ? std::optional(time) : std::nullopt;
  };
  std::size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
  if (digits == 0 || digits > 9) return std::nullopt;
  const std::chrono::milliseconds::rep number = std::atol(text.substr(0, digits).c_str());
  const std::string unit = text.substr(digits);
  if (unit == "ms") return bounded(std::chrono::milliseconds(number));
  if (unit.empty() || unit == "s") return bounded(std::chrono::seconds(number));
  if (unit == "m") return bounded(std::chrono::minutes(number));
  if (unit == "h") return bounded(std::chrono::hours(number));
  return std::nullopt;
}

std::optional<std::string> finish_deploy(DeployWords& words) {
  DeployArgs& args = words.args;
  if (!words.memory.empty()) {
    args.memory = parse_size(words.memory);
    if (!args.memory) return "--memory '" + words.memory + "': expected 512M, 2G";
  }
  if (!words.cpus.empty()) {
    const auto cpus = parse_cpus(words.cpus);
    if (!cpus) return "--cpus '" + words.cpus + "': expected 2, 0.5";
    args.milli_cpus = *cpus;
  }
  if (!words.every.empty()) {
    const auto every = parse_duration(words.every);
    if (!every || *every < std::chrono::minutes(1)) {
      return "--every '" + words.every + "': expected 30m, 24h, at least a minute";
    }
    args.every = std::chrono::duration_cast<std::chrono::seconds>(*every);
  }
  return std::nullopt;
}

}  // namespace meridian::cli
