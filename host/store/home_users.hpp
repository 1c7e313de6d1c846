// SPDX-License-Identifier: Apache-2.0
//
// home_users.hpp: who may run an engine by himself: the users of the machine that have a home.
#pragma once

#include <string>
#include <vector>

#include "model/inventory.hpp"
#include "rootfs/host_root.hpp"

namespace meridian::store {

struct HomeUser {
  std::string number;
  std::string home;  // absolute, not "/"
  std::string name;
};

/// Of /etc/passwd, each home once. More than 10,000 are a problem `limit`; so is what is there and
/// cannot be read.
std::vector<HomeUser> home_users(const rootfs::HostRoot& host,
                                 std::vector<model::Problem>& problems);

}  // namespace meridian::store
