// SPDX-License-Identifier: Apache-2.0
#include "lane/sandbox.hpp"

#include <dirent.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <memory>

#include "base/escape.hpp"
#include "base/system_error.hpp"
#include "lane/landlock.hpp"
#include "lane/seccomp_policy.hpp"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define MERIDIAN_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MERIDIAN_SANITIZED 1
#endif

namespace meridian::lane {

namespace {

#ifdef MERIDIAN_SANITIZED
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

#ifdef MERIDIAN_SANITIZED
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): LeakSanitizer asks a function
std::atomic<bool> in_sandbox{false};
#endif

void note(SandboxLevel& level, const char* name, int error_number, bool counts = true) {
  level.add({name, error_number == 0 ? std::string() : reason_of(error_number), counts});
}

/// 1 where it cannot be told.
std::size_t count_threads() {
  const std::unique_ptr<DIR, int (*)(DIR*)> tasks(::opendir("/proc/self/task"), ::closedir);
  std::size_t count = 0;
  if (!tasks) return 1;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): the stream is ours alone
  while (const dirent* entry = ::readdir(tasks.get())) {
    if (entry->d_name[0] != '.') ++count;
  }
  return count;
}

int set_limit(__rlimit_resource_t resource, std::uint64_t most) {
  rlimit limit{};
  if (::getrlimit(resource, &limit) != 0) return errno;
  limit.rlim_max = std::min<rlim_t>(limit.rlim_max, most);
  limit.rlim_cur = limit.rlim_max;
  return ::setrlimit(resource, &limit) == 0 ? 0 : errno;
}

void set_limits(const SandboxNeeds& needs, SandboxLevel& level) {
  const std::uint64_t scratch = needs.scratch.empty() ? 0 : kScratchFile;
  const std::uint64_t file = needs.file_bytes != 0 ? needs.file_bytes : scratch;
  int failed = set_limit(RLIMIT_CORE, 0);
  if (failed == 0) failed = set_limit(RLIMIT_NOFILE, kLaneFiles);
  if (failed == 0) failed = set_limit(RLIMIT_FSIZE, file);
  note(level, part::kLimits, failed);
  if (kSanitized) {
    level.add({part::kMemoryLimit, "a sanitizer's shadow memory is beyond any limit", true});
  } else {
    note(level, part::kMemoryLimit,
         set_limit(RLIMIT_AS, (needs.memory != 0 ? needs.memory : kLaneMemory) + needs.data));
  }
}

/// prctl without the variadic call.
int control(int option, unsigned long a = 0, unsigned long b = 0) {
  return ::prctl(option, a, b, 0UL, 0UL) == 0 ? 0 : errno;
}

