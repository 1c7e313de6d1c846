// SPDX-License-Identifier: Apache-2.0
//
// tar_contents.cpp: the cursor, and what it keeps.
#include "rootfs/tar_contents.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <utility>
#include <vector>

#include "base/escape.hpp"
#include "base/limits.hpp"
#include "base/read_file.hpp"
#include "base/system_error.hpp"
#include "rootfs/file_content.hpp"

namespace meridian::rootfs {
namespace {

constexpr std::uint64_t kMaxInMemory = 1 << 20;
constexpr std::size_t kPiece = 128 << 10;
/// Passes that wait for the next look-up, in the whole process: each has a process of its own.
constexpr int kMaxOpenPasses = 16;
/// Copies the current entry of `stream` to the end of `fd`.
Result<void> copy_entry(archive::TarStream& stream, int fd) {
  std::vector<char> buffer(kPiece);
  for (;;) {
    MERIDIAN_TRY(const std::size_t got, stream.read(buffer.data(), buffer.size()));
    if (got == 0) return {};
    MERIDIAN_CHECK(base::write_all(fd, {buffer.data(), got}));
  }
}

Result<std::shared_ptr<const std::string>> read_entry(archive::TarStream& stream,
                                                      std::uint64_t size) {
  std::string bytes(static_cast<std::size_t>(size), '\0');
  std::size_t have = 0;
  while (have < bytes.size()) {
    MERIDIAN_TRY(const std::size_t got, stream.read(bytes.data() + have, bytes.size() - have));
    if (got == 0) break;
    have += got;
  }
  bytes.resize(have);
  return std::make_shared<const std::string>(std::move(bytes));
}

class SpoolContent final : public Content {
 public:
  SpoolContent(std::shared_ptr<base::UniqueFd> file, std::uint64_t offset, std::uint64_t size)
      : file_(std::move(file)), offset_(offset), size_(size) {}
  std::uint64_t size() const override { return size_; }
  Result<std::size_t> read(std::uint64_t offset, void* buffer, std::size_t capacity) override {
    if (offset >= size_) return 0;
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(capacity, size_ - offset));
    return base::read_at(file_->get(), offset_ + offset, buffer, wanted, "spooled content");
  }

 private:
  std::shared_ptr<base::UniqueFd> file_;
  std::uint64_t offset_;
  std::uint64_t size_;
};

Error changed() { return Error(ErrorCode::kChanged, "the layer's file changed while it was read"); }

/// Passes that are open in this process: each may be a process of its own.
std::atomic<int>& open_passes() {
  static std::atomic<int> passes{0};
  return passes;
}

}  // namespace

TarContents::~TarContents() { rest(); }

void TarContents::rest() {
  if (!stream_) return;
  stream_.reset();
  open_passes().fetch_sub(1);
}

TarContents::TarContents(archive::Unpacker& unpacker, archive::BlobRange blob, std::string name,
                         SmallContents seen)
    : unpacker_(unpacker),
      blob_(std::move(blob)),
      name_(std::move(name)),
      small_(std::move(seen)) {}

Result<std::unique_ptr<Content>> TarContents::open(std::uint32_t entry, std::uint64_t size) {
  if (size == 0) return memory_content(std::string());
  MERIDIAN_TRY(auto at_hand, kept(entry, size));
  if (at_hand) return at_hand;
  if (ended_ && entry >= ended_at_) return *ended_;
  if (auto done = advance_to(entry); !done) {
    // Where it ends will not change; what lies before may still be read by another pass.
    rest();
    if (done.error().code() == ErrorCode::kCancelled) return std::move(done).error();
    ended_ = std::move(done).error();
    ended_at_ = entry;
    return *ended_;
  }
  if (open_passes().load() > kMaxOpenPasses) rest();
  MERIDIAN_TRY(auto passed, kept(entry, size));
  if (passed) return passed;
  return changed().in(base::escape(name_));
}

