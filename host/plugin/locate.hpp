// SPDX-License-Identifier: Apache-2.0
//
// locate.hpp: from the ends that the shared pass saw to matches: start, longest end.
//
// Of overlapping candidates the one that ends first is taken, with its leftmost start and its
// longest end; the next begins where it stopped. That depends on the bytes alone, never on how they
// were cut into pieces.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "plugin/content_window.hpp"
#include "plugin/expression.hpp"
#include "plugin/pattern_database.hpp"

namespace meridian::plugin {

/// Offsets just behind a match, as runs: a pattern like [a-z]+ ends at every byte of a word.
class MatchEnds {
 public:
  struct Run {
    std::uint64_t first = 0, last = 0;
  };
  void clear() {
    runs_.clear();
    cut_ = false;
  }
  void add(std::uint64_t end);
  /// Those of bytes that follow.
  void append(MatchEnds& more);
  bool empty() const { return runs_.empty(); }
  bool cut() const { return cut_; }  // there were more than limits::kMaxMatchEnds
  /// Rising: Hyperscan promises no order inside one piece of text.
  const std::vector<Run>& runs();

 private:
  std::vector<Run> runs_;
  bool sorted_ = true, cut_ = false;
};

/// An expression and, from its first hit on, the two databases that locate it.
class LocatedExpression {
 public:
  /// kInvalid: not of Hyperscan's syntax, can match nothing at all, cannot be located.
  static Result<std::unique_ptr<LocatedExpression>> create(std::string text, bool caseless);

  const std::string& text() const { return text_; }
  bool caseless() const { return caseless_; }
  std::uint64_t reach() const { return reach_; }  // longest match, at most limits::kMaxMatch
  bool bounded() const { return bounded_; }       // no match is longer than reach()
  /// Every match is a run of printable bytes that next_printable() finds, or part of one.
  bool in_printable_runs() const { return in_printable_runs_; }

  struct Databases {
    Database forward, backward;
  };
  Result<const Databases*> databases() const;  //                                          [any]

 private:
  LocatedExpression() = default;
  std::string text_;
  bool caseless_ = false;
  std::uint64_t reach_ = 0;
  bool bounded_ = false, in_printable_runs_ = false;
  Directions directions_;
  mutable std::once_flag compiled_;
  mutable Result<Databases> databases_{Databases{}};
};

/// A match [begin, end); false to stop.
using OnMatch = std::function<Result<bool>(std::uint64_t begin, std::uint64_t end)>;

/// Calls `on_match` in order of offset. Returns what was left out because of a limit ("" nothing).
Result<std::string> locate(const LocatedExpression& expression, MatchEnds& ends,
                           ContentWindow& window, Scratch& scratch, const OnMatch& on_match);

}  // namespace meridian::plugin
