// SPDX-License-Identifier: Apache-2.0
//
// elf_note.hpp: the identity core of a plugin binary, read without loading it.
//
// Walks program headers (PT_NOTE) as the loader does, never section headers, which strip may drop
// and which a loader ignores (gabi 4.1, "Program Header", "Note Section"). Every offset is checked.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "meridian/result.hpp"

namespace meridian::plugin {

struct ElfNote {
  std::uint32_t abi_major = 0;
  std::uint32_t abi_minor = 0;
  std::uint32_t host_minor_min = 0;
  std::uint32_t model_version = 0;
  std::string id;
  std::string version;
};

/// kNotFound: an ELF file without the note. kCorrupt: no ELF file, or cut short. kUnsupported: not
/// 64-bit little-endian of this machine's architecture. kLimit: absurd counts.
Result<ElfNote> read_elf_note(std::string_view file);

}  // namespace meridian::plugin
