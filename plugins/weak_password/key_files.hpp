// SPDX-License-Identifier: Apache-2.0
//
// key_files.hpp: private keys and key stores under a passphrase.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <meridian/result.hpp>

#include "openssh_key.hpp"

namespace meridian::weak_password {

/// The private keys of a PEM file, each by itself; of anything else the whole of it.
std::vector<std::string_view> split_keys(std::string_view bytes);

constexpr std::size_t kMaxKeys = 16;  // of one file that are tried

/// Tries words on a key, one after the other.
class LockedKey {
 public:
  /// Nothing: no key under a passphrase. kUnsupported, kLimit: one that cannot be tried, and why.
  static Result<std::optional<LockedKey>> read(std::string_view bytes);
  bool opens_with(const std::string& word) const;
  /// About how many microseconds a word takes.
  double cost() const { return cost_; }

 private:
  enum class Kind { kPem, kPkcs12, kOpenssh };
  Kind kind_ = Kind::kPem;
  std::string bytes_;
  OpensshKey openssh_;
  double cost_ = 0;
};

}  // namespace meridian::weak_password
