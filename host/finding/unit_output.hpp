// SPDX-License-Identifier: Apache-2.0
//
// unit_output.hpp: what one plugin said about one unit (a layer or a target), copied and capped,
// not yet placed in any target. Plain values: they cross the lane's socket one day.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "finding/gap.hpp"
#include "finding/severity.hpp"

namespace meridian::finding {

/// What a cache may keep of a secret: what a report shows of it, and which one it is.
struct SealedSecret {
  std::string form;        // redacted
  std::uint64_t size = 0;  // bytes of the value
  std::string mac;         // 32 bytes: HMAC-SHA256 of the value under the cache's own key
  auto operator<=>(const SealedSecret&) const = default;
};

/// A finding as a plugin reported it. Holds the secret's value, in memory only.
struct RawFinding {
  std::string rule;
  Severity severity = Severity::kUnknown;  // the rule's, or the plugin's override
  Confidence confidence = Confidence::kMedium;
  std::string message;
  std::string path;   // bytes
  std::string field;  // "env:NAME"
  std::uint64_t line = 0;
  std::uint64_t column = 0;
  std::uint64_t offset = 0;
  std::string evidence;
  std::string secret;
  std::optional<SealedSecret> sealed = {};  // of one that a cache gave back, in place of `secret`
  std::string detail;                       // a JSON object, checked
  std::string remediation;
  int layer_index = -1;  // target callbacks only
  bool has_secret() const { return !secret.empty() || sealed.has_value(); }
};

struct RawFact {
  std::string key;
  std::string path;
  std::string value;
};

/// How the callbacks of the unit ended, worst wins.
enum class UnitResult { kDone, kError };

struct UnitOutput {
  UnitResult result = UnitResult::kDone;
  std::string reason;  // of kError
  GapKind error_kind = GapKind::kException;
  /// It ended or stopped its process, and nobody else can have done that.
  bool broke = false;
  std::vector<RawFinding> findings;
  std::vector<RawFact> facts;
  std::vector<Gap> gaps;    // plugin and target not yet stamped
  std::uint64_t files = 0;  // shown to this plugin
  std::uint64_t bytes = 0;  // of those files
  std::uint64_t calls = 0;
  std::uint64_t microseconds = 0;  // of processor time, inside the plugin
};

}  // namespace meridian::finding
