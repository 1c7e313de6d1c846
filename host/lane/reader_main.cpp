// SPDX-License-Identifier: Apache-2.0
//
// Read reader_main() at the end first.
#include "lane/reader_main.hpp"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <utility>
#include <vector>

#include "base/system_error.hpp"
#include "lane/blob_reader.hpp"
#include "lane/channel.hpp"
#include "lane/lane_main.hpp"
#include "lane/lane_messages.hpp"
#include "lane/sandbox.hpp"
#include "lane/signal_guard.hpp"
#include "lane/worker_reports.hpp"

namespace meridian::lane {

namespace {

/// Of one blob's process: windows of zstd and xz, an archive's names.
constexpr std::uint64_t kMemory = 2ull << 30;
/// Processor time for one blob: 256 GiB (limits::kMaxLayerBytes) at 75 MB a second.
constexpr rlim_t kSeconds = 3600;

/// Whether it has ended within a second. One that waits for a dead disk does not, and the others go
/// on.
bool wait_a_moment(pid_t pid, std::int32_t& status) {
  for (int i = 0; i < 1000; ++i) {
    if (::waitpid(pid, &status, WNOHANG) == pid) return true;
    ::usleep(1000);
  }
  return false;
}

class ReaderMain {
 public:
  ReaderMain() : channel_(base::UniqueFd(kLaneSocket), {kMaxFrame, kMaxDescriptors}) {}

  Result<void> prepare();
  Result<void> serve();
  void say(const Error& error) {
    message::Hello hello;
    hello.error = error;
    static_cast<void>(channel_.send(hello));
  }

 private:
  Result<void> fork_reader(Frame frame);
  Result<void> reap(const Frame& frame);
  Result<void> be_reader(const message::Read& order, std::vector<base::UniqueFd> files,
                         pid_t parent);

  Channel channel_;
  FlightPage page_;  // nobody reads it; refused calls are noted there
  SandboxLevel level_;
  std::vector<pid_t> late_;  // killed, and not ended yet
};

Result<void> ReaderMain::prepare() {
  MERIDIAN_CHECK(install_signal_guard(&page_));
  const rlimit seconds{kSeconds, kSeconds};
  ::setrlimit(RLIMIT_CPU, &seconds);  // of each child anew; lower ones stay
  SandboxNeeds needs;
  needs.memory = kMemory;
  MERIDIAN_TRY(Entered entered, enter_lane(needs, ForkMode::kOwn));
  level_ = std::move(entered.level);
  MERIDIAN_CHECK(enter_second_stage(needs, level_));
  message::Hello hello;
  hello.sandbox = {level_.text(), level_.is_full()};
  return channel_.send(hello);
}

Result<void> ReaderMain::be_reader(const message::Read& order, std::vector<base::UniqueFd> files,
                                   pid_t parent) {
  channel_.close();
  MERIDIAN_CHECK(enter_worker(level_, parent));
  MERIDIAN_TRY(const BlockMemory memory, BlockMemory::map(files[2].get()));
  base::count_reads_in(&memory.reading());
  BlockWriter out(files[1].get(), memory);
  read_blob(order, std::move(files[0]), out, memory.progress());
  return {};
}

Result<void> ReaderMain::fork_reader(Frame frame) {
  MERIDIAN_TRY(const auto order, decode<message::Read>(frame.payload));
  if (frame.descriptors.size() != 3) return Error(ErrorCode::kCorrupt, "a blob without its files");
  const pid_t self = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(be_reader(order, std::move(frame.descriptors), self) ? 0 : 1);
  message::Forked forked;
  if (pid > 0) {
    forked.pid = pid;
  } else {
    forked.error = base::system_error(errno, "fork");
  }
  return channel_.send(forked);
}

Result<void> ReaderMain::reap(const Frame& frame) {
  MERIDIAN_TRY(const auto order, decode<message::Reap>(frame.payload));
  message::Reaped reaped;
  // A child that nobody has waited for: its number is its own. What has ended by itself stays so.
  siginfo_t state{};
  if (::waitid(P_PID, static_cast<id_t>(order.pid), &state, WEXITED | WNOHANG | WNOWAIT) == 0) {
    ::kill(order.pid, SIGKILL);
    if (wait_a_moment(order.pid, reaped.status)) {
      reaped.pid = order.pid;
    } else {
      late_.push_back(order.pid);
    }
  }
  std::erase_if(late_, [](pid_t pid) { return ::waitpid(pid, nullptr, WNOHANG) == pid; });
  return channel_.send(reaped);
}

Result<void> ReaderMain::serve() {
  while (true) {
    MERIDIAN_TRY(auto frame, channel_.receive());
    if (!frame) return {};
    switch (static_cast<FrameType>(frame->type)) {
      case FrameType::kRead:
        MERIDIAN_CHECK(fork_reader(*std::move(frame)));
        break;
      case FrameType::kReap:
        MERIDIAN_CHECK(reap(*frame));
        break;
      default:
        return Error(ErrorCode::kCorrupt, "frame " + std::to_string(frame->type));
    }
  }
}

}  // namespace

int reader_main() {
  ReaderMain reader;
  if (auto ready = reader.prepare(); !ready) {
    reader.say(ready.error());
    return 1;
  }
  return reader.serve() ? 0 : 1;
}

}  // namespace meridian::lane
