// SPDX-License-Identifier: Apache-2.0
#include "lane/seccomp_policy.hpp"

#include <asm/ioctls.h>
#include <fcntl.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <array>
#include <bit>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <utility>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define MERIDIAN_TSAN 1  // its runtime starts a thread of its own after each fork
#endif
#endif
#ifdef __SANITIZE_THREAD__
#define MERIDIAN_TSAN 1
#endif

namespace meridian::lane {

namespace {

#ifdef MERIDIAN_TSAN
constexpr bool kRuntimeThreads = true;
#else
constexpr bool kRuntimeThreads = false;
#endif

constexpr std::uint32_t kSelf = 0;                    // prlimit64: this process
constexpr std::uint32_t kQuery = 0xffffffff;          // personality: what is it
constexpr std::uint32_t kSetMemoryName = 0x53564d41;  // PR_SET_VMA, newer than our headers
constexpr std::uint32_t kTemporary = 020000000;       // __O_TMPFILE without O_DIRECTORY
void allow_where(SeccompFilter& filter, const char* call, unsigned index,
                 std::initializer_list<std::uint32_t> values) {
  for (const std::uint32_t value : values) {
    filter.rule(SCMP_ACT_ALLOW, call, {equals(index, value)});
  }
}

void allow_memory(SeccompFilter& filter) {
  filter.rules(SCMP_ACT_ALLOW, {"brk", "madvise", "membarrier", "mincore", "mlock", "mlock2",
                                "mmap", "mprotect", "mremap", "msync", "munlock", "munmap"});
}

/// On descriptors that it has. None changes what a read-only descriptor of the host shows to
/// others: no mode, owner, time, attribute, lease.
void allow_descriptors(SeccompFilter& filter, bool scratch) {
  filter.rules(SCMP_ACT_ALLOW, {"close",         "close_range", "copy_file_range",
                                "dup",           "dup2",        "dup3",
                                "fadvise64",     "fallocate",   "fdatasync",
                                "fstat",         "fstatfs",     "fsync",
                                "ftruncate",     "getdents",    "getdents64",
                                "lseek",         "newfstatat",  "pread64",
                                "preadv",        "preadv2",     "pwrite64",
                                "pwritev",       "pwritev2",    "read",
                                "readahead",     "readv",       "sendfile",
                                "splice",        "statx",       "sync_file_range",
                                "write",         "writev",      "pipe",
                                "pipe2",         "eventfd2",    "epoll_create",
                                "epoll_create1", "epoll_ctl",   "epoll_pwait",
                                "epoll_pwait2",  "epoll_wait",  "poll",
                                "ppoll",         "pselect6",    "select",
                                "recvfrom",      "recvmsg",     "sendmsg",
                                "shutdown",      "getsockopt",  "getsockname",
                                "getpeername"});
  filter.rule(SCMP_ACT_ALLOW, "sendto", {{4, SCMP_CMP_EQ, 0, 0}});  // to nobody else: send()
  allow_where(filter, "fcntl", 1,
              {F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_GETLK, F_DUPFD_CLOEXEC, F_ADD_SEALS,
               F_GET_SEALS});  // F_SETFL: flags of a file are shared with the host and other lanes
  allow_where(filter, "ioctl", 1, {TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIOCLEX, FIONCLEX});
  if (!scratch) return;
  // A lock would also hold on a descriptor of the host, and an engine wait for it.
  filter.rule(SCMP_ACT_ALLOW, "flock");
  allow_where(filter, "fcntl", 1, {F_SETLK, F_SETLKW, F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW});
}

void allow_paths(SeccompFilter& filter, bool scratch, bool landlock) {
  filter.rules(SCMP_ACT_ALLOW, {"access", "faccessat", "faccessat2", "getcwd", "lstat", "readlink",
                                "readlinkat", "stat", "statfs", "umask"});
  filter.rule(SCMP_ACT_ERRNO(ENOSYS), "openat2");
  if (scratch) {
    filter.rules(SCMP_ACT_ALLOW, {"creat", "mkdir", "mkdirat", "rename", "renameat", "renameat2",
                                  "rmdir", "unlink", "unlinkat"});
  }
  // Access mode 3 is neither reading nor writing to Landlock, so it allows it everywhere, and
  // before its third ABI it knows no truncation: what is not opened for writing is not truncated
  // either.
  const std::uint32_t makes = scratch ? 0 : O_CREAT | kTemporary;
  const std::uint32_t cuts = scratch ? 0 : O_TRUNC;
  const auto allow = [&](const char* call, unsigned flags) {
    if (!landlock && !scratch) {
      filter.rule(SCMP_ACT_ALLOW, call, {has_bits(flags, 0, makes | O_ACCMODE | O_TRUNC)});
      return;
    }
    filter.rule(SCMP_ACT_ALLOW, call, {has_bits(flags, O_RDONLY, makes | O_TRUNC | O_ACCMODE)});
    filter.rule(SCMP_ACT_ALLOW, call, {has_bits(flags, O_WRONLY, makes | cuts | O_ACCMODE)});
    filter.rule(SCMP_ACT_ALLOW, call, {has_bits(flags, O_RDWR, makes | cuts | O_ACCMODE)});
  };
  allow("open", 1);
  allow("openat", 2);
}

void allow_itself(SeccompFilter& filter) {
  filter.rules(SCMP_ACT_ALLOW, {"capget",
                                "clock_getres",
                                "clock_gettime",
                                "clock_nanosleep",
                                "exit",
                                "exit_group",
                                "futex",
                                "futex_waitv",
                                "getcpu",
                                "getegid",
                                "geteuid",
                                "getgid",
                                "getgroups",
                                "getpgid",
                                "getpgrp",
                                "getpid",
                                "getppid",
                                "getrandom",
                                "getresgid",
                                "getresuid",
                                "getrlimit",
                                "getrusage",
                                "getsid",
                                "gettid",
                                "gettimeofday",
                                "getuid",
                                "nanosleep",
                                "pause",
                                "restart_syscall",
                                "rseq",
                                "rt_sigpending",
                                "rt_sigprocmask",
                                "rt_sigreturn",
                                "rt_sigsuspend",
                                "rt_sigtimedwait",
                                "sched_get_priority_max",
                                "sched_get_priority_min",
                                "sched_getaffinity",
                                "sched_getparam",
                                "sched_getscheduler",
                                "sched_yield",
                                "set_robust_list",
                                "set_tid_address",
                                "sigaltstack",
                                "sysinfo",
                                "time",
                                "times",
                                "uname",
                                "wait4",
                                "waitid"});
  filter.rule(SCMP_ACT_ALLOW, "prlimit64", {equals(0, kSelf)});
  filter.rule(SCMP_ACT_ALLOW, "personality", {equals(0, kQuery)});
  filter.rule(SCMP_ACT_ERRNO(EINVAL), "arch_prctl");
  allow_where(filter, "prctl", 0,
              {PR_SET_NAME, PR_GET_NAME, PR_GET_DUMPABLE, PR_GET_PDEATHSIG, PR_CAPBSET_READ,
               PR_GET_NO_NEW_PRIVS, PR_GET_SECCOMP, kSetMemoryName});
  // Handlers, but not that of SIGSYS: all below it, 32 to 63, 64, and every question.
  filter.rule(SCMP_ACT_ALLOW, "rt_sigaction", {{0, SCMP_CMP_LT, SIGSYS, 0}});
  filter.rule(SCMP_ACT_ALLOW, "rt_sigaction", {{0, SCMP_CMP_MASKED_EQ, 32, ~std::uint64_t{31}}});
  filter.rule(SCMP_ACT_ALLOW, "rt_sigaction", {{0, SCMP_CMP_EQ, 64, 0}});
  filter.rule(SCMP_ACT_ALLOW, "rt_sigaction", {{1, SCMP_CMP_EQ, 0, 0}});
}

/// What the later steps need; each can only take away.
void allow_later_steps(SeccompFilter& filter) {
  filter.rules(SCMP_ACT_ALLOW,
               {"landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self"});
  // Without flags: no second listener that could answer in the supervisor's place.
  filter.rule(SCMP_ACT_ALLOW, "seccomp", {equals(0, SECCOMP_SET_MODE_FILTER), equals(1, 0)});
  filter.rule(SCMP_ACT_ALLOW, "prctl", {equals(0, PR_SET_PDEATHSIG), equals(1, SIGKILL)});
}

}  // namespace

SeccompFilter lane_filter(const SandboxNeeds& needs, ForkMode mode, pid_t self, bool landlock,
                          bool listened) {
  SeccompFilter filter(SCMP_ACT_TRAP);
  const bool scratch = !needs.scratch.empty();
  allow_memory(filter);
  allow_descriptors(filter, scratch);
  allow_paths(filter, scratch, landlock);
  allow_itself(filter);
  allow_later_steps(filter);
  const bool threads = needs.threads || kRuntimeThreads;
  if (threads) {
    const bool counted = listened && !kRuntimeThreads;
    filter.rule(counted ? SCMP_ACT_NOTIFY : SCMP_ACT_ALLOW, "clone", {equals(0, kThreadFlags)});
  }
  // libc asks clone for threads and posix_spawn with every signal blocked: SIGSYS would end the
  // process there. So it fails without one; whoever listens names it all the same.
  const std::uint32_t quietly = listened ? SCMP_ACT_NOTIFY : SCMP_ACT_ERRNO(EPERM);
  filter.rule(quietly, "clone", {has_bits(0, CLONE_VM, CLONE_VM | (threads ? CLONE_THREAD : 0))});
  filter.rule(SCMP_ACT_ERRNO(ENOSYS), "clone3");  // libc then asks clone, whose flags are seen
  if (mode == ForkMode::kFork) {
    filter.rule(SCMP_ACT_NOTIFY, "clone", {equals(0, kForkFlags)});
    filter.rules(SCMP_ACT_NOTIFY, {"kill", "tgkill", "tkill"});
  } else if (mode == ForkMode::kOwn) {
    filter.rule(SCMP_ACT_ALLOW, "clone", {equals(0, kForkFlags)});
    filter.rules(SCMP_ACT_ALLOW, {"kill", "tgkill", "tkill"});
  } else {
    for (const char* call : {"kill", "tgkill", "tkill"}) {
      filter.rule(SCMP_ACT_ALLOW, call, {equals(0, static_cast<std::uint32_t>(self))});
    }
  }
  return filter;
}

SeccompFilter second_filter(const SandboxNeeds& needs, bool landlock) {
  SeccompFilter filter(SCMP_ACT_ALLOW);
  filter.rules(SCMP_ACT_TRAP,
               {"landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self"});
  if (!needs.jit) {
    filter.rule(SCMP_ACT_TRAP, "mmap", {has_bits(2, PROT_EXEC, PROT_EXEC)});
    filter.rule(SCMP_ACT_TRAP, "mprotect", {has_bits(2, PROT_EXEC, PROT_EXEC)});
  }
  if (!landlock && needs.scratch.empty()) {
    filter.rules(SCMP_ACT_ERRNO(EACCES), {"open", "openat"});
  }
  return filter;
}

Result<void> load_worker_filter(pid_t self) {
  constexpr auto kNumber = static_cast<std::uint32_t>(offsetof(seccomp_data, nr));
  // The lower half of the first argument: all of these take an int or 32 bits of flags.
  constexpr std::uint32_t kUpperFirst = std::endian::native == std::endian::big ? 4 : 0;
  constexpr auto kFirst = static_cast<std::uint32_t>(offsetof(seccomp_data, args)) + kUpperFirst;
  const auto load = [](std::uint32_t offset) {
    return sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset);
  };
  // On to the next instruction, or past `equal` and `other` of them.
  const auto compare = [](std::uint32_t value, std::uint8_t equal, std::uint8_t other) {
    return sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, equal, other);
  };
  const auto end = [](std::uint32_t action) {
    return sock_filter BPF_STMT(BPF_RET | BPF_K, action);
  };
  // The architecture is asked by the lane's filter, below this one.
  const std::array program{
      load(kNumber),                                    // 0
      compare(SYS_kill, 6, 0),                          // 1: 8
      compare(SYS_tgkill, 5, 0),                        // 2: 8
      compare(SYS_tkill, 4, 0),                         // 3: 8
      compare(SYS_clone, 5, 0),                         // 4: 10
      compare(SYS_prctl, 6, 0),                         // 5: 12
      compare(SYS_seccomp, 7, 0),                       // 6: 14
      end(SECCOMP_RET_ALLOW),                           // 7
      load(kFirst),                                     // 8
      compare(static_cast<std::uint32_t>(self), 5, 4),  // 9: 15, 14
      load(kFirst),                                     // 10
      compare(kForkFlags, 2, 3),                        // 11: 14, 15
      load(kFirst),                                     // 12
      compare(PR_SET_PDEATHSIG, 0, 1),                  // 13: 14, 15
      end(SECCOMP_RET_TRAP),                            // 14
      end(SECCOMP_RET_ALLOW),                           // 15
  };
  MERIDIAN_CHECK(load_program(program, 0));
  return {};
}

