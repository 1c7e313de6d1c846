// SPDX-License-Identifier: Apache-2.0
#include "lane/lane_handle.hpp"

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/read_file.hpp"
#include "base/system_error.hpp"
#include "plugin/acceptance.hpp"

namespace meridian::lane {

namespace {

/// Processes that a lane may lose to somebody outside before it is given up.
constexpr int kMaxRestarts = 5;

/// Whether `pid` is a child of `parent` now. The lane says the number, and a lying one must not
/// have others killed.
bool is_child(pid_t pid, pid_t parent) {
  const auto status = base::read_own_file("/proc/" + std::to_string(pid) + "/status", 64 << 10);
  return status && status->find("\nPPid:\t" + std::to_string(parent) + "\n") != std::string::npos;
}

Result<base::UniqueFd> open_process(pid_t pid, pid_t parent) {
  base::UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!process) return base::system_error(errno, "pidfd_open");
  if (!is_child(pid, parent)) {
    return Error(ErrorCode::kCorrupt,
                 "process " + std::to_string(pid) + " is no worker of its lane");
  }
  return process;
}

bool has_pidfd() {
  const base::UniqueFd self(static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0)));
  return static_cast<bool>(self);
}

}  // namespace

Result<std::unique_ptr<LaneHandle>> LaneHandle::start(const Supervision& supervision,
                                                      std::vector<BundleOrder> orders) {
  std::unique_ptr<LaneHandle> lane(new LaneHandle(supervision, std::move(orders)));
  MERIDIAN_CHECK(lane->load());
  lane->take_loaded();
  return lane;
}

