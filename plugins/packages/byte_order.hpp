// SPDX-License-Identifier: Apache-2.0
//
// byte_order.hpp: numbers in foreign bytes, of either byte order, never beyond their end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace meridian::packages {

enum class Order { kLittle, kBig };

class Numbers {
 public:
  Numbers(std::string_view bytes, Order order) : bytes_(bytes), order_(order) {}

  bool has(std::uint64_t offset, std::uint64_t size) const {
    return offset <= bytes_.size() && size <= bytes_.size() - offset;
  }
  /// 0 beyond the end; ask has() where that would be a lie.
  std::uint16_t u16(std::uint64_t offset) const {
    return static_cast<std::uint16_t>(of(offset, 2));
  }
  std::uint32_t u32(std::uint64_t offset) const {
    return static_cast<std::uint32_t>(of(offset, 4));
  }
  std::uint64_t u64(std::uint64_t offset) const { return of(offset, 8); }
  /// `size` bytes, fewer at the end.
  std::string_view bytes(std::uint64_t offset, std::uint64_t size) const {
    if (offset >= bytes_.size()) return {};
    return bytes_.substr(static_cast<std::size_t>(offset), size < bytes_.size()
                                                               ? static_cast<std::size_t>(size)
                                                               : std::string_view::npos);
  }
  std::size_t size() const { return bytes_.size(); }

 private:
  std::uint64_t of(std::uint64_t offset, unsigned width) const {
    if (!has(offset, width)) return 0;
    std::uint64_t value = 0;
    for (unsigned i = 0; i < width; ++i) {
      const unsigned at = order_ == Order::kBig ? i : width - 1 - i;
      value =
          value << 8 | static_cast<unsigned char>(bytes_[static_cast<std::size_t>(offset) + at]);
    }
    return value;
  }

  std::string_view bytes_;
  Order order_;
};

}  // namespace meridian::packages
