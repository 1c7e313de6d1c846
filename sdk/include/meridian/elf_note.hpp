// SPDX-License-Identifier: Apache-2.0
//
// elf_note.hpp: who a plugin is, as an ELF note that is read without loading it. Authors need not
// read it: MERIDIAN_PLUGIN makes the note.
#pragma once

#include <cstdint>
#include <string_view>

#include "abi/entry.h"

namespace meridian::thunks {

/// The identity core as an ELF note: header, name, record (gabi, "Note Section").
struct ElfNote {
  std::uint32_t name_size = sizeof MERIDIAN_NOTE_NAME;
  std::uint32_t record_size = sizeof(meridian_note);
  std::uint32_t type = MERIDIAN_NOTE_TYPE;
  char name[12] = {};  // padded to a multiple of 4
  meridian_note record{};
};
static_assert(sizeof(ElfNote) == 12 + 12 + sizeof(meridian_note), "no padding inside the note");

constexpr ElfNote make_note(std::string_view id, std::string_view version) {
  ElfNote note{};
  std::size_t i = 0;
  for (const char letter : std::string_view(MERIDIAN_NOTE_NAME)) note.name[i++] = letter;
  note.record.abi_major = MERIDIAN_ABI_MAJOR;
  note.record.abi_minor = MERIDIAN_ABI_MINOR;
  note.record.host_minor_min = MERIDIAN_ABI_MINOR;
  note.record.model_version = MERIDIAN_MODEL_VERSION;
  for (i = 0; i < id.size() && i + 1 < sizeof note.record.id; ++i) note.record.id[i] = id[i];
  for (i = 0; i < version.size() && i + 1 < sizeof note.record.version; ++i) {
    note.record.version[i] = version[i];
  }
  return note;
}

}  // namespace meridian::thunks
