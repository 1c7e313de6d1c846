// SPDX-License-Identifier: Apache-2.0
//
// local_run.hpp: a unit of work in plugins of this process: the host's own with `--isolation none`,
// a worker's otherwise.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lane/plugin_set.hpp"
#include "lane/recorder.hpp"
#include "lane/run.hpp"
#include "plugin/unit.hpp"

namespace meridian::lane {

class LocalRun : public Run {
 public:
  /// All outlive the run. `scanner` belongs to the thread: of LoadedSet::matcher for a layer, of
  /// LoadedSet::merged (which may be null) for a target.
  LocalRun(const LoadedSet& set, plugin::Matcher::Scanner* scanner, Recorder& recorder,
           LeftOut left_out);

  void narrow(plugin::Wanted& wanted) const override;
  std::uint64_t narrowing() const override { return 0; }
  void file(const FileItem& item) override;
  void unreadable(const plugin::Wanted& wanted, const std::string& path,
                  const Error& error) override;
  void layer_gap(const finding::Gap& gap) override;
  void layer_done(const model::Layer& layer) override;
  void target(ShownTarget target) override;
  void merged_file(std::uint32_t layer, const FileItem& item) override;
  void merged_gap(const finding::Gap& gap) override;
  void target_done(const std::vector<std::vector<plugin::FactView>>& facts) override;
  bool again() override { return false; }
  bool was_cut() const override { return false; }
  std::vector<finding::UnitOutput> finish() override;
  std::vector<finding::UnitOutput> snapshot() const override;
  std::optional<InFlight> in_flight() const override { return std::nullopt; }
  std::uint64_t bytes_read() const override { return bytes_read_; }

  /// What was said since the last call, by plugin. finish() then has the rest, and all counts.
  std::vector<finding::UnitOutput> take_news();
  bool has_news() const;

 private:
  bool takes_part(std::size_t plugin) const { return units_[plugin] != nullptr; }
  std::vector<finding::UnitOutput> outputs_of_left_out() const;
  void gap_of_wanting(const plugin::Wanted& wanted, const finding::Gap& gap);

  const LoadedSet& set_;
  plugin::Matcher::Scanner* scanner_;
  Recorder& recorder_;
  LeftOut left_out_;
  std::vector<std::unique_ptr<plugin::PluginUnit>> units_;  // null: left out
  std::shared_ptr<plugin::TargetTree> tree_;                // of view_
  std::optional<plugin::TargetView> view_;
  std::string unit_name_;  // of a target
  std::uint64_t bytes_read_ = 0;
};

}  // namespace meridian::lane
