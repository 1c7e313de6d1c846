// SPDX-License-Identifier: Apache-2.0
//
// run.hpp: one unit of work, layer or target, in all plugins of a lane: the plugins' side of a
// scan.
//
// Seam: scan/ walks and opens and hands over files; nothing here opens anything. Runs are in
// process for now (`--isolation none`); later the same calls arrive over the lane's socket.
// Threads: a run belongs to one worker; snapshot() may be called from any, also while it hangs.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "finding/unit_output.hpp"
#include "lane/flight_recorder.hpp"
#include "lane/plugin_set.hpp"
#include "model/layer.hpp"
#include "plugin/target_view.hpp"
#include "plugin/unit.hpp"

namespace meridian::lane {

/// One name of a file, and who wants the file under it.
struct FileName {
  const rootfs::RootfsPath* path = nullptr;
  plugin::Wanted wanted;
};

/// A file that the host has opened for the plugins that want it: at least one name.
struct FileItem {
  std::span<const FileName> names;
  const rootfs::Stat& stat;
  rootfs::Content& content;
  rootfs::Visitor::Opener& attributes;
};

class Run {
 public:
  /// All outlive the run. `scanner` belongs to the worker: of PluginSet::matcher for a layer, of
  /// PluginSet::merged (which may be null) for a target.
  Run(const PluginSet& set, plugin::Matcher::Scanner* scanner, FlightRecorder::Slot& slot);

  /// Matches once, then calls the plugins for each name. What fails is a gap of the plugins that
  /// wanted the file.
  void file(const FileItem& item);
  /// The host could not open a wanted file.
  void unreadable(const plugin::Wanted& wanted, const std::string& path, const Error& error);
  /// Part of the layer could not be walked: a gap of every plugin that asked for layers.
  void layer_gap(const finding::Gap& gap);
  void layer_done(const model::Layer& layer);

  void target(plugin::TargetView& target);
  /// Calls the plugins that want it, by its one name; `layer` is the one it shows from.
  void merged_file(plugin::TargetView& target, std::uint32_t layer, const FileItem& item);
  /// Part of the merged tree could not be walked: a gap of every plugin that asked for its files.
  void merged_gap(const finding::Gap& gap);
  /// `facts[i]`: what plugin i may read.
  void target_done(plugin::TargetView& target,
                   const std::vector<std::vector<plugin::FactView>>& facts);

  /// Ends every unit; index as in the set.
  std::vector<finding::UnitOutput> finish();
  std::vector<finding::UnitOutput> snapshot() const;

  std::uint64_t bytes_read() const { return bytes_read_; }

 private:
  void gap_of_wanting(const plugin::Wanted& wanted, const finding::Gap& gap);

  const PluginSet& set_;
  plugin::Matcher::Scanner* scanner_;
  FlightRecorder::Slot& slot_;
  std::vector<std::unique_ptr<plugin::PluginUnit>> units_;
  std::uint64_t bytes_read_ = 0;
};

}  // namespace meridian::lane
