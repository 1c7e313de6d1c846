// SPDX-License-Identifier: Apache-2.0
//
// received_file.hpp: a file of a batch in the worker: its bytes behind a descriptor or in the
// frame, its attributes as the host read them.
#pragma once

#include <memory>
#include <vector>

#include "lane/lane_numbers.hpp"
#include "lane/messages.hpp"
#include "lane/run.hpp"
#include "lane/wanted_table.hpp"

namespace meridian::lane {

class ReceivedFile {
 public:
  /// Takes its descriptor out of `descriptors`; `wanted` is the batch's. kCorrupt: not what the
  /// host sends.
  static Result<std::unique_ptr<ReceivedFile>> make(message::File file,
                                                    const std::vector<plugin::Wanted>& wanted,
                                                    std::vector<base::UniqueFd>& descriptors);
  /// Valid as long as this.
  FileItem item();
  std::uint32_t layer() const { return file_.layer; }

 private:
  class Attributes final : public rootfs::Visitor::Opener {
   public:
    explicit Attributes(const message::File& file) : file_(file) {}
    Result<std::unique_ptr<rootfs::Content>> open() override;
    Result<std::string> xattr(const std::string& name) override;

   private:
    const message::File& file_;
  };

  explicit ReceivedFile(message::File file) : file_(std::move(file)), attributes_(file_) {}

  message::File file_;
  Attributes attributes_;
  std::unique_ptr<rootfs::Content> content_;
  std::vector<FileName> names_;
};

/// The host's side: what of `item` goes to a lane. The descriptor, if there is one, is a duplicate.
struct SentFile {
  message::File file;
  base::UniqueFd descriptor;
  std::size_t bytes = 0;         // about what it takes in a frame
  std::uint64_t file_bytes = 0;  // behind the descriptor
};
/// What its plugins want goes into `wanted`; a file without a name: nothing.
Result<SentFile> send_form(const FileItem& item, const LaneNumbers& numbers, WantedTable& wanted);

}  // namespace meridian::lane
