// SPDX-License-Identifier: Apache-2.0
#include "lane/lane_unit.hpp"

#include <algorithm>
#include <utility>

#include "base/escape.hpp"
#include "base/limits.hpp"
#include "base/sealed_file.hpp"
#include "lane/messages.hpp"
#include "lane/refused_calls.hpp"
#include "lane/snapshot.hpp"

namespace meridian::lane {

namespace {

/// Ends by somebody else's hand that are borne in one unit, before it is given up.
constexpr int kMaxForeignEnds = 3;

std::string in_words(const Fault& fault) {
  return fault.path.empty() ? fault.message
                            : "'" + base::escape(fault.path) + "': " + fault.message;
}

/// Threads lent to a worker for files that it has not done with.
constexpr std::uint32_t kMostLent = 32;

/// Between two looks at a worker, at least; more, and the host was busy elsewhere.
constexpr std::chrono::milliseconds kLate{500};

}  // namespace

LaneUnit::LaneUnit(const LanePlace& place, std::unique_ptr<WorkerHandle>& worker, bool is_target,
                   const LeftOut& left_out)
    : place_(place),
      worker_(worker),
      is_target_(is_target),
      excluded_(place.numbers.count()),
      broke_(place.numbers.count()) {
  accepted_.resize(place.numbers.count());
  start_over();
  for (const auto& [plugin, instead] : left_out) {
    const std::uint32_t number = place_.numbers.in_lane(plugin);
    if (number == LaneNumbers::kNone) continue;
    excluded_[number] = true;
    instead_.emplace(number, instead);
  }
}

LaneUnit::~LaneUnit() {
  // A worker in the middle of a unit is no use for the next one.
  if (worker_ && (state_ == State::kListening || state_ == State::kEnding)) worker_.reset();
}

/// Forgets what was said by those that are to be asked again.
void LaneUnit::start_over() {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < accepted_.size(); ++i) {
    if (excluded_[i]) continue;
    accepted_[i] = std::make_unique<plugin::AcceptedOutput>(*place_.lane->plugins()[i]);
  }
}

void LaneUnit::begin() {
  if (state_ != State::kIdle && state_ != State::kLost) return;
  start_over();
  files_ = {};
  wanted_.take();
  descriptors_.clear();
  batch_bytes_ = 0;
  file_bytes_ = 0;
  batches_ = 0;
  lent_ = 0;
  bytes_read_ = 0;
  target_.reset();
  if (!is_anybody_left()) {
    state_ = State::kDone;
    return;
  }
  if (!worker_) {
    auto made = place_.lane->worker();
    if (!made) return fail_all(made.error());
    worker_ = *std::move(made);
  }
  watch_.emplace(worker_->page(), place_.lane->supervision().patience);
  served_ = progress_ = Clock::now();
  asked_ = false;
  message::UnitBegin begin;
  begin.unit = ++unit_;
  begin.target = is_target_;
  for (std::uint32_t i = 0; i < place_.numbers.count(); ++i) {
    if (excluded_[i]) begin.excluded.push_back(i);
  }
  state_ = State::kListening;
  order(begin);
}

template <typename Message>
void LaneUnit::order(const Message& message, std::vector<base::UniqueFd> files) {
  if (!is_listening()) return;
  send_batch();
  worker_->channel().queue(message, std::move(files));
  asked_ = false;
}

void LaneUnit::file(const FileItem& item, std::uint32_t layer, Descriptor descriptor) {
  if (!is_listening()) return;
  auto sent = send_form(item, descriptor == Descriptor::kTake, place_.numbers, wanted_);
  if (!sent) {
    for (const FileName& name : item.names) {
      unreadable(*name.wanted, name.path->text(), sent.error());
    }
    return;
  }
  if (sent->file.names.empty()) return;
  sent->file.layer = layer;
  sent->file.searchers = lend(item);
  if (sent->descriptor) {
    sent->file.descriptor = static_cast<std::uint32_t>(descriptors_.size());
    descriptors_.push_back(std::move(sent->descriptor));
  }
  batch_bytes_ += sent->bytes;
  file_bytes_ += sent->file_bytes;
  files_.files.push_back(std::move(sent->file));
  if (files_.files.size() >= kFilesInBatch || batch_bytes_ >= kBytesInBatch ||
      file_bytes_ >= kFileBytesInBatch)
    send_batch();
}

