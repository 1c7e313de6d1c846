// SPDX-License-Identifier: Apache-2.0
#include "cli/confine.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <string_view>

#include "lane/landlock.hpp"
#include "lane/seccomp_policy.hpp"

namespace meridian::cli {

namespace {

namespace part = lane::part;

std::string reason_if(bool failed) { return failed ? lane::reason_of(errno) : std::string(); }

/// The folder of a file that is made there, or the device or pipe that is written as it is.
lane::LandlockPath place_of_report(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) {
    return {path, lane::landlock::kWriteFile};
  }
  const std::size_t slash = path.rfind('/');
  return {slash == std::string::npos ? "." : path.substr(0, slash + 1), lane::landlock::kWrite};
}

std::string scratch_folder() {
  const char* const named = std::getenv("TMPDIR");  // NOLINT(concurrency-mt-unsafe): one thread
  return named != nullptr && *named != '\0' ? named : "/tmp";
}

}  // namespace

bool gives_up_writing() {
  const char* const writes =
      std::getenv("MERIDIAN_WRITES");  // NOLINT(concurrency-mt-unsafe): one thread
  return writes != nullptr && std::string_view(writes) == "none";
}

lane::SandboxLevel confine_host() {
  lane::SandboxLevel level;
  const rlimit no_core{0, 0};
  level.add({part::kLimits, reason_if(::setrlimit(RLIMIT_CORE, &no_core) != 0), true});
  level.add(
      {part::kNotDumpable, reason_if(::prctl(PR_SET_DUMPABLE, 0UL, 0UL, 0UL, 0UL) != 0), true});
  level.add({part::kNoNewPrivileges,
             reason_if(::prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) != 0), true});
  auto loaded = lane::host_filter().load();
  if (loaded && gives_up_writing()) loaded = lane::read_only_filter().load();
  level.add({part::kSeccomp, loaded ? "" : loaded.error().message(), true});
  return level;
}

Result<void> confine_writes(const std::vector<std::string>& reports,
                            const std::vector<std::string>& folders) {
  lane::LandlockLayer layer{lane::landlock::kWrite, false, false, {}};
  // What may be opened to write is Landlock's to say, and so what may be truncated by that.
  const auto filtered = lane::truncation_filter().load();
  if (filtered) layer.handled &= ~lane::landlock::kTruncate;
  if (!filtered && filtered.error().code() != ErrorCode::kUnsupported) return filtered.error();
  layer.allowed.push_back({"/dev/null", lane::landlock::kWriteFile});
  layer.allowed.push_back({scratch_folder(), lane::landlock::kWrite});
  for (const std::string& report : reports) {
    if (report != "-") layer.allowed.push_back(place_of_report(report));
  }
  for (const std::string& folder : folders) {
    layer.allowed.push_back({folder, lane::landlock::kWrite});
  }
  return lane::add_landlock_layer(layer);
}

}  // namespace meridian::cli
