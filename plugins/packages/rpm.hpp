// SPDX-License-Identifier: Apache-2.0
//
// rpm.hpp: rpm's database in its three forms, and the header that each of them keeps of a package.
//
// Formats: rpm's lib/backend/ (sqlite.c, ndb/rpmpkg.c, bdb_ro.c) and docs/manual/hregions.md.
#pragma once

#include <optional>
#include <string_view>

#include "package.hpp"

namespace meridian::packages {

/// A header as a database keeps it: entry count, data size, entries, data; no magic in front.
/// nullopt of a public key, which rpm keeps as a package. kCorrupt: no header.
Result<std::optional<Package>> parse_rpm_header(std::string_view blob);

/// `rpmdb.sqlite`. Pages of a write-ahead log beside it are not seen.
Parsed parse_rpm_sqlite(std::string_view bytes);
/// `Packages.db`.
Parsed parse_rpm_ndb(std::string_view bytes);
/// `Packages`: a Berkeley DB hash of either byte order.
Parsed parse_rpm_bdb(std::string_view bytes);

constexpr std::uint64_t kMaxRpmHeader = 64u << 20;  // rpm's own limit is 256 MiB; kernels have 5

}  // namespace meridian::packages
