// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <new>

#include "lane/landlock.hpp"
#include "support/temp_dir.hpp"
#include "unit/lane/confined_child.hpp"

using namespace meridian;
using namespace meridian::testing_support;
using lane::ForkMode;

namespace {

struct Attempt {
  const char* call;  // as it is named afterwards
  std::function<long()> make;
};

constexpr long kPage = 4096;
const char* const kNothing[] = {nullptr};

/// Calls whose refusal is named, in every step and mode.
std::vector<Attempt> attempts(pid_t outside) {
  static char byte = 0;
  static struct {
    void* base;
    std::size_t size;
  } vector{&byte, 1};
  return {
      {"socket", [] { return ::syscall(SYS_socket, AF_INET, SOCK_STREAM, 0); }},
      {"socketpair",
       [] {
         int fds[2];
         return ::syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, fds);
       }},
      {"connect", [] { return ::syscall(SYS_connect, 0, &byte, 1); }},
      {"bind", [] { return ::syscall(SYS_bind, 0, &byte, 1); }},
      {"execve", [] { return ::syscall(SYS_execve, "/bin/true", kNothing, kNothing); }},
      {"execveat",
       [] { return ::syscall(SYS_execveat, AT_FDCWD, "/bin/true", kNothing, kNothing, 0); }},
      {"vfork", [] { return ::syscall(SYS_vfork); }},
      {"ptrace", [=] { return ::syscall(SYS_ptrace, 16, outside, 0, 0); }},
      {"mount", [] { return ::syscall(SYS_mount, "none", "/mnt", "tmpfs", 0, 0); }},
      {"umount2", [] { return ::syscall(SYS_umount2, "/mnt", 0); }},
      {"pivot_root", [] { return ::syscall(SYS_pivot_root, "/", "/"); }},
      {"chroot", [] { return ::syscall(SYS_chroot, "/"); }},
      {"fsopen", [] { return ::syscall(SYS_fsopen, "tmpfs", 0); }},
      {"open_tree", [] { return ::syscall(SYS_open_tree, AT_FDCWD, "/", 1); }},
      {"move_mount", [] { return ::syscall(SYS_move_mount, 0, "", 0, "", 0); }},
      {"keyctl", [] { return ::syscall(SYS_keyctl, 0, -3, 0, 0, 0); }},
      {"add_key", [] { return ::syscall(SYS_add_key, "user", "a", "b", 1, -3); }},
      {"bpf", [] { return ::syscall(SYS_bpf, 0, &byte, 1); }},
      {"io_uring_setup", [] { return ::syscall(SYS_io_uring_setup, 1, &byte); }},
      {"userfaultfd", [] { return ::syscall(SYS_userfaultfd, 1); }},
      {"perf_event_open", [] { return ::syscall(SYS_perf_event_open, &byte, 0, -1, -1, 0); }},
      {"process_vm_readv",
       [=] { return ::syscall(SYS_process_vm_readv, outside, &vector, 1, &vector, 1, 0); }},
      {"process_vm_writev",
       [=] { return ::syscall(SYS_process_vm_writev, outside, &vector, 1, &vector, 1, 0); }},
      {"process_madvise", [] { return ::syscall(SYS_process_madvise, 0, &vector, 1, 0, 0); }},
      {"pidfd_open", [=] { return ::syscall(SYS_pidfd_open, outside, 0); }},
      {"pidfd_getfd", [] { return ::syscall(SYS_pidfd_getfd, 0, 0, 0); }},
      {"pidfd_send_signal", [] { return ::syscall(SYS_pidfd_send_signal, 0, SIGTERM, 0, 0); }},
      {"open_by_handle_at", [] { return ::syscall(SYS_open_by_handle_at, AT_FDCWD, &byte, 0); }},
      {"name_to_handle_at",
       [] { return ::syscall(SYS_name_to_handle_at, AT_FDCWD, "/", &byte, &byte, 0); }},
      {"setsid", [] { return ::syscall(SYS_setsid); }},
      {"setpgid", [] { return ::syscall(SYS_setpgid, 0, 0); }},
      {"setuid", [] { return ::syscall(SYS_setuid, 0); }},
      {"capset", [] { return ::syscall(SYS_capset, &byte, &byte); }},
      {"unshare", [] { return ::syscall(SYS_unshare, 0x10000000); }},
      {"setns", [] { return ::syscall(SYS_setns, 0, 0); }},
      {"memfd_create", [] { return ::syscall(SYS_memfd_create, "a", 0); }},
      {"prlimit64", [=] { return ::syscall(SYS_prlimit64, outside, RLIMIT_CORE, 0, &byte); }},
      {"setpriority", [=] { return ::syscall(SYS_setpriority, 0, outside, 19); }},
      {"sched_setaffinity", [=] { return ::syscall(SYS_sched_setaffinity, outside, 1, &byte); }},
      {"ioprio_set", [=] { return ::syscall(SYS_ioprio_set, 1, outside, 0); }},
      {"kcmp", [=] { return ::syscall(SYS_kcmp, outside, ::getpid(), 0, 0, 0); }},
      {"rt_sigqueueinfo", [=] { return ::syscall(SYS_rt_sigqueueinfo, outside, SIGTERM, &byte); }},
      {"chmod", [] { return ::syscall(SYS_chmod, "/", 0755); }},
      {"fchmod", [] { return ::syscall(SYS_fchmod, 0, 0600); }},
      {"fchown", [] { return ::syscall(SYS_fchown, 0, 0, 0); }},
      {"fsetxattr", [] { return ::syscall(SYS_fsetxattr, 0, "user.a", "b", 1, 0); }},
      {"utimensat", [] { return ::syscall(SYS_utimensat, 0, nullptr, nullptr, 0); }},
      {"flock", [] { return ::syscall(SYS_flock, 0, 1); }},
      {"fcntl", [=] { return ::syscall(SYS_fcntl, 0, F_SETOWN, outside); }},
      {"ioctl", [] { return ::syscall(SYS_ioctl, 0, 0x5412 /* TIOCSTI */, &byte); }},
      {"mkdir", [] { return ::syscall(SYS_mkdir, "/tmp/meridian-made", 0700); }},
      {"unlink", [] { return ::syscall(SYS_unlink, "/tmp/meridian-made"); }},
      {"rename", [] { return ::syscall(SYS_rename, "/tmp/a", "/tmp/b"); }},
      {"symlink", [] { return ::syscall(SYS_symlink, "a", "/tmp/meridian-made"); }},
      {"link", [] { return ::syscall(SYS_link, "/etc/passwd", "/tmp/meridian-made"); }},
      {"mknod", [] { return ::syscall(SYS_mknod, "/tmp/meridian-made", S_IFIFO, 0); }},
      {"truncate", [] { return ::syscall(SYS_truncate, "/tmp/meridian-made", 0); }},
      {"openat",
       [] {
         return ::syscall(SYS_openat, AT_FDCWD, "/tmp/meridian-made", O_CREAT | O_WRONLY, 0600);
       }},
      {"shmget", [] { return ::syscall(SYS_shmget, 0, kPage, 0600); }},
      {"inotify_init1", [] { return ::syscall(SYS_inotify_init1, 0); }},
      {"fanotify_init", [] { return ::syscall(SYS_fanotify_init, 0, 0); }},
      {"init_module", [] { return ::syscall(SYS_init_module, &byte, 1, ""); }},
      {"reboot", [] { return ::syscall(SYS_reboot, 0, 0, 0, 0); }},
      {"sethostname", [] { return ::syscall(SYS_sethostname, "a", 1); }},
      {"syslog", [] { return ::syscall(SYS_syslog, 10, 0, 0); }},
      // The guard's own handler and the death signal.
      {"rt_sigaction", [] { return ::syscall(SYS_rt_sigaction, SIGSYS, &vector, nullptr, 8); }},
      {"prctl", [] { return ::syscall(SYS_prctl, 1 /* PR_SET_PDEATHSIG */, 0, 0, 0, 0); }},
  };
}

