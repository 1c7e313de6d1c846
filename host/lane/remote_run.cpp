// SPDX-License-Identifier: Apache-2.0
#include "lane/remote_run.hpp"

#include <poll.h>

#include <algorithm>

namespace meridian::lane {

std::shared_ptr<Run> RemoteCrew::begin_layer(const LeftOut& left_out) {
  return std::make_shared<RemoteRun>(places_, workers_, cancel_, false, left_out);
}

std::shared_ptr<Run> RemoteCrew::begin_target(const LeftOut& left_out) {
  return std::make_shared<RemoteRun>(places_, workers_, cancel_, true, left_out);
}

RemoteRun::RemoteRun(const std::vector<LanePlace>& places,
                     std::vector<std::unique_ptr<WorkerHandle>>& workers,
                     const base::Cancel& cancel, bool is_target, const LeftOut& left_out)
    : cancel_(cancel), stop_patience_(Patience().stop) {
  for (std::size_t i = 0; i < places.size(); ++i) {
    const LaneNumbers& numbers = places[i].numbers;
    for (std::uint32_t number = 0; number < numbers.count(); ++number) {
      const std::uint32_t plugin = numbers.in_scan(number);
      if (lane_of_.size() <= plugin) lane_of_.resize(plugin + 1);
      lane_of_[plugin] = static_cast<std::uint32_t>(i);
    }
    units_.push_back(std::make_unique<LaneUnit>(places[i], workers[i], is_target, left_out));
    units_.back()->begin();
  }
}

void RemoteRun::narrow(plugin::Wanted& wanted) const {
  remove_plugins(wanted,
                 [this](std::uint32_t plugin) { return !units_[lane_of_[plugin]]->wants(plugin); });
}

/// Who takes part in a pass only becomes less, and a pass is another number.
std::uint64_t RemoteRun::narrowing() const {
  std::uint64_t sum = passes_ << 32;
  for (const auto& unit : units_) sum += unit->is_listening() ? 1 : 0;
  return sum;
}

void RemoteRun::show(const FileItem& item, std::uint32_t layer) {
  for (const auto& unit : units_) {
    unit->file(item, layer,
               unit == units_.back() ? LaneUnit::Descriptor::kTake : LaneUnit::Descriptor::kCopy);
    if (unit->is_listening() && unit->has_queued()) serve(Wait::kNo);
    if (unit->is_listening() && unit->is_busy()) {
      serve_while([&] { return unit->is_listening() && unit->is_busy(); });
    }
  }
}

void RemoteRun::unreadable(const plugin::Wanted& wanted, const std::string& path,
                           const Error& error) {
  for (const auto& unit : units_) unit->unreadable(wanted, path, error);
  relieve();
}

void RemoteRun::layer_gap(const finding::Gap& gap) {
  for (const auto& unit : units_) unit->gap(gap, false);
  relieve();
}

void RemoteRun::layer_done(const model::Layer& layer) {
  for (const auto& unit : units_) unit->layer_done(layer);
}

void RemoteRun::target(ShownTarget target) {
  for (const auto& unit : units_) unit->target(target);
}

void RemoteRun::merged_gap(const finding::Gap& gap) {
  for (const auto& unit : units_) unit->gap(gap, true);
  relieve();
}

void RemoteRun::target_done(const std::vector<std::vector<plugin::FactView>>& facts) {
  for (const auto& unit : units_) unit->target_done(facts);
}

/// What is no file has no batch that would bound it: frames are written before more are made.
void RemoteRun::relieve() {
  constexpr std::size_t kQueued = 64;
  for (const auto& unit : units_) {
    if (unit->is_listening() && unit->queued() > kQueued) {
      serve_while([&] { return unit->is_listening() && unit->has_queued(); });
    }
  }
}

void RemoteRun::serve(Wait wait) {
  std::vector<pollfd> sockets;
  std::vector<LaneUnit*> served;
  auto patience = std::chrono::milliseconds(50);
  const auto before = Clock::now();
  for (const auto& unit : units_) {
    if (!unit->is_listening() && !unit->is_ending()) continue;
    const short events = static_cast<short>(unit->has_queued() ? POLLIN | POLLOUT : POLLIN);
    sockets.push_back({unit->descriptor(), events, 0});
    served.push_back(unit.get());
    patience = std::min(patience, unit->look_again(before));
  }
  ::poll(sockets.data(), sockets.size(),
         wait == Wait::kYes ? static_cast<int>(patience.count()) : 0);
  const auto now = Clock::now();
  for (LaneUnit* const unit : served) unit->serve(now);
  if (!cancel_.stopped()) return;
  if (!stopped_) stopped_ = now;
  for (LaneUnit* const unit : served) {
    unit->stop(cancel_.reason());
    if (now - *stopped_ >= stop_patience_) unit->give_up();
  }
}

template <typename While>
void RemoteRun::serve_while(While&& goes_on) {
  while (goes_on()) serve(Wait::kYes);
}

bool RemoteRun::again() {
  for (const auto& unit : units_) unit->end();
  for (const auto& one : units_) {
    serve_while([&] { return one->is_ending(); });
  }
  if (cancel_.stopped()) {
    was_cut_ = true;
    return false;
  }
  bool again = false;
  ++passes_;
  for (const auto& unit : units_) {
    if (!unit->wants_again()) continue;
    unit->begin();
    again = again || unit->is_listening();
  }
  return again;
}

std::vector<finding::UnitOutput> RemoteRun::snapshot() const {
  std::vector<finding::UnitOutput> all(lane_of_.size());
  for (const auto& unit : units_) unit->add_outputs(all);
  return all;
}

std::uint64_t RemoteRun::bytes_read() const {
  std::uint64_t bytes = 0;
  for (const auto& unit : units_) bytes += unit->bytes_read();
  return bytes;
}

}  // namespace meridian::lane
