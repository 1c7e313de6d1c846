// SPDX-License-Identifier: Apache-2.0
//
// subscription_table.cpp: see subscription_table.hpp.
#include "plugin/subscription_table.hpp"

#include <algorithm>
#include <cstring>

#include "base/escape.hpp"
#include "base/limits.hpp"
#include "base/system_error.hpp"
#include "meridian/failure.hpp"
#include "meridian/text.hpp"
#include "plugin/identity.hpp"
#include "plugin/matcher.hpp"
#include "plugin/path_filter.hpp"
#include "plugin/record.hpp"

namespace meridian::plugin {
namespace {

Error invalid(std::string message) { return Error(ErrorCode::kInvalid, std::move(message)); }

Error past(std::string_view what, std::uint64_t size, std::uint64_t limit) {
  return Error(ErrorCode::kLimit, std::string(what) + ": " + std::to_string(size) + ", limit " +
                                      std::to_string(limit));
}

finding::Severity severity_of(meridian_severity severity) {
  // The numbers of abi/finding.h are those of finding::Severity.
  static_assert(static_cast<meridian_severity>(finding::Severity::kCritical) ==
                MERIDIAN_SEVERITY_CRITICAL);
  return severity <= MERIDIAN_SEVERITY_CRITICAL ? static_cast<finding::Severity>(severity)
                                                : finding::Severity::kUnknown;
}

Result<std::string> copy_text(meridian_str text, std::size_t limit, const char* what) {
  const std::string_view bytes = view(text);
  if (bytes.size() > limit) return past(what, bytes.size(), limit);
  if (!base::is_utf8(bytes)) return invalid(std::string(what) + " is not UTF-8");
  return std::string(bytes);
}

Result<std::vector<std::string>> copy_list(meridian_strings list, const char* what) {
  if (list.count > limits::kMaxFilterTexts) {
    return past(what, list.count, limits::kMaxFilterTexts);
  }
  std::vector<std::string> result;
  if (list.items == nullptr) return result;
  for (const std::string_view text : Strings(list)) {
    if (text.size() > limits::kMaxExpression) {
      return past(what, text.size(), limits::kMaxExpression);
    }
    result.emplace_back(text);
  }
  return result;
}

Result<FileFilter> copy_filter(const meridian_file_filter* lent) {
  FileFilter filter;
  if (lent == nullptr) return filter;
  const meridian_file_filter record = copy_record(*lent);
  MERIDIAN_TRY(filter.paths, copy_list(record.paths, "paths"));
  MERIDIAN_TRY(filter.names, copy_list(record.names, "names"));
  MERIDIAN_TRY(filter.exclude, copy_list(record.exclude, "exclude"));
  MERIDIAN_TRY(filter.magic, copy_list(record.magic, "magic"));
  filter.mode_any = record.mode_any;
  filter.min_size = record.min_size;
  filter.max_size = record.max_size;
  MERIDIAN_CHECK(PathFilter::compile(filter));
  return filter;
}

Result<void> take_number(std::set<std::uint32_t>& seen, std::uint32_t number) {
  if (seen.size() >= limits::kMaxSubscriptions) {
    return past("subscriptions of this kind", seen.size() + 1, limits::kMaxSubscriptions);
  }
  if (!seen.insert(number).second) {
    return invalid("number " + std::to_string(number) + " is given twice");
  }
  return {};
}

Result<void> add_filter(const char* slot, std::uint32_t number, const meridian_file_filter* lent,
                        std::set<std::uint32_t>& seen, std::vector<FileSubscription>& list) {
  const std::string where = std::string(slot) + ' ' + std::to_string(number);
  auto filter = copy_filter(lent);
  if (!filter) return std::move(filter).error().in(where);
  if (auto taken = take_number(seen, number); !taken) return std::move(taken).error().in(where);
  list.push_back({number, *std::move(filter)});
  return {};
}

}  // namespace

SubscriptionTable::SubscriptionTable() {
  record_.struct_size = sizeof record_;
  record_.impl = this;
  record_.rule = &SubscriptionTable::rule;
  record_.layer_files = &SubscriptionTable::layer_files;
  record_.layer_matches = &SubscriptionTable::layer_matches;
  record_.target = &SubscriptionTable::target;
  record_.merged_files = &SubscriptionTable::merged_files;
  record_.layer_done = &SubscriptionTable::layer_done;
  record_.target_done = &SubscriptionTable::target_done;
}

Result<Subscriptions> SubscriptionTable::take() {
  MERIDIAN_CHECK(outcome_);
  return std::move(taken_);
}

template <typename F>
meridian_status SubscriptionTable::run(void* impl, meridian_failure* failure, F&& body) {
  auto& self = *static_cast<SubscriptionTable*>(impl);
  if (auto role = self.control_.check("subscribe's table"); !role)
    return fail(failure, role.error());
  // Nothing may unwind into the plugin.
  auto done = base::seam("subscribe", [&] { return body(self); });
  Result<void> outcome = done ? *std::move(done) : Result<void>(std::move(done).error());
  if (outcome) return MERIDIAN_OK;
  const meridian_status status = fail(failure, outcome.error());
  if (self.outcome_) self.outcome_ = std::move(outcome);
  return status;
}

meridian_status SubscriptionTable::rule(void* impl, const meridian_rule* record,
                                        meridian_failure* failure) {
  return run(impl, failure, [&](SubscriptionTable& self) { return self.add_rule(record); });
}

meridian_status SubscriptionTable::layer_files(void* impl, std::uint32_t number,
                                               const meridian_file_filter* record,
                                               meridian_failure* failure) {
  return run(impl, failure,
             [&](SubscriptionTable& self) { return self.add_files(number, record); });
}

meridian_status SubscriptionTable::layer_matches(void* impl, std::uint32_t number,
                                                 const meridian_pattern* record,
                                                 meridian_failure* failure) {
  return run(impl, failure,
             [&](SubscriptionTable& self) { return self.add_pattern(number, record); });
}

meridian_status SubscriptionTable::target(void* impl, std::uint32_t number,
                                          meridian_target_kind kind, meridian_failure* failure) {
  return run(impl, failure, [&](SubscriptionTable& self) { return self.add_target(number, kind); });
}

meridian_status SubscriptionTable::merged_files(void* impl, std::uint32_t number,
                                                const meridian_file_filter* record,
                                                meridian_failure* failure) {
  return run(impl, failure,
             [&](SubscriptionTable& self) { return self.add_merged(number, record); });
}

meridian_status SubscriptionTable::layer_done(void* impl, meridian_failure*) {
  static_cast<SubscriptionTable*>(impl)->taken_.layer_done = true;
  return MERIDIAN_OK;
}

meridian_status SubscriptionTable::target_done(void* impl, meridian_failure*) {
  static_cast<SubscriptionTable*>(impl)->taken_.target_done = true;
  return MERIDIAN_OK;
}

Result<void> SubscriptionTable::add_rule(const meridian_rule* lent) {
  if (lent == nullptr) return invalid("rule: no record");
  if (taken_.rules.size() >= limits::kMaxPluginRules) {
    return past("rules", taken_.rules.size() + 1, limits::kMaxPluginRules);
  }
  const meridian_rule record = copy_record(*lent);
  ManifestRule rule;
  MERIDIAN_TRY(rule.id, copy_text(record.id, limits::kMaxText, "rule id"));
  if (!is_rule_id(rule.id)) {
    return invalid("rule '" + base::escape(rule.id) + "': an id is 1 to 63 of a-z, 0-9, '-'");
  }
  MERIDIAN_TRY(rule.title, copy_text(record.title, limits::kMaxText, "rule title"));
  MERIDIAN_TRY(rule.help, copy_text(record.help, limits::kMaxText, "rule help"));
  rule.severity = severity_of(record.severity);
  if (!rule_ids_.insert(rule.id).second) return invalid("rule '" + rule.id + "' is declared twice");
  taken_.rules.push_back(std::move(rule));
  return {};
}

Result<void> SubscriptionTable::add_files(std::uint32_t number, const meridian_file_filter* lent) {
  return add_filter("layer_files", number, lent, file_numbers_, taken_.files);
}

Result<void> SubscriptionTable::add_merged(std::uint32_t number, const meridian_file_filter* lent) {
  return add_filter("merged_files", number, lent, merged_numbers_, taken_.merged);
}

Result<void> SubscriptionTable::add_pattern(std::uint32_t number, const meridian_pattern* lent) {
  const std::string where = "layer_matches " + std::to_string(number);
  if (lent == nullptr) return invalid(where + ": no record");
  const meridian_pattern record = copy_record(*lent);
  PatternSubscription pattern;
  pattern.number = number;
  pattern.expression = view(record.expression).substr(0, limits::kMaxExpression + 1);
  pattern.caseless = (record.flags & MERIDIAN_PATTERN_CASELESS) != 0;
  pattern.binary = (record.flags & MERIDIAN_PATTERN_BINARY) != 0;
  pattern.context = record.context;
  if (pattern.expression.size() > limits::kMaxExpression) {
    return past(where + ": bytes of the expression", record.expression.size,
                limits::kMaxExpression);
  }
  if (pattern.context > limits::kMaxContext) {
    return past(where + ": context", pattern.context, limits::kMaxContext);
  }
  auto filter = copy_filter(record.where);
  if (!filter) return std::move(filter).error().in(where);
  pattern.where = *std::move(filter);
  if (auto valid = Matcher::check(pattern); !valid) return std::move(valid).error().in(where);
  if (auto taken = take_number(pattern_numbers_, number); !taken) {
    return std::move(taken).error().in(where);
  }
  taken_.patterns.push_back(std::move(pattern));
  return {};
}

Result<void> SubscriptionTable::add_target(std::uint32_t number, meridian_target_kind kind) {
  const std::string where = "target " + std::to_string(number);
  if (kind > MERIDIAN_TARGET_HOST) return invalid(where + ": kind " + std::to_string(kind));
  if (auto taken = take_number(target_numbers_, number); !taken) {
    return std::move(taken).error().in(where);
  }
  taken_.targets.emplace_back(number, kind);
  return {};
}

}  // namespace meridian::plugin