std::string one_of_roots(const TempDir& scratch) {
  const std::string path = scratch.file("canary", "only root reads this\n");
  REQUIRE(::chmod(path.c_str(), 0600) == 0);
  return path;
}

std::string outcome(long result) { return result >= 0 ? "done" : ::strerrorname_np(errno); }

}  // namespace

TEST_CASE("sandbox: every dangerous call fails with EPERM and is named, in every step") {
  const auto [mode, step] = GENERATE(table<ForkMode, Step>({{ForkMode::kSingle, Step::kLane},
                                                            {ForkMode::kSingle, Step::kWorker},
                                                            {ForkMode::kFork, Step::kSecond}}));
  ConfinedChild child({}, mode, step, [](const Inside& inside) {
    for (const Attempt& attempt : attempts(inside.outside())) {
      errno = 0;
      const std::string ended = outcome(attempt.make());
      if (ended != "EPERM") inside.say(std::string(attempt.call) + ": " + ended);
    }
  });
  const std::string said = child.finish();
  CHECK(said.find('\n') == said.size() - 1);  // its level alone
  INFO(said);
  CHECK(child.status() == 0);
  const auto refused = child.page().refused();
  for (const Attempt& attempt : attempts(0)) {
    INFO(attempt.call);
    CHECK(contains(refused, attempt.call));
  }
}

