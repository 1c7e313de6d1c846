// SPDX-License-Identifier: Apache-2.0
#include "lane/fork_warden.hpp"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "base/read_file.hpp"
#include "base/system_error.hpp"
#include "lane/seccomp_policy.hpp"

namespace meridian::lane {

namespace {

constexpr std::uint64_t kMaxStatus = 16 << 10;  // /proc/PID/status has some 1.5 KiB

/// One lane; shared by the map and a round of polling that began before it was removed.
struct Watched {
  base::UniqueFd listener;
  std::size_t orders = 0;
  std::size_t threads = 0;
  std::map<std::uint64_t, FlightPage*> pages;  // by process
  std::map<std::uint64_t, std::size_t> lent;   // threads, by process
  bool ended = false;                          // no process with this filter is left
  ForkWarden::Refusals refusals;
};

/// What the kernel writes and reads; it may be longer than our headers know.
struct Exchange {
  std::vector<std::uint64_t> request, response;  // aligned for the structures

  Exchange() {
    seccomp_notif_sizes sizes{};
    if (::syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) != 0) sizes = {};
    const auto words = [](std::size_t kernel, std::size_t ours) {
      return (std::max(kernel, ours) + 7) / 8;
    };
    request.resize(words(sizes.seccomp_notif, sizeof(seccomp_notif)));
    response.resize(words(sizes.seccomp_notif_resp, sizeof(seccomp_notif_resp)));
  }
};

struct ThreadGroup {
  std::uint64_t id = 0, threads = 0;  // 0: it cannot be told
};

std::uint64_t number_after(const std::string& text, std::string_view key) {
  const std::size_t at = text.find(key);
  std::uint64_t number = 0;
  if (at == std::string::npos) return 0;
  std::from_chars(text.data() + at + key.size(), text.data() + text.size(), number);
  return number;
}

ThreadGroup thread_group(std::uint32_t thread) {
  const std::string path = "/proc/" + std::to_string(thread) + "/status";
  const base::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return {};
  const auto text = base::read_all(file.get(), kMaxStatus, path);
  if (!text) return {};
  // The name above them has its line breaks escaped.
  return {number_after(*text, "\nTgid:\t"), number_after(*text, "\nThreads:\t")};
}

/// kill and tgkill name a thread group first, tkill a thread.
bool goes_to_itself(const seccomp_notif& request, const ThreadGroup& group) {
  const auto target = static_cast<std::uint32_t>(request.data.args[0]);
  if (target == request.pid && target != 0) return true;
  if (request.data.nr == SYS_tkill || target == 0) return false;
  return group.id == target;
}

bool is_fork(const seccomp_notif& request) {
  return request.data.nr == SYS_clone &&
         static_cast<std::uint32_t>(request.data.args[0]) == kForkFlags;
}

bool is_thread(const seccomp_notif& request) {
  return request.data.nr == SYS_clone &&
         static_cast<std::uint32_t>(request.data.args[0]) == kThreadFlags;
}

bool is_signal(const seccomp_notif& request) {
  return request.data.nr == SYS_kill || request.data.nr == SYS_tgkill ||
         request.data.nr == SYS_tkill;
}

}  // namespace

struct ForkWarden::State {
  mutable std::mutex mutex;
  std::map<Id, std::shared_ptr<Watched>> lanes;  // under mutex, and what they point to
  Id next = 1;                                   // under mutex
  std::atomic<bool> stopping{false};
  base::UniqueFd wake;
  std::thread thread;

  void ring() const {
    const std::uint64_t one = 1;
    // Full means that it rings already.
    [[maybe_unused]] const ssize_t written = ::write(wake.get(), &one, sizeof one);
  }
  void watch();
  void answer(Watched& lane, Exchange& exchange);
};

void ForkWarden::State::answer(Watched& lane, Exchange& exchange) {
  std::fill(exchange.request.begin(), exchange.request.end(), 0);  // the kernel wants zeros
  std::fill(exchange.response.begin(), exchange.response.end(), 0);
  if (::ioctl(lane.listener.get(), SECCOMP_IOCTL_NOTIF_RECV, exchange.request.data()) != 0) return;
  seccomp_notif request{};
  std::memcpy(&request, exchange.request.data(), sizeof request);

  const bool fork = is_fork(request);
  const bool new_thread = is_thread(request);
  std::unique_lock lock(mutex);
  ThreadGroup group;
  // Who asks for a fork that was ordered is the lane, whichever it is.
  if (!fork || lane.orders == 0) {
    lock.unlock();
    group = thread_group(request.pid);
    // The look into procfs was at that process only if it still waits.
    if (::ioctl(lane.listener.get(), SECCOMP_IOCTL_NOTIF_ID_VALID, &request.id) != 0) return;
    lock.lock();
  }
  const bool own_thread = new_thread && group.threads > 0 && group.threads < lane.threads;
  const auto lent = new_thread && !own_thread ? lane.lent.find(group.id) : lane.lent.end();
  const bool passes = (is_signal(request) && goes_to_itself(request, group)) ||
                      (fork && lane.orders > 0) || own_thread || lent != lane.lent.end();
  const auto page = lane.pages.find(group.id);
  const bool has_page = page != lane.pages.end();
  if (!passes && has_page) {
    note_refused(*page->second, static_cast<std::uint32_t>(request.data.nr));
  }
  seccomp_notif_resp response{};
  response.id = request.id;
  response.error = passes ? 0 : new_thread ? -EAGAIN : -EPERM;
  response.flags = passes ? SECCOMP_USER_NOTIF_FLAG_CONTINUE : 0;
  std::memcpy(exchange.response.data(), &response, sizeof response);
  const int sent = ::ioctl(lane.listener.get(), SECCOMP_IOCTL_NOTIF_SEND, exchange.response.data());
  if (sent != 0) return;  // it died, or a signal came between and it asks again
  if (passes) {
    if (fork) --lane.orders;
    if (lent != lane.lent.end() && --lent->second == 0) lane.lent.erase(lent);
    return;
  }
  if (has_page) return;
  ++lane.refusals.count;
  if (lane.refusals.calls.size() < kMaxRefusedKept) {
    lane.refusals.calls.push_back(
        {static_cast<pid_t>(request.pid), static_cast<std::uint32_t>(request.data.nr)});
  }
}

