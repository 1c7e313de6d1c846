// SPDX-License-Identifier: Apache-2.0
#include "report/wording.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

#include "base/escape.hpp"

namespace meridian::report {
namespace {

const char* colour_of(Tone tone) {
  switch (tone) {
    case Tone::kPlain:
      return nullptr;
    case Tone::kHeading:
      return "\x1b[1m";
    case Tone::kAlarm:
      return "\x1b[1;31m";
    case Tone::kBad:
      return "\x1b[31m";
    case Tone::kWarning:
      return "\x1b[33m";
    case Tone::kCalm:
      return "\x1b[36m";
    case Tone::kGood:
      return "\x1b[32m";
  }
  return nullptr;
}

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

/// Gaps that differ only in their target.
struct GapGroup {
  const finding::Gap* first = nullptr;
  std::size_t count = 0;
};

std::vector<GapGroup> grouped(const std::vector<finding::Gap>& gaps) {
  using Key = std::tuple<finding::GapKind, std::string_view, std::string_view, std::string_view,
                         std::string_view, std::string_view>;
  std::map<Key, std::size_t> place;
  std::vector<GapGroup> groups;
  for (const finding::Gap& gap : gaps) {
    const Key key{gap.kind, gap.plugin, gap.path, gap.message, gap.mend, gap.reproduce};
    const auto [entry, is_new] = place.emplace(key, groups.size());
    if (is_new) groups.push_back({&gap, 0});
    ++groups[entry->second].count;
  }
  return groups;
}

std::string gap_counts(const std::vector<finding::Gap>& gaps) {
  std::map<finding::GapKind, std::size_t> counts;
  for (const finding::Gap& gap : gaps) ++counts[gap.kind];
  std::string out;
  for (const auto& [kind, count] : counts) {
    if (!out.empty()) out += ", ";
    out += std::to_string(count) + " " + finding::to_text(kind);
  }
  return out;
}

std::string gap_lines(const GapGroup& group, const TargetNames& names) {
  const finding::Gap& gap = *group.first;
  std::string out = "  " + padded(finding::to_text(gap.kind), 12) + "  ";
  if (!gap.path.empty()) out += base::escape(gap.path) + ": ";
  out += base::escape(gap.message);
  std::string where;
  if (!gap.plugin.empty()) where = "plugin " + base::escape(gap.plugin);
  if (group.count > 1 || !gap.target.empty()) {
    if (!where.empty()) where += ", ";
    where += group.count > 1 ? std::to_string(group.count) + " times" : names.brief(gap.target);
  }
  if (!where.empty()) out += "  [" + where + "]";
  out += "\n";
  if (!gap.mend.empty()) out += "                mend: " + base::escape(gap.mend) + "\n";
  if (!gap.reproduce.empty()) {
    out += "                reproduce: " + base::escape(gap.reproduce) + "\n";
  }
  return out;
}

}  // namespace

std::string paint(std::string_view text, Tone tone, Style style) {
  const char* colour = style.color ? colour_of(tone) : nullptr;
  if (colour == nullptr) return std::string(text);
  return colour + std::string(text) + "\x1b[0m";
}

std::size_t width_of(std::string_view text) {
  return text.size() -
         static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_continuation));
}

std::string padded(std::string text, std::size_t width) {
  const std::size_t have = width_of(text);
  if (have < width) text.append(width - have, ' ');
  return text;
}

std::string counted(std::uint64_t n, std::string_view noun) {
  std::string out = std::to_string(n) + " ";
  out += noun;
  if (n != 1) out += 's';
  return out;
}

std::string size_text(std::uint64_t bytes) {
  constexpr std::array<const char*, 7> kUnits = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  std::size_t unit = 0;
  while (unit + 1 < kUnits.size() && bytes >> (10 * (unit + 1)) != 0) ++unit;
  const std::uint64_t whole = bytes >> (10 * unit);
  std::string out = std::to_string(whole);
  if (unit > 0) {
    const std::uint64_t rest = bytes - (whole << (10 * unit));
    out += "." + std::to_string(rest * 10 >> (10 * unit));
  }
  return out + " " + kUnits[unit];
}

std::string seconds_text(double seconds) {
  constexpr double kYear = 3.2e7;
  if (!std::isfinite(seconds) || seconds < 0 || seconds > kYear) return "?";
  const auto tenths = static_cast<std::uint64_t>(std::llround(seconds * 10));
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

std::string short_id(std::string_view id) {
  constexpr std::size_t kShortestDigest = 32;
  constexpr std::size_t kShown = 12;
  std::string_view digits = id;
  for (const std::string_view algorithm : {"sha256:", "sha512:"}) {
    if (digits.substr(0, algorithm.size()) == algorithm) digits.remove_prefix(algorithm.size());
  }
  const auto end = std::find_if_not(digits.begin(), digits.end(), is_hex);
  if (static_cast<std::size_t>(end - digits.begin()) < kShortestDigest) return base::escape(id);
  return std::string(digits.substr(0, kShown));
}

std::string clipped(std::string text, std::size_t columns) {
  if (width_of(text) <= columns) return text;
  std::size_t end = 0;
  for (std::size_t seen = 0; end < text.size(); ++end) {
    if (!is_continuation(text[end]) && ++seen > columns) break;
  }
  text.resize(end);
  return text + "...";
}

std::string joined(const std::vector<std::string>& names, std::string_view empty) {
  std::string out;
  for (const std::string& name : names) {
    if (!out.empty()) out += ", ";
    out += base::escape(name);
  }
  return out.empty() ? std::string(empty) : out;
}

std::string more_line(std::size_t more) {
  return "  and " + std::to_string(more) + " more: see --format json\n";
}

TargetNames::TargetNames(const std::vector<finding::TargetEntry>& targets) {
  for (const auto& target : targets) by_id_.emplace(target.id, &target);
}

std::string TargetNames::brief(const std::string& id) const {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return short_id(id);
  const finding::TargetEntry& target = *found->second;
  const std::string name = target.names.empty() ? "<none>" : base::escape(target.names.front());
  return base::escape(target.kind) + " " + name + " (" + short_id(id) + ")";
}

void append_gaps(std::string& out, const finding::Report& report, Style style) {
  if (report.gaps.empty()) return;
  const TargetNames names(report.targets);
  out += "\n" + paint("Gaps", Tone::kHeading, style) +
         ": what could not be looked at: " + std::to_string(report.gaps.size()) + " (" +
         gap_counts(report.gaps) + ")\n";
  const std::vector<GapGroup> groups = grouped(report.gaps);
  const std::size_t shown = std::min(groups.size(), kListed);
  for (std::size_t i = 0; i < shown; ++i) out += gap_lines(groups[i], names);
  if (groups.size() > shown) out += more_line(groups.size() - shown);
}

}  // namespace meridian::report