TEST_CASE("sandbox: a single lane neither forks nor signals another process") {
  ConfinedChild child({}, ForkMode::kSingle, Step::kLane, [](const Inside& inside) {
    inside.say("fork " + outcome(::fork()));
    inside.say("kill -1 " + outcome(::kill(-1, SIGTERM)));
    inside.say("kill 0 " + outcome(::kill(0, SIGTERM)));
    inside.say("kill parent " + outcome(::kill(inside.outside(), SIGTERM)));
    inside.say("tgkill parent " +
               outcome(::syscall(SYS_tgkill, inside.outside(), inside.outside(), SIGTERM)));
    inside.say("system " + std::to_string(std::system("true") == 0));
    inside.say("kill itself " + outcome(::kill(::getpid(), 0)));
  });
  const std::string said = child.finish();
  CHECK(
      said.find("fork EPERM\nkill -1 EPERM\nkill 0 EPERM\nkill parent EPERM\ntgkill parent EPERM\n"
                "system 0\nkill itself done\n") != std::string::npos);
  INFO(said);
  for (const char* call : {"clone", "kill", "tgkill"}) {
    INFO(call);
    CHECK(contains(child.page().refused(), call));
  }
}

TEST_CASE("sandbox: files outside the libraries are neither read nor written, root's among them") {
  if (lane::landlock_abi() == 0) return;
  const TempDir scratch;
  const std::string canary = one_of_roots(scratch);
  const Step step = GENERATE(Step::kLane, Step::kSecond);
  ConfinedChild child({}, ForkMode::kSingle, step, [&](const Inside& inside) {
    // 3 is neither reading nor writing to Landlock, and cutting is unknown to its first ABIs.
    for (const int flags :
         {O_RDONLY, O_WRONLY, O_RDWR | O_TRUNC, O_RDONLY | O_TRUNC, 3, 3 | O_TRUNC}) {
      inside.say(outcome(::open(canary.c_str(), flags)));
    }
    inside.say(outcome(::open("/etc/shadow", O_RDONLY)));
    inside.say(outcome(::open("/etc", O_RDONLY | O_DIRECTORY)));
    inside.say(outcome(::open("/proc/1/status", O_RDONLY)));
    inside.say(
        outcome(::open(("/proc/" + std::to_string(inside.outside()) + "/mem").c_str(), O_RDONLY)));
  });
  const std::string said = child.finish();
  CHECK(said.substr(said.find('\n')) ==
        "\nEACCES\nEACCES\nEPERM\nEPERM\nEPERM\nEPERM\nEACCES\nEACCES\nEACCES\nEACCES\n");
  INFO(said);
}

TEST_CASE("sandbox: libraries can be opened while loading, nothing but scratch afterwards") {
  if (lane::landlock_abi() == 0) return;
  const TempDir scratch;
  lane::SandboxNeeds needs;
  needs.scratch = scratch.path();
  const Step step = GENERATE(Step::kLane, Step::kSecond);
  ConfinedChild child(needs, ForkMode::kSingle, step, [&](const Inside& inside) {
    inside.say(outcome(::open("/usr/lib", O_RDONLY | O_DIRECTORY)));
    inside.say(outcome(::open("/etc/ld.so.cache", O_RDONLY)));
    inside.say(outcome(::open("/dev/null", O_RDWR)));
    const std::string own = scratch.at("own");
    const int fd = ::open(own.c_str(), O_CREAT | O_RDWR, 0600);
    inside.say(outcome(fd) + outcome(::write(fd, "x", 1)) + outcome(::unlink(own.c_str())));
    inside.say(outcome(::open((scratch.path() + "-beside").c_str(), O_CREAT | O_RDWR, 0600)));
  });
  const std::string said = child.finish();
  const char* const libraries =
      step == Step::kLane ? "done\ndone\ndone\n" : "EACCES\nEACCES\nEACCES\n";
  CHECK(said.substr(said.find('\n') + 1) == libraries + std::string("donedonedone\nEACCES\n"));
  INFO(said);
}

