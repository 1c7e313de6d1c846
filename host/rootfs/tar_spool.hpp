// SPDX-License-Identifier: Apache-2.0
//
// tar_spool.hpp: the contents of a tar's files in one unlinked file, for reading in any order.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/unique_fd.hpp"
#include "rootfs/tar_stream.hpp"
#include "rootfs/tree.hpp"

namespace meridian::rootfs {

class TarSpool {
 public:
  /// Reads `stream` to its end. An error on the way leaves out what comes after it: open() says so.
  /// `digest` is what an earlier pass found, if it got that far.
  static Result<std::shared_ptr<const TarSpool>> fill(TarStream& stream,
                                                      const std::optional<std::string>& digest);

  /// Content of entry number `entry`, which has `size` bytes.
  Result<std::unique_ptr<Content>> open(std::uint32_t entry, std::uint64_t size) const;

 private:
  struct Range {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
  };
  Result<void> take(TarStream& stream, std::uint64_t size);

  std::shared_ptr<base::UniqueFd> file_;
  std::vector<Range> ranges_;  // by number of the entry
  std::uint64_t filled_ = 0;
  std::optional<Error> error_;
};

/// The current entry's content: in memory when small, else in a file of its own.
Result<std::unique_ptr<Content>> take_content(TarStream& stream, std::uint64_t size,
                                              const std::string& name);

}  // namespace meridian::rootfs
