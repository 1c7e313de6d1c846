// SPDX-License-Identifier: Apache-2.0
//
// Read lane_main() at the end first.
#include "lane/lane_main.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <malloc.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <memory>
#include <utility>

#include "base/mapped_file.hpp"
#include "base/sealed_file.hpp"
#include "base/system_error.hpp"
#include "lane/channel.hpp"
#include "lane/messages.hpp"
#include "lane/plugin_set.hpp"
#include "lane/refused_calls.hpp"
#include "lane/sandbox.hpp"
#include "lane/scratch.hpp"
#include "lane/shared_page.hpp"
#include "lane/signal_guard.hpp"
#include "lane/worker.hpp"
#include "plugin/database_shelf.hpp"
#include "plugin/manifest.hpp"

#if defined(__has_feature)
#define MERIDIAN_HAS_TSAN __has_feature(thread_sanitizer)
#else
#define MERIDIAN_HAS_TSAN 0
#endif

namespace meridian::lane {

namespace {

/// Address space of the host's own: program, libraries, compiled patterns, a file's pieces.
constexpr std::uint64_t kOwnMemory = 2ull << 30;
/// What bundles may ask for beside it, and of scratch space, which is memory too: a limit that
/// anybody can lift is none.
constexpr std::uint64_t kMaxDeclaredMemory = 16ull << 30;

/// A bundle as it arrived.
struct Arrived {
  plugin::Bundle bundle;
  std::string options;
  base::UniqueFd library;
};

/// Of this process; 0: not known. The folder is opened before the sandbox closes /proc.
class ThreadCount {
 public:
  ThreadCount() : tasks_(::open("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {}
  std::uint32_t now() const {
    ::lseek(tasks_.get(), 0, SEEK_SET);
    struct Close {
      void operator()(DIR* folder) const { ::closedir(folder); }
    };
    const std::unique_ptr<DIR, Close> folder(
        ::fdopendir(::fcntl(tasks_.get(), F_DUPFD_CLOEXEC, 0)));
    std::uint32_t count = 0;
    while (folder != nullptr) {
      const dirent* const entry = ::readdir(folder.get());  // NOLINT(concurrency-mt-unsafe): own
      if (entry == nullptr) break;
      if (entry->d_name[0] != '.') ++count;
    }
    return count;
  }
  void close() { tasks_.reset(); }

 private:
  base::UniqueFd tasks_;
};

class LaneMain {
 public:
  LaneMain() : channel_(base::UniqueFd(kLaneSocket), {kMaxHostPayload, kMaxDescriptors}) {}

  Result<void> prepare();
  /// Forks as it is told. What it returns is the exit status.
  int serve();

 private:
  Result<void> take_orders();
  Result<void> take_bundle(Frame frame);
  Result<void> enter_sandbox();
  Result<void> load_bundles();
  Result<void> load_one(std::uint32_t number, Arrived arrived);
  void compile();
  void drop(std::size_t plugin, const Error& error);
  Result<void> say_loaded();

  Result<void> fork_worker(const Frame& frame);
  Result<void> reap(const Frame& frame);
  int be_worker(Channel& channel, SharedPage& page, pid_t parent);
  void destroy_plugins();
  /// Of a worker: what a fault leaves goes with it.
  std::string scratch_of(pid_t worker) const {
    return needs_.scratch + "/" + std::to_string(worker);
  }

  Channel channel_;
  Channel* logged_to_ = &channel_;
  SharedPage* page_ = nullptr;
  const pid_t parent_ = ::getppid();
  ThreadCount threads_;
  std::uint32_t thread_count_ = 0;
  std::optional<base::Log> log_;
  std::vector<Arrived> arrived_;
  SandboxNeeds needs_;
  std::uint64_t declared_memory_ = 0;
  bool all_declare_memory_ = true;
  SandboxLevel level_;
  std::vector<std::optional<Error>> failures_;  // by bundle
  std::vector<std::uint32_t> bundle_of_;        // by loaded plugin
  std::vector<std::unique_ptr<plugin::LoadedPlugin>> loaded_;
  std::optional<LoadedSet> set_;
  std::optional<plugin::DatabaseShelf> shelf_;  // if compiled patterns are kept
};

/// Without what plugins have left with pthread_atfork(3): that would run in the new process before
/// it is bound to this one, and could keep it. One thread is here, so no lock is held.
pid_t fork_bare() {
#if defined(__SANITIZE_THREAD__) || MERIDIAN_HAS_TSAN
  return ::fork();  // its run-time library must hear of it
#else
  return ::_Fork();
#endif
}

message::Sandbox said(const SandboxLevel& level) { return {level.text(), level.is_full()}; }

Result<void> LaneMain::take_bundle(Frame frame) {
  MERIDIAN_TRY(auto message, decode<message::Bundle>(frame.payload));
  if (frame.descriptors.size() != 2 + message.data.size()) {
    return Error(ErrorCode::kCorrupt, "bundle without its files");
  }
  Arrived arrived;
  MERIDIAN_TRY(arrived.bundle.manifest, plugin::Manifest::parse(message.manifest));
  arrived.bundle.note = std::move(message.note);
  arrived.bundle.digest = std::move(message.digest);
  arrived.bundle.rules_digest = std::move(message.rules_digest);
  arrived.options = std::move(message.options);
  arrived.library = std::move(frame.descriptors[0]);
  MERIDIAN_TRY(
      const std::string rules,
      base::read_sealed(frame.descriptors[1].get(), limits::kMaxRuleData + kMaxFrame, "rules"));
  MERIDIAN_TRY(arrived.bundle.rules, decode<decltype(arrived.bundle.rules)>(rules));
  for (std::size_t i = 0; i < message.data.size(); ++i) {
    auto& [name, identity] = message.data[i];
    MERIDIAN_TRY(auto mapped, base::MappedFile::open(frame.descriptors[2 + i].get(), name));
    needs_.data += mapped->bytes().size();
    arrived.bundle.data.push_back(
        {std::move(name), std::move(identity), nullptr, std::move(mapped)});
  }
  const plugin::Needs& needs = arrived.bundle.manifest.needs;
  needs_.threads = needs_.threads || needs.threads > 0;
  needs_.file_bytes += std::min(needs.scratch, kMaxDeclaredMemory);
  needs_.jit = needs_.jit || needs.jit;
  declared_memory_ += std::min(needs.memory, kMaxDeclaredMemory);
  all_declare_memory_ = all_declare_memory_ && needs.memory > 0;
  arrived_.push_back(std::move(arrived));
  return {};
}

Result<void> LaneMain::take_orders() {
  while (true) {
    MERIDIAN_TRY(auto frame, channel_.receive());
    if (!frame) return Error(ErrorCode::kCancelled, "the supervisor has ended");
    if (frame->type == static_cast<std::uint16_t>(FrameType::kBundle)) {
      MERIDIAN_CHECK(take_bundle(*std::move(frame)));
      continue;
    }
    if (frame->type != static_cast<std::uint16_t>(FrameType::kLoad) || frame->descriptors.empty() ||
        frame->descriptors.size() > 2) {
      return Error(ErrorCode::kCorrupt, "frame " + std::to_string(frame->type) + " before a load");
    }
    MERIDIAN_TRY(const auto load, decode<message::Load>(frame->payload));
    if (all_declare_memory_) {
      needs_.memory = kOwnMemory + std::min(declared_memory_, kMaxDeclaredMemory);
    }
    needs_.scratch = load.scratch;
    needs_.file_bytes = std::min(needs_.file_bytes, kMaxDeclaredMemory);
    log_.emplace(load.log_level, [this](base::LogLevel level, std::string_view text) {
      // Lost if the supervisor is: there is nobody left to read it.
      static_cast<void>(logged_to_->send(message::Log{level, std::string(text)}));
    });
    MERIDIAN_TRY(page_, map_page(frame->descriptors.front().get()));
    if (frame->descriptors.size() == 2) {
      MERIDIAN_TRY(const std::string kept,
                   base::read_sealed(frame->descriptors[1].get(), kMaxKeptPatterns, "patterns"));
      auto databases = decode<plugin::KeptDatabases>(kept);
      shelf_.emplace(databases ? *std::move(databases) : plugin::KeptDatabases());
    }
    base::count_reads_in(&page_->flight.reading);
    return {};
  }
}

Result<void> LaneMain::enter_sandbox() {
  MERIDIAN_CHECK(install_signal_guard(&page_->flight));
  std::string scratch_limit;
  if (!needs_.scratch.empty()) {
    const auto mounted = mount_scratch(needs_.scratch, needs_.file_bytes);
    if (!mounted) scratch_limit = "only of each file: " + mounted.error().message();
    ::setenv("TMPDIR", needs_.scratch.c_str(), 1);  // NOLINT(concurrency-mt-unsafe): one thread
    // A file that becomes too large is an error of its writer: EFBIG.
    static_cast<void>(::signal(SIGXFSZ, SIG_IGN));
  }
  const ForkMode mode = needs_.threads ? ForkMode::kSingle : ForkMode::kFork;
  MERIDIAN_TRY(Entered entered, enter_lane(needs_, mode));
  level_ = std::move(entered.level);
  if (!needs_.scratch.empty()) level_.add({part::kScratchLimit, scratch_limit, true});
  const int listener = entered.listener.get();
  message::Hello hello;
  hello.sandbox = said(level_);
  return channel_.send(hello, entered.listener ? std::span(&listener, 1) : std::span<const int>());
}

Result<void> LaneMain::load_one(std::uint32_t number, Arrived arrived) {
  PageRecorder recorder(page_->flight);
  const auto on_step = [&](plugin::LoadStep step) {
    check_left_behind(channel_.fd());
    switch (step) {
      case plugin::LoadStep::kLoad:
        return recorder.enter(number, Operation::kLoad, "");
      case plugin::LoadStep::kCreate:
        return recorder.enter(number, Operation::kCreate, "");
      case plugin::LoadStep::kConfigure:
        return recorder.enter(number, Operation::kConfigure, "");
      case plugin::LoadStep::kSubscribe:
        return recorder.enter(number, Operation::kSubscribe, "");
    }
  };
  const std::string id = arrived.bundle.manifest.id;
  plugin::KeptBytes kept = shelf_ ? shelf_->of_plugin(id) : plugin::KeptBytes();
  MERIDIAN_TRY(auto loaded, plugin::LoadedPlugin::load(arrived.bundle, std::move(arrived.library),
                                                       arrived.options, *log_, page_->cancel,
                                                       on_step, shelf_ ? &kept : nullptr));
  if (!kept.before.empty() || !kept.given.empty()) {
    log_->debug(id + ": " + std::to_string(kept.before.size()) + " tables were kept for it, " +
                std::to_string(kept.given.size()) + " are new");
  }
  if (shelf_) shelf_->keep(id, std::move(kept));
  bundle_of_.push_back(number);
  loaded_.push_back(std::move(loaded));
  return {};
}

Result<void> LaneMain::load_bundles() {
  for (std::uint32_t i = 0; i < arrived_.size(); ++i) {
    auto loaded = load_one(i, std::move(arrived_[i]));
    check_left_behind(channel_.fd());
    PageRecorder(page_->flight).leave();
    for (const std::uint32_t call : take_refused_calls(page_->flight)) {
      MERIDIAN_CHECK(channel_.send(message::Gap{i, refused_gap(call)}));
    }
    failures_.push_back(loaded ? std::nullopt : std::optional(loaded.error()));
  }
  arrived_.clear();
  return {};
}

void LaneMain::drop(std::size_t plugin, const Error& error) {
  failures_[bundle_of_[plugin]] = error;
  loaded_.erase(loaded_.begin() + static_cast<std::ptrdiff_t>(plugin));
  bundle_of_.erase(bundle_of_.begin() + static_cast<std::ptrdiff_t>(plugin));
}

/// One plugin whose patterns do not compile costs itself. Where several have some, each is tried by
/// itself first; of one, the set of all says it too, in half the time.
void LaneMain::compile() {
  PageRecorder recorder(page_->flight);
  const auto sole = LoadedSet::sole_with_patterns(loaded_);
  for (std::size_t i = loaded_.size(); i-- > 0 && !sole;) {
    if (loaded_[i]->facts().subscriptions.patterns.empty()) continue;
    const Breadcrumb crumb(recorder, bundle_of_[i], Operation::kSubscribe, "");
    const auto compiled = plugin::Matcher::compile({&loaded_[i]->facts().subscriptions},
                                                   plugin::Matcher::What::kEverything);
    if (!compiled) drop(i, compiled.error());
  }
  const std::uint32_t who = sole ? bundle_of_[*sole] : FlightPage::kNobody;
  const Breadcrumb crumb(recorder, who, sole ? Operation::kSubscribe : Operation::kNone, "");
  plugin::DatabaseShelf* const shelf = shelf_ ? &*shelf_ : nullptr;
  auto set = LoadedSet::make(loaded_, shelf);
  if (!set && sole && loaded_.size() > 1) {
    drop(*sole, set.error());
    set = LoadedSet::make(loaded_);
  }
  if (set) {
    set_.emplace(*std::move(set));
    return;
  }
  for (const std::uint32_t bundle : bundle_of_) failures_[bundle] = set.error();
  bundle_of_.clear();
}

Result<void> LaneMain::say_loaded() {
  std::size_t next = 0;
  for (std::uint32_t i = 0; i < failures_.size(); ++i) {
    message::PluginLoaded plugin;
    plugin.bundle = i;
    plugin.error = failures_[i];
    if (!plugin.error) plugin.facts = set_->plugins[next++]->facts();
    MERIDIAN_CHECK(channel_.send(plugin));
  }
  message::Loaded loaded;
  loaded.threads = thread_count_;
  loaded.sandbox = said(level_);
  if (shelf_) {
    log_->debug("patterns: " + std::to_string(shelf_->taken_up()) + " databases were kept, " +
                std::to_string(shelf_->compiled()) + " compiled");
    const plugin::KeptDatabases changed = shelf_->take_changed();
    if (!changed.empty()) loaded.patterns = encode(changed);
    if (loaded.patterns.size() > kMaxKeptPatterns) loaded.patterns.clear();
    shelf_.reset();
  }
  return channel_.send(loaded);
}

Result<void> LaneMain::prepare() {
  MERIDIAN_CHECK(take_orders());
  MERIDIAN_CHECK(enter_sandbox());
  MERIDIAN_CHECK(load_bundles());
  compile();
  thread_count_ = threads_.now();
  threads_.close();
  if (thread_count_ <= 1) {
    MERIDIAN_CHECK(enter_second_stage(needs_, level_));
  } else {
    level_.add({"second stage", std::to_string(thread_count_) + " threads after loading", true});
  }
  // Else each worker tidies up what loading left, and has to copy it for that.
  ::malloc_trim(0);
  return say_loaded();
}

Result<void> LaneMain::fork_worker(const Frame& frame) {
  MERIDIAN_TRY(const auto order, decode<message::Fork>(frame.payload));
  const pid_t lane = ::getpid();
  const pid_t pid = fork_bare();
  if (pid == 0) {
    // The lane's socket is the lane's alone.
    channel_.close();
    Channel channel(base::UniqueFd(::fcntl(frame.descriptors[0].get(), F_DUPFD_CLOEXEC, 0)),
                    {kMaxHostPayload, kMaxDescriptors});
    auto page = map_page(frame.descriptors[1].get());
    if (!needs_.scratch.empty()) {
      const std::string own = scratch_of(::getpid());
      // Without it the lane's own is there still.
      if (::mkdir(own.c_str(), 0700) == 0) ::setenv("TMPDIR", own.c_str(), 1);  // NOLINT: as above
    }
    ::_exit(page ? be_worker(channel, **page, lane) : 1);
  }
  message::Forked forked{order.worker, pid, std::nullopt};
  if (pid < 0) {
    forked.pid = 0;
    forked.error = base::system_error(errno, "fork");
  }
  return channel_.send(forked);
}

Result<void> LaneMain::reap(const Frame& frame) {
  MERIDIAN_TRY(const auto order, decode<message::Reap>(frame.payload));
  message::Reaped reaped;
  reaped.pid = order.pid;
  if (::waitpid(order.pid, &reaped.status, 0) != order.pid) reaped.pid = 0;
  if (!needs_.scratch.empty() && reaped.pid > 0) remove_tree(scratch_of(order.pid));
  return channel_.send(reaped);
}

int LaneMain::be_worker(Channel& channel, SharedPage& page, pid_t parent) {
  logged_to_ = &channel;
  use_flight_page(&page.flight);
  base::count_reads_in(&page.flight.reading);
  auto entered = enter_worker(level_, parent);
  message::Hello hello;
  hello.sandbox = said(level_);
  if (!entered) hello.error = entered.error();
  if (!channel.send(hello) || !entered) return 1;
  return run_worker(*set_, channel, page.flight, page_->cancel);
}

/// A fault here has a name, and costs no result.
void LaneMain::destroy_plugins() {
  PageRecorder recorder(page_->flight);
  if (!set_) return;
  for (std::uint32_t i = 0; i < set_->plugins.size(); ++i) {
    recorder.enter(i, Operation::kDestroy, "");
    const auto done = set_->plugins[i]->destroy();
    check_left_behind(channel_.fd());
    recorder.leave();
    if (done) continue;
    // Lost if the supervisor is gone.
    static_cast<void>(channel_.send(message::Gap{
        i, {finding::GapKind::kShutdown, "", "", "", done.error().message(), "", ""}}));
  }
}

int LaneMain::serve() {
  while (true) {
    auto frame = channel_.receive();
    if (!frame || !*frame) return frame ? 0 : 1;
    Result<void> done;
    switch (static_cast<FrameType>((*frame)->type)) {
      case FrameType::kFork:
        if (!(*frame)->descriptors.empty()) {
          done = fork_worker(**frame);
          break;
        }
        // No socket of its own: this process is the worker.
        {
          const int status = be_worker(channel_, *page_, parent_);
          if (status != kWorkerShutDown) return status;
        }
        destroy_plugins();
        ::_exit(0);
      case FrameType::kReap:
        done = reap(**frame);
        break;
      case FrameType::kShutdown:
        destroy_plugins();
        ::_exit(0);  // what plugins left for exit() is not run
      default:
        return 1;
    }
    if (!done) return 1;
  }
}

}  // namespace

int lane_main() {
  // Never destroyed: what a plugin left behind may still run when the process ends.
  auto* const lane = new LaneMain();  // NOLINT(cppcoreguidelines-owning-memory)
  if (auto ready = lane->prepare(); !ready) {
    Channel channel(base::UniqueFd(::fcntl(kLaneSocket, F_DUPFD_CLOEXEC, 0)), {});
    message::Hello hello;
    hello.error = ready.error();
    static_cast<void>(channel.send(hello));
    return 1;
  }
  return lane->serve();
}

}  // namespace meridian::lane
