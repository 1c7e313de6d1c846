// SPDX-License-Identifier: Apache-2.0
//
// binaries.hpp: what Go and cargo-auditable write into the programs they build.
#pragma once

#include <string_view>

#include "byte_source.hpp"
#include "package.hpp"

namespace meridian::packages {

/// Of an ELF file: Go's build information (debug/buildinfo, both formats) and the section .dep-v0
/// (cargo-auditable). Nothing of a program that has neither; a damaged ELF file without them is
/// none of our business.
Parsed parse_elf_program(const ByteSource& source);

/// The text in Go's build information: lines "path", "mod", "dep", "=>" divided by tabs.
Parsed parse_go_modules(std::string_view go_version, std::string_view text);

/// The JSON in .dep-v0, unpacked. What was used to build alone is left out.
Parsed parse_auditable(std::string_view json);

}  // namespace meridian::packages
