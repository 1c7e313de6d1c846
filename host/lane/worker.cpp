// SPDX-License-Identifier: Apache-2.0
//
// Read run_worker() at the end first.
#include "lane/worker.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <utility>

#include "base/sealed_file.hpp"
#include "base/system_error.hpp"
#include "lane/asked_tree.hpp"
#include "lane/local_run.hpp"
#include "lane/messages.hpp"
#include "lane/received_file.hpp"
#include "lane/refused_calls.hpp"
#include "lane/snapshot.hpp"

namespace meridian::lane {

namespace {

class Worker {
 public:
  Worker(const LoadedSet& set, Channel& channel, FlightPage& page, const base::Cancel& cancel)
      : set_(set),
        channel_(channel),
        recorder_(page, channel.fd()),
        cancel_(cancel),
        asking_(channel) {}

  Result<void> make_scanners();
  /// False: the supervisor asked to shut down.
  Result<bool> take(Frame frame);
  Result<std::optional<Frame>> next() { return asking_.next_order(); }

 private:
  Result<void> begin(const message::UnitBegin& order);
  template <typename Files>
  Result<void> files(Files order, std::vector<base::UniqueFd> descriptors);
  Result<void> target(const Frame& frame);
  Result<void> target_done(const Frame& frame);
  Result<void> end();
  /// What the plugins have said since the last time.
  Result<void> report();

