// SPDX-License-Identifier: Apache-2.0
#include "plugin/acceptance.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>
#include <vector>

#include "base/escape.hpp"
#include "base/json_bounds.hpp"
#include "base/limits.hpp"
#include "plugin/path_filter.hpp"
#include "plugin/refusal.hpp"

namespace meridian::plugin {

namespace {

/// Cut before a character that would not be whole.
std::string_view head_of(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  const auto continues = [&](std::size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80;
  };
  std::size_t size = limit;
  for (int i = 0; i < 3 && size > 0 && continues(size); ++i) --size;
  return text.substr(0, size);
}

/// A JSON object with a string "kind".
bool is_detail(const std::string& text) {
  if (!base::check_json_bounds(text)) return false;
  const auto json = nlohmann::json::parse(text, nullptr, false);
  return json.is_object() && json.contains("kind") && json["kind"].is_string();
}

/// What is wrong with a text; "" nothing.
std::string wrong_size(const char* field, const std::string& text, std::size_t limit) {
  if (text.size() <= limit) return "";
  return std::string(field) + " of " + std::to_string(text.size()) + " bytes, limit " +
         std::to_string(limit);
}
std::string wrong_text(const char* field, const std::string& text, std::size_t limit) {
  std::string wrong = wrong_size(field, text, limit);
  if (wrong.empty() && !base::is_utf8(text)) wrong = std::string(field) + " is not UTF-8";
  return wrong;
}

std::string wrong_with(const finding::RawFinding& raw) {
  for (std::string wrong : {wrong_text("message", raw.message, limits::kMaxText),
                            wrong_size("path", raw.path, limits::kMaxPath),
                            wrong_text("field", raw.field, limits::kMaxText),
                            wrong_size("evidence", raw.evidence, limits::kMaxEvidence),
                            wrong_size("secret", raw.secret, limits::kMaxSecret),
                            wrong_size("detail", raw.detail, limits::kMaxDetail),
                            wrong_text("remediation", raw.remediation, limits::kMaxText)}) {
    if (!wrong.empty()) return wrong;
  }
  return "";
}

}  // namespace

std::size_t bytes_of(const finding::RawFinding& raw) {
  return raw.message.size() + raw.path.size() + raw.field.size() + raw.evidence.size() +
         raw.secret.size() + raw.detail.size() + raw.remediation.size();
}

std::size_t bytes_of(const finding::RawFact& fact) {
  return fact.key.size() + fact.path.size() + fact.value.size();
}

std::string fit_text(std::string_view bytes, std::size_t limit) {
  const std::string_view head = head_of(bytes, limit);
  if (base::is_utf8(head)) return std::string(head);
  const std::string escaped = base::escape(head);
  return std::string(head_of(escaped, limit));
}

Verdict AcceptedOutput::finding(finding::RawFinding raw) {
  const ManifestRule* const rule = plugin_.rule(raw.rule);
  if (rule == nullptr) {
    return refuse(raw.path, "finding of rule '" + base::escape(raw.rule.substr(0, 64)) +
                                "', which is not declared");
  }
  if (const std::string wrong = wrong_with(raw); !wrong.empty()) {
    return refuse(raw.path, "finding of rule '" + rule->id + "': " + wrong);
  }
  if (raw.severity == finding::Severity::kUnknown) raw.severity = rule->severity;
  if (!raw.detail.empty() && !is_detail(raw.detail)) {
    raw.detail.clear();
    refuse(raw.path,
           "detail of a finding of rule '" + rule->id + "' is no JSON object with a kind");
  }
  const std::size_t bytes = bytes_of(raw);
  if (findings_ >= limits::kMaxFindingsPerUnit ||
      bytes > kMaxFindingBytesPerUnit - finding_bytes_) {
    note_limit(findings_full_, raw.path,
               "more than " + std::to_string(limits::kMaxFindingsPerUnit) + " findings or " +
                   std::to_string(kMaxFindingBytesPerUnit) +
                   " bytes of them in one layer or target: the rest is dropped");
    return Verdict::kLimit;
  }
  ++findings_;
  finding_bytes_ += bytes;
  output_.findings.push_back(std::move(raw));
  return Verdict::kTaken;
}

Verdict AcceptedOutput::fact(finding::RawFact fact) {
  const bool fits = !fact.key.empty() && fact.key.size() <= 127 &&
                    fact.value.size() <= limits::kMaxFactBytes &&
                    fact.path.size() <= limits::kMaxPath;
  const std::size_t bytes = bytes_of(fact);
  if (!fits || facts_ >= limits::kMaxFactsPerUnit ||
      bytes > limits::kMaxFactBytesPerUnit - fact_bytes_) {
    note_limit(facts_full_, fact.path.substr(0, limits::kMaxPath),
               "a fact was dropped: at most " + std::to_string(limits::kMaxFactBytes) +
                   " bytes each and " + std::to_string(limits::kMaxFactsPerUnit) + " in a unit");
    return Verdict::kLimit;
  }
  ++facts_;
  fact_bytes_ += bytes;
  output_.facts.push_back(std::move(fact));
  return Verdict::kTaken;
}

Verdict AcceptedOutput::gap(finding::Gap gap) {
  if (gaps_ > limits::kMaxGapsPerUnit) return Verdict::kLimit;
  if (gaps_++ == limits::kMaxGapsPerUnit) {
    output_.gaps.push_back(
        {finding::GapKind::kLimit, "", "", "",
         "more than " + std::to_string(limits::kMaxGapsPerUnit) + " gaps: the rest is not listed",
         "", ""});
    return Verdict::kLimit;
  }
  output_.gaps.push_back({gap.kind, "", "", gap.path.substr(0, limits::kMaxPath),
                          fit_text(gap.message, limits::kMaxText),
                          fit_text(gap.mend, limits::kMaxText), ""});
  return Verdict::kTaken;
}

Verdict AcceptedOutput::refuse(const std::string& path, std::string message) {
  gap({finding::GapKind::kProtocol, "", "", path, std::move(message), "", ""});
  return Verdict::kRefused;
}

void AcceptedOutput::note_limit(bool& noted, const std::string& path, std::string message) {
  if (std::exchange(noted, true)) return;
  // Beside the others: however many gaps there are, this one is said.
  output_.gaps.push_back({finding::GapKind::kLimit, "", "", path, std::move(message), "", ""});
}

void AcceptedOutput::failed(finding::GapKind kind, std::string_view reason) {
  if (output_.result == finding::UnitResult::kError) return;
  output_.result = finding::UnitResult::kError;
  output_.error_kind = kind;
  output_.reason = fit_text(reason, kMaxReason);
}

void AcceptedOutput::count_call(std::uint64_t microseconds) { count(0, 0, 1, microseconds); }
void AcceptedOutput::count_file(std::uint64_t bytes) { count(1, bytes, 0, 0); }

void AcceptedOutput::count(std::uint64_t files, std::uint64_t bytes, std::uint64_t calls,
                           std::uint64_t microseconds) {
  output_.files += files;
  output_.bytes += bytes;
  output_.calls += calls;
  output_.microseconds += microseconds;
}

finding::UnitOutput AcceptedOutput::take() {
  finding::UnitOutput taken;
  taken.findings.swap(output_.findings);
  taken.facts.swap(output_.facts);
  taken.gaps.swap(output_.gaps);
  taken.result = output_.result;
  taken.reason = output_.reason;
  taken.error_kind = output_.error_kind;
  taken.files = output_.files;
  taken.bytes = output_.bytes;
  taken.calls = output_.calls;
  taken.microseconds = output_.microseconds;
  return taken;
}

Result<void> check_rules(const std::vector<ManifestRule>& declared, const Manifest& manifest) {
  std::map<std::string, const ManifestRule*> written;
  for (const ManifestRule& rule : manifest.rules) written[rule.id] = &rule;
  std::string differences;
  const auto differ = [&](const std::string& id, const char* what) {
    differences.append(differences.empty() ? "" : ", ").append("'" + id + "' ").append(what);
  };
  for (const ManifestRule& rule : declared) {
    const auto found = written.find(rule.id);
    if (found == written.end()) {
      differ(base::escape(rule.id.substr(0, 64)), "is not in plugin.json");
      continue;
    }
    if (found->second->title != rule.title) differ(rule.id, "has another title");
    if (found->second->severity != rule.severity) differ(rule.id, "has another severity");
    if (found->second->help != rule.help) differ(rule.id, "has another help");
    written.erase(found);
  }
  for (const auto& [id, rule] : written) differ(id, "is only in plugin.json");
  if (differences.empty()) return {};
  return refused("rules differ between code and plugin.json: " + differences, "the same rules",
                 "correct plugin.json or the rules declared in subscribe()");
}

namespace {

Error past(const char* what, std::size_t size, std::size_t limit) {
  return Error(ErrorCode::kLimit, std::string(what) + ": " + std::to_string(size) + ", limit " +
                                      std::to_string(limit));
}

Result<void> check_filter(const FileFilter& filter) {
  for (const auto* list : {&filter.paths, &filter.names, &filter.exclude, &filter.magic}) {
    if (list->size() > limits::kMaxFilterTexts) {
      return past("texts of a filter", list->size(), limits::kMaxFilterTexts);
    }
  }
  MERIDIAN_CHECK(PathFilter::compile(filter));
  return {};
}

template <typename List>
Result<void> check_count(const List& list) {
  if (list.size() <= limits::kMaxSubscriptions) return {};
  return past("subscriptions of one kind", list.size(), limits::kMaxSubscriptions);
}

Result<void> check_subscriptions(const Subscriptions& wishes) {
  MERIDIAN_CHECK(check_count(wishes.files));
  MERIDIAN_CHECK(check_count(wishes.patterns));
  MERIDIAN_CHECK(check_count(wishes.targets));
  MERIDIAN_CHECK(check_count(wishes.merged));
  for (const auto* list : {&wishes.files, &wishes.merged}) {
    for (const FileSubscription& one : *list) MERIDIAN_CHECK(check_filter(one.where));
  }
  for (const PatternSubscription& one : wishes.patterns) {
    if (one.expression.size() > limits::kMaxExpression) {
      return past("bytes of an expression", one.expression.size(), limits::kMaxExpression);
    }
    if (one.context > limits::kMaxContext) return past("context", one.context, limits::kMaxContext);
    MERIDIAN_CHECK(check_filter(one.where));
  }
  for (const auto& [number, kind] : wishes.targets) {
    if (kind > MERIDIAN_TARGET_HOST) {
      return Error(ErrorCode::kInvalid, "target of kind " + std::to_string(kind));
    }
  }
  return {};
}

}  // namespace

Result<void> check_facts(const PluginFacts& facts, const Manifest& manifest,
                         std::string_view digest, std::string_view rules_digest) {
  const auto& rules = facts.subscriptions.rules;
  if (facts.id != manifest.id || facts.version != manifest.version || facts.digest != digest ||
      facts.rules_digest != rules_digest) {
    return Error(ErrorCode::kRefused, "the lane says that it loaded '" +
                                          base::escape(facts.id.substr(0, 127)) + "' " +
                                          base::escape(facts.version.substr(0, 31)) +
                                          ", or other bytes of it, and was given '" + manifest.id +
                                          "' " + manifest.version);
  }
  if (facts.sdk.size() > 63 || !base::is_utf8(facts.sdk)) {
    return Error(ErrorCode::kRefused, "sdk: more than 63 bytes, or not UTF-8");
  }
  // Each id once, and in the order that PluginFacts::rule() looks in.
  if (std::adjacent_find(rules.begin(), rules.end(), [](const auto& one, const auto& next) {
        return one.id >= next.id;
      }) != rules.end()) {
    return Error(ErrorCode::kRefused, "rules are not in order of their ids");
  }
  MERIDIAN_CHECK(check_rules(rules, manifest));
  return check_subscriptions(facts.subscriptions);
}

}  // namespace meridian::plugin
