// SPDX-License-Identifier: Apache-2.0
//
// build_id.cpp: from the notes that the loader has mapped; no file is read.
#include "base/build_id.hpp"

#include <elf.h>
#include <link.h>

#include <cstddef>
#include <cstring>
#include <string_view>

namespace meridian::base {
namespace {

constexpr std::string_view kOwner{"GNU\0", 4};
/// Of names and descriptions. Linkers put notes of 8 into one segment with others; their sizes are
/// multiples of 8.
constexpr std::size_t kAlignment = 4;

std::size_t aligned(std::size_t size) { return (size + kAlignment - 1) / kAlignment * kAlignment; }

/// The description of the build id among `notes`; empty without one.
std::string_view description_in(std::string_view notes) {
  ElfW(Nhdr) header{};
  while (notes.size() >= sizeof header) {
    std::memcpy(&header, notes.data(), sizeof header);
    notes.remove_prefix(sizeof header);
    const std::size_t name = aligned(header.n_namesz), text = aligned(header.n_descsz);
    if (name > notes.size() || text > notes.size() - name) return {};
    if (header.n_type == NT_GNU_BUILD_ID && notes.substr(0, header.n_namesz) == kOwner)
      return notes.substr(name, header.n_descsz);
    notes.remove_prefix(name + text);
  }
  return {};
}

/// Called for the program first, then for libraries: not 0 ends it.
int look(dl_phdr_info* object, std::size_t, void* found) {
  for (ElfW(Half) i = 0; i < object->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = object->dlpi_phdr[i];
    if (segment.p_type != PT_NOTE) continue;
    // Where the loader put it.
    const auto* const start = reinterpret_cast<const char*>(object->dlpi_addr + segment.p_vaddr);
    const auto text = description_in({start, static_cast<std::size_t>(segment.p_memsz)});
    if (text.empty()) continue;
    *static_cast<std::string_view*>(found) = text;
    break;
  }
  return 1;
}

}  // namespace

std::string build_id() {
  std::string_view found;
  ::dl_iterate_phdr(&look, &found);
  return std::string(found);
}

}  // namespace meridian::base
