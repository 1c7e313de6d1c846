// SPDX-License-Identifier: Apache-2.0
//
// match.hpp: whether a version is among those that an advisory names.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "versions/version_order.hpp"

namespace meridian::vulnerabilities {

/// The word of the database's column version_order; nothing: one that is not known here.
std::optional<Ecosystem> order_of(std::string_view word);

struct Match {
  enum class Verdict { kNotAffected, kAffected, kUnknown } verdict = Verdict::kNotAffected;
  std::string fixed;  // of kAffected: the first version without it; empty: none is known
};

/// `ranges`: a line each, "introduced\tfixed\tlast" (empty: no such bound; '>' before the first: it
/// is not in it) or "=VERSION". No line: not affected. kUnknown: something in it or the version
/// itself has no place in that order, and no other line says that it is affected.
Match match(Ecosystem order, std::string_view version, std::string_view ranges);

}  // namespace meridian::vulnerabilities
