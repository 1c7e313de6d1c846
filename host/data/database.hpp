// SPDX-License-Identifier: Apache-2.0
//
// database.hpp: an imported database as the host sees it: what it is made of. What is in it only
// plugins read. README.md has the tables.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "meridian/result.hpp"

namespace meridian::data {

inline constexpr const char* kSchema = "meridian.vulnerabilities/1";
inline constexpr const char* kFile = "vulnerabilities.db";

struct Source {
  std::string name;  // "debian-tracker", "osv:PyPI"
  std::string kind;  // debian, osv, alpine, grype, openvex
  std::string digest;
  std::string date;      // the newest that the feed says of itself, else of its file; RFC 3339
  std::string imported;  // RFC 3339
  std::int64_t records = 0, failed = 0;
};

struct About {
  std::string schema, id, built;
  std::vector<Source> sources;  // by name
};

/// The file, opened without following a link; kNotFound, kRefused if somebody else may write it.
Result<base::UniqueFd> open_database(const std::string& path);
/// kCorrupt if it is no such database; kUnsupported, with its schema, if it is another one's.
Result<About> about(int file, const std::string& path);

/// What "id" of a database is: of the digests of its sources.
std::string identity(const std::vector<Source>& sources);

}  // namespace meridian::data
