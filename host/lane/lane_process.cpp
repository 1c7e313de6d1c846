// SPDX-License-Identifier: Apache-2.0
#include "lane/lane_process.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <thread>
#include <utility>

#include "base/limits.hpp"
#include "base/sealed_file.hpp"
#include "base/system_error.hpp"
#include "plugin/acceptance.hpp"

namespace meridian::lane {

namespace {

/// A lane's words: plugin code may have said them.
Error fitted(const Error& error) {
  return Error(error.code(), plugin::fit_text(error.message(), limits::kMaxText));
}

/// Of a child that somebody else has waited for: as if killed from outside.
constexpr int kUnknownStatus = SIGKILL;

/// System calls that one bundle can be refused while it loads: the kernel has no more.
constexpr std::size_t kMaxRefused = FlightPage::kCalls;

Result<base::UniqueFd> duplicate(int file) {
  base::UniqueFd copy(::fcntl(file, F_DUPFD_CLOEXEC, 0));
  if (!copy) return base::system_error(errno, "dup");
  return copy;
}

Result<void> queue_bundle(Channel& channel, const BundleOrder& order) {
  const plugin::Bundle& bundle = *order.bundle;
  std::vector<base::UniqueFd> files(2);
  MERIDIAN_TRY(files[0], duplicate(order.library->get()));
  MERIDIAN_TRY(files[1], duplicate(order.rules->get()));
  message::Bundle message;
  message.manifest = bundle.manifest_json;
  message.note = bundle.note;
  message.digest = bundle.digest;
  message.rules_digest = bundle.rules_digest;
  message.options = order.options;
  for (const plugin::DataFile& one : bundle.data) {
    message.data.emplace_back(one.name, one.identity);
    MERIDIAN_TRY(auto file, duplicate(one.file->get()));
    files.push_back(std::move(file));
  }
  channel.queue(message, std::move(files));
  return {};
}

/// A lane's name among kept patterns.
std::string name_of(const std::vector<BundleOrder>& orders) {
  std::string name;
  for (const BundleOrder& order : orders) name += order.bundle->digest + ' ';
  return name;
}

}  // namespace

Result<BundleOrder> BundleOrder::make(const plugin::Bundle& bundle, std::string options) {
  BundleOrder order;
  order.bundle = &bundle;
  order.options = std::move(options);
  MERIDIAN_TRY(auto library, plugin::seal_library(bundle));
  MERIDIAN_TRY(auto rules, base::sealed_memfd(bundle.manifest.id + "-rules", encode(bundle.rules)));
  order.library = std::make_shared<const base::UniqueFd>(std::move(library));
  order.rules = std::make_shared<const base::UniqueFd>(std::move(rules));
  return order;
}

LaneProcess::LaneProcess(const Supervision& supervision, Spawned spawned, MappedPage page)
    : supervision_(supervision),
      pid_(spawned.pid),
      channel_(std::move(spawned.socket), {kMaxSubscriptionsPayload, 1}),
      page_(std::move(page)) {}

LaneProcess::~LaneProcess() {
  if (warden_) supervision_.warden.remove(*warden_);
  end(std::chrono::milliseconds(0));
}

Result<LaneProcess::Started> LaneProcess::start(const Supervision& supervision,
                                                const std::vector<BundleOrder>& orders) {
  MERIDIAN_TRY(MadePage page, make_page());
  Started started;
  std::optional<ScratchFolder> scratch;
  const auto needy = std::find_if(orders.begin(), orders.end(), [](const BundleOrder& order) {
    return order.bundle->manifest.needs.scratch > 0;
  });
  if (needy != orders.end()) {
    auto made = ScratchFolder::make();
    if (!made) {
      started.fault.fault = {finding::GapKind::kUnreadable,
                             static_cast<std::uint32_t>(needy - orders.begin()), "",
                             "no scratch space: " + made.error().message()};
      return started;
    }
    scratch.emplace(*std::move(made));
  }
  MERIDIAN_TRY(Spawned spawned, supervision.spawner.spawn());
  started.process.reset(new LaneProcess(supervision, std::move(spawned), std::move(page.page)));
  if (scratch) started.process->scratch_.emplace(*std::move(scratch));
  auto loaded = started.process->load(orders, std::move(page.file));
  if (loaded) return started;
  // A lane's own word is no reason to end the scan.
  if (supervision.cancel.stopped()) return std::move(loaded).error();
  const ProcessEnd end = started.process->end_of(&loaded.error());
  started.fault = {fault_of(end), may_be_foreign(end), is_own_fault(end)};
  started.process.reset();
  return started;
}

Result<void> LaneProcess::load(const std::vector<BundleOrder>& orders, base::UniqueFd page_file) {
  orders_ = orders.size();
  for (const BundleOrder& order : orders) threads_ += order.bundle->manifest.needs.threads;
  if (threads_ > 0) ++threads_;  // and the one that it begins with
  for (const BundleOrder& order : orders) MERIDIAN_CHECK(queue_bundle(channel_, order));
  message::Load message;
  message.log_level = supervision_.log.threshold();
  if (scratch_) message.scratch = scratch_->path();
  std::vector<base::UniqueFd> files;
  files.push_back(std::move(page_file));
  if (supervision_.patterns != nullptr) {
    MERIDIAN_TRY(auto patterns,
                 base::sealed_memfd("patterns", supervision_.patterns->read(name_of(orders))));
    files.push_back(std::move(patterns));
  }
  channel_.queue(message, std::move(files));

  FrameWait wait(supervision_, channel_, page_->flight);
  // In all: compiling, and each plugin's own part.
  const auto until =
      Clock::now() + supervision_.patience.host +
      supervision_.patience.load * static_cast<std::chrono::milliseconds::rep>(orders_);
  while (true) {
    MERIDIAN_TRY(
        const auto frame,
        wait.next(std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now())));
    // An empty error: it has ended by itself.
    if (!frame) return Error(ErrorCode::kUnreadable, "");
    MERIDIAN_TRY(const bool done, take(*frame));
    if (!done) continue;
    if (!loaded_.patterns.empty() && supervision_.patterns != nullptr) {
      supervision_.patterns->write(name_of(orders), std::exchange(loaded_.patterns, {}));
    }
    if (plugins_.size() == orders.size()) return {};
    return Error(ErrorCode::kCorrupt, "it did not say what became of each bundle");
  }
}