  const LoadedSet& set_;
  Channel& channel_;
  RefusedCallRecorder recorder_;
  const base::Cancel& cancel_;
  Asking asking_;
  std::unique_ptr<plugin::Matcher::Scanner> layer_scanner_, merged_scanner_;
  std::uint64_t unit_ = 0;
  // Declared in the order in which they must outlive each other.
  std::optional<TargetModel> model_;
  std::optional<LocalRun> run_;
};

Result<void> Worker::make_scanners() {
  MERIDIAN_TRY(layer_scanner_, set_.matcher->make_scanner());
  if (set_.merged) {
    MERIDIAN_TRY(merged_scanner_, set_.merged->make_scanner());
  }
  return {};
}

Result<void> Worker::begin(const message::UnitBegin& order) {
  run_.reset();
  model_.reset();
  unit_ = order.unit;
  recorder_.begin_unit();
  LeftOut excluded;  // the host has its own words for them
  for (const std::uint32_t plugin : order.excluded) excluded.try_emplace(plugin);
  run_.emplace(set_, order.target ? merged_scanner_.get() : layer_scanner_.get(), recorder_,
               std::move(excluded));
  return report();
}

template <typename Files>
Result<void> Worker::files(Files order, std::vector<base::UniqueFd> descriptors) {
  const std::uint64_t before = run_->bytes_read();
  WantedList wanted;
  for (plugin::Wanted& one : order.wanted) {
    wanted.push_back(std::make_shared<const plugin::Wanted>(std::move(one)));
  }
  std::vector<base::UniqueFd> read;
  for (message::File& file : order.files) {
    if (cancel_.stopped()) break;
    MERIDIAN_TRY(const auto received, ReceivedFile::make(std::move(file), wanted, descriptors));
    if constexpr (std::is_same_v<Files, message::MergedFiles>) {
      run_->merged_file(received->layer(), received->item());
    } else {
      run_->file(received->item());
    }
    read.push_back(received->take_fd());
    MERIDIAN_CHECK(report());
  }
  base::close_all(read);
  return channel_.send(message::BatchDone{order.number, run_->bytes_read() - before});
}

Result<void> Worker::target(const Frame& frame) {
  if (frame.descriptors.size() != 1) return Error(ErrorCode::kCorrupt, "a target without model");
  MERIDIAN_TRY(const std::string bytes, base::read_sealed(frame.descriptors.front().get(),
                                                          kMaxSnapshot, "a target's model"));
  MERIDIAN_TRY(model_, TargetModel::decode(bytes));
  ShownTarget target{model_->facts(), std::make_shared<AskedTree>(asking_)};
  if (model_->has_processes) target.facts.processes = [this] { return asking_.processes(); };
  if (model_->has_content) {
    target.facts.check_content = [this](std::size_t layer) { return asking_.content(layer); };
  }
  run_->target(std::move(target));
  return report();
}

Result<void> Worker::target_done(const Frame& frame) {
  if (frame.descriptors.size() != 1) return Error(ErrorCode::kCorrupt, "facts without a file");
  MERIDIAN_TRY(std::string bytes,
               base::read_sealed(frame.descriptors.front().get(), kMaxSnapshot, "facts"));
  MERIDIAN_TRY(const auto snapshot, FactsSnapshot::decode(std::move(bytes), set_.plugins.size()));
  run_->target_done(snapshot.facts());
  return report();
}

Result<void> Worker::end() {
  std::vector<finding::UnitOutput> outputs = run_->finish();
  // finish() gives what take_news() has not taken, so both are said.
  for (std::uint32_t i = 0; i < outputs.size(); ++i) {
    MERIDIAN_CHECK(send_news(channel_, i, outputs[i]));
  }
  MERIDIAN_CHECK(recorder_.report(channel_));
  for (std::uint32_t i = 0; i < outputs.size(); ++i) {
    const finding::UnitOutput& output = outputs[i];
    message::PluginDone done;
    done.plugin = i;
    done.result = output.result;
    done.reason = output.reason;
    done.error_kind = output.error_kind;
    done.files = output.files;
    done.bytes = output.bytes;
    done.calls = output.calls;
    done.microseconds = output.microseconds;
    MERIDIAN_CHECK(channel_.send(done));
  }
  const message::UnitDone done{unit_, run_->bytes_read()};
  run_.reset();
  return channel_.send(done);
}

Result<void> Worker::report() {
  if (!run_->has_news()) return recorder_.report(channel_);
  std::vector<finding::UnitOutput> news = run_->take_news();
  for (std::uint32_t i = 0; i < news.size(); ++i) {
    MERIDIAN_CHECK(send_news(channel_, i, news[i]));
  }
  return recorder_.report(channel_);
}

Result<bool> Worker::take(Frame frame) {
  const auto type = static_cast<FrameType>(frame.type);
  if (type == FrameType::kShutdown) return false;
  if (type == FrameType::kUnitBegin) {
    MERIDIAN_TRY(const auto order, decode<message::UnitBegin>(frame.payload));
    MERIDIAN_CHECK(begin(order));
    return true;
  }
  if (!run_)
    return Error(ErrorCode::kCorrupt, "frame " + std::to_string(frame.type) + " before a unit");
  switch (type) {
    case FrameType::kFiles: {
      MERIDIAN_TRY(auto order, decode<message::Files>(frame.payload));
      MERIDIAN_CHECK(files(std::move(order), std::move(frame.descriptors)));
      return true;
    }
    case FrameType::kMergedFiles: {
      MERIDIAN_TRY(auto order, decode<message::MergedFiles>(frame.payload));
      MERIDIAN_CHECK(files(std::move(order), std::move(frame.descriptors)));
      return true;
    }
    case FrameType::kUnreadable: {
      MERIDIAN_TRY(const auto order, decode<message::Unreadable>(frame.payload));
      run_->unreadable(order.wanted, order.path, order.error);
      break;
    }
    case FrameType::kLayerGap: {
      MERIDIAN_TRY(const auto order, decode<message::LayerGap>(frame.payload));
      run_->layer_gap(order.gap);
      break;
    }
    case FrameType::kMergedGap: {
      MERIDIAN_TRY(const auto order, decode<message::MergedGap>(frame.payload));
      run_->merged_gap(order.gap);
      break;
    }
    case FrameType::kLayerDone: {
      MERIDIAN_TRY(const auto order, decode<message::LayerDone>(frame.payload));
      run_->layer_done(order.layer);
      break;
    }
    case FrameType::kTarget:
      MERIDIAN_CHECK(target(frame));
      return true;
    case FrameType::kTargetDone:
      MERIDIAN_CHECK(target_done(frame));
      return true;
    case FrameType::kUnitEnd:
      MERIDIAN_CHECK(end());
      return true;
    default:
      return Error(ErrorCode::kCorrupt, "frame " + std::to_string(frame.type) + " to a worker");
  }
  MERIDIAN_CHECK(report());
  return true;
}

}  // namespace

int run_worker(const LoadedSet& set, Channel& channel, FlightPage& page,
               const base::Cancel& cancel) {
  // What is thrown here is the host's own: a plugin's call does not let it through.
  const auto status = base::seam("worker", [&] {
    Worker worker(set, channel, page, cancel);
    if (!worker.make_scanners()) return kHostFailed;
    while (true) {
      auto frame = worker.next();
      if (!frame || !*frame) return frame ? 0 : kHostFailed;
      const auto taken = worker.take(*std::move(*frame));
      if (!taken) return kHostFailed;
      if (!*taken) return kWorkerShutDown;
    }
  });
  return status ? *status : kHostFailed;
}

}  // namespace meridian::lane
