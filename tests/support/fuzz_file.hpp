// SPDX-License-Identifier: Apache-2.0
//
// fuzz_file.hpp: a fuzz target's input as a file. One file in memory serves all runs: making one
// each time would cost more than reading it.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "base/read_file.hpp"
#include "base/unique_fd.hpp"

namespace meridian::testing_support {

class FuzzFile {
 public:
  /// The file, empty. What an earlier run put there is gone.
  static FuzzFile& fresh() {
    static FuzzFile file;
    if (::ftruncate(file.fd(), 0) != 0 || ::lseek(file.fd(), 0, SEEK_SET) != 0) std::abort();
    file.size_ = 0;
    return file;
  }

  /// Puts `bytes` at the end; the offset at which they begin.
  std::uint64_t add(std::string_view bytes) {
    if (!base::write_all(fd(), bytes)) std::abort();
    const std::uint64_t begin = size_;
    size_ += bytes.size();
    return begin;
  }
  int fd() const { return file_->get(); }
  const std::shared_ptr<base::UniqueFd>& file() const { return file_; }

 private:
  FuzzFile() : file_(std::make_shared<base::UniqueFd>(::memfd_create("fuzz", MFD_CLOEXEC))) {
    if (!*file_) std::abort();
  }
  std::shared_ptr<base::UniqueFd> file_;
  std::uint64_t size_ = 0;
};

}  // namespace meridian::testing_support