/// True: the last of them.
Result<bool> LaneProcess::take(const Frame& frame) {
  switch (static_cast<FrameType>(frame.type)) {
    case FrameType::kHello: {
      MERIDIAN_TRY(const auto hello, decode<message::Hello>(frame.payload));
      if (hello.error) return fitted(*hello.error);
      // The first word, and the only one: what comes later may be a plugin's.
      if (sandbox_) return Error(ErrorCode::kCorrupt, "a second greeting");
      sandbox_ = hello.sandbox;
      sandbox_->level = plugin::fit_text(sandbox_->level, limits::kMaxText);
      if (!frame.descriptors.empty()) {
        base::UniqueFd listener(::fcntl(frame.descriptors.front().get(), F_DUPFD_CLOEXEC, 0));
        if (!listener) return base::system_error(errno, "dup");
        warden_ = supervision_.warden.add(std::move(listener), {pid_, &page_->flight, threads_});
      }
      return false;
    }
    case FrameType::kGap: {
      MERIDIAN_TRY(auto refused, decode<message::Gap>(frame.payload));
      if (!sandbox_ || refused.plugin >= orders_ || refused_.size() >= kMaxRefused * orders_ ||
          refused.gap.kind != finding::GapKind::kRefused) {
        return Error(ErrorCode::kCorrupt, "a gap while loading");
      }
      refused.gap.message = plugin::fit_text(refused.gap.message, limits::kMaxText);
      refused_.push_back(std::move(refused));
      return false;
    }
    case FrameType::kPluginLoaded: {
      MERIDIAN_TRY(auto plugin, decode<message::PluginLoaded>(frame.payload));
      if (!sandbox_ || plugin.bundle != plugins_.size() || plugins_.size() == orders_) {
        return Error(ErrorCode::kCorrupt, "bundles out of their order");
      }
      if (plugin.error) plugin.error = fitted(*plugin.error);
      plugins_.push_back(std::move(plugin));
      return false;
    }
    case FrameType::kLoaded: {
      MERIDIAN_TRY(loaded_, decode<message::Loaded>(frame.payload));
      if (!sandbox_) return Error(ErrorCode::kCorrupt, "no greeting");
      loaded_.sandbox.level = plugin::fit_text(loaded_.sandbox.level, limits::kMaxText);
      if (loaded_.patterns.size() > kMaxKeptPatterns) loaded_.patterns.clear();
      if (loaded_.error) return fitted(*loaded_.error);
      return true;
    }
    default:
      return Error(ErrorCode::kCorrupt, "frame " + std::to_string(frame.type) + " while loading");
  }
}

