// SPDX-License-Identifier: Apache-2.0
//
// byte_source.hpp: a file that is read in parts, or bytes in memory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <meridian/result.hpp>

namespace meridian::packages {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  virtual std::uint64_t size() const = 0;
  /// `size` bytes from `offset`, fewer at the end.
  virtual Result<std::string> read(std::uint64_t offset, std::uint64_t size) const = 0;
};

/// Bytes that outlive it.
class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::string_view bytes) : bytes_(bytes) {}
  std::uint64_t size() const override { return bytes_.size(); }
  Result<std::string> read(std::uint64_t offset, std::uint64_t size) const override {
    if (offset >= bytes_.size()) return std::string();
    return std::string(
        bytes_.substr(static_cast<std::size_t>(offset), static_cast<std::size_t>(size)));
  }

 private:
  std::string_view bytes_;
};

}  // namespace meridian::packages
