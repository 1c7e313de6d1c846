// SPDX-License-Identifier: Apache-2.0
//
// elf_image.cpp: see elf_image.hpp.
#include "plugin/elf_image.hpp"

#include <elf.h>

#include <bit>
#include <string>

#include "base/limits.hpp"

namespace meridian::plugin {
namespace {

static_assert(std::endian::native == std::endian::little, "records are read as they are stored");

#if defined(__x86_64__)
constexpr std::uint16_t kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr std::uint16_t kMachine = EM_AARCH64;
#else
#error "name this architecture's e_machine"
#endif

Result<void> check_header(const Elf64_Ehdr& header) {
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB) {
    return Error(ErrorCode::kUnsupported, "an ELF file that is not 64-bit little-endian");
  }
  if (header.e_machine != kMachine) {
    return Error(ErrorCode::kUnsupported, "built for another architecture (e_machine " +
                                              std::to_string(header.e_machine) + ", this host is " +
                                              std::to_string(kMachine) + ")");
  }
  if (header.e_type != ET_DYN) {
    return Error(ErrorCode::kUnsupported,
                 "not a shared object (e_type " + std::to_string(header.e_type) + ")");
  }
  if (header.e_phnum > limits::kMaxElfSegments) {
    return Error(ErrorCode::kLimit, std::to_string(header.e_phnum) + " program headers, limit " +
                                        std::to_string(limits::kMaxElfSegments));
  }
  if (header.e_phnum > 0 && header.e_phentsize != sizeof(Elf64_Phdr)) {
    return Error(ErrorCode::kCorrupt,
                 "program headers of " + std::to_string(header.e_phentsize) + " bytes");
  }
  return {};
}

bool is_read(std::uint32_t type) {
  return type == PT_LOAD || type == PT_NOTE || type == PT_DYNAMIC;
}

}  // namespace

Result<ElfImage> ElfImage::parse(std::string_view file) {
  if (!file.starts_with(std::string_view(ELFMAG, SELFMAG))) {
    return Error(ErrorCode::kCorrupt, "not an ELF file");
  }
  const auto header = record_at<Elf64_Ehdr>(file, 0);
  if (!header) {
    return Error(ErrorCode::kCorrupt,
                 "ELF header cut short at " + std::to_string(file.size()) + " bytes");
  }
  MERIDIAN_CHECK(check_header(*header));

  ElfImage image;
  for (std::size_t i = 0; i < header->e_phnum; ++i) {
    const std::uint64_t start = i * sizeof(Elf64_Phdr);
    if (header->e_phoff > file.size()) {
      return Error(ErrorCode::kCorrupt, "program headers past the end of the file");
    }
    const auto entry = record_at<Elf64_Phdr>(file, header->e_phoff + start);
    if (!entry) {
      return Error(ErrorCode::kCorrupt, "program header " + std::to_string(i) + " cut short");
    }
    ElfSegment segment{entry->p_type, entry->p_flags, entry->p_vaddr, entry->p_align, {}};
    if (is_read(entry->p_type)) {
      if (entry->p_offset > file.size() || file.size() - entry->p_offset < entry->p_filesz) {
        return Error(ErrorCode::kCorrupt, "segment " + std::to_string(i) + " reaches past the end");
      }
      segment.bytes = file.substr(static_cast<std::size_t>(entry->p_offset),
                                  static_cast<std::size_t>(entry->p_filesz));
    }
    image.segments_.push_back(segment);
  }
  return image;
}

std::optional<std::string_view> ElfImage::from(std::uint64_t address) const {
  for (const ElfSegment& segment : segments_) {
    if (segment.type != PT_LOAD || address < segment.address) continue;
    const std::uint64_t offset = address - segment.address;
    if (offset < segment.bytes.size()) {
      return segment.bytes.substr(static_cast<std::size_t>(offset));
    }
  }
  return std::nullopt;
}

}  // namespace meridian::plugin
