// SPDX-License-Identifier: Apache-2.0
#include "lane/process_end.hpp"

#include <fcntl.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "base/read_file.hpp"
#include "lane/refused_calls.hpp"

namespace meridian::lane {

namespace {

std::string hexadecimal(std::uint64_t number) {
  std::array<char, 20> text{};
  static_cast<void>(
      std::snprintf(text.data(), text.size(), "0x%llx", static_cast<unsigned long long>(number)));
  return text.data();
}

std::string by_signal(int number, const ProcessEnd& end) {
  const bool has_address = number == SIGSEGV || number == SIGBUS;
  std::string text = "ended by " + signal_name(number);
  if (has_address && end.signal == static_cast<std::uint32_t>(number)) {
    text += " at address " + hexadecimal(end.address);
  }
  if (end.allocation_failed) text += " after an allocation had failed";
  return text;
}

/// What a program does to itself; without a note of its handler it was a thread's, or the plugin
/// had taken the handler.
bool is_fault_signal(int number) {
  constexpr std::array kFaults = {SIGSEGV, SIGBUS,  SIGILL,  SIGFPE, SIGABRT,
                                  SIGTRAP, SIGXFSZ, SIGXCPU, SIGSYS};
  return std::find(kFaults.begin(), kFaults.end(), number) != kFaults.end();
}

/// As far as it can be told: a program that is refused memory mostly aborts, and what the kernel
/// takes memory from is killed, like what somebody else kills.
bool for_want_of_memory(const ProcessEnd& end) {
  if (end.signal != 0) return end.allocation_failed;
  return end.oom_kill && end.status && WIFSIGNALED(*end.status) && WTERMSIG(*end.status) == SIGKILL;
}

std::string how(const ProcessEnd& end) {
  switch (end.given_up) {
    case GivenUp::kTimeout:
    case GivenUp::kProtocol:
    case GivenUp::kStopped:
      return end.detail;
    case GivenUp::kEnded:
      break;
  }
  if (end.signal != 0) return by_signal(static_cast<int>(end.signal), end);
  if (!end.status) return "the process ended with its lane";
  if (WIFSIGNALED(*end.status)) {
    const int number = WTERMSIG(*end.status);
    if (number == SIGKILL) {
      return end.oom_kill ? "the process was killed, and the kernel killed for want of memory "
                            "meanwhile (SIGKILL)"
                          : "the process was killed, perhaps for want of memory (SIGKILL)";
    }
    return by_signal(number, end);
  }
  if (WEXITSTATUS(*end.status) == kSocketClosed) return "closed the worker's socket";
  if (WEXITSTATUS(*end.status) == kDescriptorsLeaked) return "left its descriptors open";
  if (WEXITSTATUS(*end.status) == kHostFailed) return "the host's own code failed";
  return "ended the process with status " + std::to_string(WEXITSTATUS(*end.status));
}

finding::GapKind kind_of(const ProcessEnd& end) {
  switch (end.given_up) {
    case GivenUp::kTimeout:
    case GivenUp::kStopped:
      return finding::GapKind::kTimeout;
    case GivenUp::kProtocol:
      return finding::GapKind::kProtocol;
    case GivenUp::kEnded:
      break;
  }
  return for_want_of_memory(end) ? finding::GapKind::kMemory : finding::GapKind::kCrash;
}

}  // namespace

std::string signal_name(int number) {
  const char* const name = ::sigabbrev_np(number);
  return name == nullptr ? "signal " + std::to_string(number) : "SIG" + std::string(name);
}

bool is_stopped(pid_t process) {
  constexpr std::uint64_t kMost = 64 << 10;
  const auto status = base::read_own_file("/proc/" + std::to_string(process) + "/status", kMost);
  return status && status->find("\nState:\tT") != std::string::npos;
}

std::optional<std::uint64_t> oom_kills() {
  constexpr std::uint64_t kMost = 64 << 10;  // two hundred lines
  constexpr std::string_view kName = "\noom_kill ";
  const base::UniqueFd file(::open("/proc/vmstat", O_RDONLY | O_CLOEXEC));
  if (!file) return std::nullopt;
  const auto text = base::read_all(file.get(), kMost, "vmstat");
  const std::size_t at = text ? text->find(kName) : std::string::npos;
  if (at == std::string::npos) return std::nullopt;
  return std::strtoull(text->c_str() + at + kName.size(), nullptr, 10);
}

void note_end(const FlightPage& page, std::optional<std::uint64_t> oom_kills_before,
              ProcessEnd& end) {
  end.signal = page.signal.load();
  end.address = page.signal_address.load();
  end.sent_by_other = page.signal_foreign.load() != 0;
  const std::uint64_t starved = page.starved.load();
  end.allocation_failed = starved != 0 && starved == page.calls.load();
  const auto now = oom_kills();
  end.oom_kill = now && oom_kills_before && *now > *oom_kills_before;
}

bool may_be_foreign(const ProcessEnd& end) {
  if (end.given_up != GivenUp::kEnded) return false;
  if (end.signal != 0) return end.sent_by_other;
  return !end.status || (WIFSIGNALED(*end.status) && !is_fault_signal(WTERMSIG(*end.status)));
}

bool is_own_fault(const ProcessEnd& end) {
  switch (end.given_up) {
    case GivenUp::kTimeout:
      return !end.stopped;
    case GivenUp::kProtocol:
      return true;
    case GivenUp::kStopped:
      return false;
    case GivenUp::kEnded:
      break;
  }
  return !may_be_foreign(end);
}

Fault fault_of(const ProcessEnd& end) {
  Fault fault;
  fault.kind = kind_of(end);
  const InFlight& at = end.in_flight;
  const bool between = at.operation == Operation::kNone;
  const bool in_host = at.operation == Operation::kMatch;
  // Between two calls it is the last one that may have left the process broken (closed its
  // socket, say); a kill from outside accuses nobody.
  const bool of_host = end.given_up == GivenUp::kEnded && end.signal == 0 && end.status &&
                       WIFEXITED(*end.status) && WEXITSTATUS(*end.status) == kHostFailed;
  if (at.plugin != FlightPage::kNobody && !in_host &&
      !(between && (may_be_foreign(end) || of_host))) {
    fault.plugin = at.plugin;
  }
  const bool has_path = at.operation == Operation::kLayerFile ||
                        at.operation == Operation::kLayerMatch ||
                        at.operation == Operation::kMergedFile || in_host;
  if (has_path) fault.path = at.subject;
  fault.message =
      (between ? std::string("after its callback") : to_text(at.operation)) + ": " + how(end);
  return fault;
}

}  // namespace meridian::lane
