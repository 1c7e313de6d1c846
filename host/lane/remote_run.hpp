// SPDX-License-Identifier: Apache-2.0
//
// remote_run.hpp: plugins in lanes: a scan's runs over the workers of one of its threads.
#pragma once

#include <memory>
#include <vector>

#include "lane/lane_unit.hpp"
#include "lane/run.hpp"

namespace meridian::lane {

/// A thread's workers, one in each lane, kept between units.
class RemoteCrew final : public Crew {
 public:
  /// `cancel` outlives it.
  RemoteCrew(std::vector<LanePlace> places, const base::Cancel& cancel)
      : places_(std::move(places)), workers_(places_.size()), cancel_(cancel) {}
  std::shared_ptr<Run> begin_layer(const LeftOut& left_out) override;
  std::shared_ptr<Run> begin_target(const LeftOut& left_out) override;

 private:
  std::vector<LanePlace> places_;
  std::vector<std::unique_ptr<WorkerHandle>> workers_;  // by place; null until needed
  const base::Cancel& cancel_;
};

class RemoteRun final : public Run {
 public:
  RemoteRun(const std::vector<LanePlace>& places,
            std::vector<std::unique_ptr<WorkerHandle>>& workers, const base::Cancel& cancel,
            bool is_target, const LeftOut& left_out);

  void narrow(plugin::Wanted& wanted) const override;
  std::uint64_t narrowing() const override;
  void file(const FileItem& item) override { show(item, 0); }
  void unreadable(const plugin::Wanted& wanted, const std::string& path,
                  const Error& error) override;
  void layer_gap(const finding::Gap& gap) override;
  void layer_done(const model::Layer& layer) override;
  void target(ShownTarget target) override;
  void merged_file(std::uint32_t layer, const FileItem& item) override { show(item, layer); }
  void merged_gap(const finding::Gap& gap) override;
  void target_done(const std::vector<std::vector<plugin::FactView>>& facts) override;
  bool again() override;
  bool was_cut() const override { return was_cut_; }
  std::vector<finding::UnitOutput> finish() override { return snapshot(); }
  std::vector<finding::UnitOutput> snapshot() const override;
  std::optional<InFlight> in_flight() const override { return std::nullopt; }
  std::uint64_t bytes_read() const override;

 private:
  void show(const FileItem& item, std::uint32_t layer);
  /// Serves all workers once; waits for something to happen if `wait`.
  enum class Wait { kNo, kYes };
  void serve(Wait wait);
  void relieve();
  template <typename While>
  void serve_while(While&& goes_on);

  std::vector<std::uint32_t> lane_of_;  // by plugin
  std::vector<std::unique_ptr<LaneUnit>> units_;
  const base::Cancel& cancel_;
  std::optional<Clock::time_point> stopped_;  // when the scan's end was seen
  std::chrono::milliseconds stop_patience_;
  bool was_cut_ = false;
  std::uint64_t passes_ = 0;
};

}  // namespace meridian::lane
