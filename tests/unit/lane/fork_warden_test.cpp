// SPDX-License-Identifier: Apache-2.0
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "unit/lane/confined_child.hpp"

using namespace meridian;
using namespace meridian::testing_support;
using lane::ForkMode;
using lane::ForkWarden;

namespace {

std::string outcome(long result) { return result >= 0 ? "done" : ::strerrorname_np(errno); }

/// Without user notification (gVisor) no lane forks, and there is nothing to guard.
bool kernel_asks() {
  ConfinedChild child({}, ForkMode::kFork, Step::kLane, [](const Inside&) {});
  child.finish();
  return static_cast<bool>(child.take_listener());
}

/// Forks one that exits with 7, and says how that went.
void fork_and_wait(const Inside& inside) {
  const pid_t forked = ::fork();
  if (forked == 0) ::_exit(7);
  int status = 0;
  if (forked > 0) ::waitpid(forked, &status, 0);
  inside.say("fork " + outcome(forked) + " " + std::to_string(WEXITSTATUS(status)));
}

}  // namespace

TEST_CASE("fork warden: one fork passes for each order, the next fails and is noted") {
  if (!kernel_asks()) return;
  auto warden = ForkWarden::start();
  REQUIRE(warden);
  ConfinedChild child({}, ForkMode::kFork, Step::kSecond, [](const Inside& inside) {
    inside.wait();
    for (int i = 0; i < 4; ++i) fork_and_wait(inside);
  });
  base::UniqueFd listener = child.take_listener();
  REQUIRE(listener);
  const ForkWarden::Id id = (*warden)->add(std::move(listener));
  (*warden)->order(id);
  (*warden)->order(id);
  child.go_on();
  const pid_t pid = child.pid();
  const std::string said = child.finish();
  CHECK(said.substr(said.find('\n') + 1) ==
        "fork done 7\nfork done 7\nfork EPERM 0\nfork EPERM 0\n");
  CHECK((*warden)->ordered(id) == 0);
  const auto refused = (*warden)->take_refused(id);
  CHECK(refused.count == 2);
  REQUIRE(refused.calls.size() == 2);
  CHECK(lane::call_name(refused.calls[0].call) == "clone");
  CHECK(refused.calls[0].thread == pid);
  CHECK((*warden)->take_refused(id).count == 0);
}

TEST_CASE("fork warden: a worker signals itself and nobody else") {
  if (!kernel_asks()) return;
  auto warden = ForkWarden::start();
  REQUIRE(warden);
  ConfinedChild child({}, ForkMode::kFork, Step::kSecond, [](const Inside& inside) {
    inside.wait();
    const pid_t lane_pid = ::getpid();
    const pid_t worker = ::fork();
    if (worker > 0) {
      ::waitpid(worker, nullptr, 0);
      ::_exit(0);
    }
    ::signal(SIGUSR1, [](int) {});
    inside.say("itself " + outcome(::raise(SIGUSR1)));
    inside.say("lane " + outcome(::kill(lane_pid, SIGKILL)));
    inside.say("supervisor " + outcome(::kill(inside.outside(), SIGKILL)));
    inside.say("all " + outcome(::kill(-1, SIGKILL)));
    inside.say("group " + outcome(::kill(0, SIGKILL)));
    inside.say("thread " + outcome(::syscall(SYS_tkill, lane_pid, SIGKILL)));
    inside.say("queue " + outcome(::sigqueue(lane_pid, SIGKILL, {})));
    fork_and_wait(inside);
    ::raise(SIGABRT);
  });
  const ForkWarden::Id id = (*warden)->add(child.take_listener());
  (*warden)->order(id);
  child.go_on();
  const std::string said = child.finish();
  CHECK(said.substr(said.find('\n') + 1) ==
        "itself done\nlane EPERM\nsupervisor EPERM\nall EPERM\ngroup EPERM\nthread EPERM\n"
        "queue EPERM\nfork EPERM 0\n");
  CHECK(child.status() == 0);
  CHECK(child.page().get()->signal == SIGABRT);
  CHECK((*warden)->take_refused(id).count == 6);
  CHECK(contains(child.page().refused(), "rt_sigqueueinfo"));
}

