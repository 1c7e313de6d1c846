// SPDX-License-Identifier: Apache-2.0
#include "base/mapped_file.hpp"

#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <string>

#include "base/system_error.hpp"

namespace meridian::base {

Result<std::shared_ptr<const MappedFile>> MappedFile::open(int fd, std::string_view what) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return system_error(errno, what);
  if (!S_ISREG(status.st_mode)) {
    return Error(ErrorCode::kInvalid, std::string(what) + " is not a regular file");
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0) return lend({});
  void* const start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (start == MAP_FAILED) return system_error(errno, what);
  return std::shared_ptr<const MappedFile>(
      new MappedFile({static_cast<const char*>(start), size}, true));
}

std::shared_ptr<const MappedFile> MappedFile::lend(std::string_view bytes) {
  return std::shared_ptr<const MappedFile>(new MappedFile(bytes, false));
}

MappedFile::~MappedFile() {
  if (is_mapped_) ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
}

}  // namespace meridian::base
