// SPDX-License-Identifier: Apache-2.0
//
// outcome.hpp: what a scan of a test image came to, as the report would say it.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../finding.hpp"
#include "../target.hpp"

namespace meridian::testing {

using paths = std::vector<std::string>;

/// A finding as the report has it.
struct Found {
  std::string rule, message, path, field, evidence, fingerprint, remediation;
  Severity severity = Severity::kUnknown;
  TargetKind target = TargetKind::kImage;
  int layer = -1;
  std::uint64_t line = 0, column = 0, occurrences = 0;
  std::uint32_t visibility = 2;
  bool visible() const { return visibility == 0; }
  bool shadowed() const { return visibility == 1; }
  bool operator==(const Found&) const = default;
};

struct FoundGap {
  std::string kind, path, message;
  bool operator==(const FoundGap&) const = default;
};

/// How the plugin ended for one target: clean, findings or error.
struct Ending {
  TargetKind target = TargetKind::kImage;
  std::string result, reason;
  bool operator==(const Ending&) const = default;
};

class Outcome {
 public:
  const std::vector<Found>& findings() const { return findings_; }
  const std::vector<FoundGap>& gaps() const { return gaps_; }
  const std::vector<std::pair<std::string, std::string>>& facts() const { return facts_; }
  const std::vector<Ending>& endings() const { return endings_; }
  /// Files that were opened, each once, sorted.
  const paths& opened() const { return opened_; }

  /// The one finding of `rule` in the image (or `target`). Throws std::out_of_range, saying what
  /// there is, if there is not exactly one.
  const Found& finding(std::string_view rule, TargetKind target = TargetKind::kImage) const {
    const Found* found = nullptr;
    std::string seen;
    int count = 0;
    for (const Found& candidate : findings_) {
      seen += " " + candidate.rule + "@" + candidate.path + candidate.field;
      if (candidate.rule != rule || candidate.target != target) continue;
      found = &candidate;
      ++count;
    }
    if (count != 1) {
      throw std::out_of_range(std::to_string(count) + " findings of rule " + std::string(rule) +
                              "; there are:" + seen);
    }
    return *found;
  }
  bool operator==(const Outcome&) const = default;

 private:
  friend class Scan;
  std::vector<Found> findings_;
  std::vector<FoundGap> gaps_;
  std::vector<std::pair<std::string, std::string>> facts_;
  std::vector<Ending> endings_;
  paths opened_;
};

}  // namespace meridian::testing
