// SPDX-License-Identifier: Apache-2.0
//
// matcher.hpp: all rules' patterns over one text in memory.
//
// Why: the host's matcher sees files; environment, labels and history come as texts of a target.
// Threads: find() is const; each caller brings its own Scratch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <meridian/result.hpp>

#include "rule.hpp"

struct hs_database;
struct hs_scratch;

namespace meridian::secrets {

/// Where the pattern of rule `rule` matched: leftmost, longest, not overlapping itself. A match
/// that could only begin inside a longer one is lost, so patterns begin with something fixed.
struct Span {
  std::size_t rule = 0;
  std::size_t begin = 0;
  std::size_t end = 0;

  friend bool operator==(const Span&, const Span&) = default;
};

/// Working memory of find(), made at first use. For one thread at a time.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

 private:
  friend class Matcher;
  struct Free {
    void operator()(hs_scratch* scratch) const;
  };
  std::unique_ptr<hs_scratch, Free> scratch_;
  // Which databases of which matcher it is large enough for: libhs takes longer to say so than to
  // search a short text.
  std::shared_ptr<const char> matcher_;
  std::vector<bool> fitted_;
  std::vector<std::size_t> hits_;  // rules that matched somewhere
  std::vector<Span> spans_;
};

class Matcher {
 public:
  /// Where compiled patterns wait for the next start; names tell what they were compiled from.
  struct Shelf {
    std::function<std::optional<std::string_view>(std::string_view name)> kept = {};
    std::function<void(std::string_view name, std::string_view bytes)> keep = {};
  };

  /// kCorrupt, naming the rule and what libhs says, if a pattern does not compile or can match an
  /// empty text.
  static Result<std::unique_ptr<Matcher>> create(const std::vector<Rule>& rules,
                                                 const Shelf& shelf);
  static Result<std::unique_ptr<Matcher>> create(const std::vector<Rule>& rules) {
    return create(rules, Shelf());
  }

  /// Which rules are worth locating; `binary`: only such rules are looked for at all; not `narrow`:
  /// none of those that ask for a path or name, which doubles the speed.
  struct Wanted {
    std::function<bool(std::size_t rule)> rule = {};
    bool binary = false;
    bool narrow = true;
  };

  /// In order of begin, then rule. kLimit if the text is longer than kMaxText or full of matches.
  Result<std::vector<Span>> find(std::string_view text, Scratch& scratch,
                                 const Wanted& wanted) const;
  Result<std::vector<Span>> find(std::string_view text, Scratch& scratch) const {
    return find(text, scratch, Wanted());
  }

  static constexpr std::size_t kMaxText = 1u << 20;
  static constexpr std::size_t kMaxSpans = 20000;

 private:
  struct Free {
    void operator()(hs_database* database) const;
  };
  using Database = std::unique_ptr<hs_database, Free>;

  /// One rule alone, with the start of each match. Compiled at its first hit: tracking starts makes
  /// a database of all rules cost six times as much, and few rules ever hit.
  struct Located {
    std::string id;
    std::string pattern;
    bool caseless = false;
    mutable std::once_flag once;
    mutable Database database;
  };

  /// Rules that are looked for in one pass: which of them match at all. Null if there are none.
  struct Group {
    std::vector<std::size_t> rules;
    mutable std::once_flag once;
    mutable Result<Database> database{Database()};
  };

  explicit Matcher(const std::vector<Rule>& rules);
  Result<const hs_database*> located(std::size_t rule) const;
  Result<const hs_database*> of(const Group& group) const;
  Result<Database> compile(const Group& group) const;
  std::string name_of(const Group& group) const;
  bool take_up(const Group& group, const Shelf& shelf) const;
  std::string bytes_of(const Group& group) const;

  Group wide_, narrow_;  // rules that ask for no path or name, and those that do
  Group binary_;         // of both; compiled at first use
  const std::shared_ptr<const char> identity_ = std::make_shared<const char>();
  std::vector<std::unique_ptr<Located>> located_;
};

}  // namespace meridian::secrets
