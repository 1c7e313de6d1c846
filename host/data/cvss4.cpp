// SPDX-License-Identifier: Apache-2.0
//
// cvss4.cpp: CVSS v4.0 (FIRST, "CVSS v4.0 Specification Document", 8: macrovectors, their table and
// the interpolation between them), as far as base metrics go: exploitation as attacked, every
// requirement high. Of the table's 270 scores that leaves 60.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <span>

#include "data/cvss.hpp"

namespace meridian::data {

namespace {

/// How far a value is from its metric's worst.
using Levels = std::map<std::string_view, int>;

std::optional<int> level(std::string_view metric, std::string_view value) {
  struct Words {
    std::string_view metric, values;  // worst first
  };
  constexpr std::array kWords = {Words{"AV", "NALP"}, Words{"AC", "LH"},  Words{"AT", "NP"},
                                 Words{"PR", "NLH"},  Words{"UI", "NPA"}, Words{"VC", "HLN"},
                                 Words{"VI", "HLN"},  Words{"VA", "HLN"}, Words{"SC", "HLN"},
                                 Words{"SI", "HLN"},  Words{"SA", "HLN"}};
  for (const Words& one : kWords) {
    if (one.metric != metric || value.size() != 1) continue;
    const std::size_t place = one.values.find(value.front());
    if (place != std::string_view::npos) return static_cast<int>(place);
  }
  return std::nullopt;
}

constexpr std::size_t kBaseMetrics = 11;

/// Base metrics alone; nothing: one is missing, twice there or has another value.
std::optional<Levels> levels_of(std::string_view vector) {
  Levels levels;
  while (!vector.empty()) {
    const std::size_t slash = vector.find('/');
    const std::string_view part = vector.substr(0, slash);
    vector = slash == std::string_view::npos ? std::string_view() : vector.substr(slash + 1);
    const std::string_view metric = part.substr(0, part.find(':'));
    const auto found = level(metric, part.substr(std::min(metric.size() + 1, part.size())));
    if (found && !levels.emplace(metric, *found).second) return std::nullopt;
  }
  if (levels.size() != kBaseMetrics) return std::nullopt;
  return levels;
}

using Group = std::array<std::string_view, 3>;
constexpr Group kReach = {"AV", "PR", "UI"}, kHere = {"VC", "VI", "VA"},
                kBeyond = {"SC", "SI", "SA"};
using Worst = std::array<int, 3>;
constexpr Worst kAllWorst[] = {{0, 0, 0}};
constexpr Worst kWorstReach[] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};  // of EQ1 1
constexpr Worst kWorstHere[] = {{1, 0, 0}, {0, 1, 0}};              // of EQ3 1

/// Steps from the first of the worst vectors that it is no worse than.
int steps_from(std::span<const Worst> worst, const Levels& levels, const Group& group) {
  for (const Worst& one : worst) {
    int steps = 0;
    bool is_below = true;
    for (std::size_t i = 0; i < group.size(); ++i) {
      const int step = levels.at(group[i]) - one[i];
      is_below = is_below && step >= 0;
      steps += step;
    }
    if (is_below) return steps;
  }
  return 0;
}

/// Equivalence classes: EQ1 (reach), EQ2 (complexity), EQ3 with EQ6 (impact here: 0 "00", 1 "01", 2
/// "10", 3 "11", 4 "21"), EQ4 (impact beyond: 0 "1", 1 "2").
struct Class {
  std::size_t reach, complexity, here, beyond;
};

/// Scores of macrovectors whose EQ5 is 0, as FIRST's table has them.
constexpr double kScores[3][2][5][2] = {
    {{{10, 9.3}, {9.6, 8.0}, {9.3, 8.8}, {9.2, 8.0}, {7.9, 6.9}},
     {{9.5, 9.2}, {9.1, 8.1}, {9.2, 8.4}, {8.2, 7.0}, {7.1, 6.3}}},
    {{{9.4, 8.7}, {8.9, 7.5}, {8.6, 7.2}, {7.6, 5.7}, {6.5, 5.3}},
     {{9.0, 7.7}, {7.7, 6.6}, {7.4, 6.1}, {5.9, 5.2}, {5.8, 2.3}}},
    {{{8.6, 7.0}, {7.4, 5.4}, {7.2, 5.3}, {5.7, 3.6}, {4.7, 2.4}},
     {{7.3, 5.4}, {5.5, 4.3}, {6.1, 4.6}, {5.1, 1.8}, {2.4, 1.0}}}};

double score_of(const Class& one) {
  return kScores[one.reach][one.complexity][one.here][one.beyond];
}

/// The way from one class to the next lower one, and how much of it was gone.
struct Way {
  double fall = 0;
  int steps = 0, of = 1;
};

}  // namespace

