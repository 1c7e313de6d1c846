// SPDX-License-Identifier: Apache-2.0
//
// bench_worker.cpp BUNDLES: a fresh worker of a lane with these bundles (forked through the warden,
// sandboxed, greeted, ended) against a bare fork and wait of a process with as much memory
// resident, in all and anonymous alone. Not a test: numbers of a loaded machine prove nothing.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/read_file.hpp"
#include "lane/lane_handle.hpp"
#include "lane/lane_main.hpp"
#include "plugin/catalog.hpp"

using namespace meridian;

namespace {

constexpr int kRounds = 100;

[[noreturn]] void die(const std::string& why) {
  std::fprintf(stderr, "bench_worker: %s\n", why.c_str());
  std::exit(1);
}

template <typename T>
T need(Result<T> result) {
  if (!result) die(result.error().message());
  return *std::move(result);
}

/// `what` ("VmRSS", "RssAnon") of the only child that is a lane, in bytes.
std::size_t memory_of_lane(const std::string& what) {
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string status = base::read_own_file(entry.path() / "status", 64 << 10).value_or("");
    if (status.find("\nPPid:\t" + std::to_string(::getpid()) + "\n") == std::string::npos) continue;
    const std::size_t at = status.find("\n" + what + ":");
    if (at != std::string::npos) return std::stoul(status.substr(at + what.size() + 2)) * 1024;
  }
  die("no lane among the children");
}

double milliseconds(const std::function<void()>& what) {
  const auto begin = std::chrono::steady_clock::now();
  what();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
      .count();
}

/// The middle one of many, in turn with the other, so that both meet the same machine.
std::pair<double, double> compare(const std::function<void()>& a, const std::function<void()>& b) {
  std::vector<double> first, second;
  for (int i = 0; i < kRounds; ++i) {
    first.push_back(milliseconds(a));
    second.push_back(milliseconds(b));
  }
  const auto middle = [](std::vector<double>& all) {
    std::nth_element(all.begin(), all.begin() + kRounds / 2, all.end());
    return all[kRounds / 2];
  };
  return {middle(first), middle(second)};
}

/// A process of its own that forks and waits as it is told, a byte each.
class BareForker {
 public:
  explicit BareForker(std::size_t memory) {
    if (::pipe(orders_) != 0 || ::pipe(answers_) != 0) die("pipe");
    pid_ = ::fork();
    if (pid_ == 0) serve(memory);
    wait();  // until its memory is there
  }
  void round() {
    if (::write(orders_[1], "x", 1) != 1) die("write");
    wait();
  }
  ~BareForker() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

 private:
  [[noreturn]] void serve(std::size_t memory) {
    void* const at =
        ::mmap(nullptr, memory, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) ::_exit(1);
    std::memset(at, 1, memory);
    for (char order = 0;;) {
      if (::write(answers_[1], "x", 1) != 1 || ::read(orders_[0], &order, 1) != 1) ::_exit(0);
      const pid_t child = ::fork();
      if (child == 0) ::_exit(0);
      ::waitpid(child, nullptr, 0);
    }
  }
  void wait() {
    char answer = 0;
    if (::read(answers_[0], &answer, 1) != 1) die("read");
  }
  int orders_[2]{}, answers_[2]{};
  pid_t pid_ = -1;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) die("BUNDLES");
  if (std::string_view(argv[1]) == "lane") return lane::lane_main();
  plugin::Catalog catalog;
  if (auto added = plugin::add_directory(argv[1], catalog); !added) die(added.error().message());
  std::vector<lane::BundleOrder> orders;
  for (const plugin::Bundle& bundle : catalog.bundles) {
    orders.push_back(need(lane::BundleOrder::make(bundle, "{}")));
  }
  const base::Log log(base::LogLevel::kWarn, base::Log::Color::kNo);
  const base::Cancel cancel;
  lane::Spawner spawner(lane::Spawner::Words::kDropped);
  const auto warden = need(lane::ForkWarden::start());
  const lane::Supervision supervision{spawner, *warden, log, cancel, {}};
  const auto lane = need(lane::LaneHandle::start(supervision, std::move(orders)));
  if (!lane->note().empty()) die("workers are not forked: " + lane->note());
  // All that is resident, and the part of it that a fork really copies the tables of.
  for (const char* const what : {"VmRSS", "RssAnon"}) {
    const std::size_t memory = memory_of_lane(what);
    BareForker bare(memory);
    const auto [worker, forked] = compare([&] { need(lane->worker()); }, [&] { bare.round(); });
    std::printf("%zu plugins, %s %.0f MB: worker %.2f ms, bare fork and wait %.2f ms: %.2f\n",
                catalog.bundles.size(), what, static_cast<double>(memory) / 1e6, worker, forked,
                worker / forked);
  }
  return 0;
}