/// Until a process has loaded all that is left: each round drops the plugin that ended it.
Result<void> LaneHandle::load() {
  for (int foreign = 0; !orders_.empty();) {
    MERIDIAN_TRY(auto started, LaneProcess::start(supervision_, orders_));
    if (started.process) {
      process_ = std::move(started.process);
      note_refused(*process_);
      return {};
    }
    const Fault& fault = started.fault.fault;
    if (started.fault.may_be_foreign && ++foreign <= kMaxRestarts) continue;
    const bool known = fault.plugin && *fault.plugin < orders_.size();
    for (std::size_t i = orders_.size(); i-- > 0;) {
      if (known && i != *fault.plugin) continue;
      failures_.push_back({orders_[i].bundle->manifest.id, fault.kind, fault.message,
                           known && started.fault.is_own});
      orders_.erase(orders_.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }
  return {};
}

/// Before orders_ loses any. What loads anew says the same again.
void LaneHandle::note_refused(const LaneProcess& process) {
  for (const message::Gap& refused : process.refused()) {
    gaps_.push_back({finding::GapKind::kRefused, orders_[refused.plugin].bundle->manifest.id, "",
                     "", "while it was loaded: " + refused.gap.message, "", ""});
  }
}

void LaneHandle::take_loaded() {
  if (!process_) return;
  std::vector<BundleOrder> good;
  bool declares_threads = false, lied = false;
  for (std::size_t i = 0; i < orders_.size(); ++i) {
    const message::PluginLoaded& loaded = process_->plugins()[i];
    const plugin::Manifest& manifest = orders_[i].bundle->manifest;
    if (loaded.error) {
      failures_.push_back(
          {manifest.id, finding::gap_kind(loaded.error->code()), loaded.error->message(), false});
      continue;
    }
    // A lane's word, after plugin code has run there.
    const auto checked = plugin::check_facts(loaded.facts, manifest, orders_[i].bundle->digest,
                                             orders_[i].bundle->rules_digest);
    if (!checked) {
      failures_.push_back(
          {manifest.id, finding::GapKind::kProtocol, checked.error().message(), false});
      lied = true;
      continue;
    }
    plugins_.push_back(std::make_shared<plugin::PluginFacts>(loaded.facts));
    declares_threads = declares_threads || manifest.needs.threads > 0;
    good.push_back(std::move(orders_[i]));
  }
  const bool same = good.size() == orders_.size();
  orders_ = std::move(good);
  sandbox_ = process_->sandbox();
  // A later word may only lower it.
  if (!process_->loaded().sandbox.is_full && sandbox_.is_full)
    sandbox_ = process_->loaded().sandbox;
  if (declares_threads) {
    note_ = "threads are declared: each worker loads anew";
  } else if (!process_->warden()) {
    note_ = "no user notification: each worker loads anew";
  } else if (process_->loaded().threads != 1) {
    note_ = std::to_string(process_->loaded().threads) +
            " threads after loading: each worker loads anew";
  } else if (!has_pidfd()) {
    note_ = "no pidfd_open: each worker loads anew";
  }
  forks_ = note_.empty();
  // A process whose numbers are not ours: what loads anew gets only what loads, and one that lied
  // still counts the liar. make_worker() starts another.
  if (lied || (!forks_ && !same)) process_.reset();
}

Result<void> LaneHandle::greet(WorkerHandle& worker) const {
  FrameWait wait(supervision_, worker.channel(), worker.page());
  MERIDIAN_TRY(const auto frame, wait.next(supervision_.patience.answer));
  if (!frame || frame->type != static_cast<std::uint16_t>(FrameType::kHello)) {
    return Error(ErrorCode::kCorrupt, "a worker without a first word");
  }
  MERIDIAN_TRY(const auto hello, decode<message::Hello>(frame->payload));
  if (hello.error) return *hello.error;
  return {};
}

Result<std::unique_ptr<WorkerHandle>> LaneHandle::fork_worker() {
  MERIDIAN_TRY(auto ends, Channel::pair());
  MERIDIAN_TRY(MadePage page, make_page());
  const std::uint32_t number = workers_++;
  supervision_.warden.order(*process_->warden());
  std::vector<base::UniqueFd> files;
  files.push_back(std::move(ends.second));
  files.push_back(std::move(page.file));
  process_->channel().queue(message::Fork{number}, std::move(files));
  FrameWait wait(supervision_, process_->channel(), process_->page().flight);
  MERIDIAN_TRY(const auto frame, wait.next(supervision_.patience.answer));
  if (!frame || frame->type != static_cast<std::uint16_t>(FrameType::kForked)) {
    return Error(ErrorCode::kCorrupt, "the lane did not fork");
  }
  MERIDIAN_TRY(const auto forked, decode<message::Forked>(frame->payload));
  if (forked.error) return *forked.error;
  if (forked.worker != number) return Error(ErrorCode::kCorrupt, "the lane forked another worker");
  MERIDIAN_TRY(auto process, open_process(forked.pid, process_->pid()));
  auto worker = std::make_unique<WorkerHandle>(*this, forked.pid, std::move(process),
                                               std::move(ends.first), std::move(page.page));
  supervision_.warden.note_into(*process_->warden(), forked.pid, worker->page());
  return worker;
}

Result<std::unique_ptr<WorkerHandle>> LaneHandle::load_worker() {
  if (!process_) {
    MERIDIAN_TRY(auto started, LaneProcess::start(supervision_, orders_));
    if (!started.process) return Error(ErrorCode::kUnreadable, started.fault.fault.message);
    MERIDIAN_CHECK(check_same(*started.process));
    process_ = std::move(started.process);
  }
  auto worker = std::make_unique<WorkerHandle>(*this, std::move(process_));
  worker->channel().queue(message::Fork{workers_++});
  return worker;
}

Result<void> LaneHandle::restart() {
  ++generation_;
  if (ended_) return Error(ErrorCode::kCancelled, "it has ended");
  if (++restarts_ > kMaxRestarts) {
    return Error(ErrorCode::kUnreadable,
                 "its process was lost " + std::to_string(restarts_) + " times");
  }
  process_.reset();
  MERIDIAN_TRY(auto started, LaneProcess::start(supervision_, orders_));
  if (!started.process) return Error(ErrorCode::kUnreadable, started.fault.fault.message);
  MERIDIAN_CHECK(check_same(*started.process));
  process_ = std::move(started.process);
  return {};
}

/// Loading again must give the same plugins: their numbers are the scan's.
Result<void> LaneHandle::check_same(LaneProcess& process) const {
  for (const auto& plugin : process.plugins()) {
    if (plugin.error) {
      return Error(plugin.error->code(), "loading anew: " + plugin.error->message());
    }
  }
  return {};
}

Result<std::unique_ptr<WorkerHandle>> LaneHandle::make_worker(std::uint64_t& generation) {
  if (supervision_.cancel.stopped()) return Error(ErrorCode::kCancelled, "the scan was ended");
  const std::lock_guard lock(mutex_);
  generation = generation_;
  if (ended_) return Error(ErrorCode::kCancelled, "its lane has ended");
  if (!forks_) return load_worker();
  if (!process_) return Error(ErrorCode::kUnreadable, "its process was lost");
  return fork_worker();
}

Result<std::unique_ptr<WorkerHandle>> LaneHandle::worker() {
  while (true) {
    std::uint64_t generation = 0;
    auto made = make_worker(generation);
    if (made) {
      auto greeted = greet(**made);
      if (greeted) return made;
      made = std::move(greeted).error();  // ends the process
    }
    if (supervision_.cancel.stopped()) return Error(ErrorCode::kCancelled, "the scan was ended");
    const std::string where = "lane of " + plugins_.front()->id;
    supervision_.log.debug(where + ": " + made.error().message());
    const std::lock_guard lock(mutex_);
    if (generation != generation_) continue;
    if (auto again = restart(); !again) return std::move(again).error().in(where);
  }
}

void LaneHandle::stop(base::StopReason reason) {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (lock && process_) process_->page().cancel.stop(reason);
}

std::optional<int> LaneHandle::reap(pid_t pid) {
  const std::lock_guard lock(mutex_);
  if (!process_) return std::nullopt;
  process_->channel().queue(message::Reap{pid});
  FrameWait wait(supervision_, process_->channel(), process_->page().flight);
  const auto frame = wait.next(supervision_.patience.answer);
  if (!frame || !*frame || (*frame)->type != static_cast<std::uint16_t>(FrameType::kReaped)) {
    return std::nullopt;
  }
  const auto reaped = decode<message::Reaped>((*frame)->payload);
  if (!reaped || reaped->pid != pid) return std::nullopt;
  return reaped->status;
}

void LaneHandle::forget(pid_t pid) {
  const std::lock_guard lock(mutex_);
  // Another process than its own has no page for it.
  if (process_ && process_->warden()) supervision_.warden.forget(*process_->warden(), pid);
}

bool LaneHandle::lend_threads(pid_t pid, std::size_t count) {
  const std::lock_guard lock(mutex_);
  if (!process_ || !process_->warden()) return false;
  supervision_.warden.lend_threads(*process_->warden(), pid, count);
  return true;
}

void LaneHandle::wait_for_end(int process) const {
  constexpr int kMilliseconds = 200;
  pollfd ended{process, POLLIN, 0};
  ::poll(&ended, 1, kMilliseconds);
}

void LaneHandle::note_shutdown(const std::vector<Fault>& faults) {
  const std::lock_guard lock(mutex_);
  for (const Fault& fault : faults) {
    const bool known = fault.plugin && *fault.plugin < plugins_.size();
    gaps_.push_back({finding::GapKind::kShutdown, known ? plugins_[*fault.plugin]->id : "", "", "",
                     fault.message, "", ""});
  }
}

std::vector<finding::Gap> LaneHandle::end() {
  std::unique_ptr<LaneProcess> last;
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    last = std::move(process_);
  }
  if (last) note_shutdown(last->shut_down());
  last.reset();
  const std::lock_guard lock(mutex_);
  return std::move(gaps_);
}

}  // namespace meridian::lane
