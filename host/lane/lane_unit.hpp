// SPDX-License-Identifier: Apache-2.0
//
// lane_unit.hpp: one unit of work in one lane, on the supervisor's side: sends it to the worker of
// this thread, takes what comes back, and notes the fault if the worker is lost.
//
// Everything that a worker says is checked: the form by decode(), the content by
// plugin::AcceptedOutput, the order here. What does not fit ends the worker.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "lane/lane_handle.hpp"
#include "lane/received_file.hpp"
#include "lane/run.hpp"
#include "plugin/acceptance.hpp"

namespace meridian::lane {

/// A lane in a scan.
struct LanePlace {
  std::shared_ptr<LaneHandle> lane;
  LaneNumbers numbers;
};

class LaneUnit {
 public:
  /// `worker`: this thread's, kept between units; null: one is asked for. Both outlive it.
  LaneUnit(const LanePlace& place, std::unique_ptr<WorkerHandle>& worker, bool is_target,
           const LeftOut& left_out);
  ~LaneUnit();
  LaneUnit(const LaneUnit&) = delete;
  LaneUnit& operator=(const LaneUnit&) = delete;

  /// Begins a pass, with a worker that is there.
  void begin();
  /// Whether it takes part in this pass: has a worker and was not shown everything yet.
  bool is_listening() const { return state_ == State::kListening; }
  /// Waiting for the worker's last word.
  bool is_ending() const { return state_ == State::kEnding; }
  /// Its worker was lost, and there is somebody left to do it again for.
  bool wants_again() const { return state_ == State::kLost; }
  bool wants(std::uint32_t plugin) const {
    return is_listening() && !excluded_[place_.numbers.in_lane(plugin)];
  }

  /// What becomes of the content's descriptor: the last unit that is shown the file may take it.
  enum class Descriptor { kCopy, kTake };
  void file(const FileItem& item, std::uint32_t layer, Descriptor descriptor);
  void layer_done(const model::Layer& layer);
  /// For whom of its plugins; numbers are the scan's.
  void unreadable(const plugin::Wanted& wanted, const std::string& path, const Error& error);
  void gap(const finding::Gap& gap, bool merged);
  void target(const ShownTarget& target);
  void target_done(const std::vector<std::vector<plugin::FactView>>& facts);
  /// All was shown.
  void end();
  /// Puts what is collected into the socket's queue.
  void send_batch();

  /// Batches that the worker has not done with.
  bool is_busy() const { return batches_ >= kBatchesAtOnce; }
  int descriptor() const { return worker_->channel().fd(); }
  bool has_queued() const { return worker_->channel().has_queued(); }
  std::size_t queued() const { return worker_->channel().queued(); }
  std::chrono::milliseconds look_again(Clock::time_point now) const { return watch_->left(now); }
  /// Reads and writes what the socket has and takes, and looks at the clock.
  void serve(Clock::time_point now);
  void stop(base::StopReason reason);
  /// The scan does not wait any longer.
  void give_up();

  /// Into `all`, which is by the scan's numbers.                                          [any]
  void add_outputs(std::vector<finding::UnitOutput>& all) const;
  std::uint64_t bytes_read() const { return bytes_read_; }

 private:
  template <typename Message>
  void order(const Message& message, std::vector<base::UniqueFd> files = {});

  enum class State { kIdle, kListening, kEnding, kDone, kLost, kFailed };
  /// The worker's socket takes some; the more, the less often it waits for us.
  static constexpr std::size_t kBatchesAtOnce = 4;
  static constexpr std::size_t kFilesInBatch = 64;
  static constexpr std::size_t kBytesInBatch = 192 << 10;
  /// Behind descriptors: an archive's members take that room until the worker has done with them.
  static constexpr std::uint64_t kFileBytesInBatch = 256 << 20;

  Result<void> take(const Frame& frame);
  Result<plugin::AcceptedOutput*> of(std::uint32_t plugin);
  void answer(const message::Ask& ask);
  void lose(GivenUp given_up, std::string detail, std::optional<InFlight> seen = {});
  bool is_anybody_left() const;
  void accuse(const Fault& fault, bool is_own);
  void fail_all(const Error& error);
  /// Threads for a file that is searched in ranges; none if others have as many as we lend.
  std::uint32_t lend(const FileItem& item);
  void start_over();

  const LanePlace place_;
  std::unique_ptr<WorkerHandle>& worker_;
  const bool is_target_;
  State state_ = State::kIdle;
  std::vector<bool> excluded_;
  std::vector<std::optional<Fault>> broke_;               // as in finding::UnitOutput: over what
  std::map<std::uint32_t, finding::UnitOutput> instead_;  // of the words of those left out
  std::optional<Watch> watch_;
  std::uint64_t unit_ = 0, batch_ = 0;
  std::size_t batches_ = 0;
  std::uint32_t lent_ = 0;  // threads, to files of batches up to the next
  std::uint64_t lent_until_ = 0;
  int foreign_ends_ = 0;
  message::Files files_;
  WantedTable wanted_;
  std::vector<base::UniqueFd> descriptors_;
  std::size_t batch_bytes_ = 0;
  std::uint64_t file_bytes_ = 0;
  std::uint64_t lines_ = 0;
  Clock::time_point served_ = Clock::now();    // last look at the clock
  Clock::time_point progress_ = Clock::now();  // last end of a batch, or nothing was owed
  bool asked_ = false;                         // the last frame queued is an answer
  std::optional<ShownTarget> target_;
  std::uint64_t bytes_read_ = 0;

  mutable std::mutex mutex_;  // guards what was accepted
  std::vector<std::unique_ptr<plugin::AcceptedOutput>> accepted_;
};

}  // namespace meridian::lane
