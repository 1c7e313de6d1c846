// SPDX-License-Identifier: Apache-2.0
//
// small_contents.hpp: contents of small files of a tar, kept in memory, by number of entry.
//
// All of the process together hold at most limits::kMaxKeptContent. One thread; what is given may
// be read by any, also after this is gone.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace meridian::rootfs {

class SmallContents {
 public:
  SmallContents() = default;
  ~SmallContents();
  SmallContents(const SmallContents&) = delete;
  SmallContents& operator=(const SmallContents&) = delete;
  SmallContents(SmallContents&& other) noexcept;
  SmallContents& operator=(SmallContents&& other) noexcept;

  /// Room for a file of `size` bytes, to be put() next; false: too large, or nothing is left.
  bool reserve(std::uint64_t size);
  void put(std::uint32_t entry, std::shared_ptr<const std::string> bytes);
  /// nullptr: not kept.
  std::shared_ptr<const std::string> find(std::uint32_t entry) const;

 private:
  std::map<std::uint32_t, std::shared_ptr<const std::string>> contents_;
  std::uint64_t charged_ = 0;  // of the process's bound
};

}  // namespace meridian::rootfs
