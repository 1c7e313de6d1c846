// SPDX-License-Identifier: Apache-2.0
//
// wording.hpp: how names, sizes, places and gaps read for people. Everything returned is escaped
// and stands on one line, except append_gaps, which writes whole lines.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "finding/report.hpp"
#include "report/format.hpp"

namespace meridian::report {

/// Lines of one section before "and N more".
inline constexpr std::size_t kListed = 20;

enum class Tone { kPlain, kHeading, kAlarm, kBad, kWarning, kCalm, kGood };
/// `text` in the colour of `tone`; as it is where the style has no colour.
std::string paint(std::string_view text, Tone tone, Style style);

/// With blanks up to `width` columns; longer text stays whole.
std::string padded(std::string text, std::size_t width);
/// UTF-8 characters; a terminal shows most in one column each.
std::size_t width_of(std::string_view text);

/// "1 finding", "2 findings".
std::string counted(std::uint64_t n, std::string_view noun);
/// "12.5 MiB".
std::string size_text(std::uint64_t bytes);
/// "12.3": one digit, whatever the locale.
std::string seconds_text(double seconds);
/// Twelve digits of a digest or engine id; any other id whole.
std::string short_id(std::string_view id);
/// At most `columns`, "..." for the rest.
std::string clipped(std::string text, std::size_t columns);
/// "a, b"; `empty` where there are none.
std::string joined(const std::vector<std::string>& names, std::string_view empty);
/// "and 12 more: see --format json".
std::string more_line(std::size_t more);

/// Looks up how targets are called: "image web:1.0 (4f1c0a2b3c4d)".
class TargetNames {
 public:
  /// Borrows `targets`.
  explicit TargetNames(const std::vector<finding::TargetEntry>& targets);
  /// With its first name only; an id that is no target's is shown itself.
  std::string brief(const std::string& id) const;

 private:
  std::map<std::string_view, const finding::TargetEntry*> by_id_;
};

/// "Gaps: 34 (20 unreadable, 14 limit)" and one line for each that differs in more than its target,
/// the first kListed of them. Nothing where there is no gap.
void append_gaps(std::string& out, const finding::Report& report, Style style);

}  // namespace meridian::report
