// SPDX-License-Identifier: Apache-2.0
#include "judge.hpp"

#include <algorithm>
#include <utility>

#include "confirm.hpp"
#include "path_glob.hpp"

namespace meridian::secrets {

namespace {

// What a generic rule's neighbours may reach to when it is asked whether another rule knows better.
constexpr std::size_t kClaimBefore = 160;
constexpr std::size_t kClaimAfter = 1024;

std::string_view tail(std::string_view text, std::size_t size) {
  return text.substr(text.size() - std::min(size, text.size()));
}

bool has_keyword(const Rule& rule, const Sighting& at) {
  const std::string place = lower(at.before) + lower(at.bytes) + '\n' + lower(at.path);
  return std::any_of(rule.keywords.begin(), rule.keywords.end(), [&](const std::string& keyword) {
    return place.find(keyword) != std::string::npos;
  });
}

// The sighting of `span` in `text`, with the context that its rule asks for.
Sighting sighting_of(const Rule& rule, const Span& span, std::string_view text,
                     std::string_view path) {
  return {path, tail(text.substr(0, span.begin), rule.context),
          text.substr(span.begin, span.end - span.begin),
          text.substr(span.end).substr(0, rule.context)};
}

bool overlap(std::string_view a, std::string_view b) {
  return a.find(b) != std::string_view::npos || b.find(a) != std::string_view::npos;
}

std::string message_of(const Rule& rule) {
  std::string message = rule.own ? rule.title + " (" + rule.id + ")" : rule.title;
  std::string_view joint = ", confirmed by ";
  for (const Confirm& confirm : rule.confirm) {
    message.append(joint).append(name_of(confirm.kind));
    joint = " and ";
  }
  return message;
}

}  // namespace

bool is_at_home(const Rule& rule, std::string_view path) {
  // Text of a target has no path: a rule that asks for a file is not meant.
  if (path.empty()) return rule.paths.empty() && rule.names.empty();
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return (rule.paths.empty() || any_glob_matches(rule.paths, path)) &&
         (rule.names.empty() || any_glob_matches(rule.names, name)) &&
         !any_glob_matches(rule.exclude, path);
}

Judge::Judge(std::vector<Rule> rules, Options options, std::unique_ptr<Matcher> matcher)
    : rules_(std::move(rules)), options_(std::move(options)), matcher_(std::move(matcher)) {}

Result<std::unique_ptr<Judge>> Judge::create(std::vector<Rule> rules, Options options,
                                             const Matcher::Shelf& shelf) {
  MERIDIAN_TRY(auto matcher, Matcher::create(rules, shelf));
  return std::unique_ptr<Judge>(
      new Judge(std::move(rules), std::move(options), std::move(matcher)));
}

std::string_view Judge::why_low(const Rule& rule, std::string_view path) const {
  if (path.empty()) return {};
  if (any_glob_matches(options_.sample_paths, path)) {
    return "low, because packages keep samples and test keys in such a path";
  }
  if (rule.confidence != Confidence::kHigh && any_glob_matches(options_.package_paths, path)) {
    return "low, because packages own such a path and nothing but its form speaks for a secret";
  }
  return {};
}

bool Judge::is_allowed(std::size_t rule, std::string_view place) const {
  return std::any_of(options_.allow.begin(), options_.allow.end(), [&](const Allowed& allowed) {
    return glob_matches(allowed.rule, rules_[rule].id) && glob_matches(allowed.place, place);
  });
}

bool Judge::accepts(const Rule& rule, Candidate& candidate) const {
  if (is_placeholder(candidate.value, rule.placeholder)) return false;
  const std::string whole = candidate.value;
  for (const Confirm& confirm : rule.confirm) {
    if (!holds(confirm, candidate)) return false;
  }
  const auto& ignored = options_.ignore_values;
  return std::find(ignored.begin(), ignored.end(), whole) == ignored.end() &&
         std::find(ignored.begin(), ignored.end(), candidate.value) == ignored.end();
}

std::optional<Verdict> Judge::confirmed(const Rule& rule, const Sighting& sighting) const {
  if (!has_keyword(rule, sighting)) return std::nullopt;
  for (const bool by_length : {false, true}) {
    std::optional<Candidate> candidate = cut(rule, sighting, by_length);
    if (!candidate || !accepts(rule, *candidate)) continue;
    Verdict verdict{std::move(candidate->value), message_of(rule), rule.severity, rule.confidence};
    const std::string_view why = why_low(rule, sighting.path);
    if (!why.empty()) {
      verdict.message.append("; ").append(why);
      verdict.severity = std::min(rule.severity, Severity::kLow);
      verdict.confidence = Confidence::kLow;
    }
    return verdict;
  }
  return std::nullopt;
}

bool Judge::wants_narrow(std::string_view path) const {
  return !path.empty() && std::any_of(rules_.begin(), rules_.end(), [path](const Rule& rule) {
    return (!rule.paths.empty() || !rule.names.empty()) && is_at_home(rule, path);
  });
}

bool Judge::is_claimed(std::size_t number, std::string_view value, const Sighting& sighting,
                       Scratch& scratch) const {
  std::string text(tail(sighting.before, kClaimBefore));
  text.append(sighting.bytes).append(sighting.after.substr(0, kClaimAfter));
  const auto spans = matcher_->find(text, scratch, {.narrow = wants_narrow(sighting.path)});
  if (!spans) return false;  // too full to tell: better twice than not at all
  return std::any_of(spans->begin(), spans->end(), [&](const Span& span) {
    const Rule& rule = rules_[span.rule];
    if ((rule.generic && span.rule >= number) || rule.scope != Rule::Scope::kContent ||
        !is_at_home(rule, sighting.path)) {
      return false;
    }
    const auto verdict = confirmed(rule, sighting_of(rule, span, text, sighting.path));
    return verdict && overlap(verdict->value, value);
  });
}

std::optional<Verdict> Judge::judge(std::size_t number, const Sighting& sighting,
                                    Scratch& scratch) const {
  const Rule& rule = rules_[number];
  std::optional<Verdict> verdict = confirmed(rule, sighting);
  if (verdict && rule.generic && is_claimed(number, verdict->value, sighting, scratch)) {
    return std::nullopt;
  }
  return verdict;
}

Result<std::vector<Hit>> Judge::search(std::string_view text, bool assignment,
                                       Scratch& scratch) const {
  MERIDIAN_TRY(const std::vector<Span> spans, matcher_->find(text, scratch, {.narrow = false}));
  std::vector<Hit> hits;
  for (const Span& span : spans) {
    const Rule& rule = rules_[span.rule];
    if (rule.scope == Rule::Scope::kEnvironment ? !assignment : !is_at_home(rule, {})) continue;
    auto verdict = judge(span.rule, sighting_of(rule, span, text, {}), scratch);
    if (verdict) hits.push_back({span.rule, span.begin, span.end, std::move(*verdict)});
  }
  // A rule of scope environment claims what a later generic rule saw in the same assignment.
  const auto claimed = [&](const Hit& hit) {
    return rules_[hit.rule].generic && std::any_of(hits.begin(), hits.end(), [&](const Hit& other) {
             return other.rule < hit.rule && overlap(other.verdict.value, hit.verdict.value);
           });
  };
  std::vector<Hit> kept;
  for (const Hit& hit : hits) {
    if (!claimed(hit)) kept.push_back(hit);
  }
  return kept;
}

Result<std::vector<Hit>> Judge::search(std::string_view text, const Place& place, std::size_t from,
                                       std::size_t to, Scratch& scratch) const {
  const auto wanted = [&](std::size_t number) {
    const Rule& rule = rules_[number];
    return rule.scope == Rule::Scope::kContent && (rule.binary || !place.binary) &&
           (rule.max_size == 0 || place.size <= rule.max_size) && is_at_home(rule, place.path);
  };
  MERIDIAN_TRY(const std::vector<Span> spans,
               matcher_->find(text, scratch,
                              {wanted, place.binary, !place.binary && wants_narrow(place.path)}));
  std::vector<Hit> hits;
  for (const Span& span : spans) {
    if (span.begin < from || span.begin >= to) continue;
    auto verdict =
        judge(span.rule, sighting_of(rules_[span.rule], span, text, place.path), scratch);
    if (verdict) hits.push_back({span.rule, span.begin, span.end, std::move(*verdict)});
  }
  return hits;
}

}  // namespace meridian::secrets