Result<std::unique_ptr<Content>> TarContents::kept(std::uint32_t entry, std::uint64_t size) const {
  std::unique_ptr<Content> content;
  if (auto bytes = small_.find(entry)) {
    content = memory_content(std::move(bytes));
  } else if (const auto spooled = spooled_.find(entry); spooled != spooled_.end()) {
    content = std::make_unique<SpoolContent>(file_, spooled->second.offset, spooled->second.size);
  }
  if (content && content->size() != size) return changed().in(base::escape(name_));
  return content;
}

Result<void> TarContents::advance_to(std::uint32_t entry) {
  if (!stream_ || entry < next_) {
    rest();
    MERIDIAN_TRY(stream_, unpacker_.tar_again(blob_, name_));
    open_passes().fetch_add(1);
    next_ = 0;
    ++passes_;
  }
  while (next_ <= entry) {
    MERIDIAN_TRY(const auto header, stream_->next());
    if (!header) return changed().in(base::escape(name_));
    const std::uint32_t number = next_++;
    if (header->type != archive::TarType::kRegular || header->size == 0) continue;
    if (small_.find(number) || spooled_.count(number) != 0) continue;
    MERIDIAN_CHECK(keep(number, header->size, number == entry));
  }
  return {};
}

Result<void> TarContents::keep(std::uint32_t entry, std::uint64_t size, bool asked_for) {
  if (small_.reserve(size)) {
    MERIDIAN_TRY(auto bytes, read_entry(*stream_, size));
    small_.put(entry, std::move(bytes));
    return {};
  }
  if (asked_for) return keep_in_file(entry, size);
  const bool everything = passes_ > limits::kMaxTarPasses;
  if (!everything || size > limits::kMaxSpoolBytes - filled_) return {};
  return keep_in_file(entry, size);
}

Result<void> TarContents::keep_in_file(std::uint32_t entry, std::uint64_t size) {
  if (size > limits::kMaxSpoolBytes - filled_) {
    return Error(ErrorCode::kLimit, base::escape(name_) + ": contents of more than " +
                                        std::to_string(limits::kMaxSpoolBytes) +
                                        " bytes are not kept for look-ups");
  }
  if (!file_) {
    MERIDIAN_TRY(base::UniqueFd file, base::make_scratch_file());
    file_ = std::make_shared<base::UniqueFd>(std::move(file));
  }
  // A copy that ended early has left bytes behind the end.
  if (::lseek(file_->get(), static_cast<off_t>(filled_), SEEK_SET) < 0) {
    return base::system_error(errno, "scratch file");
  }
  MERIDIAN_CHECK(copy_entry(*stream_, file_->get()));
  spooled_[entry] = {filled_, size};
  filled_ += size;
  return {};
}

Result<std::unique_ptr<Content>> take_content(archive::TarStream& stream, std::uint64_t size,
                                              const std::string& name, SmallContents& kept) {
  // Holes cost nothing in the tar and everything in the scratch directory.
  if (size > limits::kMaxSpoolBytes) {
    return Error(ErrorCode::kLimit, base::escape(name) + ": " + std::to_string(size) +
                                        " bytes; content of more than " +
                                        std::to_string(limits::kMaxSpoolBytes) + " is not kept");
  }
  if (size > kMaxInMemory) {
    MERIDIAN_TRY(base::UniqueFd file, base::make_scratch_file());
    MERIDIAN_CHECK(copy_entry(stream, file.get()));
    // It may go to a plugin's process, and another's would see what that one writes.
    MERIDIAN_TRY(base::UniqueFd again, base::reopen_for_reading(file.get()));
    return file_content(std::move(again), size, name, {});  // its pages go with it
  }
  const std::uint32_t entry = stream.entries() - 1;
  const bool keeps = size > 0 && kept.reserve(size);
  MERIDIAN_TRY(auto bytes, read_entry(stream, size));
  if (keeps) kept.put(entry, bytes);
  return memory_content(std::move(bytes));
}

}  // namespace meridian::rootfs
