// SPDX-License-Identifier: Apache-2.0
//
// printable_runs.hpp: the parts of a binary file where text may be. What is looked for in binary
// files is nearly always text (a token, a key block), and of the binary files of four images an
// eighth lies in or between runs of printable bytes long enough to hold one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace meridian::plugin {

/// Runs that are found. Of one this long, one in two aligned words lies within it: the others are
/// not looked at.
inline constexpr std::uint64_t kShortestRun = 23;

/// 0x20 to 0x7f; one byte more than text has makes the test two operations.
inline bool is_printable(char byte) { return static_cast<signed char>(byte) > 0x1f; }

struct RunSpan {
  std::size_t begin = 0, end = 0;
  bool empty() const { return begin == end; }
};

/// The next part of `bytes` that has a run of at least kShortestRun printable bytes, or a shorter
/// one that reaches the end of `bytes`; empty: there is none. Runs near each other are one part,
/// with what lies between. A part begins where a run does, and no run goes on behind its end.
/// `from`: 0, or the end of a part.
RunSpan next_printable(std::string_view bytes, std::size_t from);

}  // namespace meridian::plugin
