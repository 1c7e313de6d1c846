// SPDX-License-Identifier: Apache-2.0
//
// fuzz_elf_note.cpp: property: what is read is within the record's bounds, the same each time, and
// the lint never reads past the file.
#include <cstdlib>
#include <string>

#include "plugin/elf_lint.hpp"
#include "plugin/elf_note.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // A copy of its own size: a sanitizer sees every byte read past it.
  const std::string file(reinterpret_cast<const char*>(data), size);
  const auto note = meridian::plugin::read_elf_note(file);
  if (note) {
    if (note->id.size() >= 128 || note->version.size() >= 32) std::abort();
    if (note->id.find('\0') != std::string::npos) std::abort();
    const auto again = meridian::plugin::read_elf_note(file + "appended");
    if (!again || again->id != note->id) std::abort();
  }
  (void)meridian::plugin::lint_elf(file);
  return 0;
}