void ForkWarden::State::watch() {
  Exchange exchange;
  std::vector<std::shared_ptr<Watched>> watched;
  std::vector<pollfd> polled;
  while (!stopping.load()) {
    watched.clear();
    polled.assign(1, {wake.get(), POLLIN, 0});
    {
      const std::lock_guard lock(mutex);
      for (const auto& [id, lane] : lanes) {
        if (lane->ended) continue;
        watched.push_back(lane);
        polled.push_back({lane->listener.get(), POLLIN, 0});
      }
    }
    if (::poll(polled.data(), polled.size(), -1) < 0) continue;
    if ((polled[0].revents & POLLIN) != 0) {
      std::uint64_t rung = 0;
      [[maybe_unused]] const ssize_t got = ::read(wake.get(), &rung, sizeof rung);
    }
    for (std::size_t i = 0; i < watched.size(); ++i) {
      const short events = polled[i + 1].revents;
      if ((events & POLLIN) != 0) {
        answer(*watched[i], exchange);
      } else if (events != 0) {
        const std::lock_guard lock(mutex);
        watched[i]->ended = true;
      }
    }
  }
}

ForkWarden::ForkWarden(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<ForkWarden>> ForkWarden::start() {
  auto state = std::make_unique<State>();
  state->wake.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!state->wake) return base::system_error(errno, "eventfd");
  // Signals are for the main thread.
  sigset_t all{};
  sigset_t before{};
  sigfillset(&all);
  if (const int failed = ::pthread_sigmask(SIG_SETMASK, &all, &before); failed != 0) {
    return base::system_error(failed, "signal mask");
  }
  State* const shared = state.get();
  auto started =
      base::seam("fork warden", [&] { return std::thread([shared] { shared->watch(); }); });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (!started) return started.error();
  state->thread = *std::move(started);
  return std::unique_ptr<ForkWarden>(new ForkWarden(std::move(state)));
}

ForkWarden::~ForkWarden() {
  state_->stopping.store(true);
  state_->ring();
  state_->thread.join();
}

ForkWarden::Id ForkWarden::add(base::UniqueFd listener, const LaneFacts& facts) {
  auto lane = std::make_shared<Watched>();
  lane->listener = std::move(listener);
  lane->threads = facts.threads;
  if (facts.page != nullptr) lane->pages[static_cast<std::uint64_t>(facts.process)] = facts.page;
  Id id = 0;
  {
    const std::lock_guard lock(state_->mutex);
    id = state_->next++;
    state_->lanes.emplace(id, std::move(lane));
  }
  state_->ring();
  return id;
}

void ForkWarden::note_into(Id id, pid_t process, FlightPage& page) {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->lanes.find(id);
  if (found == state_->lanes.end()) return;
  found->second->pages[static_cast<std::uint64_t>(process)] = &page;
}

void ForkWarden::forget(Id id, pid_t process) {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->lanes.find(id);
  if (found != state_->lanes.end()) {
    found->second->pages.erase(static_cast<std::uint64_t>(process));
    found->second->lent.erase(static_cast<std::uint64_t>(process));
  }
}

void ForkWarden::lend_threads(Id id, pid_t process, std::size_t count) {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->lanes.find(id);
  if (found == state_->lanes.end()) return;
  if (count == 0) {
    found->second->lent.erase(static_cast<std::uint64_t>(process));
  } else {
    found->second->lent[static_cast<std::uint64_t>(process)] += count;
  }
}

void ForkWarden::order(Id id) {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->lanes.find(id);
  if (found != state_->lanes.end()) ++found->second->orders;
}

std::size_t ForkWarden::ordered(Id id) const {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->lanes.find(id);
  return found == state_->lanes.end() ? 0 : found->second->orders;
}

void ForkWarden::remove(Id id) {
  {
    const std::lock_guard lock(state_->mutex);
    const auto found = state_->lanes.find(id);
    if (found != state_->lanes.end()) {
      found->second->pages.clear();  // a round of polling may still hold it
      state_->lanes.erase(found);
    }
  }
  state_->ring();
}

ForkWarden::Refusals ForkWarden::take_refused(Id id) {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->lanes.find(id);
  return found == state_->lanes.end() ? Refusals() : std::exchange(found->second->refusals, {});
}

}  // namespace meridian::lane
