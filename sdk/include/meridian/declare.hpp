// SPDX-License-Identifier: Apache-2.0
//
// declare.hpp: what a plugin subscribed to, told to the host's table. Authors need not read it.
#pragma once

#include "abi/plugin.h"
#include "subscriptions.hpp"
#include "text.hpp"

namespace meridian::thunks {

/// Lends a Files as a filter record; lives until the host has copied it.
class LentFilter {
 public:
  explicit LentFilter(const Files& files)
      : paths_(files.paths), names_(files.names), exclude_(files.exclude), magic_(files.magic) {
    record_.struct_size = sizeof record_;
    record_.mode_any = files.mode_any;
    record_.paths = paths_.get();
    record_.names = names_.get();
    record_.exclude = exclude_.get();
    record_.magic = magic_.get();
    record_.min_size = files.min_size;
    record_.max_size = files.max_size;
  }
  const meridian_file_filter* get() const { return &record_; }

 private:
  LentStrings paths_, names_, exclude_, magic_;
  meridian_file_filter record_{};
};

/// Tells the host each wish; the first refusal ends it.
template <typename State>
meridian_status declare(const BasicSubscriptions<State>& wishes, const meridian_subscriptions* on,
                        meridian_failure* failure) {
  meridian_status status = MERIDIAN_OK;
  for (const Rule& rule : wishes.rules) {
    const meridian_rule record{sizeof record, static_cast<meridian_severity>(rule.severity),
                               lend(rule.id), lend(rule.title), lend(rule.help)};
    if ((status = on->rule(on->impl, &record, failure)) != MERIDIAN_OK) return status;
  }
  for (std::uint32_t i = 0; i < wishes.files.size(); ++i) {
    const LentFilter filter(wishes.files[i].first);
    status = on->layer_files(on->impl, i, filter.get(), failure);
    if (status != MERIDIAN_OK) return status;
  }
  for (std::uint32_t i = 0; i < wishes.matches.size(); ++i) {
    const Pattern& pattern = wishes.matches[i].first;
    const LentFilter filter(pattern.where);
    meridian_pattern record{};
    record.struct_size = sizeof record;
    record.flags = (pattern.caseless ? MERIDIAN_PATTERN_CASELESS : 0u) |
                   (pattern.where.binary ? MERIDIAN_PATTERN_BINARY : 0u);
    record.expression = lend(pattern.pattern);
    record.context = pattern.context;
    record.where = filter.get();
    status = on->layer_matches(on->impl, i, &record, failure);
    if (status != MERIDIAN_OK) return status;
  }
  for (std::uint32_t i = 0; i < wishes.targets.size(); ++i) {
    status = on->target(on->impl, i, wishes.targets[i].first, failure);
    if (status != MERIDIAN_OK) return status;
  }
  for (std::uint32_t i = 0; i < wishes.merged.size(); ++i) {
    const LentFilter filter(wishes.merged[i].first);
    status = on->merged_files(on->impl, i, filter.get(), failure);
    if (status != MERIDIAN_OK) return status;
  }
  if (wishes.layer_done && (status = on->layer_done(on->impl, failure)) != MERIDIAN_OK) {
    return status;
  }
  return wishes.target_done ? on->target_done(on->impl, failure) : MERIDIAN_OK;
}

}  // namespace meridian::thunks
