// SPDX-License-Identifier: Apache-2.0
//
// mapped_file.hpp: the bytes of one of our own databases, mapped read-only and shared by all who
// have them. Only for files that are replaced as a whole and never written in place (data/): one
// that shrinks while it is mapped ends the process (SIGBUS), so no file of an image is mapped.
#pragma once

#include <memory>
#include <string_view>

#include "meridian/result.hpp"

namespace meridian::base {

class MappedFile {
 public:
  /// kInvalid unless it is a regular file; an empty one has no bytes. `what` names it in errors.
  static Result<std::shared_ptr<const MappedFile>> open(int fd, std::string_view what);
  /// Bytes of somebody else, who outlives it (tests).
  static std::shared_ptr<const MappedFile> lend(std::string_view bytes);

  std::string_view bytes() const { return bytes_; }

  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

 private:
  MappedFile(std::string_view bytes, bool is_mapped) : bytes_(bytes), is_mapped_(is_mapped) {}
  std::string_view bytes_;
  bool is_mapped_;
};

}  // namespace meridian::base
