// SPDX-License-Identifier: Apache-2.0
#include "base/sealed_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>

#include "base/read_file.hpp"

namespace meridian::base {

TEST_CASE("sealed file: nobody changes it, and it is read whole") {
  const std::string bytes = std::string(100'000, 'x') + '\0';
  const auto file = sealed_memfd("test", bytes);
  REQUIRE(file);
  CHECK(read_sealed(file->get(), bytes.size(), "it") == bytes);
  CHECK(::pwrite(file->get(), "y", 1, 0) == -1);
  CHECK(::ftruncate(file->get(), 0) == -1);
  CHECK(::ftruncate(file->get(), 200'000) == -1);
  const auto past = read_sealed(file->get(), bytes.size() - 1, "it");
  REQUIRE_FALSE(past);
  CHECK(past.error().code() == ErrorCode::kLimit);
  CHECK(read_sealed(sealed_memfd("empty", "")->get(), 0, "it") == "");
}

TEST_CASE("sealed file: what could still change is refused") {
  const auto refused = [](int fd) {
    const auto got = read_sealed(fd, 100, "it");
    return !got && got.error().code() == ErrorCode::kRefused;
  };
  const UniqueFd open(::memfd_create("open", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  REQUIRE(open);
  for (const int seal : {F_SEAL_WRITE, F_SEAL_GROW, F_SEAL_SHRINK}) {
    CHECK(refused(open.get()));
    REQUIRE(::fcntl(open.get(), F_ADD_SEALS, seal) == 0);
  }
  CHECK(refused(open.get()));  // not F_SEAL_SEAL
  const auto scratch = make_scratch_file();
  REQUIRE(scratch);
  CHECK(refused(scratch->get()));
  const UniqueFd device(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  CHECK(refused(device.get()));
  int pipe[2] = {-1, -1};
  REQUIRE(::pipe2(pipe, O_CLOEXEC) == 0);
  const UniqueFd out(pipe[0]);
  const UniqueFd in(pipe[1]);
  CHECK(refused(out.get()));
  CHECK_FALSE(read_sealed(-1, 100, "it"));
}

}  // namespace meridian::base
