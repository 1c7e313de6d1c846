// SPDX-License-Identifier: Apache-2.0
//
// subscription_table.hpp: takes what a plugin asks for in subscribe (meridian_subscriptions):
// copies, checks, caps.
#pragma once

#include <set>
#include <string>
#include <utility>

#include "meridian/abi/plugin.h"
#include "plugin/loaded_plugin.hpp"
#include "plugin/thread_role.hpp"

namespace meridian::plugin {

/// Neither copied nor moved: the record points to it.
class SubscriptionTable {
 public:
  SubscriptionTable();
  SubscriptionTable(const SubscriptionTable&) = delete;
  SubscriptionTable& operator=(const SubscriptionTable&) = delete;
  ~SubscriptionTable() = default;

  const meridian_subscriptions* get() const { return &record_; }
  /// What was taken; the first refusal if there was one, also if the plugin did not heed it.
  Result<Subscriptions> take();

 private:
  template <typename F>
  static meridian_status run(void* impl, meridian_failure* failure, F&& body);
  static meridian_status rule(void*, const meridian_rule*, meridian_failure*);
  static meridian_status layer_files(void*, std::uint32_t, const meridian_file_filter*,
                                     meridian_failure*);
  static meridian_status layer_matches(void*, std::uint32_t, const meridian_pattern*,
                                       meridian_failure*);
  static meridian_status target(void*, std::uint32_t, meridian_target_kind, meridian_failure*);
  static meridian_status merged_files(void*, std::uint32_t, const meridian_file_filter*,
                                      meridian_failure*);
  static meridian_status layer_done(void*, meridian_failure*);
  static meridian_status target_done(void*, meridian_failure*);

  Result<void> add_rule(const meridian_rule* record);
  Result<void> add_files(std::uint32_t number, const meridian_file_filter* record);
  Result<void> add_merged(std::uint32_t number, const meridian_file_filter* record);
  Result<void> add_pattern(std::uint32_t number, const meridian_pattern* record);
  Result<void> add_target(std::uint32_t number, meridian_target_kind kind);

  ThreadRole control_;
  Subscriptions taken_;
  std::set<std::string> rule_ids_;
  std::set<std::uint32_t> file_numbers_, pattern_numbers_, target_numbers_, merged_numbers_;
  Result<void> outcome_;
  meridian_subscriptions record_{};
};

}  // namespace meridian::plugin
