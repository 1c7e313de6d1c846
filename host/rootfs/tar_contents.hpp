// SPDX-License-Identifier: Apache-2.0
//
// tar_contents.hpp: the contents of a tar's files for reading in any order.
//
// A cursor goes through the tar and stops at what is asked for, so who reads in the order of the
// tar decodes it once. Small files that it passes are kept in memory, within a bound for the whole
// process; a large one that is asked for is spooled into one unlinked file. Going back is a new
// pass; after limits::kMaxTarPasses the next one spools all that it passes.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "archive/unpacker.hpp"
#include "base/unique_fd.hpp"
#include "rootfs/small_contents.hpp"
#include "rootfs/tree.hpp"

namespace meridian::rootfs {

class TarContents {
 public:
  /// `name` stands for the blob in errors. `seen` is what an earlier pass kept.
  TarContents(archive::Unpacker& unpacker, archive::BlobRange blob, std::string name,
              SmallContents seen);
  ~TarContents();
  TarContents(const TarContents&) = delete;
  TarContents& operator=(const TarContents&) = delete;

  /// Content of entry number `entry`, a regular file of `size` bytes. One caller at a time; what it
  /// gives may be read meanwhile. kChanged if the tar has something else there, kLimit past
  /// limits::kMaxSpoolBytes; where the tar ends early, the error that ends it.
  Result<std::unique_ptr<Content>> open(std::uint32_t entry, std::uint64_t size);
  /// Lets its pass go; the next open() begins another, if it is not at hand.
  void rest();

 private:
  struct Spooled {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
  };
  Result<void> advance_to(std::uint32_t entry);
  Result<void> keep(std::uint32_t entry, std::uint64_t size, bool asked_for);
  Result<void> keep_in_file(std::uint32_t entry, std::uint64_t size);
  /// Null: not kept.
  Result<std::unique_ptr<Content>> kept(std::uint32_t entry, std::uint64_t size) const;

  archive::Unpacker& unpacker_;
  archive::BlobRange blob_;
  std::string name_;
  std::unique_ptr<archive::TarStream>
      stream_;  // after entry number next_ - 1; null: no pass is open
  std::uint32_t next_ = 0;
  int passes_ = 0;
  SmallContents small_;
  std::map<std::uint32_t, Spooled> spooled_;
  std::shared_ptr<base::UniqueFd> file_;
  std::uint64_t filled_ = 0;
  std::optional<Error> ended_;  // how the tar ends before its time, and
  std::uint32_t ended_at_ = 0;  // from which entry on
};

/// The current entry's content: in memory when small, else in a file of its own. What `kept` has
/// room for stays there.
Result<std::unique_ptr<Content>> take_content(archive::TarStream& stream, std::uint64_t size,
                                              const std::string& name, SmallContents& kept);

}  // namespace meridian::rootfs