std::optional<double> cvss4_score(std::string_view vector) {
  constexpr std::string_view kPrefix = "CVSS:4.0/";
  if (!vector.starts_with(kPrefix)) return std::nullopt;
  const auto levels = levels_of(vector.substr(kPrefix.size()));
  if (!levels) return std::nullopt;
  const auto at = [&](std::string_view metric) { return levels->at(metric); };
  const auto is_none = [&](std::string_view metric) { return at(metric) == 2; };
  if (std::all_of(kHere.begin(), kHere.end(), is_none) &&
      std::all_of(kBeyond.begin(), kBeyond.end(), is_none)) {
    return 0.0;
  }
  const auto is_worst = [&](std::string_view metric) { return at(metric) == 0; };
  Class macro{};
  macro.reach = 2;
  if (std::any_of(kReach.begin(), kReach.end(), is_worst) && at("AV") != 3) macro.reach = 1;
  if (std::all_of(kReach.begin(), kReach.end(), is_worst)) macro.reach = 0;
  macro.complexity = is_worst("AC") && is_worst("AT") ? 0 : 1;
  macro.here = std::any_of(kHere.begin(), kHere.end(), is_worst) ? 2 : 4;
  if (is_worst("VC") && is_worst("VI")) macro.here = 0;
  macro.beyond = std::any_of(kBeyond.begin(), kBeyond.end(), is_worst) ? 0 : 1;

  const double score = score_of(macro);
  const auto fall_to = [&](Class lower) { return score - score_of(lower); };
  std::array<Way, 4> ways{};
  std::size_t count = 0;
  if (macro.reach < 2) {
    Class lower = macro;
    ++lower.reach;
    if (macro.reach == 0) {
      ways.at(count++) = {fall_to(lower), 0, 1};
    } else {
      ways.at(count++) = {fall_to(lower), steps_from(kWorstReach, *levels, kReach), 4};
    }
  }
  if (macro.complexity == 0) {
    Class lower = macro;
    ++lower.complexity;
    ways.at(count++) = {fall_to(lower), 0, 1};
  }
  if (macro.here < 4) {
    Class lower = macro;
    ++lower.here;  // "01" below "00", "11" below "10"
    double fall = fall_to(lower);
    if (macro.here == 0) {
      lower.here = 2;  // or "10": the higher of the two
      fall = std::min(fall, fall_to(lower));
    }
    if (macro.here == 0) {
      ways.at(count++) = {fall, steps_from(kAllWorst, *levels, kHere), 7};
    } else {
      ways.at(count++) = {fall, steps_from(kWorstHere, *levels, kHere), 8};
    }
  }
  if (macro.beyond == 0) {
    Class lower = macro;
    ++lower.beyond;
    ways.at(count++) = {fall_to(lower), steps_from(kAllWorst, *levels, kBeyond), 5};
  }
  // The fifth way, to an exploit that is only proven, is never gone.
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += ways.at(i).fall * ways.at(i).steps / ways.at(i).of;
  const double result = score - sum / static_cast<double>(count + 1);
  return std::round((std::clamp(result, 0.0, 10.0) + 1e-6) * 10) / 10;
}

}  // namespace meridian::data
