// SPDX-License-Identifier: Apache-2.0
#include "store/image_files.hpp"

#include "base/escape.hpp"
#include "base/read_file.hpp"

namespace meridian::store {

Result<std::string> ImageFiles::read(const Found& found, std::uint64_t limit) const {
  const std::string shown = "'" + base::escape(found.path.text()) + "'";
  if (found.size > limit) {
    return Error(ErrorCode::kLimit, shown + " has " + std::to_string(found.size) +
                                        " bytes, at most " + std::to_string(limit) + " are read");
  }
  MERIDIAN_TRY(const archive::BlobRange range, open(found));
  std::string bytes(static_cast<std::size_t>(found.size), '\0');
  MERIDIAN_TRY(const std::size_t n,
               base::read_at(range.file->get(), range.offset, bytes.data(), bytes.size(), name()));
  if (n < bytes.size()) return Error(ErrorCode::kChanged, shown + " was cut short");
  return bytes;
}

}  // namespace meridian::store
