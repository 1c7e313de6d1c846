// SPDX-License-Identifier: Apache-2.0
//
// seal.hpp: secrets of which only the redacted form and an HMAC are kept, so that a cache can say
// again what was found without holding it: compared, counted, and cleaned out of text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/sha256.hpp"
#include "finding/unit_output.hpp"

namespace meridian::scan {

class Seal {
 public:
  static constexpr std::size_t kKeyBytes = 32;
  explicit Seal(std::string key) : key_(std::move(key)) {}

  base::Sha256Bytes mac(std::string_view bytes) const;
  finding::SealedSecret seal(std::string_view secret) const;
  /// scrub() of redaction.hpp for a secret whose value is not known.
  std::string scrub(std::string text, const finding::SealedSecret& secret) const;

 private:
  std::string key_;
};

/// As a report shows it; of a finding that has one.
std::string redacted(const finding::RawFinding& finding);
/// Equal for equal secrets of one scan, never shown; "" without one. `seal`: null where no cache is
/// used.
std::string secret_identity(const finding::RawFinding& finding, const Seal* seal);
/// Bytes of the value.
std::size_t secret_size(const finding::RawFinding& finding);

/// Text cleaned of the secrets of several findings, whether their values are known or not. They
/// outlive it.
class Scrubber {
 public:
  explicit Scrubber(const Seal* seal) : seal_(seal) {}
  void add(const finding::RawFinding& finding);
  bool empty() const { return secrets_.empty(); }
  std::size_t size() const { return secrets_.size(); }
  std::string scrub(std::string text) const;
  /// A name of all its secrets; "" where no cache is used. For remembering what they are not in.
  std::string identity() const;

 private:
  const Seal* seal_;
  std::vector<const finding::RawFinding*> secrets_;
};

}  // namespace meridian::scan
