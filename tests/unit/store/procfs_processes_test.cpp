// SPDX-License-Identifier: Apache-2.0
//
// procfs_processes_test.cpp: which processes are a container's and what is said of them, over a
// procfs made of files. A real one: tests/integration/docker/processes_test.py.
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <sys/wait.h>
#include <algorithm>
#include <csignal>
#include <thread>

#include "base/limits.hpp"
#include "store/procfs/process_reader.hpp"
#include "support/catch.hpp"
#include "support/docker_root.hpp"
#include "support/temp_dir.hpp"

using namespace meridian;
using namespace meridian::store;
using model::Liveness;
using testing_support::docker_id;
using testing_support::TempDir;

namespace {

const std::string kId = docker_id('c');
const std::string kOther = docker_id('d');
constexpr std::int64_t kHostPidNamespace = 4026531836;

struct Made {
  std::string cgroup = "/docker/" + kId;
  std::string pids = "4242\t1";
  std::int64_t pid_namespace = 5;
  std::string arguments = std::string(
      "sleep\0"
      "60\0",
      9);
  std::string name = "sleep";
};

class Machine {
 public:
  Machine() { add(1, {"/init.scope", "1", kHostPidNamespace, "init", "init"}); }

  void add(int pid, const Made& made) const {
    const std::string folder = "/proc/" + std::to_string(pid);
    root_.file(folder + "/stat", std::to_string(pid) + " (" + made.name +
                                     ") S 1 1 1 0 -1 4 1 0 0 0 0 0 0 0 20 0 1 0 " +
                                     std::to_string(pid * 10) + " 1 1\n");
    root_.file(folder + "/status",
               "Name:\tx\nUid:\t7\t8\t8\t8\nGid:\t9\t10\t10\t10\nNSpid:\t" + made.pids +
                   "\nCapInh:\t0\nCapPrm:\t1\nCapEff:\t1\nCapBnd:\t1\nCapAmb:\t0\n");
    root_.file(folder + "/cgroup", "3:memory:" + made.cgroup + "\n0::/\n");
    root_.file(folder + "/cmdline", made.arguments);
    root_.symlink(folder + "/exe", "/bin/sleep (deleted)");
    for (const char* const type : {"mnt", "net", "ipc", "uts", "user", "cgroup"}) {
      root_.symlink(folder + "/ns/" + type, std::string(type) + ":[77]");
    }
    root_.symlink(folder + "/ns/pid", "pid:[" + std::to_string(made.pid_namespace) + "]");
    root_.directory(folder + "/fd");
  }
  const TempDir& files() const { return root_; }

  static model::Container container(std::int64_t pid = 4242) {
    model::Container made;
    made.id = kId;
    made.state = model::ContainerState::kRunning;
    made.run.pid = pid;
    made.run.liveness = Liveness::kAlive;
    return made;
  }
  model::ProcessList read(const model::Container& container = Machine::container()) const {
    const auto host = rootfs::HostRoot::open(root_.path());
    REQUIRE(host);
    return ProcessReader(**host).read(container);
  }
  std::vector<std::int64_t> pids(const model::Container& container = Machine::container()) const {
    std::vector<std::int64_t> found;
    for (const auto& process : read(container).processes) found.push_back(process.pid);
    return found;
  }

