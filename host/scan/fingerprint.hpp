// SPDX-License-Identifier: Apache-2.0
//
// fingerprint.hpp: the name of a finding across runs, machines and job counts.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>

#include "finding/unit_output.hpp"
#include "scan/seal.hpp"

namespace meridian::scan {

/// Which of several different secrets at one place this is. contract.md: the ordinal among the
/// distinct values there, lowest layer first; the value itself is never hashed into a report.
class SecretOrdinals {
 public:
  /// `seal`: of the cache, if one is used; outlives this.
  explicit SecretOrdinals(const Seal* seal = nullptr) : seal_(seal) {}
  /// First all secret findings of a target...
  void add(std::string_view plugin, const finding::RawFinding& finding, int layer);
  /// ...then number().
  std::size_t number(std::string_view plugin, const finding::RawFinding& finding) const;

 private:
  // plugin, rule, place, redacted form -> identity -> first (layer, offset, size)
  using Place = std::tuple<std::string, std::string, std::string, std::string>;
  using First = std::tuple<int, std::uint64_t, std::uint64_t>;
  const Seal* seal_;
  std::map<Place, std::map<std::string, First>> places_;
};

/// 32 hexadecimal digits over plugin, rule, target-independent place and normalised evidence (of a
/// secret: redacted form and ordinal).
std::string fingerprint(std::string_view plugin, const finding::RawFinding& finding,
                        const SecretOrdinals& ordinals);

}  // namespace meridian::scan
