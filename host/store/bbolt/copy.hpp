// SPDX-License-Identifier: Apache-2.0
//
// copy.hpp: the bytes of a database that its engine may be writing.
//
// Why: see README.md, first decision.
#pragma once

#include <chrono>
#include <string>

#include "meridian/result.hpp"
#include "rootfs/tree.hpp"

namespace meridian::store::bbolt {

/// How often a copy is made again, and how long to wait before the second; one more each time.
struct Patience {
  int attempts = 10;
  std::chrono::milliseconds wait{5};
};

/// All bytes, of one transaction. kLimit past limits::kMaxBboltFile; kChanged if the transaction
/// moved during each attempt; as find_meta().
Result<std::string> copy_still(rootfs::Content& file, Patience patience = {});

}  // namespace meridian::store::bbolt
