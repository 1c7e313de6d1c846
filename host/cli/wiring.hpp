// SPDX-License-Identifier: Apache-2.0
//
// wiring.hpp: builds the objects of a command from its arguments. Nothing here computes.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "archive/unpacker.hpp"
#include "base/log.hpp"
#include "cli/args.hpp"
#include "rootfs/host_root.hpp"
#include "scan/plan.hpp"
#include "store/collection.hpp"

namespace meridian::cli {

/// The stores of a command, read. Declared in the order in which they must outlive each other.
struct Stores {
  std::unique_ptr<rootfs::HostRoot> host_root;
  std::unique_ptr<store::Collection> collection;
  std::vector<std::string> looked_at;
  bool nothing_found = false;      // exit status 4
  std::vector<std::string> found;  // data roots, of the machine
  std::vector<scan::Wish> wishes;  // the REFs
};

/// Where the scanned machine's root is: --host-root, MERIDIAN_HOST_ROOT, /host in a container that
/// has it, /.
std::string host_root_of(const GlobalArgs& args);

/// Opens the host root (unless only transports are given), discovers, reads. An error is one of
/// usage: a host root or archive that is not there, a malformed `--store`. `unpacker` outlives
/// them.
Result<Stores> open_stores(const GlobalArgs& args, const std::vector<std::string>& references,
                           archive::Unpacker& unpacker);

/// Exit status 4 in words: the host root, and each place that was looked at.
void say_nothing_found(const Stores& stores, const base::Log& log);

}  // namespace meridian::cli
