// SPDX-License-Identifier: Apache-2.0
//
// run.hpp: the seam between scan/, which walks and opens, and plugins, which run in this process or
// in workers: a Run is one unit of work, layer or target, in all plugins of a scan; a Crew is what
// one thread of the scan has its units done with; Lanes make crews.
//
// Threads: a crew and its runs belong to one thread; what is marked [any] may be called from any.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/cancel.hpp"
#include "finding/unit_output.hpp"
#include "lane/recorder.hpp"
#include "model/layer.hpp"
#include "plugin/matcher.hpp"
#include "plugin/target_tree.hpp"
#include "plugin/target_view.hpp"
#include "rootfs/overlay_markers.hpp"

namespace meridian::lane {

/// One name of a file, and who wants the file under it.
struct FileName {
  const rootfs::RootfsPath* path = nullptr;
  std::shared_ptr<const plugin::Wanted> wanted;  // never null; most files of a layer share one
};

/// A file that the host has opened for the plugins that want it: at least one name.
struct FileItem {
  std::span<const FileName> names;
  const rootfs::Stat& stat;
  rootfs::Content& content;
  rootfs::Visitor::Opener& attributes;
  /// Threads that may look for patterns in it, beside the one it is given to.
  unsigned searchers = 0;
};

/// An image or container while plugins see it; what the facts refer to outlives the run.
struct ShownTarget {
  plugin::TargetFacts facts;
  std::shared_ptr<plugin::TargetTree> tree;
};

class Run {
 public:
  Run() = default;
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  virtual ~Run() = default;

  /// Takes out who is not to see files in this pass.
  virtual void narrow(plugin::Wanted& wanted) const = 0;
  /// Another number: narrow() may answer otherwise than before.
  virtual std::uint64_t narrowing() const = 0;
  /// Matched once, then the plugins are called for each name. What fails is a gap of the plugins
  /// that wanted the file. The content may be given away: it is not read afterwards.
  virtual void file(const FileItem& item) = 0;
  /// The host could not open a wanted file.
  virtual void unreadable(const plugin::Wanted& wanted, const std::string& path,
                          const Error& error) = 0;
  /// Part of the layer could not be walked: a gap of every plugin that asked for layers.
  virtual void layer_gap(const finding::Gap& gap) = 0;
  virtual void layer_done(const model::Layer& layer) = 0;

  virtual void target(ShownTarget target) = 0;
  /// Calls the plugins that want it, by its one name; `layer` is the one it shows from.
  virtual void merged_file(std::uint32_t layer, const FileItem& item) = 0;
  /// Part of the merged tree could not be walked: a gap of every plugin that asked for its files.
  virtual void merged_gap(const finding::Gap& gap) = 0;
  /// `facts[i]`: what plugin i may read.
  virtual void target_done(const std::vector<std::vector<plugin::FactView>>& facts) = 0;

  /// All of the unit was shown. True: a worker was lost over it, and what it did for others than
  /// the plugin at fault is to be done again: show everything once more (narrow() leaves those out
  /// that are done).
  virtual bool again() = 0;
  /// After again() was false: the scan was stopped, and not all that was shown may have been seen.
  virtual bool was_cut() const = 0;
  /// What each plugin said, index as in the set; after again() was false.
  virtual std::vector<finding::UnitOutput> finish() = 0;
  /// What was said so far, while a callback hangs.                                     [any]
  virtual std::vector<finding::UnitOutput> snapshot() const = 0;
  /// Who is being called; nothing: nobody in this process.                              [any]
  virtual std::optional<InFlight> in_flight() const = 0;
  virtual std::uint64_t bytes_read() const = 0;
};

/// Plugins that are not to see a unit, by the scan's number, and what stands instead of their
/// words.
using LeftOut = std::map<std::uint32_t, finding::UnitOutput>;

class Crew {
 public:
  Crew() = default;
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;
  virtual ~Crew() = default;
  virtual std::shared_ptr<Run> begin_layer(const LeftOut& left_out) = 0;
  virtual std::shared_ptr<Run> begin_target(const LeftOut& left_out) = 0;
};

class Lanes {
 public:
  Lanes() = default;
  Lanes(const Lanes&) = delete;
  Lanes& operator=(const Lanes&) = delete;
  virtual ~Lanes() = default;
  /// `cancel` ends what the crew waits for.                                             [any]
  virtual Result<std::unique_ptr<Crew>> crew(const base::Cancel& cancel) = 0;
  /// Lets every plugin end (destroy); faults are gaps of kind shutdown. Last call.
  virtual std::vector<finding::Gap> end() = 0;
  /// For the report: "none", "full", "partial: ...".
  virtual std::string sandbox_level() const = 0;
};

/// A wanted list without the plugins for which `is_out` is true.
template <typename IsOut>
void remove_plugins(plugin::Wanted& wanted, IsOut&& is_out) {
  std::erase_if(wanted.files, [&](const auto& ref) { return is_out(ref.plugin); });
  std::erase_if(wanted.patterns, [&](const auto& ref) { return is_out(ref.plugin); });
}

}  // namespace meridian::lane
