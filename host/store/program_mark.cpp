// SPDX-License-Identifier: Apache-2.0
#include "store/program_mark.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "base/read_file.hpp"

namespace meridian::store {
namespace {

struct Mark {
  std::string_view text;
  std::string_view program;
};

/// The first one that is there counts: gVisor is built with packages of runc, not the reverse.
constexpr std::array kMarks = {Mark{"gvisor.dev/gvisor", "runsc"},
                               Mark{"github.com/opencontainers/runc", "runc"},
                               Mark{"libcrun", "crun"}, Mark{"youki", "youki"}};

constexpr std::size_t kChunk = 1 << 20;
constexpr std::size_t kOverlap = 64;  // longer than any mark

}  // namespace

Result<std::string_view> program_mark(const rootfs::HostRoot& host, const model::HostPath& path) {
  MERIDIAN_TRY(const base::UniqueFd file, host.open_file(path));
  std::array<bool, kMarks.size()> seen{};
  std::string window;
  for (std::uint64_t offset = 0; offset < kMaxProgram;) {
    const std::size_t kept = window.size();
    window.resize(kept + kChunk);
    MERIDIAN_TRY(const std::size_t got,
                 base::read_at(file.get(), offset, window.data() + kept, kChunk, path.text()));
    window.resize(kept + got);
    for (std::size_t i = 0; i < kMarks.size(); ++i) {
      seen[i] = seen[i] || window.find(kMarks[i].text) != std::string::npos;
    }
    if (got == 0 || seen.front()) break;
    offset += got;
    window.erase(0, window.size() - std::min(window.size(), kOverlap));
  }
  const auto first = std::find(seen.begin(), seen.end(), true);
  if (first == seen.end()) return std::string_view();
  return kMarks[static_cast<std::size_t>(first - seen.begin())].program;
}

}  // namespace meridian::store
