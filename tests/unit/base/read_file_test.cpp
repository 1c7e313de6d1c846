// SPDX-License-Identifier: Apache-2.0
#include "base/read_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using meridian::ErrorCode;
using namespace meridian::base;
using meridian::testing_support::TempDir;

TEST_CASE("read_own_file: a file at its limit is read, one byte more is kLimit") {
  const TempDir folder;
  const auto path = folder.file("x", "12345");
  CHECK(read_own_file(path, 5).value() == "12345");
  CHECK(read_own_file(path, 4).error().code() == ErrorCode::kLimit);
  CHECK(read_own_file(folder.file("empty", ""), 0).value().empty());
  const std::string large(3 << 20, 'x');
  CHECK(read_own_file(folder.file("large", large), 4 << 20).value() == large);
}

TEST_CASE("open_own_file: nothing but a regular file, and a FIFO does not block") {
  const TempDir folder;
  REQUIRE(::mkfifo(folder.at("fifo").c_str(), 0600) == 0);
  CHECK(open_own_file(folder.at("fifo")).error().code() == ErrorCode::kInvalid);
  CHECK(open_own_file(folder.path()).error().code() == ErrorCode::kInvalid);
  CHECK(open_own_file("/dev/null").error().code() == ErrorCode::kInvalid);
  CHECK(open_own_file(folder.at("absent")).error().code() == ErrorCode::kNotFound);
  folder.symlink("link", "file");
  folder.file("file", "x");
  CHECK(read_own_file(folder.at("link"), 10).value() == "x");
}

TEST_CASE("read_at: the end gives fewer bytes, past it none") {
  const TempDir folder;
  const auto file = open_own_file(folder.file("x", "abcdef")).value();
  char buffer[4] = {};
  CHECK(read_at(file.get(), 4, buffer, 4, "x").value() == 2);
  CHECK(std::string(buffer, 2) == "ef");
  CHECK(read_at(file.get(), 100, buffer, 4, "x").value() == 0);
}

TEST_CASE("make_scratch_file: it has no name and keeps what is written") {
  const auto file = make_scratch_file().value();
  REQUIRE(write_all(file.get(), "kept"));
  struct stat st {};
  REQUIRE(::fstat(file.get(), &st) == 0);
  CHECK(st.st_nlink == 0);
  CHECK(read_all(file.get(), 10, "scratch").value() == "kept");
}