std::uint32_t LaneUnit::lend(const FileItem& item) {
  if (item.searchers == 0 || item.content.size() < 2 * limits::kRange || lent_ >= kMostLent)
    return 0;
  const bool searched =
      std::any_of(item.names.begin(), item.names.end(), [this](const FileName& name) {
        return !place_.numbers.part_of(*name.wanted).patterns.empty();
      });
  if (!searched || !worker_->lend_threads(item.searchers)) return 0;
  lent_ += item.searchers;
  lent_until_ = batch_;
  return item.searchers;
}

void LaneUnit::send_batch() {
  if (files_.files.empty() || !is_listening()) return;
  asked_ = false;
  files_.number = batch_++;
  files_.wanted = wanted_.take();
  ++batches_;
  if (is_target_) {
    message::MergedFiles merged{files_.number, std::move(files_.wanted), std::move(files_.files)};
    worker_->channel().queue(merged, std::move(descriptors_));
  } else {
    worker_->channel().queue(files_, std::move(descriptors_));
  }
  files_ = {};
  descriptors_.clear();
  batch_bytes_ = 0;
  file_bytes_ = 0;
}

void LaneUnit::unreadable(const plugin::Wanted& wanted, const std::string& path,
                          const Error& error) {
  message::Unreadable message;
  message.wanted = place_.numbers.part_of(wanted);
  if (message.wanted.nothing()) return;
  message.path = path;
  message.error = error;
  order(message);
}

void LaneUnit::gap(const finding::Gap& gap, bool merged) {
  if (merged) {
    order(message::MergedGap{gap});
  } else {
    order(message::LayerGap{gap});
  }
}

void LaneUnit::layer_done(const model::Layer& layer) { order(message::LayerDone{layer}); }

void LaneUnit::target(const ShownTarget& target) {
  if (!is_listening()) return;
  target_ = target;
  auto file = base::sealed_memfd("meridian-target", TargetModel::of(target.facts).encode());
  if (!file) return fail_all(file.error());
  std::vector<base::UniqueFd> files;
  files.push_back(*std::move(file));
  order(message::Target(), std::move(files));
}

void LaneUnit::target_done(const std::vector<std::vector<plugin::FactView>>& facts) {
  if (!is_listening()) return;
  std::vector<std::vector<plugin::FactView>> ours;
  for (std::uint32_t i = 0; i < place_.numbers.count(); ++i) {
    ours.push_back(facts[place_.numbers.in_scan(i)]);
  }
  auto bytes = encode_facts(ours);
  if (!bytes) return fail_all(bytes.error());
  auto file = base::sealed_memfd("meridian-facts", *bytes);
  if (!file) return fail_all(file.error());
  std::vector<base::UniqueFd> files;
  files.push_back(*std::move(file));
  order(message::TargetDone(), std::move(files));
}

void LaneUnit::end() {
  if (!is_listening()) return;
  order(message::UnitEnd());
  progress_ = Clock::now();
  state_ = State::kEnding;
}

void LaneUnit::serve(Clock::time_point now) {
  if (!worker_) return;
  Channel& channel = worker_->channel();
  // What it still said before its end counts, so reading comes before a failed write.
  const auto wrote = channel.flush();
  const auto open = channel.read_some();
  while (worker_) {
    auto frame = channel.next();
    if (!frame) return lose(GivenUp::kProtocol, frame.error().message());
    if (!*frame) break;
    if (auto taken = take(**frame); !taken) {
      return lose(GivenUp::kProtocol, taken.error().message());
    }
  }
  if (!worker_) return;
  if (!open) return lose(GivenUp::kProtocol, open.error().message());
  if (!*open || !wrote) return lose(GivenUp::kEnded, "");
  if (is_listening() || is_ending()) {
    const Patience& patience = place_.lane->supervision().patience;
    // Time in which we did not look is not the plugin's.
    if (now - served_ > std::max<Clock::duration>(kLate, patience.callback / 2)) {
      watch_->restart();
      progress_ = now;
    }
    served_ = now;
    if (batches_ == 0 && !is_ending()) progress_ = now;
    // By our own clock: what the page says is the worker's word.
    const auto steps =
        static_cast<std::chrono::milliseconds::rep>(kFilesInBatch * accepted_.size());
    const std::chrono::milliseconds most = patience.host + patience.callback * steps;
    if (now - progress_ > most) {
      return lose(GivenUp::kTimeout, "came to no end of what it was given");
    }
    if (auto overdue = watch_->overdue(now)) {
      lose(GivenUp::kTimeout,
           "did not return within " + std::to_string(patience.callback.count()) + " ms",
           *std::move(overdue));
    }
  }
}