/// Every set is empty afterwards. Bounding set and securebits take CAP_SETPCAP: who lacks it has
/// nothing that an exec could bring back either, since no_new_privs holds.
int drop_capabilities() {
  for (unsigned long capability = 0; capability <= 63; ++capability) {
    if (control(PR_CAPBSET_DROP, capability) != 0) break;  // past the last, or not allowed
  }
  control(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL);
  control(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
                                 SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
                                 SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> sets{};
  if (::syscall(SYS_capset, &header, sets.data()) != 0) return errno;
  if (::syscall(SYS_capget, &header, sets.data()) != 0) return errno;
  const bool empty = std::all_of(sets.begin(), sets.end(), [](const auto& set) {
    return (set.effective | set.permitted | set.inheritable) == 0;
  });
  return empty ? 0 : EPERM;
}

constexpr std::uint64_t kHandled =
    landlock::kExecute | landlock::kRead | landlock::kWriteFile | landlock::kChange;
constexpr std::uint64_t kScratchRights = landlock::kRead | landlock::kWrite;

/// Layer 1. Libraries, and what ordinary ones read while they start.
LandlockLayer loading_layer(const SandboxNeeds& needs) {
  LandlockLayer layer{kHandled, true, true, {}};
  for (const char* place : {"/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/local/lib"}) {
    layer.allowed.push_back({place, landlock::kExecute | landlock::kRead});
  }
  for (const char* place :
       {"/etc/ld.so.cache", "/etc/ld.so.preload", "/etc/localtime", "/usr/share/zoneinfo",
        "/usr/share/locale", "/etc/ssl/openssl.cnf", "/dev/urandom", "/dev/random", "/proc/self",
        "/proc/cpuinfo", "/proc/meminfo", "/proc/sys/vm/overcommit_memory",
        "/sys/devices/system/cpu"}) {
    layer.allowed.push_back({place, landlock::kRead});
  }
  layer.allowed.push_back({"/dev/null", landlock::kReadFile | landlock::kWriteFile});
  if (!needs.scratch.empty()) layer.allowed.push_back({needs.scratch, kScratchRights});
  return layer;
}

/// Layer 2. Scratch alone; network and scopes are gone since the first.
LandlockLayer scratch_layer(const SandboxNeeds& needs) {
  LandlockLayer layer{kHandled, false, false, {}};
  if (!needs.scratch.empty()) layer.allowed.push_back({needs.scratch, kScratchRights});
  return layer;
}

constexpr int kNetworkAbi = 4;
constexpr int kScopeAbi = 6;

Result<void> add_landlock(const SandboxNeeds& needs, SandboxLevel& level) {
  const auto added = add_landlock_layer(loading_layer(needs));
  if (!added && added.error().code() != ErrorCode::kUnsupported) return added.error();
  level.add({part::kLandlock, added ? "" : added.error().message(), true});
  const int abi = landlock_abi();
  const auto newer = [&](const char* name, int wanted) {
    const std::string reason =
        "ABI " + std::to_string(wanted) + " has it, this kernel has " + std::to_string(abi);
    level.add({name, added && abi >= wanted ? "" : reason, false});
  };
  newer(part::kLandlockNetwork, kNetworkAbi);
  newer(part::kLandlockScopes, kScopeAbi);
  return {};
}

/// With the listener if that is wanted and possible, else for a lane that never forks.
Result<base::UniqueFd> add_seccomp(const SandboxNeeds& needs, ForkMode wanted,
                                   SandboxLevel& level) {
  const bool landlock = level.has(part::kLandlock);
  const pid_t self = ::getpid();
  std::string reason = "not asked for";
  if (wanted == ForkMode::kFork || needs.threads) {
    auto listener = lane_filter(needs, wanted, self, landlock, true).load_with_listener();
    if (listener) {
      level.add({part::kSeccomp, "", true});
      level.add({part::kNotification, "", false});
      return listener;
    }
    if (listener.error().code() != ErrorCode::kUnsupported) return listener.error();
    reason = listener.error().message();
  }
  const ForkMode mode = wanted == ForkMode::kOwn ? wanted : ForkMode::kSingle;
  const auto loaded = lane_filter(needs, mode, self, landlock, false).load();
  if (!loaded && loaded.error().code() != ErrorCode::kUnsupported) return loaded.error();
  level.add({part::kSeccomp, loaded ? "" : loaded.error().message(), true});
  level.add({part::kNotification, reason, false});
  return base::UniqueFd();
}

Result<void> check_scratch(const std::string& scratch) {
  if (scratch.empty()) return {};
  struct stat info {};
  if (scratch.front() == '/' && ::lstat(scratch.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) {
    return {};
  }
  return Error(ErrorCode::kInvalid, "scratch " + base::escape(scratch) + ": is no folder");
}

}  // namespace

Result<Entered> enter_lane(const SandboxNeeds& needs, ForkMode wanted) {
  MERIDIAN_CHECK(check_scratch(needs.scratch));
  if (const std::size_t threads = count_threads(); threads != 1 && !kSanitized) {
    return Error(ErrorCode::kInvalid, "sandbox: the process has " + std::to_string(threads) +
                                          " threads, all but one would stay outside");
  }
  Entered entered;
  SandboxLevel& level = entered.level;
  ::umask(077);
  note(level, part::kNetworkNamespace, ::unshare(CLONE_NEWNET) == 0 ? 0 : errno, false);
  set_limits(needs, level);
  note(level, part::kCapabilities, drop_capabilities());
  note(level, part::kNoNewPrivileges, control(PR_SET_NO_NEW_PRIVS, 1));
  note(level, part::kNotDumpable, control(PR_SET_DUMPABLE, 0));
  control(PR_SET_PDEATHSIG, SIGKILL);  // after the capabilities: a change of credentials clears it
#ifdef MERIDIAN_SANITIZED
  in_sandbox.store(true);
#endif
  MERIDIAN_CHECK(add_landlock(needs, level));
  MERIDIAN_TRY(entered.listener, add_seccomp(needs, wanted, level));
  return entered;
}

Result<void> enter_second_stage(const SandboxNeeds& needs, const SandboxLevel& level) {
  ::tzset();  // the zone's file cannot be opened later
  const bool landlock = level.has(part::kLandlock);
  if (landlock) MERIDIAN_CHECK(add_landlock_layer(scratch_layer(needs)));
  if (level.has(part::kSeccomp)) MERIDIAN_CHECK(second_filter(needs, landlock).load());
  return {};
}

Result<void> enter_worker(const SandboxLevel& level, pid_t parent) {
  if (const int failed = control(PR_SET_PDEATHSIG, SIGKILL); failed != 0) {
    return base::system_error(failed, "death signal");
  }
  if (::getppid() != parent) {
    return Error(ErrorCode::kCancelled, "the process that this one belongs to has ended");
  }
  if (level.has(part::kSeccomp)) MERIDIAN_CHECK(load_worker_filter(::getpid()));
  return {};
}

}  // namespace meridian::lane

#ifdef MERIDIAN_SANITIZED
// A leak check stops the world with clone and ptrace, which the sandbox refuses: at the end of a
// process that is in one there is none.
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming): LeakSanitizer's name
extern "C" int __lsan_is_turned_off();
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming)
extern "C" int __lsan_is_turned_off() { return meridian::lane::in_sandbox.load() ? 1 : 0; }
#endif
