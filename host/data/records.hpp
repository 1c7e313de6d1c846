// SPDX-License-Identifier: Apache-2.0
//
// records.hpp: what feeds say, in the one shape that the database keeps. README.md has the tables.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "finding/severity.hpp"
#include "meridian/result.hpp"

namespace meridian::data {

/// Versions from `introduced` up to, but not, `fixed`, or up to and with `last`. Empty: without
/// that bound. An `introduced` that begins with '>' is not in it.
struct Interval {
  std::string introduced, fixed, last;
};

/// One vulnerability as one record of a feed has it.
struct Advisory {
  std::string id;                    // the CVE where there is one, else the feed's own
  std::vector<std::string> aliases;  // every other name: GHSA, DSA, RHSA
  std::string summary;
  std::string published;  // RFC 3339; may be empty
  finding::Severity severity = finding::Severity::kUnknown;
  double score = -1;   // CVSS, of the base metrics; negative: none
  std::string vector;  // "CVSS:3.1/..."
};

/// A package that it concerns. Neither interval nor version: said to be not affected.
struct Affected {
  std::string ecosystem;  // "debian:12", "pypi"; ecosystems.hpp
  std::string order;      // of its versions: "dpkg", "pep440"
  std::string package;    // normalised; the source package of a distribution's
  std::vector<Interval> intervals;
  std::vector<std::string> versions;
  finding::Severity severity = finding::Severity::kUnknown;  // this distribution's own
  std::string state;  // no-dsa, postponed, ignored, undetermined, wont-fix; mostly empty
};

/// One statement of a VEX document about one product.
struct Statement {
  std::string vulnerability, product, subcomponent;  // product: a purl; subcomponent may be empty
  std::string status;                                // not_affected, affected, fixed, ...
  std::string justification, note, author;
};

/// Takes what a feed says, one record after the other. The first error ends the import.
class Sink {
 public:
  Sink() = default;
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  virtual ~Sink() = default;

  virtual Result<void> add(const Advisory& advisory, const std::vector<Affected>& affected) = 0;
  virtual Result<void> add(const Statement& statement) = 0;
  /// One record that could not be taken; the rest goes on.
  virtual void failed(const std::string& what, const Error& why) = 0;
  /// The newest date that the feed says of itself, RFC 3339.
  virtual void dated(std::string_view date) = 0;
};

}  // namespace meridian::data
