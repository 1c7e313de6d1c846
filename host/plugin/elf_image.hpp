// SPDX-License-Identifier: Apache-2.0
//
// elf_image.hpp: a shared object as the loader sees it (program headers), every offset checked.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "meridian/result.hpp"

namespace meridian::plugin {

/// A program header whose file range lies inside the file.
struct ElfSegment {
  std::uint32_t type = 0;   // PT_*
  std::uint32_t flags = 0;  // PF_*
  std::uint64_t address = 0;
  std::uint64_t alignment = 0;
  std::string_view bytes;  // as stored
};

class ElfImage {
 public:
  /// Views into `file`. kCorrupt: no ELF file, or cut short. kUnsupported: another class, byte
  /// order or architecture, or no shared object. kLimit: too many program headers.
  static Result<ElfImage> parse(std::string_view file);

  const std::vector<ElfSegment>& segments() const { return segments_; }
  /// The stored bytes from `address` to the end of its PT_LOAD segment; empty if none holds it.
  std::optional<std::string_view> from(std::uint64_t address) const;

 private:
  std::vector<ElfSegment> segments_;
};

/// A record at `offset`, copied, for no alignment is promised; empty past the end.
template <typename T>
std::optional<T> record_at(std::string_view bytes, std::uint64_t offset) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(T)) return std::nullopt;
  T record;
  bytes.copy(reinterpret_cast<char*>(&record), sizeof record, static_cast<std::size_t>(offset));
  return record;
}

}  // namespace meridian::plugin
