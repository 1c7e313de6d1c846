// SPDX-License-Identifier: Apache-2.0
//
// feeds.hpp: readers of what others publish. Each takes the bytes of one document and adds its
// records to the sink. An error: this is no such document, or the sink's own. A record of it that
// is not of its schema is told the sink, and the others go on.
#pragma once

#include <cstdint>
#include <string_view>

#include "data/records.hpp"

namespace meridian::data {

/// One record of OSV (https://ossf.github.io/osv-schema/), schema 1.0 to 1.7. A withdrawn one adds
/// nothing; of several CVEs each becomes an advisory.
Result<void> read_osv(std::string_view text, Sink& sink);

/// Debian security tracker, /tracker/data/json. Its 60 MB are read package by package.
Result<void> read_debian_tracker(std::string_view text, Sink& sink);

/// Alpine secdb, one repository of one release (https://secdb.alpinelinux.org/).
Result<void> read_alpine_secdb(std::string_view text, Sink& sink);

/// OpenVEX 0.0.1 to 0.2.0 (https://github.com/openvex/spec).
Result<void> read_openvex(std::string_view text, Sink& sink);

/// Grype's database, schema 6 (grype/db/v6/models.go): SQLite, opened read-only.
Result<void> read_grype(int file, Sink& sink);
/// One row of it: the two blobs and what the handles say.
struct GrypeRow {
  std::string_view id, published, os, major, minor, type, package, advisory, affected;
};
Result<void> read_grype_row(const GrypeRow& row, Advisory& advisory, std::vector<Affected>& into);

/// "< 1.2, >= 1.0 || = 2.0" as intervals; empty text: every version. kInvalid for another operator.
Result<std::vector<Interval>> parse_constraint(std::string_view text);

}  // namespace meridian::data
