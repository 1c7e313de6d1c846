// SPDX-License-Identifier: Apache-2.0
#include "store/docker/engine_facts.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/limits.hpp"
#include "model/capabilities.hpp"

namespace meridian::store {
namespace {

using model::HostPath;
using model::SpecIdMapping;

constexpr std::uint64_t kMaxFact = 4096;      // one short line
constexpr std::size_t kMaxRanges = 340;       // as many as the kernel takes (Linux 4.15)
constexpr std::uint64_t kUsualRange = 65536;  // useradd's
constexpr std::size_t kKnownBefore23 = 38;    // up to CAP_AUDIT_READ

std::string read_fact(const rootfs::HostRoot& host, const char* path) {
  auto text = host.read_file(*HostPath::parse(path), kMaxFact);
  if (!text) return {};
  text->erase(text->find_last_not_of(" \t\r\n") + 1);
  return *std::move(text);
}

template <typename Number>
std::optional<Number> number(std::string_view digits) {
  Number value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool whole = error == std::errc() && end == digits.data() + digits.size();
  return whole ? std::optional(value) : std::nullopt;
}

/// What the engine knows and the kernel has. Engines write engine-id since 23, which knows more.
std::vector<std::string> capabilities_of(const rootfs::HostRoot& host, const HostPath& root) {
  const auto known = model::all_capabilities();
  std::size_t count = host.exists(root / "engine-id") ? known.size() : kKnownBefore23;
  const auto last = number<std::size_t>(read_fact(host, "/proc/sys/kernel/cap_last_cap"));
  if (last) count = std::min(count, *last + 1);
  return {known.begin(), known.begin() + static_cast<std::ptrdiff_t>(count)};
}

std::string init_path_of(const rootfs::HostRoot& host) {
  for (const char* folder : {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin",
                             "/bin", "/usr/local/libexec/docker", "/usr/libexec/docker"}) {
    const HostPath place = *HostPath::parse(folder) / "docker-init";
    if (host.exists(place)) return place.text();
  }
  return "/usr/bin/docker-init";
}

}  // namespace

std::string_view remap_name(std::string_view data_root) {
  const std::string_view name = data_root.substr(data_root.rfind('/') + 1);
  const auto dot = name.find('.');
  if (dot == std::string_view::npos) return {};
  const bool numbers = number<std::uint32_t>(name.substr(0, dot)).has_value() &&
                       number<std::uint32_t>(name.substr(dot + 1)).has_value();
  return numbers ? name : std::string_view();
}

std::vector<SpecIdMapping> remapped_ids(std::string_view subordinate, std::uint32_t first) {
  struct Range {
    std::string_view user;
    std::uint32_t start = 0;
    std::uint64_t size = 0;
  };
  std::vector<Range> ranges;
  std::string_view user;
  while (!subordinate.empty()) {
    const auto end = subordinate.find('\n');
    const std::string_view line = subordinate.substr(0, end);
    subordinate.remove_prefix(end == std::string_view::npos ? subordinate.size() : end + 1);
    const auto colon = line.find(':');
    const auto second = line.rfind(':');
    if (colon == std::string_view::npos || colon == second) continue;
    const auto start = number<std::uint32_t>(line.substr(colon + 1, second - colon - 1));
    const auto size = number<std::uint64_t>(line.substr(second + 1));
    if (!start || !size || ranges.size() >= limits::kMaxObjects) continue;
    ranges.push_back({line.substr(0, colon), *start, *size});
    if (*start == first && user.empty()) user = ranges.back().user;
  }
  ranges.erase(std::remove_if(ranges.begin(), ranges.end(),
                              [user](const Range& range) { return range.user != user; }),
               ranges.end());
  if (user.empty() || ranges.empty()) ranges = {{"", first, kUsualRange}};
  std::sort(ranges.begin(), ranges.end(),
            [](const Range& a, const Range& b) { return a.start < b.start; });
  std::vector<SpecIdMapping> mappings;
  std::uint64_t next = 0;
  for (const Range& range : ranges) {
    if (mappings.size() == kMaxRanges || next + range.size > UINT32_MAX) break;
    mappings.push_back({static_cast<std::uint32_t>(next), range.start, range.size});
    next += range.size;
  }
  return mappings;
}

EngineFacts read_engine_facts(const rootfs::HostRoot& host, const HostPath& root) {
  EngineFacts facts;
  facts.init_path = init_path_of(host);
  facts.all_capabilities = capabilities_of(host, root);
  facts.kernel = read_fact(host, "/proc/sys/kernel/osrelease");
  facts.apparmor = read_fact(host, "/sys/module/apparmor/parameters/enabled") == "Y";
  const std::string_view remap = remap_name(root.text());
  if (remap.empty()) return facts;
  const auto dot = remap.find('.');
  const auto read_ids = [&host](const char* path) {
    return host.read_file(*HostPath::parse(path), limits::kMaxMetadataFile).value_or("");
  };
  facts.uid_mappings =
      remapped_ids(read_ids("/etc/subuid"), *number<std::uint32_t>(remap.substr(0, dot)));
  facts.gid_mappings =
      remapped_ids(read_ids("/etc/subgid"), *number<std::uint32_t>(remap.substr(dot + 1)));
  return facts;
}

}  // namespace meridian::store
