// SPDX-License-Identifier: Apache-2.0
//
// candidate.hpp: where a pattern was seen, and the text that is being judged there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rule.hpp"

namespace meridian::secrets {

/// What the matcher lends: a match and the bytes around it. Views; valid for the call.
struct Sighting {
  std::string_view path = {};  // empty outside files
  std::string_view before = {};
  std::string_view bytes = {};
  std::string_view after = {};
};

/// A sighting cut to the extent of a token, and the secret part of it.
struct Candidate {
  std::string token = {};        // the match and what extends it
  std::string value = {};        // the secret; a confirmation may narrow it
  std::string_view before = {};  // as in the sighting
  std::string_view after = {};   // what follows the token, not the match
};

/// Cuts the sighting to the rule's extent: the match, what `extend` adds, boundaries looked at,
/// value steps taken. Empty if a boundary does not hold or a step finds nothing to cut at.
///
/// A token in a binary file may touch letters that are not its own: the length byte before it and
/// the type byte after it (pyc, protobuf, msgpack). So where the natural extent fails, one that a
/// length just before the match tells is tried; `by_length` asks for it.
std::optional<Candidate> cut(const Rule& rule, const Sighting& sighting, bool by_length);

}  // namespace meridian::secrets