TEST_CASE("sandbox: no new executable memory after loading, unless declared") {
  lane::SandboxNeeds needs;
  needs.jit = GENERATE(false, true);
  ConfinedChild child(needs, ForkMode::kSingle, Step::kSecond, [](const Inside& inside) {
    void* const made = ::mmap(nullptr, kPage, PROT_READ | PROT_WRITE | PROT_EXEC,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    inside.say(outcome(made == MAP_FAILED ? -1 : 0));
    void* const plain =
        ::mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    inside.say(outcome(::mprotect(plain, kPage, PROT_READ | PROT_EXEC)));
    inside.say(outcome(::mprotect(plain, kPage, PROT_READ)));
  });
  const std::string said = child.finish();
  const char* const wanted = needs.jit ? "done\ndone\ndone\n" : "EPERM\nEPERM\ndone\n";
  CHECK(said.substr(said.find('\n') + 1) == wanted);
  CHECK(contains(child.page().refused(), "mmap") == !needs.jit);
  CHECK(contains(child.page().refused(), "mprotect") == !needs.jit);
}

TEST_CASE("sandbox: memory past the limit is bad_alloc, and the level says when there is none") {
  lane::SandboxNeeds needs;
  needs.memory = 256u << 20;
  ConfinedChild child(needs, ForkMode::kSingle, Step::kWorker, [](const Inside& inside) {
    if (kSanitized) return;
    try {
      const std::vector<char> much(512u << 20);
      inside.say("got it " + std::to_string(much.size()));
    } catch (const std::bad_alloc&) {
      inside.say("refused");
    }
  });
  const std::string said = child.finish();
  if (kSanitized) {
    CHECK(said.find("memory limit (a sanitizer") != std::string::npos);
  } else {
    CHECK(said.find("refused\n") != std::string::npos);
  }
}

TEST_CASE("sandbox: a descriptor that it was given takes no byte beyond what was declared") {
  const TempDir scratch;
  const std::string path = scratch.file("spool", "");
  const base::UniqueFd spool(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  lane::SandboxNeeds needs;
  needs.file_bytes = GENERATE(std::uint64_t{0}, std::uint64_t{100});
  ConfinedChild child(needs, ForkMode::kSingle, Step::kWorker, [&](const Inside& inside) {
    const std::string bytes(200, 'x');
    inside.say(std::to_string(::pwrite(spool.get(), bytes.data(), bytes.size(), 0)));
    inside.say(std::to_string(::pwrite(spool.get(), bytes.data(), bytes.size(), 200)));
  });
  const std::string said = child.finish();
  CHECK(WIFSIGNALED(child.status()));
  CHECK(WTERMSIG(child.status()) == SIGXFSZ);
  CHECK(child.page().get()->signal == SIGXFSZ);
  CHECK((said.find("\n100\n") != std::string::npos) == (needs.file_bytes == 100));
}

TEST_CASE("sandbox: no capability, no dump, no new privilege, few descriptors, no core") {
  ConfinedChild child({}, ForkMode::kSingle, Step::kLane, [](const Inside& inside) {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct sets[2]{};
    const long got = ::syscall(SYS_capget, &header, sets);
    inside.say(std::to_string(got) + " " +
               std::to_string(sets[0].effective | sets[0].permitted | sets[0].inheritable |
                              sets[1].effective | sets[1].permitted | sets[1].inheritable));
    inside.say(std::to_string(::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0)) + " " +
               std::to_string(::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)));
    rlimit files{};
    rlimit core{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    ::getrlimit(RLIMIT_CORE, &core);
    inside.say(std::to_string(files.rlim_max <= lane::kLaneFiles) + " " +
               std::to_string(core.rlim_max));
  });
  const std::string said = child.finish();
  CHECK(said.substr(said.find('\n') + 1) == "0 0\n0 1\n1 0\n");
}

TEST_CASE("sandbox: a lane dies with its supervisor") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t supervisor = ::fork();
  if (supervisor == 0) {
    ::close(ends[0]);
    if (::fork() == 0) {
      if (!lane::enter_lane({}, ForkMode::kSingle)) ::_exit(1);
      if (::write(ends[1], "r", 1) != 1) ::_exit(1);
      for (;;) ::pause();
    }
    for (;;) ::pause();
  }
  ::close(ends[1]);
  char byte = 0;
  REQUIRE(::read(ends[0], &byte, 1) == 1);  // the lane is in its sandbox
  REQUIRE(::kill(supervisor, SIGKILL) == 0);
  REQUIRE(::waitpid(supervisor, nullptr, 0) == supervisor);
  CHECK(::read(ends[0], &byte, 1) == 0);  // its end of the pipe closes: it is dead
  ::close(ends[0]);
}

TEST_CASE("sandbox: what has no folder for scratch does not start") {
  const std::string scratch = GENERATE("relative", "/nowhere/at/all", "/etc/passwd");
  lane::SandboxNeeds needs;
  needs.scratch = scratch;
  const auto entered = lane::enter_lane(needs, ForkMode::kSingle);
  REQUIRE(!entered);
  CHECK(entered.error().code() == ErrorCode::kInvalid);
}

TEST_CASE(
    "sandbox level: full is every part that counts; what is missing is named with its reason") {
  lane::SandboxLevel level;
  CHECK(level.text() == "none");
  level.add({"seccomp", "", true});
  level.add({"network namespace", lane::reason_of(EPERM), false});
  CHECK(level.text() == "full");
  level.add({"landlock", lane::reason_of(ENOSYS), true});
  CHECK(level.text() == "partial: landlock (ENOSYS: this kernel has none)");
  CHECK(!level.is_full());
  CHECK(level.has("seccomp"));
  CHECK(!level.has("landlock"));
}