/// Why it did not become what it should: its own end, or what the supervisor had of it.
ProcessEnd LaneProcess::end_of(const Error* error) {
  ProcessEnd ended;
  ended.in_flight = read_page(page_->flight);
  const bool by_itself = error == nullptr || error->message().empty();
  if (!by_itself) {
    ended.given_up = error->code() == ErrorCode::kLimit ? GivenUp::kTimeout : GivenUp::kProtocol;
    ended.detail = error->message();
  }
  ended.stopped = ended.given_up == GivenUp::kTimeout && is_stopped(pid_);
  ended.status = end(std::chrono::milliseconds(by_itself ? 200 : 0));
  note_end(page_->flight, oom_kills_, ended);
  return ended;
}

/// What it forked and nobody was told of. A lane leads a group of its own, which none of its
/// processes can leave (setsid and setpgid are refused); the group's number is its pid.
void LaneProcess::end_family() const { ::kill(-pid_, SIGKILL); }

int LaneProcess::end(std::chrono::milliseconds patience) {
  if (status_) return *status_;
  const auto until = Clock::now() + patience;
  int status = 0;
  while (true) {
    siginfo_t ended{};
    if (::waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOHANG | WNOWAIT) != 0) {
      return kUnknownStatus;
    }
    if (ended.si_pid == pid_) {
      end_family();  // before its number is free
      ::waitpid(pid_, &status, 0);
      break;
    }
    if (Clock::now() >= until) {
      // Our own child, not yet waited for: its pid is still its own.
      end_family();
      ::kill(pid_, SIGKILL);
      while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
      }
      break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  status_ = status;
  return status;
}

std::vector<Fault> LaneProcess::shut_down() {
  std::vector<Fault> faults;
  // A scan that was stopped does not wait for plugins: the destructor ends the process.
  if (status_ || supervision_.cancel.stopped()) return faults;
  FrameWait wait(supervision_, channel_, page_->flight);
  channel_.queue(message::Shutdown());
  // Its lines of the log, until it closes.
  while (true) {
    const auto frame = wait.next(4 * supervision_.patience.destroy);
    if (frame && *frame) {
      // A plugin's own word; at most one of each.
      const auto said = (*frame)->type == static_cast<std::uint16_t>(FrameType::kGap)
                            ? decode<message::Gap>((*frame)->payload)
                            : Error(ErrorCode::kCorrupt, "no gap");
      if (said && faults.size() < orders_) {
        faults.push_back({finding::GapKind::kShutdown, said->plugin, "",
                          plugin::fit_text(said->gap.message, limits::kMaxText)});
      }
      continue;
    }
    if (supervision_.cancel.stopped()) return faults;
    const bool late = !frame && frame.error().code() == ErrorCode::kLimit;
    const Error error(ErrorCode::kLimit, "did not return");
    const ProcessEnd ended = end_of(late ? &error : nullptr);
    const bool in_destroy = ended.in_flight.operation != Operation::kNone;  // exit(0) there
    if (ended.given_up == GivenUp::kEnded && ended.status == 0 && !in_destroy) return faults;
    faults.push_back(fault_of(ended));
    return faults;
  }
}

}  // namespace meridian::lane
