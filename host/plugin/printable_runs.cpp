// SPDX-License-Identifier: Apache-2.0
#include "plugin/printable_runs.hpp"

#include <algorithm>
#include <cstring>

namespace meridian::plugin {
namespace {

constexpr std::size_t kWord = sizeof(std::uint64_t);
constexpr std::size_t kStep = 2 * kWord;
static_assert(kShortestRun == kStep + kWord - 1);
/// Runs this near are one part: beginning a search costs as much as searching so many bytes.
constexpr std::size_t kNear = 512;

bool printable_word(const char* bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, kWord);
  // No byte has its high bit, and none borrows: then and only then each is 0x20 to 0x7f.
  return (((word - 0x2020202020202020) | word) & 0x8080808080808080) == 0;
}

/// The first of the words looked at, at or behind `at`, that is printable and ends by `stop`;
/// `stop` if none is.
std::size_t find_word(std::string_view bytes, std::size_t at, std::size_t stop) {
  for (at = (at + kStep - 1) / kStep * kStep; at + kWord <= stop; at += kStep)
    if (printable_word(bytes.data() + at)) return at;
  return stop;
}

}  // namespace

RunSpan next_printable(std::string_view bytes, std::size_t from) {
  const std::size_t size = bytes.size();
  const std::size_t first = find_word(bytes, from, size);
  RunSpan part{first, first};
  while (part.begin > from && is_printable(bytes[part.begin - 1])) --part.begin;
  if (first == size) return part;
  std::size_t stop = 0;
  for (std::size_t word = first; word != stop; word = find_word(bytes, part.end, stop)) {
    part.end = word + kWord;
    stop = std::min(part.end + kNear, size);
  }
  while (part.end < size && is_printable(bytes[part.end])) ++part.end;
  return part;
}

}  // namespace meridian::plugin
