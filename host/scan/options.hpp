// SPDX-License-Identifier: Apache-2.0
//
// options.hpp: what the user decides about a scan, already parsed and checked.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "finding/severity.hpp"
#include "plugin/path_filter.hpp"
#include "scan/seal.hpp"

namespace meridian::scan {

/// What `--rule ID/RULE=...` says of one rule.
struct RuleOverride {
  bool off = false;
  std::optional<finding::Severity> severity;
};

enum class Secrets { kRedact, kShow };

struct Options {
  std::size_t jobs = 1;
  std::optional<std::uint64_t> shuffle;  // seed for the order of units; results do not depend on it
  std::vector<plugin::Glob> exclude;     // on the whole path; a folder that matches is not entered
  std::map<std::string, RuleOverride> rules;  // "plugin id/rule"
  finding::Severity minimum = finding::Severity::kUnknown;
  Secrets secrets = Secrets::kRedact;
  std::shared_ptr<const Seal> seal;  // of the cache; null: none is used
  std::optional<std::chrono::milliseconds> deadline;
  /// After the scan was asked to stop, workers have this long before they are left behind.
  std::chrono::milliseconds grace{2000};
};

}  // namespace meridian::scan
