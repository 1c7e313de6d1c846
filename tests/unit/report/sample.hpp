// SPDX-License-Identifier: Apache-2.0
//
// sample.hpp: reports to render.
#pragma once

#include <string>

#include "finding/report.hpp"

namespace meridian::test {

/// Line break, ESC sequence, right-to-left override, backslash, DEL, a C1 byte as UTF-8.
inline const std::string kHostileName = "a\nb\x1b[31m\xe2\x80\xae\\c\x7f\xc2\x9bz";
/// Not UTF-8.
inline const std::string kHostileBytes = "etc/\xff\xfe\x1b]0;x\x07/k\xc0\xafy";

/// A host with nothing on it.
finding::Report empty_report();
/// One of everything, quiet names.
finding::Report rich_report();
/// rich_report() with one target and two findings: small enough to be read as JSON.
finding::Report brief_report();
/// rich_report() with hostile bytes in every string that comes from outside.
finding::Report hostile_report();
/// Pairs that ended in every way, and more gaps than are listed.
finding::Report incomplete_report();

}  // namespace meridian::test
