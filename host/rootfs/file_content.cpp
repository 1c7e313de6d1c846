// SPDX-License-Identifier: Apache-2.0
//
// file_content.cpp: pread; nothing is mapped.
#include "rootfs/file_content.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "base/escape.hpp"
#include "base/read_file.hpp"
#include "base/system_error.hpp"
#include "rootfs/file_stat.hpp"

namespace meridian::rootfs {
namespace {

class FileContent final : public Content {
 public:
  FileContent(base::UniqueFd file, std::uint64_t size, std::string name,
              std::optional<base::DropBehind> uncached, bool is_first = true)
      : file_(std::move(file)),
        size_(size),
        name_(std::move(name)),
        behind_(std::move(uncached)),
        is_first_(is_first) {}
  FileContent(const FileContent&) = delete;
  FileContent& operator=(const FileContent&) = delete;
  ~FileContent() override { leave(); }
  std::uint64_t size() const override { return size_; }
  Result<std::size_t> read(std::uint64_t offset, void* buffer, std::size_t capacity) override {
    // What has grown since ends where it did: asking for more would be a second call for each file.
    // A size of 0 may be that of a kernel file that has bytes all the same.
    if (size_ > 0) capacity = std::min(capacity, left(offset));
    ask_cache();
    MERIDIAN_TRY(const std::size_t got,
                 base::read_at(file_.get(), offset, buffer, capacity, name_));
    behind_->passed(file_.get(), offset, offset + got);
    if (got < capacity && offset + got < size_) MERIDIAN_CHECK(check_size());
    return got;
  }
  std::unique_ptr<Content> another() override {
    base::UniqueFd same(::fcntl(file_.get(), F_DUPFD_CLOEXEC, 0));
    if (!same) return nullptr;
    ask_cache();
    return std::make_unique<FileContent>(std::move(same), size_, name_, behind_, false);
  }
  int fd() const override { return file_.get(); }
  base::UniqueFd take_fd() override {
    leave();
    return std::move(file_);
  }

 private:
  void ask_cache() {
    if (!behind_) behind_.emplace(base::uncached_ranges(file_.get(), size_));
  }
  void leave() {
    if (file_ && behind_ && is_first_) behind_->finish(file_.get());
  }
  std::size_t left(std::uint64_t offset) const {
    return offset >= size_ ? 0 : static_cast<std::size_t>(size_ - offset);
  }
  /// The end came too early: cut short meanwhile, or one of those kernel files whose size is no
  /// promise.
  Result<void> check_size() const {
    FileStat now;
    if (const int error = stat_at(file_.get(), "", now); error != 0) {
      return base::system_error(error, name_);
    }
    if (now.stat.size >= size_) return {};
    return Error(ErrorCode::kChanged, base::escape(name_) + ": cut short while it was read, from " +
                                          std::to_string(size_) + " bytes to " +
                                          std::to_string(now.stat.size));
  }

  base::UniqueFd file_;
  std::uint64_t size_;
  std::string name_;
  std::optional<base::DropBehind> behind_;  // none: not asked yet
  const bool is_first_;                     // whose end is the file's
};

class MemoryContent final : public Content {
 public:
  explicit MemoryContent(std::shared_ptr<const std::string> bytes) : bytes_(std::move(bytes)) {}
  std::uint64_t size() const override { return bytes_->size(); }
  Result<std::size_t> read(std::uint64_t offset, void* buffer, std::size_t capacity) override {
    if (offset >= bytes_->size()) return 0;
    const std::size_t from = static_cast<std::size_t>(offset);
    const std::size_t count = std::min(capacity, bytes_->size() - from);
    std::memcpy(buffer, bytes_->data() + from, count);
    return count;
  }

 private:
  std::shared_ptr<const std::string> bytes_;
};

}  // namespace

std::unique_ptr<Content> file_content(base::UniqueFd file, std::uint64_t size, std::string name) {
  return std::make_unique<FileContent>(std::move(file), size, std::move(name), std::nullopt);
}

std::unique_ptr<Content> file_content(base::UniqueFd file, std::uint64_t size, std::string name,
                                      std::vector<base::FileRange> uncached) {
  return std::make_unique<FileContent>(std::move(file), size, std::move(name),
                                       base::DropBehind(std::move(uncached)));
}

std::unique_ptr<Content> memory_content(std::string bytes) {
  return memory_content(std::make_shared<const std::string>(std::move(bytes)));
}

std::unique_ptr<Content> memory_content(std::shared_ptr<const std::string> bytes) {
  return std::make_unique<MemoryContent>(std::move(bytes));
}

}  // namespace meridian::rootfs
