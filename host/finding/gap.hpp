// SPDX-License-Identifier: Apache-2.0
//
// gap.hpp: something that could not be looked at. "Could not look" is never "nothing found".
#pragma once

#include <compare>
#include <string>

#include "meridian/result.hpp"

namespace meridian::finding {

/// The names of contract.md, in its order.
enum class GapKind {
  kUnreadable,
  kCorrupt,
  kLimit,
  kPrivilege,
  kUnsupported,
  kIntegrity,
  kChanged,
  kRefused,
  kMissingData,
  kQuarantined,
  kInterrupted,
  kNetwork,
  kCrash,
  kTimeout,
  kMemory,
  kException,
  kProtocol,
  kShutdown,
};

const char* to_text(GapKind kind);  // "missing-data", ...
GapKind gap_kind(ErrorCode code);

struct Gap {
  GapKind kind = GapKind::kUnreadable;
  std::string plugin;  // empty: the host itself
  std::string target;  // empty: not one target's
  std::string path;    // bytes; empty: none
  std::string message;
  std::string mend;       // what would restore it; may be empty
  std::string reproduce;  // a command; may be empty
  auto operator<=>(const Gap&) const = default;
};

}  // namespace meridian::finding
