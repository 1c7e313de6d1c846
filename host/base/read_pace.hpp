// SPDX-License-Identifier: Apache-2.0
//
// read_pace.hpp: how many bytes a second this process and those that it starts read, all together.
//
// Each process counts what read_at() has read on a meter, and goes on when that was granted. The
// meters of others lie in memory that they share with the one that grants; it gives to all that
// wait the same share, so that one that says nonsense has its share and no more. A process that
// reads past its meter is not held up: this is for plugins that behave.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/cancel.hpp"
#include "meridian/result.hpp"

namespace meridian::base {

struct ReadMeter {
  static constexpr std::uint64_t kUnlimited = ~std::uint64_t{0};
  std::atomic<std::uint64_t> read{0};
  std::atomic<std::uint64_t> granted{kUnlimited};

  /// Whether its process waits for us, and is not stuck.
  bool is_waiting() const { return read.load() > granted.load(); }
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

/// From now on what this process reads is counted there; null: nowhere. It outlives the reading.
void count_reads_in(ReadMeter* meter);
/// By read_at(): counts, and waits until it is granted.
void pay_for_read(std::size_t bytes);

class ReadPace {
 public:
  /// Starts a thread that grants `rate` bytes a second, until this ends or `cancel`, which outlives
  /// it, is stopped; from then on everything is granted. One at a time in a process; its own reads
  /// count. What nobody asked for in a tenth of a second is lost, so N bytes take at least
  /// N / rate - 0.1 s.
  static Result<std::unique_ptr<ReadPace>> start(std::uint64_t rate, const Cancel& cancel);
  ~ReadPace();
  ReadPace(const ReadPace&) = delete;
  ReadPace& operator=(const ReadPace&) = delete;

  /// A meter of another process, of whatever state: it is free if there is no ReadPace now. [any]
  static void add(ReadMeter& meter);
  static void remove(const ReadMeter& meter);  //                                           [any]

 private:
  ReadPace(std::uint64_t rate, const Cancel& cancel);
  void grant();
  /// `bytes` shared out; what is left of them.
  double share(double bytes);

  const double rate_;
  const Cancel& cancel_;
  ReadMeter own_;
  std::mutex mutex_;  // guards all below
  std::condition_variable ended_;
  bool ending_ = false;
  std::vector<ReadMeter*> meters_;
  std::thread thread_;
};

/// A meter that is added as long as this lives.
class PacedMeter {
 public:
  explicit PacedMeter(ReadMeter& meter) : meter_(&meter) { ReadPace::add(meter); }
  PacedMeter(PacedMeter&& other) noexcept : meter_(std::exchange(other.meter_, nullptr)) {}
  PacedMeter(const PacedMeter&) = delete;
  PacedMeter& operator=(const PacedMeter&) = delete;
  PacedMeter& operator=(PacedMeter&&) = delete;
  ~PacedMeter() {
    if (meter_ != nullptr) ReadPace::remove(*meter_);
  }
  const ReadMeter& meter() const { return *meter_; }

 private:
  ReadMeter* meter_;
};

}  // namespace meridian::base