 private:
  TempDir root_;
};

using Pids = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("processes: all that procfs says of one") {
  const Machine machine;
  machine.add(4242, {});
  const auto& files = machine.files();
  files.symlink("/proc/4242/fd/0", "/dev/null");
  files.symlink("/proc/4242/fd/10", "socket:[11]");
  files.symlink("/proc/4242/fd/3", "/srv/gone (deleted)");
  files.file("/proc/4242/net/tcp",
             " 0: 00000000:0050 00000000:0000 0A 0:0 0:0 0 0 0 11\n"
             " 1: 00000000:0051 00000000:0000 0A 0:0 0:0 0 0 0 12\n");
  const auto list = machine.read();
  CHECK(list.seen);
  CHECK(list.gaps.empty());
  REQUIRE(list.processes.size() == 1);
  const model::Process& one = list.processes[0];
  CHECK(one.pid == 4242);
  CHECK(one.inside_pid == 1);
  CHECK(one.parent == 1);
  CHECK(one.start_time == 42420);
  CHECK(one.name == "sleep");
  CHECK(one.arguments == std::vector<std::string>{"sleep", "60"});
  CHECK(one.executable == "/bin/sleep");
  CHECK(one.executable_deleted);
  CHECK(one.uid == 8);
  CHECK(one.gid == 10);
  CHECK(one.capabilities.effective == std::vector<std::string>{"CAP_CHOWN"});
  REQUIRE(one.namespaces.size() == 7);
  CHECK(one.namespaces[0].type == "mount");
  CHECK(one.namespaces[0].of_host == true);
  CHECK(one.namespaces[1].type == "pid");
  CHECK(one.namespaces[1].inode == 5);
  CHECK(one.namespaces[1].of_host == false);
  REQUIRE(one.open_files);
  REQUIRE(one.open_files->size() == 3);
  CHECK(one.open_files->at(1).descriptor == 3);
  CHECK(one.open_files->at(1).target == "/srv/gone");
  CHECK(one.open_files->at(1).deleted);
  CHECK(one.open_files->at(2).target == "socket:[11]");
  REQUIRE(one.listening);
  REQUIRE(one.listening->size() == 1);  // the other socket is not among its files
  CHECK(one.listening->at(0).port == 80);
}

TEST_CASE("processes: cgroup first, then the pid namespace of who has no container's cgroup") {
  const Machine machine;
  machine.add(4242, {});
  machine.add(4300, {.cgroup = "/system.slice/docker-" + kId + ".scope/child", .pid_namespace = 6});
  machine.add(4301, {.cgroup = "/moved", .pid_namespace = 5});             // left its cgroup
  machine.add(4302, {.cgroup = "/docker/" + kOther, .pid_namespace = 5});  // --pid container:
  machine.add(4303, {.cgroup = "/user.slice", .pid_namespace = kHostPidNamespace});
  CHECK(machine.pids() == Pids{4242, 4300, 4301});
}

TEST_CASE("processes: with the machine's pid namespace the cgroup alone decides") {
  const Machine machine;
  machine.add(4242, {.pids = "4242", .pid_namespace = kHostPidNamespace});
  machine.add(4300, {.pids = "4300", .pid_namespace = kHostPidNamespace});
  machine.add(4303, {.cgroup = "/user.slice", .pid_namespace = kHostPidNamespace});
  const auto list = machine.read();
  REQUIRE(list.processes.size() == 2);
  CHECK(list.processes[1].pid == 4300);
  CHECK(list.processes[1].inside_pid == 4300);
}

TEST_CASE("processes: the first one is the container's whatever its cgroup is called") {
  const Machine machine;
  machine.add(4242, {.cgroup = "/unknown"});
  CHECK(machine.pids() == Pids{4242});
  auto container = Machine::container();
  container.run.start_time = 1;  // another process by now
  CHECK(machine.pids(container).empty());
  container.run.start_time = 42420;
  CHECK(machine.pids(container) == Pids{4242});
}

TEST_CASE("processes: what does not run is not looked for") {
  const Machine machine;
  machine.add(4242, {});
  auto container = Machine::container();
  container.run.liveness = Liveness::kNotRunning;
  const auto list = machine.read(container);
  CHECK(list.seen);
  CHECK(list.processes.empty());
}

TEST_CASE("processes: without procfs a gap says what to mount, and where") {
  const TempDir root;
  const auto host = rootfs::HostRoot::open(root.path());
  REQUIRE(host);
  auto container = Machine::container();
  container.run.liveness = Liveness::kUnverified;
  const auto list = ProcessReader(**host).read(container);
  CHECK_FALSE(list.seen);
  REQUIRE(list.gaps.size() == 1);
  CHECK(list.gaps[0].error.code() == ErrorCode::kPrivilege);
  CHECK(list.gaps[0].path == "/proc");
  CHECK(list.gaps[0].mend ==
        "mount the machine's own /proc at " + root.path() + "/proc, read-only");
}

TEST_CASE("processes: one that is gone, or half gone, is left out without a word") {
  const Machine machine;
  machine.add(4242, {});
  for (const char* const missing : {"stat", "status", "cgroup", ""}) {
    INFO(missing);
    machine.add(4300, {});
    machine.files().remove(std::string("/proc/4300/") + missing);
    const auto list = machine.read();
    CHECK(list.processes.size() == 1);
    CHECK(list.gaps.empty());
    machine.files().remove("/proc/4300");
  }
  // A zombie has neither command line nor executable nor files.
  machine.add(4301, {.arguments = ""});
  for (const char* const part : {"exe", "ns", "fd"}) {
    machine.files().remove(std::string("/proc/4301/") + part);
  }
  const auto list = machine.read();
  REQUIRE(list.processes.size() == 2);
  CHECK(list.processes[1].executable.empty());
  CHECK_FALSE(list.processes[1].open_files);
  CHECK(list.gaps.empty());
}

TEST_CASE("processes: what a text does not say is a gap, one for all") {
  const Machine machine;
  machine.add(4242, {});
  for (const int pid : {4300, 4301}) {
    machine.add(pid, {});
    machine.files().file("/proc/" + std::to_string(pid) + "/status", "nothing");
  }
  const auto list = machine.read();
  CHECK(list.processes.size() == 1);
  REQUIRE(list.gaps.size() == 1);
  CHECK(list.gaps[0].error.code() == ErrorCode::kUnreadable);
  CHECK(list.gaps[0].path == "/proc/4300");
  CHECK(list.gaps[0].error.message() == "everything of 2 processes: cannot be read");
}

TEST_CASE("processes: a process whose cgroup cannot be read is a gap: it may be the container's") {
  const Machine machine;
  machine.add(4242, {});
  machine.add(4300, {.cgroup = "/user.slice", .pid_namespace = kHostPidNamespace});
  machine.files().remove("/proc/4300/cgroup");
  machine.files().directory("/proc/4300/cgroup");
  const auto list = machine.read();
  CHECK(list.processes.size() == 1);
  REQUIRE(list.gaps.size() == 1);
  CHECK(list.gaps[0].path == "/proc/4300");
  CHECK(list.gaps[0].error.message() == "the cgroup of 1 process: cannot be read");
}

TEST_CASE("processes: neither links nor devices of a made procfs lead anywhere") {
  const Machine machine;
  machine.add(4242, {});
  const auto& files = machine.files();
  files.file("/secret/3", "secret");
  files.remove("/proc/4242/fd");
  files.symlink("/proc/4242/fd", files.at("/secret"));
  files.remove("/proc/4242/cmdline");
  REQUIRE(::mkfifo(files.at("/proc/4242/cmdline").c_str(), 0600) == 0);
  const auto list = machine.read();
  REQUIRE(list.processes.size() == 1);
  CHECK_FALSE(list.processes[0].open_files);
  CHECK(list.processes[0].arguments.empty());
  REQUIRE(list.gaps.size() == 1);  // of the FIFO, which was not opened: it would have blocked
  CHECK(list.gaps[0].error.message() == "the command line of 1 process: cannot be read");
}

TEST_CASE("processes: bounds are gaps of kind limit") {
  const Machine machine;
  machine.add(4242, {.arguments = std::string(limits::kMaxCommandLine + 1, 'x')});
  const auto& files = machine.files();
  for (std::size_t fd = 0; fd <= limits::kMaxOpenFiles; ++fd) {
    files.symlink("/proc/4242/fd/" + std::to_string(fd), "/x");
  }
  const auto list = machine.read();
  REQUIRE(list.processes.size() == 1);
  CHECK(list.processes[0].arguments.at(0).size() == limits::kMaxCommandLine);
  CHECK(list.processes[0].open_files->size() == limits::kMaxOpenFiles);
  REQUIRE(list.gaps.size() == 2);
  for (const auto& gap : list.gaps) CHECK(gap.error.code() == ErrorCode::kLimit);
}

TEST_CASE("processes: the arguments of all together are bounded, whatever each costs") {
  const Machine machine;
  // As many empty arguments as fit: each costs a string.
  const std::string many(limits::kMaxCommandLine, '\0');
  const std::size_t each = limits::kMaxCommandLine * (1 + sizeof(std::string));
  const auto fitting = static_cast<int>(limits::kMaxProcessBytes / each);
  for (int i = 0; i < fitting + 2; ++i) machine.add(4242 + i, {.arguments = many});
  const auto list = machine.read();
  REQUIRE(list.processes.size() == static_cast<std::size_t>(fitting) + 2);
  CHECK_FALSE(list.processes[0].arguments.empty());
  CHECK(list.processes.back().arguments.empty());
  REQUIRE(list.gaps.size() == 1);
  CHECK(list.gaps[0].error.code() == ErrorCode::kLimit);
}

TEST_CASE("processes: a table of sockets that cannot be read is no empty one") {
  const Machine machine;
  const auto& files = machine.files();
  for (const int pid : {4242, 4300}) {  // of one network namespace
    machine.add(pid, {});
    files.symlink("/proc/" + std::to_string(pid) + "/fd/3", "socket:[11]");
  }
  files.directory("/proc/4242/net");
  REQUIRE(::mkfifo(files.at("/proc/4242/net/tcp").c_str(), 0600) == 0);
  files.file("/proc/4300/net/tcp", " 0: 00000000:0050 00000000:0000 0A 0:0 0:0 0 0 0 11\n");
  const auto list = machine.read();
  REQUIRE(list.processes.size() == 2);
  CHECK_FALSE(list.processes[0].listening);
  REQUIRE(list.processes[1].listening);
  CHECK(list.processes[1].listening->size() == 1);
  REQUIRE(list.gaps.size() == 1);
  CHECK(list.gaps[0].path == "/proc/4242");
  CHECK(list.gaps[0].error.message() == "the listening sockets of 1 process: cannot be read");
}

TEST_CASE("processes: a table of sockets that there is no room for is read once, and told of all") {
  const Machine machine;
  const std::string many(limits::kMaxCommandLine, '\0');
  const std::size_t each = limits::kMaxCommandLine * (1 + sizeof(std::string));
  const auto fitting = static_cast<int>(limits::kMaxProcessBytes / each);
  for (int i = 0; i < fitting; ++i) machine.add(4242 + i, {.arguments = many});
  std::string table;
  for (std::size_t i = 0; i < limits::kMaxProcessBytes % each / sizeof(model::ListeningSocket);
       ++i) {
    table += " 0: 00000000:0050 00000000:0000 0A 0:0 0:0 0 0 0 " + std::to_string(11 + i) + "\n";
  }
  for (const int pid : {5000, 5001}) {
    machine.add(pid, {});
    const std::string folder = "/proc/" + std::to_string(pid);
    machine.files().symlink(folder + "/fd/3", "socket:[11]");
    machine.files().file(folder + "/net/tcp", table);
  }
  const auto list = machine.read();
  REQUIRE(list.processes.size() == static_cast<std::size_t>(fitting) + 2);
  for (std::size_t i = list.processes.size() - 2; i < list.processes.size(); ++i) {
    REQUIRE(list.processes[i].open_files);
    CHECK(list.processes[i].open_files->size() == 1);
    CHECK_FALSE(list.processes[i].listening);
  }
  REQUIRE(list.gaps.size() == 1);
  CHECK(list.gaps[0].error.code() == ErrorCode::kLimit);
  CHECK(list.gaps[0].error.message().find("the listening sockets of 2 processes") == 0);
}

TEST_CASE("processes: the real procfs, while processes come and go") {
  // Ends and is waited for with the test, also when a REQUIRE throws.
  const std::jthread spawner([](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const pid_t child = ::fork();
      if (child == 0) ::_exit(0);
      if (child > 0) ::waitpid(child, nullptr, 0);
    }
  });
  const auto host = rootfs::HostRoot::open("/");
  REQUIRE(host);
  auto container = Machine::container(::getpid());
  for (int round = 0; round < 30; ++round) {
    const auto list = ProcessReader(**host).read(container);
    const auto self = std::find_if(list.processes.begin(), list.processes.end(),
                                   [](const auto& process) { return process.pid == ::getpid(); });
    REQUIRE(self != list.processes.end());
    CHECK(self->open_files);
    CHECK(self->arguments.at(0).find("test_store") != std::string::npos);
    for (const auto& gap : list.gaps) FAIL(gap.error.message());
  }
}
