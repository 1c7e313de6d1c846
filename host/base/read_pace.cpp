// SPDX-License-Identifier: Apache-2.0
#include "base/read_pace.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>

#include "base/system_error.hpp"

namespace meridian::base {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kTick{5};
constexpr double kBurst = 0.1;  // seconds

std::atomic<ReadMeter*> counting{nullptr};

std::mutex current_mutex;  // guards the next one
ReadPace* current_pace = nullptr;

void set_free(ReadMeter& meter) { meter.granted.store(ReadMeter::kUnlimited); }

}  // namespace

void count_reads_in(ReadMeter* meter) { counting.store(meter); }

void pay_for_read(std::size_t bytes) {
  ReadMeter* const meter = counting.load(std::memory_order_relaxed);
  if (meter == nullptr) return;
  const std::uint64_t until = meter->read.fetch_add(bytes, std::memory_order_relaxed) + bytes;
  while (meter->granted.load(std::memory_order_relaxed) < until) {
    const timespec moment{0, 1'000'000};
    ::nanosleep(&moment, nullptr);
  }
}

ReadPace::ReadPace(std::uint64_t rate, const Cancel& cancel)
    : rate_(static_cast<double>(rate)), cancel_(cancel) {}

Result<std::unique_ptr<ReadPace>> ReadPace::start(std::uint64_t rate, const Cancel& cancel) {
  std::unique_ptr<ReadPace> pace(new ReadPace(rate, cancel));
  MERIDIAN_TRY(pace->thread_, seam("starting a thread",
                                   [&at = *pace] { return std::thread([&at] { at.grant(); }); }));
  {
    const std::lock_guard lock(current_mutex);
    current_pace = pace.get();
  }
  add(pace->own_);
  count_reads_in(&pace->own_);
  return pace;
}

ReadPace::~ReadPace() {
  {
    const std::lock_guard lock(current_mutex);
    if (current_pace == this) current_pace = nullptr;
  }
  count_reads_in(nullptr);
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    std::for_each(meters_.begin(), meters_.end(), [](ReadMeter* meter) { set_free(*meter); });
  }
  ended_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void ReadPace::add(ReadMeter& meter) {
  const std::lock_guard lock(current_mutex);
  if (current_pace == nullptr) return set_free(meter);
  const std::lock_guard inner(current_pace->mutex_);
  meter.granted.store(0);
  current_pace->meters_.push_back(&meter);
}

void ReadPace::remove(const ReadMeter& meter) {
  const std::lock_guard lock(current_mutex);
  if (current_pace == nullptr) return;
  const std::lock_guard inner(current_pace->mutex_);
  std::erase(current_pace->meters_, &meter);
}

double ReadPace::share(double bytes) {
  std::vector<std::pair<std::uint64_t, ReadMeter*>> waiting;
  for (ReadMeter* const meter : meters_) {
    const std::uint64_t read = meter->read.load();
    const std::uint64_t granted = meter->granted.load();
    if (read > granted) waiting.emplace_back(read - granted, meter);
  }
  // The most modest first: what they leave is for the others.
  std::sort(waiting.begin(), waiting.end());
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    const double most = bytes / static_cast<double>(waiting.size() - i);
    const std::uint64_t given = std::min(waiting[i].first, static_cast<std::uint64_t>(most));
    waiting[i].second->granted.fetch_add(given);
    bytes -= static_cast<double>(given);
  }
  return bytes;
}

void ReadPace::grant() {
  double left = 0;
  auto before = Clock::now();
  std::unique_lock lock(mutex_);
  while (!ending_ && !cancel_.stopped()) {
    ended_.wait_for(lock, kTick, [this] { return ending_; });
    const auto now = Clock::now();
    left += rate_ * std::chrono::duration<double>(now - before).count();
    left = share(std::min(left, rate_ * kBurst));
    before = now;
  }
  // Later ones too: nobody waits any more.
  while (!ending_) {
    std::for_each(meters_.begin(), meters_.end(), [](ReadMeter* meter) { set_free(*meter); });
    ended_.wait_for(lock, kTick, [this] { return ending_; });
  }
}

}  // namespace meridian::base
