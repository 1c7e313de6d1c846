// SPDX-License-Identifier: Apache-2.0
#include "elf_sections.hpp"

#include <utility>

namespace meridian::packages {
namespace {

constexpr std::uint64_t kMaxNames = 1 << 20;    // of all sections together
constexpr std::uint32_t kMaxSections = 10'000;  // linked programs have forty
constexpr std::uint32_t kMaxSegments = 1'000;
constexpr std::size_t kMaxName = 64;  // of the one that is looked for

/// Where the fields of 32 and 64 bits lie (elf(5)).
struct Class {
  bool wide;
  std::uint64_t word(const Numbers& n, std::uint64_t narrow, std::uint64_t at) const {
    return wide ? n.u64(at) : n.u32(narrow);
  }
};

}  // namespace

Result<ElfSections> ElfSections::read(const ByteSource& source) {
  MERIDIAN_TRY(const std::string head, source.read(0, 64));
  if (head.size() < 52 || head.compare(0, 4,
                                       "\x7f"
                                       "ELF") != 0) {
    return Error(ErrorCode::kCorrupt, "is no ELF file");
  }
  ElfSections elf(source);
  const Class of{head[4] == 2};
  elf.order_ = head[5] == 2 ? Order::kBig : Order::kLittle;
  const Numbers header(head, elf.order_);
  const std::uint64_t programs = of.word(header, 28, 32), sections = of.word(header, 32, 40);
  const std::uint64_t counts = of.wide ? 54 : 42;
  const std::uint32_t program_size = header.u16(counts), program_count = header.u16(counts + 2),
                      section_size = header.u16(counts + 4), section_count = header.u16(counts + 6),
                      names_index = header.u16(counts + 8);
  if (section_count > kMaxSections || program_count > kMaxSegments) {
    return Error(ErrorCode::kLimit, std::to_string(section_count) + " sections, " +
                                        std::to_string(program_count) + " segments");
  }
  constexpr std::uint32_t kWidestEntry = 64;
  if (program_size > kWidestEntry || section_size > kWidestEntry) {
    return Error(ErrorCode::kCorrupt, "its tables have entries of no known size");
  }
  MERIDIAN_TRY(const std::string program_table,
               source.read(programs, std::uint64_t{program_size} * program_count));
  const Numbers p(program_table, elf.order_);
  for (std::uint32_t i = 0; i < program_count && program_size >= 32; ++i) {
    const std::uint64_t at = std::uint64_t{i} * program_size;
    constexpr std::uint32_t kLoad = 1, kWrite = 2;
    if (p.u32(at) != kLoad) continue;
    elf.segments_.push_back({of.word(p, at + 8, at + 16), of.word(p, at + 4, at + 8),
                             of.word(p, at + 16, at + 32),
                             (p.u32(at + (of.wide ? 4 : 24)) & kWrite) != 0});
  }
  MERIDIAN_TRY(const std::string section_table,
               source.read(sections, std::uint64_t{section_size} * section_count));
  const Numbers s(section_table, elf.order_);
  if (section_size < 40 || names_index >= section_count) return elf;  // stripped of them
  const auto place = [&](std::uint32_t i) {
    const std::uint64_t at = std::uint64_t{i} * section_size;
    return std::pair(of.word(s, at + 16, at + 24), of.word(s, at + 20, at + 32));
  };
  const auto [names_offset, names_size] = place(names_index);
  if (names_size > kMaxNames) return Error(ErrorCode::kLimit, "its section names are too long");
  MERIDIAN_TRY(const std::string names, source.read(names_offset, names_size));
  for (std::uint32_t i = 0; i < section_count; ++i) {
    const std::uint32_t name = s.u32(std::uint64_t{i} * section_size);
    if (name >= names.size()) continue;
    const auto [offset, size] = place(i);
    const std::string_view text = std::string_view(names).substr(name, kMaxName);
    elf.sections_.push_back({std::string(text.substr(0, text.find('\0'))), offset, size});
  }
  return elf;
}

const ElfSections::Section* ElfSections::find(std::string_view name) const {
  for (const Section& section : sections_) {
    if (section.name == name) return &section;
  }
  return nullptr;
}

Result<std::string> ElfSections::at_address(std::uint64_t address, std::uint64_t size) const {
  for (const Segment& segment : segments_) {
    if (address < segment.address || address - segment.address >= segment.size) continue;
    const std::uint64_t skip = address - segment.address;
    if (size > segment.size - skip) break;
    MERIDIAN_TRY(std::string bytes, source_.read(segment.offset + skip, size));
    if (bytes.size() == size) return bytes;
    break;
  }
  return Error(ErrorCode::kCorrupt, "an address outside of its segments");
}

}  // namespace meridian::packages