SeccompFilter host_filter() {
  SeccompFilter filter(SCMP_ACT_ALLOW);
  filter.rules(SCMP_ACT_ERRNO(EPERM), {"open_by_handle_at", "name_to_handle_at"});
  return filter;
}

SeccompFilter read_only_filter() {
  SeccompFilter filter(SCMP_ACT_ALLOW);
  filter.rules(SCMP_ACT_ERRNO(EPERM),
               {"chmod",    "chown",        "creat",        "fchmod",    "fchmodat",  "fchmodat2",
                "fchown",   "fchownat",     "fremovexattr", "fsetxattr", "lchown",    "link",
                "linkat",   "lremovexattr", "lsetxattr",    "mkdir",     "mkdirat",   "mknod",
                "mknodat",  "removexattr",  "rename",       "renameat",  "renameat2", "rmdir",
                "setxattr", "symlink",      "symlinkat",    "truncate",  "unlink",    "unlinkat",
                "utime",    "utimensat",    "utimes"});
  for (const auto& [call, flags] : {std::pair("open", 1u), std::pair("openat", 2u)}) {
    for (const int one : {O_WRONLY, O_RDWR, O_CREAT, O_TRUNC}) {
      const auto bit = static_cast<std::uint32_t>(one);
      filter.rule(SCMP_ACT_ERRNO(EPERM), call, {has_bits(flags, bit, bit)});
    }
  }
  filter.rule(SCMP_ACT_ERRNO(ENOSYS), "openat2");  // its flags are out of a filter's sight
  return filter;
}

SeccompFilter truncation_filter() {
  SeccompFilter filter(SCMP_ACT_ALLOW);
  filter.rule(SCMP_ACT_ERRNO(EACCES), "truncate");
  for (const auto& [call, flags] : {std::pair("open", 1u), std::pair("openat", 2u)}) {
    // Not to write: 0, and 3, which is neither.
    for (const std::uint32_t mode : {std::uint32_t{O_RDONLY}, std::uint32_t{O_ACCMODE}}) {
      filter.rule(SCMP_ACT_ERRNO(EACCES), call,
                  {has_bits(flags, O_TRUNC | mode, O_TRUNC | O_ACCMODE)});
    }
  }
  filter.rule(SCMP_ACT_ERRNO(ENOSYS), "openat2");  // its flags are out of a filter's sight
  return filter;
}

}  // namespace meridian::lane
