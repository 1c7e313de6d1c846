// SPDX-License-Identifier: Apache-2.0
#include "base/unique_fd.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <vector>

#include "support/catch.hpp"

using namespace meridian::base;

namespace {

int null_at(int least) {
  const UniqueFd file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  return ::fcntl(file.get(), F_DUPFD_CLOEXEC, least);
}

bool is_open(int fd) { return ::fcntl(fd, F_GETFD) >= 0; }

}  // namespace

TEST_CASE("unique_fd: close_all closes those and no other, whatever their order and gaps") {
  std::vector<int> numbers;
  for (int i = 0; i < 9; ++i) numbers.push_back(null_at(200));
  REQUIRE(numbers.back() == 208);
  std::vector<UniqueFd> files;
  for (const int which : {7, 0, 5, 6, 2, 1}) {
    files.emplace_back(numbers[static_cast<std::size_t>(which)]);
  }
  files.emplace_back();
  close_all(files);
  CHECK(files.empty());
  for (const int which : {0, 1, 2, 5, 6, 7}) CHECK(!is_open(200 + which));
  for (const int which : {3, 4, 8}) {
    CHECK(is_open(200 + which));
    ::close(200 + which);
  }
}
