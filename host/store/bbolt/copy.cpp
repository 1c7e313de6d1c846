// SPDX-License-Identifier: Apache-2.0
#include "store/bbolt/copy.hpp"

#include <thread>

#include "base/limits.hpp"
#include "store/bbolt/page.hpp"

namespace meridian::store::bbolt {
namespace {

Result<Meta> meta_now(rootfs::Content& file, std::size_t page_size) {
  std::string head(page_size + kMetaBytes, '\0');
  MERIDIAN_TRY(const std::size_t size, file.read(0, head.data(), head.size()));
  head.resize(size);
  return find_meta(head);
}

}  // namespace

Result<std::string> copy_still(rootfs::Content& file, Patience patience) {
  if (file.size() > limits::kMaxBboltFile) {
    return Error(ErrorCode::kLimit, std::to_string(file.size()) + " bytes, at most " +
                                        std::to_string(limits::kMaxBboltFile) + " are read");
  }
  for (int attempt = 1;; ++attempt) {
    // Read from the start, so its metas are the oldest bytes of it.
    MERIDIAN_TRY(std::string copy, rootfs::read_content(file, limits::kMaxBboltFile));
    MERIDIAN_TRY(const Meta before, find_meta(copy));
    MERIDIAN_TRY(const Meta after, meta_now(file, before.page_size));
    if (before == after) return copy;
    if (attempt >= patience.attempts) {
      return Error(ErrorCode::kChanged, "written while it was read, " + std::to_string(attempt) +
                                            " times; last from transaction " +
                                            std::to_string(before.transaction) + " to " +
                                            std::to_string(after.transaction));
    }
    std::this_thread::sleep_for(attempt * patience.wait);
  }
}

}  // namespace meridian::store::bbolt
