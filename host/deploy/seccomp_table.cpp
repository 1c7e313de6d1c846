// SPDX-License-Identifier: Apache-2.0
#include "deploy/seccomp_table.hpp"

#include <array>

namespace meridian::deploy {

namespace {

using When = CallGroup::When;

constexpr std::array kAllowed = {
    CallGroup{
        When::kAlways, "look at files and read them",
        "access close faccessat faccessat2 fadvise64 fcntl fgetxattr flistxattr fstat fstatfs "
        "getcwd getdents64 getxattr lgetxattr listxattr llistxattr lseek lstat newfstatat pread64 "
        "preadv read readlink readlinkat readv stat statfs statx"},
    CallGroup{
        When::kAlways, "memory",
        "brk madvise membarrier mincore mlock mlock2 mmap mprotect mremap msync munlock munmap"},
    CallGroup{
        When::kAlways, "threads, and the processes in which plugins and decoders run",
        "arch_prctl close_range execve exit exit_group futex get_robust_list getpid getppid "
        "gettid kill pidfd_open pidfd_send_signal restart_syscall rseq rt_sigaction "
        "rt_sigpending rt_sigprocmask rt_sigreturn rt_sigsuspend rt_sigtimedwait "
        "sched_getaffinity sched_yield set_robust_list set_tid_address setsid sigaltstack tgkill "
        "tkill wait4 waitid"},
    CallGroup{When::kAlways,
              "what processes say to each other: pipes, pairs of sockets, memory; no "
              "socket that has an address, so no engine's socket below /host can be reached",
              "dup dup2 dup3 epoll_create1 epoll_ctl epoll_pwait epoll_wait eventfd2 fallocate "
              "ftruncate ioctl memfd_create pipe pipe2 poll ppoll pselect6 recvfrom recvmsg select "
              "sendmsg sendto shutdown socketpair write writev"},
    CallGroup{
        When::kAlways, "what the program takes from itself and from plugins",
        "capget capset landlock_add_rule landlock_create_ruleset landlock_restrict_self prctl "
        "seccomp umask"},
    CallGroup{
        When::kAlways, "limits and priority: what runs beside a scan comes first",
        "getpriority getrlimit getrusage ioprio_get ioprio_set prlimit64 setpriority setrlimit"},
    CallGroup{
        When::kAlways, "time, randomness, the machine's name and size",
        "clock_getres clock_gettime clock_nanosleep getrandom gettimeofday nanosleep sysinfo time "
        "uname"},
    CallGroup{When::kAlways, "a shell: the loop of a DaemonSet, and looking into the container",
              "chdir fchdir fork vfork getegid geteuid getgid getpgid getpgrp getresgid getresuid "
              "getuid"},
    CallGroup{When::kWrites,
              "report, cache and scratch are written: made, filled, locked, renamed, removed",
              "fchmod fchown fdatasync flock fsync link linkat mkdir mkdirat open openat openat2 "
              "pwrite64 pwritev rename renameat renameat2 rmdir sync_file_range unlink unlinkat "
              "utimensat"},
};

constexpr unsigned kNamespaces = 0x7e020080;  // CLONE_NEW*
constexpr unsigned kWriting = 0x243;          // O_WRONLY, O_RDWR, O_CREAT, O_TRUNC
constexpr unsigned kAllFlags = 0xffffffff;
constexpr unsigned kStartFlags = 0x80001;  // O_WRONLY, O_CLOEXEC
constexpr unsigned kLargeFile = 0x20000;   // of aarch64

constexpr std::string_view kRead = "files are opened to be read, none to be written";
/// The engine's own last step, when the profile holds already (runc 1.1). It leaves a way to write
/// to a file that is there: the program shuts it behind itself (MERIDIAN_WRITES=none).
constexpr std::string_view kStart =
    "how runc opens the pipe by which it learns to start the program; with these flags alone";

constexpr std::array kMasked = {
    MaskedCall{When::kAlways, "processes and threads, in no namespace of their own", "clone", 0,
               kNamespaces, 0},
    MaskedCall{When::kReadOnly, kRead, "open", 1, kWriting, 0},
    MaskedCall{When::kReadOnly, kRead, "openat", 2, kWriting, 0},
    MaskedCall{When::kReadOnly, kStart, "openat", 2, kAllFlags, kStartFlags},
    MaskedCall{When::kReadOnly, kStart, "openat", 2, kAllFlags, kStartFlags | kLargeFile},
};

constexpr std::array kAbsent = {
    CallGroup{When::kAlways, "its flags stand in memory; libc takes clone", "clone3"},
    CallGroup{When::kReadOnly,
              "its flags stand in memory; the program looks each part of a path up itself",
              "openat2"},
};

}  // namespace

std::span<const CallGroup> allowed_calls() { return kAllowed; }
std::span<const MaskedCall> masked_calls() { return kMasked; }
std::span<const CallGroup> absent_calls() { return kAbsent; }

}  // namespace meridian::deploy
