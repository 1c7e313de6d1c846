// SPDX-License-Identifier: Apache-2.0
//
// elf_sections.hpp: the sections and segments of an ELF file, read by windows, for what compilers
// leave in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "byte_order.hpp"
#include "byte_source.hpp"

namespace meridian::packages {

class ElfSections {
 public:
  struct Section {
    std::string name;
    std::uint64_t offset = 0, size = 0;
  };
  struct Segment {
    std::uint64_t address = 0, offset = 0, size = 0;
    bool writable = false;
  };

  /// kCorrupt: its tables are outside of it. `source` outlives it.
  static Result<ElfSections> read(const ByteSource& source);

  const Section* find(std::string_view name) const;
  /// Those that are loaded.
  const std::vector<Segment>& segments() const { return segments_; }
  /// Bytes at an address of the running program; nullopt: no segment's.
  Result<std::string> at_address(std::uint64_t address, std::uint64_t size) const;
  Order order() const { return order_; }

 private:
  explicit ElfSections(const ByteSource& source) : source_(source) {}
  const ByteSource& source_;
  Order order_ = Order::kLittle;
  std::vector<Section> sections_;
  std::vector<Segment> segments_;
};

}  // namespace meridian::packages
