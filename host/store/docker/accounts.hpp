// SPDX-License-Identifier: Apache-2.0
//
// accounts.hpp: which numbers a container's user has, from the passwd and group files in its root.
//
// As dockerd looks them up (opencontainers/runc, libcontainer/user): the first match wins, a number
// need not be listed, and a user's groups are those that name him.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "meridian/result.hpp"
#include "model/oci_spec.hpp"

namespace meridian::store {

/// Texts of the two files; empty: not there.
struct AccountFiles {
  std::string passwd;
  std::string group;
};

/// `user`: "", "name", "1000", "name:group", "1000:50"; `add`: --group-add, names or numbers.
/// kNotFound for a name that no file has, kLimit past as many groups as Linux gives a process.
Result<model::SpecUser> find_user(const AccountFiles& files, std::string_view user,
                                  const std::vector<std::string>& add);

}  // namespace meridian::store
