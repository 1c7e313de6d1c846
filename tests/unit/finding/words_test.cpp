// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <string>

#include "finding/gap.hpp"
#include "finding/severity.hpp"
#include "support/catch.hpp"

using namespace meridian;
using namespace meridian::finding;

TEST_CASE("severity: every word is read back, and a later one is worse") {
  for (const auto severity : {Severity::kUnknown, Severity::kInfo, Severity::kLow,
                              Severity::kMedium, Severity::kHigh, Severity::kCritical}) {
    CHECK(parse_severity(to_text(severity)) == severity);
  }
  CHECK_FALSE(parse_severity("HIGH"));
  CHECK_FALSE(parse_severity(""));
  CHECK(Severity::kUnknown < Severity::kInfo);
  CHECK(Severity::kHigh < Severity::kCritical);
}

TEST_CASE("gap: the kinds have the contract's eighteen names") {
  std::set<std::string> names;
  for (int i = 0; i <= static_cast<int>(GapKind::kShutdown); ++i) {
    names.insert(to_text(static_cast<GapKind>(i)));
  }
  CHECK(names == std::set<std::string>{"unreadable", "corrupt", "limit", "privilege", "unsupported",
                                       "integrity", "changed", "refused", "missing-data",
                                       "quarantined", "interrupted", "network", "crash", "timeout",
                                       "memory", "exception", "protocol", "shutdown"});
}

TEST_CASE("gap: an error becomes a gap of its own kind") {
  CHECK(gap_kind(ErrorCode::kIntegrity) == GapKind::kIntegrity);
  CHECK(gap_kind(ErrorCode::kNotFound) == GapKind::kUnreadable);
  CHECK(gap_kind(ErrorCode::kCancelled) == GapKind::kInterrupted);
  CHECK(gap_kind(ErrorCode::kMemory) == GapKind::kMemory);
}
