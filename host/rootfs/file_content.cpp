// SPDX-License-Identifier: Apache-2.0
//
// file_content.cpp: pread; nothing is mapped.
#include "rootfs/file_content.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/read_file.hpp"

namespace meridian::rootfs {
namespace {

class FileContent final : public Content {
 public:
  FileContent(base::UniqueFd file, std::uint64_t size, std::string name)
      : file_(std::move(file)), size_(size), name_(std::move(name)) {}
  std::uint64_t size() const override { return size_; }
  Result<std::size_t> read(std::uint64_t offset, void* buffer, std::size_t capacity) override {
    return base::read_at(file_.get(), offset, buffer, capacity, name_);
  }
  int fd() const override { return file_.get(); }

 private:
  base::UniqueFd file_;
  std::uint64_t size_;
  std::string name_;
};

class MemoryContent final : public Content {
 public:
  explicit MemoryContent(std::string bytes) : bytes_(std::move(bytes)) {}
  std::uint64_t size() const override { return bytes_.size(); }
  Result<std::size_t> read(std::uint64_t offset, void* buffer, std::size_t capacity) override {
    if (offset >= bytes_.size()) return 0;
    const std::size_t from = static_cast<std::size_t>(offset);
    const std::size_t count = std::min(capacity, bytes_.size() - from);
    std::memcpy(buffer, bytes_.data() + from, count);
    return count;
  }

 private:
  std::string bytes_;
};

}  // namespace

std::unique_ptr<Content> file_content(base::UniqueFd file, std::uint64_t size, std::string name) {
  return std::make_unique<FileContent>(std::move(file), size, std::move(name));
}

std::unique_ptr<Content> memory_content(std::string bytes) {
  return std::make_unique<MemoryContent>(std::move(bytes));
}

}  // namespace meridian::rootfs
