// SPDX-License-Identifier: Apache-2.0
#include "rootfs/small_contents.hpp"

#include <atomic>
#include <utility>

#include "base/limits.hpp"

namespace meridian::rootfs {
namespace {

/// What a file costs besides its bytes: the nodes that hold it.
constexpr std::uint64_t kNodeBytes = 160;

/// Bytes that all of this process hold.
std::atomic<std::uint64_t>& kept_bytes() {
  static std::atomic<std::uint64_t> bytes{0};
  return bytes;
}

}  // namespace

SmallContents::~SmallContents() { kept_bytes().fetch_sub(charged_); }

SmallContents::SmallContents(SmallContents&& other) noexcept
    : contents_(std::move(other.contents_)), charged_(std::exchange(other.charged_, 0)) {}

SmallContents& SmallContents::operator=(SmallContents&& other) noexcept {
  std::swap(contents_, other.contents_);
  std::swap(charged_, other.charged_);
  return *this;
}

bool SmallContents::reserve(std::uint64_t size) {
  if (size > limits::kSmallContent) return false;
  const std::uint64_t bytes = size + kNodeBytes;
  if (kept_bytes().fetch_add(bytes) + bytes > limits::kMaxKeptContent) {
    kept_bytes().fetch_sub(bytes);
    return false;
  }
  charged_ += bytes;
  return true;
}

void SmallContents::put(std::uint32_t entry, std::shared_ptr<const std::string> bytes) {
  contents_[entry] = std::move(bytes);
}

std::shared_ptr<const std::string> SmallContents::find(std::uint32_t entry) const {
  const auto found = contents_.find(entry);
  return found == contents_.end() ? nullptr : found->second;
}

}  // namespace meridian::rootfs
