// SPDX-License-Identifier: Apache-2.0
//
// expression.hpp: a regular expression read in both directions, so that a match whose end is known
// gets its start in one pass backwards and its longest end in one pass forwards.
//
// Why: Hyperscan reports ends. Its own start-of-match tracking refuses the usual shape of a secret
// ("Pattern is too large" for \w{0,20}token\s*=), and trying every start costs quadratic time.
#pragma once

#include <string>
#include <string_view>

#include "meridian/result.hpp"

namespace meridian::plugin {

/// Both are anchored where the scan begins. An assertion that looks at the byte before that place
/// (which the scan does not see) is left out: the other direction has checked it.
struct Directions {
  std::string forward;   // from the first byte of a match towards its end
  std::string backward;  // from the last byte of a match towards its start, over reversed text
  /// Each byte of a match is printable (0x20 to 0x7e), and nothing is asked of the bytes around it.
  /// False also for what is not understood: \x41, [[:alpha:]], \Q.
  bool printable = true;
};

/// `expression` is one that Hyperscan accepts. kInvalid for what cannot be turned round: (?x),
/// \Q..\E, back references, look-around, numbered escapes other than \0oo.
Result<Directions> directions(std::string_view expression);

}  // namespace meridian::plugin