TEST_CASE("fork warden: as many threads as the lane may have; the next is noted in the page") {
  if (!kernel_asks()) return;
  auto warden = ForkWarden::start();
  REQUIRE(warden);
  lane::SandboxNeeds needs;
  needs.threads = true;
  ConfinedChild child(needs, ForkMode::kSingle, Step::kWorker, [](const Inside& inside) {
    inside.wait();
    static std::atomic<bool> done{false};
    const auto wait = [](void*) -> void* {
      while (!done.load()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      return nullptr;
    };
    std::vector<pthread_t> threads(4);
    std::string said;
    for (pthread_t& thread : threads) {
      const int failed = ::pthread_create(&thread, nullptr, wait, nullptr);
      said += failed == 0 ? "started " : std::string(::strerrorname_np(failed)) + " ";
    }
    done.store(true);
    inside.say(said);
    ::_exit(0);
  });
  const pid_t pid = child.pid();
  const auto id = (*warden)->add(child.take_listener(), {pid, child.page().get(), 3});
  child.go_on();
  const std::string said = child.finish();
  CHECK(said.substr(said.find('\n') + 1) == "started started EAGAIN EAGAIN \n");
  CHECK(child.page().refused() == std::vector<std::string>{"clone"});
  CHECK((*warden)->take_refused(id).count == 0);
}

TEST_CASE("fork warden: threads that are lent, to one process, and no more of them") {
  if (!kernel_asks()) return;
  auto warden = ForkWarden::start();
  REQUIRE(warden);
  ConfinedChild child(lane::SandboxNeeds(), ForkMode::kFork, Step::kWorker,
                      [](const Inside& inside) {
                        inside.wait();
                        std::string said;
                        for (int i = 0; i < 4; ++i) {
                          pthread_t thread{};
                          const auto nothing = [](void*) -> void* { return nullptr; };
                          const int failed = ::pthread_create(&thread, nullptr, nothing, nullptr);
                          if (failed == 0) ::pthread_join(thread, nullptr);
                          said += failed == 0 ? "started " : "refused ";
                        }
                        inside.say(said);
                        ::_exit(0);
                      });
  const pid_t pid = child.pid();
  const auto id = (*warden)->add(child.take_listener(), {pid, child.page().get(), 0});
  (*warden)->lend_threads(id, pid + 1, 5);  // somebody else's
  (*warden)->lend_threads(id, pid, 7);
  (*warden)->lend_threads(id, pid, 0);
  (*warden)->lend_threads(id, pid, 1);
  (*warden)->lend_threads(id, pid, 1);
  child.go_on();
  const std::string said = child.finish();
  CHECK(said.substr(said.find('\n') + 1) == "started started refused refused \n");
  CHECK(child.page().refused() == std::vector<std::string>{"clone"});
}

TEST_CASE("fork warden: many lanes at once, each with its own orders, removed while they ask") {
  if (!kernel_asks()) return;
  auto warden = ForkWarden::start();
  REQUIRE(warden);
  std::vector<std::unique_ptr<ConfinedChild>> children;
  std::vector<ForkWarden::Id> ids;
  for (int i = 0; i < 4; ++i) {
    children.push_back(std::make_unique<ConfinedChild>(lane::SandboxNeeds(), ForkMode::kFork,
                                                       Step::kLane, [i](const Inside& inside) {
                                                         inside.wait();
                                                         for (int k = 0; k < 20; ++k)
                                                           fork_and_wait(inside);
                                                         inside.say("end " + std::to_string(i));
                                                         while (::fork() != 0) {
                                                           if (errno == ENOSYS)
                                                             ::_exit(3);  // nobody answers any more
                                                         }
                                                       }));
    ids.push_back((*warden)->add(children.back()->take_listener()));
    for (int k = 0; k < i; ++k) (*warden)->order(ids.back());
  }
  for (const auto& child : children) child->go_on();
  for (int i = 0; i < 4; ++i) {
    int passed = 0;
    for (;;) {
      const std::string line = children[static_cast<std::size_t>(i)]->line();
      if (line == "fork done 7") ++passed;
      if (line.substr(0, 3) == "end" || line.empty()) break;
    }
    CHECK(passed == i);
  }
  // A later child was forked with copies of the earlier ones' listeners: nobody answers an early
  // one before all are removed and the later have ended.
  for (const ForkWarden::Id id : ids) (*warden)->remove(id);
  for (const auto& child : children) {
    child->finish();
    CHECK(WEXITSTATUS(child->status()) == 3);
  }
}

TEST_CASE("fork warden: ends while lanes wait for an answer or are dead") {
  if (!kernel_asks()) return;
  ConfinedChild waits({}, ForkMode::kFork, Step::kLane, [](const Inside& inside) {
    inside.wait();
    fork_and_wait(inside);
  });
  ConfinedChild dead({}, ForkMode::kFork, Step::kLane, [](const Inside&) {});
  {
    auto warden = ForkWarden::start();
    REQUIRE(warden);
    (*warden)->add(dead.take_listener());
    dead.finish();
    (*warden)->add(waits.take_listener());
    waits.go_on();
  }
  const std::string said = waits.finish();
  const bool refused = said.find("fork EPERM") != std::string::npos;
  CHECK((refused || said.find("fork ENOSYS") != std::string::npos));
}
