// SPDX-License-Identifier: Apache-2.0
//
// elf_lint.hpp: what can be said about a plugin's binary before its constructors run.
//
// A convenience for authors and users, not a defence: only the sandbox holds hostile code.
#pragma once

#include <string_view>

#include "meridian/result.hpp"

namespace meridian::plugin {

/// kRefused, with observed, required and mend: no or other exported symbols than the entry, an
/// executable stack, text relocations. kCorrupt where a table points outside the file.
Result<void> lint_elf(std::string_view file);

}  // namespace meridian::plugin
