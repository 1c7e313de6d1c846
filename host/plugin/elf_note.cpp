// SPDX-License-Identifier: Apache-2.0
//
// elf_note.cpp: see elf_note.hpp.
#include "plugin/elf_note.hpp"

#include <elf.h>

#include <optional>

#include "base/limits.hpp"
#include "meridian/abi/entry.h"
#include "plugin/elf_image.hpp"

namespace meridian::plugin {
namespace {

/// A text of a fixed field, which must end inside it and be padded with NUL to its end.
std::optional<std::string> padded_text(std::string_view field) {
  const std::size_t end = field.find('\0');
  if (end == std::string_view::npos) return std::nullopt;
  if (field.find_first_not_of('\0', end) != std::string_view::npos) return std::nullopt;
  return std::string(field.substr(0, end));
}

Result<ElfNote> decode(std::string_view descriptor) {
  const auto record = record_at<meridian_note>(descriptor, 0);
  if (!record) {
    return Error(ErrorCode::kCorrupt, "the Meridian note has " + std::to_string(descriptor.size()) +
                                          " bytes of " + std::to_string(sizeof(meridian_note)));
  }
  auto id = padded_text({record->id, sizeof record->id});
  auto version = padded_text({record->version, sizeof record->version});
  if (!id || !version) {
    return Error(ErrorCode::kCorrupt, "a text of the Meridian note is not NUL-padded");
  }
  return ElfNote{record->abi_major,     record->abi_minor, record->host_minor_min,
                 record->model_version, std::move(*id),    std::move(*version)};
}

/// Descriptors of our notes in one segment (gabi, "Note Section": three words, name, descriptor,
/// each of the two padded).
Result<void> collect(const ElfSegment& segment, std::optional<std::string_view>& found) {
  if (segment.bytes.size() > limits::kMaxElfNotes) {
    return Error(ErrorCode::kLimit, "a note segment of " + std::to_string(segment.bytes.size()) +
                                        " bytes, limit " + std::to_string(limits::kMaxElfNotes));
  }
  const std::uint64_t alignment = segment.alignment == 8 ? 8 : 4;
  const auto padded = [&](std::uint64_t n) { return (n + alignment - 1) / alignment * alignment; };
  const std::string_view bytes = segment.bytes;
  std::uint64_t offset = 0;
  // Sanitizers pad the section with zeros, which read as empty notes.
  while (const auto header = record_at<Elf64_Nhdr>(bytes, offset)) {
    const std::uint64_t name = offset + sizeof(Elf64_Nhdr);
    const std::uint64_t descriptor = padded(name + header->n_namesz);
    const std::uint64_t end = descriptor + header->n_descsz;
    if (end > bytes.size()) {
      return Error(ErrorCode::kCorrupt, "a note reaches past the end of its segment");
    }
    constexpr std::string_view kName(MERIDIAN_NOTE_NAME, sizeof MERIDIAN_NOTE_NAME);
    if (header->n_type == MERIDIAN_NOTE_TYPE && bytes.substr(name, header->n_namesz) == kName) {
      if (found) return Error(ErrorCode::kCorrupt, "more than one Meridian note");
      found = bytes.substr(descriptor, header->n_descsz);
    }
    offset = padded(end);
  }
  return {};
}

}  // namespace

Result<ElfNote> read_elf_note(std::string_view file) {
  MERIDIAN_TRY(const ElfImage image, ElfImage::parse(file));
  std::optional<std::string_view> found;
  for (const ElfSegment& segment : image.segments()) {
    if (segment.type == PT_NOTE) MERIDIAN_CHECK(collect(segment, found));
  }
  if (!found) return Error(ErrorCode::kNotFound, "no Meridian note");
  return decode(*found);
}

}  // namespace meridian::plugin
