// SPDX-License-Identifier: Apache-2.0
//
// platform_choice.hpp: which entries of an index are read.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "meridian/result.hpp"
#include "store/oci_layout/descriptor.hpp"

namespace meridian::store {

/// This machine's, from uname.
model::Platform own_platform();

/// Same system and architecture; the variant counts where one is asked for ("v8" of arm64 is the
/// same as none).
bool fits(const model::Platform& offered, const model::Platform& asked);

/// The entry for `asked`, or for this machine if empty; the variant counts where one is asked for
/// ("v8" of arm64 is the same as none). Without `asked` the only entry that `is_there` stands for
/// another platform: `docker save` leaves out the platforms it does not have. Entries that say no
/// platform are taken when none fits. Attestations never are. kNotFound says which platforms there
/// are.
Result<std::vector<Descriptor>> choose_platform(
    const std::vector<Descriptor>& entries, const std::optional<model::Platform>& asked,
    const std::function<bool(const Descriptor&)>& is_there);

}  // namespace meridian::store
