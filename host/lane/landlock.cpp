// SPDX-License-Identifier: Apache-2.0
#include "lane/landlock.hpp"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/system_error.hpp"
#include "base/unique_fd.hpp"
#include "lane/sandbox_level.hpp"

namespace meridian::lane {

namespace {

/// struct landlock_ruleset_attr of ABI 6. Kernels take a longer one whose rest is zero.
struct RulesetAttributes {
  std::uint64_t files;
  std::uint64_t network;
  std::uint64_t scoped;
};

constexpr std::uint64_t kNetworkAll = 3;  // bind and connect TCP
constexpr std::uint64_t kScopeAll = 3;    // abstract unix sockets and signals
constexpr int kNetworkAbi = 4;
constexpr int kScopeAbi = 6;

/// Rights that a rule on something that is no directory may have; else it is EINVAL.
constexpr std::uint64_t kOnFiles = landlock::kExecute | landlock::kWriteFile | landlock::kReadFile |
                                   (1u << 14) /* truncate */ | (1u << 15) /* device ioctl */;

std::uint64_t known_rights(int abi) {
  if (abi >= 5) return 0xffff;
  if (abi >= 3) return 0x7fff;
  return abi == 2 ? 0x3fff : 0x1fff;
}

Result<void> allow(int ruleset, const LandlockPath& path, std::uint64_t handled) {
  const base::UniqueFd place(::open(path.path.c_str(), O_PATH | O_CLOEXEC));
  if (!place) {
    if (errno == ENOENT || errno == ENOTDIR || errno == EACCES) return {};  // nothing to allow
    return base::system_error(errno, path.path);
  }
  struct stat info {};
  if (::fstat(place.get(), &info) != 0) return base::system_error(errno, path.path);
  std::uint64_t rights = path.rights & handled;
  if (!S_ISDIR(info.st_mode)) rights &= kOnFiles;
  if (rights == 0) return {};
  const landlock_path_beneath_attr rule{rights, place.get()};
  if (::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0) {
    return base::system_error(errno, "landlock rule for " + path.path);
  }
  return {};
}

}  // namespace

int landlock_abi() {
  const long abi =
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  return abi > 0 ? static_cast<int>(abi) : 0;
}

Result<void> add_landlock_layer(const LandlockLayer& layer) {
  const int abi = landlock_abi();
  if (abi == 0) {
    return Error(ErrorCode::kUnsupported, reason_of(errno));
  }
  const RulesetAttributes attributes{layer.handled & known_rights(abi),
                                     layer.no_network && abi >= kNetworkAbi ? kNetworkAll : 0,
                                     layer.own_scope && abi >= kScopeAbi ? kScopeAll : 0};
  const base::UniqueFd ruleset(
      static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0)));
  if (!ruleset) return base::system_error(errno, "landlock ruleset");
  for (const LandlockPath& path : layer.allowed) {
    MERIDIAN_CHECK(allow(ruleset.get(), path, attributes.files));
  }
  if (::syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0) {
    return base::system_error(errno, "landlock restrict");
  }
  return {};
}

}  // namespace meridian::lane