Result<plugin::AcceptedOutput*> LaneUnit::of(std::uint32_t plugin) {
  if (plugin >= place_.numbers.count() || excluded_[plugin] || !(is_listening() || is_ending())) {
    return Error(ErrorCode::kCorrupt,
                 "a word of plugin " + std::to_string(plugin) + ", which was not asked");
  }
  return accepted_[plugin].get();
}

Result<void> LaneUnit::take(const Frame& frame) {
  switch (static_cast<FrameType>(frame.type)) {
    case FrameType::kLog:
      write_log(place_.lane->supervision().log, frame, lines_);
      return {};
    case FrameType::kFinding: {
      MERIDIAN_TRY(auto said, decode<message::Finding>(frame.payload));
      MERIDIAN_TRY(auto* const output, of(said.plugin));
      const std::lock_guard lock(mutex_);
      output->finding(std::move(said.finding));
      return {};
    }
    case FrameType::kFact: {
      MERIDIAN_TRY(auto said, decode<message::Fact>(frame.payload));
      MERIDIAN_TRY(auto* const output, of(said.plugin));
      const std::lock_guard lock(mutex_);
      output->fact(std::move(said.fact));
      return {};
    }
    case FrameType::kGap: {
      MERIDIAN_TRY(auto said, decode<message::Gap>(frame.payload));
      MERIDIAN_TRY(auto* const output, of(said.plugin));
      const std::lock_guard lock(mutex_);
      output->gap(std::move(said.gap));
      return {};
    }
    case FrameType::kPluginDone: {
      MERIDIAN_TRY(const auto said, decode<message::PluginDone>(frame.payload));
      // Of one that was left out too: it says nothing.
      if (said.plugin < place_.numbers.count() && excluded_[said.plugin]) return {};
      MERIDIAN_TRY(auto* const output, of(said.plugin));
      const std::lock_guard lock(mutex_);
      output->count(said.files, said.bytes, said.calls, said.microseconds);
      if (said.result == finding::UnitResult::kError) output->failed(said.error_kind, said.reason);
      return {};
    }
    case FrameType::kBatchDone: {
      MERIDIAN_TRY(const auto said, decode<message::BatchDone>(frame.payload));
      if (batches_ == 0 || said.number != batch_ - batches_) {
        return Error(ErrorCode::kCorrupt, "an end of a batch that it was not given");
      }
      --batches_;
      if (lent_ > 0 && said.number == lent_until_) {
        lent_ = 0;
        worker_->lend_threads(0);
      }
      progress_ = Clock::now();
      bytes_read_ += said.bytes_read;
      return {};
    }
    case FrameType::kUnitDone: {
      MERIDIAN_TRY(const auto said, decode<message::UnitDone>(frame.payload));
      if (!is_ending() || said.unit != unit_ || batches_ != 0) {
        return Error(ErrorCode::kCorrupt, "an end of a unit that has not ended");
      }
      state_ = State::kDone;
      return {};
    }
    case FrameType::kAsk: {
      MERIDIAN_TRY(const auto asked, decode<message::Ask>(frame.payload));
      if (!target_ || !(is_listening() || is_ending())) {
        return Error(ErrorCode::kCorrupt, "a question outside of a target");
      }
      // A worker asks one thing at a time: the answer before must have been written whole.
      if (asked_ && has_queued()) return Error(ErrorCode::kCorrupt, "a question before its answer");
      answer(asked);
      asked_ = true;
      watch_->restart();  // the time that this took is ours
      return {};
    }
    default:
      return Error(ErrorCode::kCorrupt, "frame " + std::to_string(frame.type) + " of a worker");
  }
}

void LaneUnit::answer(const message::Ask& ask) {
  using message::Question;
  message::Answer answer;
  answer.number = ask.number;
  std::vector<base::UniqueFd> files;
  const auto put = [&](auto result, auto& into) {
    if (result) {
      into = *std::move(result);
    } else {
      answer.error = result.error();
    }
  };
  switch (ask.question) {
    case Question::kStat:
      put(target_->tree->stat(ask.path), answer.stat);
      break;
    case Question::kResolve:
      put(target_->tree->resolve(ask.path), answer.text);
      break;
    case Question::kReadlink:
      put(target_->tree->readlink(ask.path), answer.text);
      break;
    case Question::kList:
      put(target_->tree->list(ask.path), answer.names);
      break;
    case Question::kRead:
      put(target_->tree->read(ask.path, ask.limit), answer.text);
      break;
    case Question::kOrigin:
      put(target_->tree->origin(ask.path), answer.layer);
      break;
    case Question::kProcesses:
      files.emplace_back();
      put(base::sealed_memfd("meridian-processes",
                             encode_processes(target_->facts.processes ? target_->facts.processes()
                                                                       : model::ProcessList())),
          files.back());
      if (!files.back()) files.clear();
      break;
    case Question::kContent: {
      const bool known = target_->facts.check_content && ask.limit < target_->facts.layers->size();
      files.emplace_back();
      put(base::sealed_memfd("meridian-content",
                             encode_content(known ? target_->facts.check_content(
                                                        static_cast<std::size_t>(ask.limit))
                                                  : model::ContentCheck())),
          files.back());
      if (!files.back()) files.clear();
      break;
    }
  }
  std::string bytes = encode(answer);
  if (bytes.size() > kMaxHostPayload) {
    answer = {};
    answer.number = ask.number;
    answer.error = Error(ErrorCode::kLimit, std::to_string(bytes.size()) + " bytes of an answer");
    bytes = encode(answer);
    files.clear();
  }
  worker_->channel().queue(static_cast<std::uint16_t>(message::Answer::kType), bytes,
                           std::move(files));
}

