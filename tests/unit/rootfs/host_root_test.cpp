// SPDX-License-Identifier: Apache-2.0
//
// host_root_test.cpp: one suite over both ways of looking up.
#include "rootfs/host_root.hpp"

#include <sys/syscall.h>

#include <atomic>
#include <cerrno>
#include <thread>

#include "rootfs/scratch_dir.hpp"

namespace meridian::rootfs {
namespace {

model::HostPath host_path(const std::string& text) {
  auto path = model::HostPath::parse(text);
  REQUIRE(path);
  return *path;
}

bool has_openat2() { return ::syscall(SYS_openat2, -1, "", nullptr, 0) >= 0 || errno != ENOSYS; }

std::unique_ptr<HostRoot> open_root(const std::string& directory, LookupMode mode) {
  auto root = HostRoot::open(directory, mode);
  REQUIRE(root);
  return std::move(*root);
}

ErrorCode code_of(const HostRoot& root, const std::string& path) {
  auto text = root.read_file(host_path(path), 1000);
  REQUIRE_FALSE(text);
  return text.error().code();
}

std::string text_of(const HostRoot& root, const std::string& path) {
  auto text = root.read_file(host_path(path), 1000);
  if (!text) return "error: " + text.error().message();
  return *text;
}

LookupMode every_mode() {
  return has_openat2() ? GENERATE(LookupMode::kOpenat2, LookupMode::kComponents, LookupMode::kAuto)
                       : LookupMode::kComponents;
}

}  // namespace

TEST_CASE("host_root: links lead below the root, absolute and relative and upward ones") {
  const LookupMode mode = every_mode();
  const ScratchDir dir;
  dir.directory("etc");
  dir.directory("a");
  dir.directory("a/b");
  dir.file("etc/passwd", "inside");
  dir.symlink("absolute", "/etc/passwd");
  dir.symlink("a/b/relative", "../../etc/passwd");
  dir.symlink("escape", "../../../../../../../../etc/passwd");
  dir.symlink("folder", "/a/b");
  dir.symlink("twice", "folder/relative");
  dir.symlink("self", "/");
  dir.symlink("up", "..");
  const auto root = open_root(dir.path(), mode);

  for (const char* path :
       {"/etc/passwd", "/absolute", "/a/b/relative", "/escape", "/folder/relative", "/twice",
        "/../../../etc/passwd", "/self/self/etc/passwd", "/up/up/etc/passwd", "//etc/./passwd",
        "/folder/../../etc/passwd", "/folder/../b/relative", "/etc/../a/../etc/passwd"}) {
    CAPTURE(path);
    CHECK(text_of(*root, path) == "inside");
  }
  CHECK(root->exists(host_path("/")));
  CHECK(root->exists(host_path("/folder/")));
  CHECK(root->readlink(host_path("/folder/relative")).value_or("") == "../../etc/passwd");
  CHECK(root->readlink(host_path("/etc/passwd")).error().code() == ErrorCode::kInvalid);
}

TEST_CASE("host_root: what is missing, no directory or a loop is said, each in its way") {
  const LookupMode mode = every_mode();
  const ScratchDir dir;
  dir.directory("d");
  dir.file("file", "x");
  dir.symlink("dangling", "/nowhere");
  dir.symlink("loop1", "loop2");
  dir.symlink("loop2", "/loop1");
  dir.symlink("to_file", "file");
  const auto root = open_root(dir.path(), mode);

  CHECK(code_of(*root, "/none") == ErrorCode::kNotFound);
  CHECK(code_of(*root, "/dangling") == ErrorCode::kNotFound);
  CHECK(code_of(*root, "/file/x") == ErrorCode::kNotFound);
  CHECK(code_of(*root, "/file/..") == ErrorCode::kNotFound);
  CHECK(code_of(*root, "/file/") == ErrorCode::kNotFound);
  CHECK(code_of(*root, "/to_file/") == ErrorCode::kNotFound);
  CHECK(code_of(*root, "/loop1") == ErrorCode::kLimit);
  CHECK(code_of(*root, "/loop1/x") == ErrorCode::kLimit);
  CHECK(code_of(*root, "/d") == ErrorCode::kInvalid);
  CHECK(code_of(*root, "/" + std::string(300, 'n')) == ErrorCode::kUnreadable);
  CHECK(root->list(host_path("/file")).error().code() == ErrorCode::kInvalid);
  CHECK(root->read_file(host_path("/file"), 0).error().code() == ErrorCode::kLimit);
  CHECK_FALSE(root->exists(host_path("/dangling")));
  CHECK(root->readlink(host_path("/dangling")).value_or("") == "/nowhere");
}

TEST_CASE("host_root: forty links are followed, the forty-first is not") {
  const LookupMode mode = every_mode();
  const ScratchDir dir;
  dir.file("0", "end");
  for (int i = 1; i <= 41; ++i) dir.symlink(std::to_string(i), std::to_string(i - 1));
  const auto root = open_root(dir.path(), mode);
  CHECK(text_of(*root, "/40") == "end");
  CHECK(code_of(*root, "/41") == ErrorCode::kLimit);
}

TEST_CASE("host_root: a FIFO, socket or device is refused and never opened") {
  const LookupMode mode = every_mode();
  const ScratchDir dir;
  dir.fifo("fifo");
  dir.symlink("to_fifo", "fifo");
  const auto root = open_root(dir.path(), mode);
  // Opening a FIFO that nobody writes to would block for ever.
  CHECK(code_of(*root, "/fifo") == ErrorCode::kInvalid);
  CHECK(code_of(*root, "/to_fifo") == ErrorCode::kInvalid);
  if (dir.device("zero", S_IFCHR, 1, 5)) CHECK(code_of(*root, "/zero") == ErrorCode::kInvalid);
  if (dir.device("disk", S_IFBLK, 7, 250)) CHECK(code_of(*root, "/disk") == ErrorCode::kInvalid);
}

TEST_CASE("host_root: a path longer than PATH_MAX is found, also behind links") {
  const LookupMode mode = every_mode();
  const ScratchDir dir;
  const std::string part(200, 'n');
  const base::UniqueFd deepest = dir.chain(part, 40);
  base::UniqueFd file(::openat(deepest.get(), "f", O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
  REQUIRE(base::write_all(file.get(), "deep"));
  std::string path;
  std::string ten;
  for (int i = 0; i < 40; ++i) path += "/" + part;
  for (int i = 0; i < 10; ++i) ten += part + "/";
  dir.symlink("ten", ten);
  REQUIRE(::symlinkat(ten.c_str(), deepest.get(), "dangling") == 0);
  const auto root = open_root(dir.path(), mode);
  REQUIRE(path.size() > 8000);
  CHECK(text_of(*root, path + "/f") == "deep");
  CHECK(text_of(*root, "/ten" + path.substr(10 * 201) + "/f") == "deep");
  CHECK(text_of(*root, path + "/../" + part + "/f") == "deep");
  CHECK(code_of(*root, path + "/dangling") == ErrorCode::kNotFound);
}

TEST_CASE("host_root: a list is sorted bytes with types, whatever the names hold") {
  const LookupMode mode = every_mode();
  const ScratchDir dir;
  dir.directory("d");
  dir.file("d/b\n\x1b[31m", "");
  dir.file("d/\xff\xfe", "");
  dir.directory("d/a");
  dir.symlink("d/Z", "a");
  const auto entries = open_root(dir.path(), mode)->list(host_path("/d"));
  REQUIRE(entries);
  REQUIRE(entries->size() == 4);
  CHECK(entries->at(0).name == "Z");
  CHECK(entries->at(0).type == EntryType::kSymlink);
  CHECK(entries->at(1).name == "a");
  CHECK(entries->at(1).type == EntryType::kDirectory);
  CHECK(entries->at(2).name == "b\n\x1b[31m");
  CHECK(entries->at(3).name == "\xff\xfe");
}

TEST_CASE("host_root: links of procfs lead nowhere outside the root") {
  const LookupMode mode = every_mode();
  const ScratchDir outside;
  outside.file("canary", "outside");
  const base::UniqueFd open_directory = outside.open();
  // The root is / so that /proc is in it; what a magic link leads to must not be had through it.
  auto root = HostRoot::open("/proc/self", mode);
  if (!root) return;
  const std::string through = "/fd/" + std::to_string(open_directory.get()) + "/canary";
  CHECK_FALSE((*root)->read_file(host_path(through), 100));
  CHECK_FALSE((*root)->read_file(host_path("/root/etc/passwd"), 1 << 20));
  CHECK_FALSE((*root)->read_file(host_path("/cwd/" + outside.path() + "/canary"), 100));
}

TEST_CASE("host_root: a directory swapped for a link while looked up never leads outside") {
  const LookupMode mode = every_mode();
  const ScratchDir outside;
  outside.file("canary", "OUTSIDE");
  outside.directory("sub");
  outside.file("sub/canary", "OUTSIDE");
  const ScratchDir dir;
  dir.directory("d");
  dir.directory("d/sub");
  dir.file("d/canary", "inside");
  dir.file("d/sub/canary", "inside");
  dir.symlink("link", outside.path());
  dir.directory("away");
  const auto root = open_root(dir.path(), mode);

  std::atomic<bool> done{false};
  std::thread swapper([&] {
    // d <-> link in place, and d/sub moved up so that its ".." is another one.
    while (!done) {
      ::syscall(SYS_renameat2, AT_FDCWD, dir.at("d").c_str(), AT_FDCWD, dir.at("link").c_str(),
                2u /* RENAME_EXCHANGE */);
      ::rename(dir.at("d/sub").c_str(), dir.at("away/sub").c_str());
      ::rename(dir.at("away/sub").c_str(), dir.at("d/sub").c_str());
    }
  });
  int found = 0;
  int leaked = 0;
  for (int i = 0; i < 3000; ++i) {
    for (const char* path : {"/d/canary", "/link/sub/canary", "/d/sub/../canary"}) {
      const auto text = root->read_file(host_path(path), 100);
      if (text && *text != "inside") ++leaked;
      if (text) ++found;
    }
  }
  done = true;
  swapper.join();
  CHECK(leaked == 0);
  CHECK(found > 0);
}

TEST_CASE("host_root: a root that is missing or no directory is named") {
  const ScratchDir dir;
  dir.file("file", "");
  auto missing = HostRoot::open(dir.at("none"));
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code() == ErrorCode::kNotFound);
  CHECK(missing.error().message().find("none") != std::string::npos);
  CHECK_FALSE(HostRoot::open(dir.at("file")));
}

}  // namespace meridian::rootfs
