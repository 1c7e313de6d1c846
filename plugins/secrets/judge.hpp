// SPDX-License-Identifier: Apache-2.0
//
// judge.hpp: is what a pattern matched a secret? The rules, their matcher and the user's options.
//
// Threads: const after create(); each caller brings its own Scratch.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <meridian/result.hpp>

#include "candidate.hpp"
#include "matcher.hpp"
#include "rule.hpp"

namespace meridian::secrets {

/// One line of an allow-list: "RULE:PLACE", both globs.
struct Allowed {
  std::string rule = {};
  std::string place = {};  // a path, or a field: "env:NAME"
};

struct Options {
  std::vector<std::string> ignore_values = {};
  std::vector<std::string> sample_paths = {};   // found there: reported as low
  std::vector<std::string> package_paths = {};  // the same, unless the rule's confidence is high
  std::vector<Allowed> allow = {};              // not reported
};

struct Verdict {
  std::string value;    // the secret; for Finding::secret only
  std::string message;  // one sentence without it
  Severity severity = Severity::kUnknown;
  Confidence confidence = Confidence::kMedium;
};

/// A secret in a text: of which rule, and where its match stands.
struct Hit {
  std::size_t rule = 0;
  std::size_t begin = 0;
  std::size_t end = 0;
  Verdict verdict = {};
};

/// A text that is in a file, or inside of one.
struct Place {
  std::string_view path = {};
  bool binary = false;     // only rules with `binary` look there
  std::uint64_t size = 0;  // of the file, bytes
};

/// May the rule be applied to the file `path`? Without a path: to a text that is in no file?
bool is_at_home(const Rule& rule, std::string_view path);

class Judge {
 public:
  /// Errors of Matcher::create.
  static Result<std::unique_ptr<Judge>> create(std::vector<Rule> rules, Options options,
                                               const Matcher::Shelf& shelf = {});

  const std::vector<Rule>& rules() const { return rules_; }

  /// Does the user's allow-list name the rule there? `place` is a path or a field.
  bool is_allowed(std::size_t rule, std::string_view place) const;

  /// Empty if it is no secret, or the rule is generic and one that is not, or stands before it in
  /// the file, sees the same secret.
  std::optional<Verdict> judge(std::size_t rule, const Sighting& sighting, Scratch& scratch) const;

  /// Every secret of a text outside files. `assignment`: it is one "NAME=value", so rules of scope
  /// environment take part. Errors of Matcher::find.
  Result<std::vector<Hit>> search(std::string_view text, bool assignment, Scratch& scratch) const;
  /// The same for a part of a file's text: secrets whose match begins in [from, to) of `text`.
  Result<std::vector<Hit>> search(std::string_view text, const Place& place, std::size_t from,
                                  std::size_t to, Scratch& scratch) const;

 private:
  Judge(std::vector<Rule> rules, Options options, std::unique_ptr<Matcher> matcher);

  std::optional<Verdict> confirmed(const Rule& rule, const Sighting& sighting) const;
  /// Why a finding there is low, whatever its rule says. Empty: it is not.
  std::string_view why_low(const Rule& rule, std::string_view path) const;
  bool accepts(const Rule& rule, Candidate& candidate) const;
  /// Does a rule that asks for a path or name want this one?
  bool wants_narrow(std::string_view path) const;
  bool is_claimed(std::size_t rule, std::string_view value, const Sighting& sighting,
                  Scratch& scratch) const;

  const std::vector<Rule> rules_;
  const Options options_;
  const std::unique_ptr<Matcher> matcher_;
};

}  // namespace meridian::secrets
