// SPDX-License-Identifier: Apache-2.0
//
// unit.hpp: one unit of work (a layer or a target) in one plugin: its state, its callbacks, and
// what it said.
//
// Threads: callbacks from one thread; snapshot() from any, even while a callback hangs.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "finding/unit_output.hpp"
#include "model/layer.hpp"
#include "plugin/acceptance.hpp"
#include "plugin/file_view.hpp"
#include "plugin/loaded_plugin.hpp"
#include "plugin/matcher.hpp"
#include "plugin/target_view.hpp"

namespace meridian::plugin {

class PluginUnit {
 public:
  /// Calls unit_begin. A failure there makes every later callback a no-op and the result kError.
  explicit PluginUnit(const LoadedPlugin& plugin);
  ~PluginUnit();
  PluginUnit(const PluginUnit&) = delete;
  PluginUnit& operator=(const PluginUnit&) = delete;

  /// `index` into Subscriptions::files.
  void file(std::uint32_t index, FileView& file);
  void match(FileView& file, const Hit& hit);
  void layer_done(const model::Layer& layer);
  /// Every image or container callback that fits the target's kind.
  void target(TargetView& target);
  /// `index` into Subscriptions::merged.
  void merged_file(std::uint32_t index, TargetView& target, FileView& file);
  void target_done(TargetView& target, const std::vector<FactView>& facts);
  /// Counts a file that was shown, once however many subscriptions wanted it.
  void shown(std::uint64_t bytes);
  /// "Could not look", noted by the host on behalf of this plugin.
  void gap(finding::Gap gap);

  /// Calls unit_end; no callback after that. Returns all that was said and not taken.
  finding::UnitOutput finish();
  /// Gives away the findings, facts and gaps since the last time; the counts are of the whole unit.
  finding::UnitOutput take();
  /// Whether take() would give findings, facts or gaps.
  bool has_news() const;
  /// A copy of what was said so far, and not taken.
  finding::UnitOutput snapshot() const;

 private:
  class Sink;
  template <typename Call>
  void run(const char* operation, std::string_view subject, Call&& call);
  void end();
  /// After a callback that was given `target`.
  void end_call(TargetView& target);

  const LoadedPlugin& plugin_;
  void* state_ = nullptr;
  bool begun_ = false;
  std::uint64_t spent_ = 0;   // nanoseconds, not counted yet
  mutable std::mutex mutex_;  // guards accepted_
  AcceptedOutput accepted_;
  bool process_gaps_noted_ = false;
};

}  // namespace meridian::plugin
