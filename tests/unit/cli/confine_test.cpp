// SPDX-License-Identifier: Apache-2.0
#include "cli/confine.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <functional>

#include "base/read_file.hpp"
#include "lane/landlock.hpp"
#include "support/temp_dir.hpp"

using namespace meridian;
using testing_support::TempDir;

namespace {

/// What `body` says in a process of its own, confined or not.
std::string in_child(const std::function<std::string()>& body) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const std::string said = body();
    ::_exit(::write(ends[1], said.data(), said.size()) < 0 ? 1 : 0);
  }
  ::close(ends[1]);
  const base::UniqueFd reader(ends[0]);
  std::string said;
  char buffer[4096];
  for (ssize_t got = 0; (got = ::read(ends[0], buffer, sizeof buffer)) > 0;) {
    said.append(buffer, static_cast<std::size_t>(got));
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  return said;
}

std::string outcome(long result) {
  return result >= 0 ? "done\n" : ::strerrorname_np(errno) + std::string("\n");
}

}  // namespace

TEST_CASE("confine: nothing is written but reports, the named folders and scratch") {
  if (lane::landlock_abi() == 0) return;
  const TempDir tree;
  tree.directory("out");
  tree.directory("cache");
  tree.directory("scratch");
  const std::string kept = tree.file("kept", "kept");
  const std::string said = in_child([&] {
    ::setenv("TMPDIR", tree.at("scratch").c_str(), 1);
    const base::UniqueFd before(::open(kept.c_str(), O_RDWR | O_CLOEXEC));
    const auto confined =
        cli::confine_writes({"-", tree.at("out/report.json")}, {tree.at("cache")});
    if (!confined) return confined.error().message();
    std::string text;
    const auto make = [](const std::string& path) {
      return outcome(::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    };
    text += make(tree.at("beside"));
    text += outcome(::open(kept.c_str(), O_WRONLY | O_CLOEXEC));
    text += outcome(::truncate(kept.c_str(), 0));
    text += outcome(::open(kept.c_str(), O_RDONLY | O_TRUNC | O_CLOEXEC));
    text += outcome(::open(kept.c_str(), O_ACCMODE | O_TRUNC | O_CLOEXEC));
    text += outcome(::syscall(SYS_open, kept.c_str(), O_RDONLY | O_TRUNC));
    open_how how{};
    how.flags = O_RDONLY | O_TRUNC;
    text += outcome(::syscall(SYS_openat2, AT_FDCWD, kept.c_str(), &how, sizeof how));
    text += outcome(::unlink(kept.c_str()));
    text += outcome(::mkdir(tree.at("made").c_str(), 0700));
    text += outcome(::rename(kept.c_str(), tree.at("out/kept").c_str()));
    text += "allowed\n";
    text += make(tree.at("out/report.json.fresh"));
    text += outcome(
        ::rename(tree.at("out/report.json.fresh").c_str(), tree.at("out/report.json").c_str()));
    text += make(tree.at("cache/layer"));
    text += base::make_scratch_file() ? "done\n" : "no scratch\n";
    text += outcome(::open("/dev/null", O_WRONLY | O_CLOEXEC));
    text += outcome(::open(kept.c_str(), O_RDONLY | O_CLOEXEC));
    text += outcome(::pwrite(before.get(), "k", 1, 0));
    text += outcome(::access("/bin/sh", X_OK));
    return text;
  });
  CHECK(said ==
        "EACCES\nEACCES\nEACCES\nEACCES\nEACCES\nEACCES\nENOSYS\n"
        "EACCES\nEACCES\nEACCES\nallowed\n"
        "done\ndone\ndone\ndone\ndone\ndone\ndone\ndone\n");
}

TEST_CASE("confine: no file by handle, no dump, no new privilege") {
  const std::string said = in_child([] {
    const lane::SandboxLevel level = cli::confine_host();
    struct {
      unsigned bytes = 8;
      int type = 1;
      char handle[8] = {};
    } handle;
    int mount = 0;
    std::string text = level.text() + "\n";
    text += outcome(::syscall(SYS_name_to_handle_at, AT_FDCWD, "/", &handle, &mount, 0));
    text += outcome(::syscall(SYS_open_by_handle_at, AT_FDCWD, &handle, O_RDONLY));
    text += std::to_string(::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0)) +
            std::to_string(::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)) + "\n";
    return text;
  });
  CHECK(said == "full\nEPERM\nEPERM\n01\n");
}
