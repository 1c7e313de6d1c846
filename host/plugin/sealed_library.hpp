// SPDX-License-Identifier: Apache-2.0
//
// sealed_library.hpp: checked bytes of a `.so`, mapped into this process for the rest of its life.
//
// Why a sealed memfd: the bytes that were checked are the bytes that run, whoever writes to the
// file meanwhile. Why the descriptor stays open: glibc knows libraries by name, and a reused number
// would give the first plugin again (plugin-hosts.md, L19).
#pragma once

#include "base/unique_fd.hpp"
#include "meridian/abi/entry.h"
#include "meridian/result.hpp"

namespace meridian::plugin {

/// Runs the library's constructors. `file`: base::sealed_memfd() of the bytes. kRefused with the
/// loader's words, or if the entry symbol is not there.
Result<meridian_entry_function> load_sealed(base::UniqueFd file);

}  // namespace meridian::plugin