void LaneUnit::stop(base::StopReason reason) {
  if (worker_) worker_->stop(reason);
}

void LaneUnit::give_up() {
  if (is_listening() || is_ending()) {
    lose(GivenUp::kStopped, "did not return after the scan was asked to stop");
  }
}

void LaneUnit::lose(GivenUp given_up, std::string detail, std::optional<InFlight> seen) {
  const bool concerned = is_listening() || is_ending();
  ProcessEnd ended = worker_->end(given_up, std::move(detail));
  // It may have gone on to another between the look and the end.
  const bool looked = seen.has_value();
  if (seen) ended.in_flight = *std::move(seen);
  const std::vector<std::uint32_t> refused = refused_calls(worker_->page());
  worker_.reset();
  if (!concerned) return;
  Fault fault = fault_of(ended);
  if (given_up == GivenUp::kStopped && ended.in_flight.operation == Operation::kNone) {
    fault.plugin.reset();
  }
  const bool known =
      fault.plugin && *fault.plugin < place_.numbers.count() && !excluded_[*fault.plugin];
  if (given_up == GivenUp::kStopped) {
    if (known) accuse(fault, false);
    state_ = State::kDone;
    return;
  }
  const bool once_more = may_be_foreign(ended) && foreign_ends_ < kMaxForeignEnds;
  if (known && !once_more) {
    const std::lock_guard lock(mutex_);
    for (const std::uint32_t call : refused) accepted_[*fault.plugin]->gap(refused_gap(call));
  }
  if (known && !once_more) {
    // What was late only in all may have waited for another.
    accuse(fault, is_own_fault(ended) && (given_up != GivenUp::kTimeout || looked));
  } else if (++foreign_ends_ > kMaxForeignEnds) {
    return fail_all(Error(ErrorCode::kUnreadable, fault.message));
  }
  state_ = is_anybody_left() ? State::kLost : State::kDone;
}

bool LaneUnit::is_anybody_left() const {
  return std::find(excluded_.begin(), excluded_.end(), false) != excluded_.end();
}

/// Its own result is the error; what it had said before stays.
void LaneUnit::accuse(const Fault& fault, bool is_own) {
  const std::lock_guard lock(mutex_);
  plugin::AcceptedOutput& output = *accepted_[*fault.plugin];
  output.gap({fault.kind, "", "", fault.path, fault.message, "", ""});
  output.failed(fault.kind, in_words(fault));
  excluded_[*fault.plugin] = true;
  if (is_own) broke_[*fault.plugin] = fault;
}

void LaneUnit::fail_all(const Error& error) {
  worker_.reset();  // in the middle of something
  state_ = State::kFailed;
  start_over();
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < accepted_.size(); ++i) {
    if (!excluded_[i]) accepted_[i]->failed(finding::gap_kind(error.code()), error.message());
  }
}

void LaneUnit::add_outputs(std::vector<finding::UnitOutput>& all) const {
  const std::lock_guard lock(mutex_);
  for (std::uint32_t i = 0; i < accepted_.size(); ++i) {
    finding::UnitOutput& output = all[place_.numbers.in_scan(i)];
    const auto instead = instead_.find(i);
    output = instead == instead_.end() ? accepted_[i]->output() : instead->second;
    output.broke = broke_[i].has_value();
    if (!output.broke) continue;
    // What it said of itself before does not stand in for how it ended.
    output.error_kind = broke_[i]->kind;
    output.reason = plugin::fit_text(in_words(*broke_[i]), plugin::kMaxReason);
  }
}

}  // namespace meridian::lane
