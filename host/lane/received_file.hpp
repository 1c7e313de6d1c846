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

/// What plugins want of the files of one batch.
using WantedList = std::vector<std::shared_ptr<const plugin::Wanted>>;

class ReceivedFile {
 public:
  /// Takes its descriptor out of `descriptors`; `wanted` is the batch's. kCorrupt: not what the
  /// host sends.
  static Result<std::unique_ptr<ReceivedFile>> make(message::File file, const WantedList& wanted,
                                                    std::vector<base::UniqueFd>& descriptors);
  /// Valid as long as this.
  FileItem item();
  std::uint32_t layer() const { return file_.layer; }
  /// The descriptor that it was made with, if there was one; nothing can be read afterwards.
  base::UniqueFd take_fd() { return content_->take_fd(); }

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

/// The host's side: what of `item` goes to a lane.
struct SentFile {
  message::File file;
  base::UniqueFd descriptor;
  std::size_t bytes = 0;         // about what it takes in a frame
  std::uint64_t file_bytes = 0;  // behind the descriptor
};
/// What its plugins want goes into `wanted`; a file without a name: nothing. The descriptor, if
/// there is one, is the content's own if it may be taken, else a copy.
Result<SentFile> send_form(const FileItem& item, bool may_take, const LaneNumbers& numbers,
                           WantedTable& wanted);

}  // namespace meridian::lane
