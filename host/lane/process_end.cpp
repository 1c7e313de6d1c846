// SPDX-License-Identifier: Apache-2.0
#include "lane/process_end.hpp"

#include <sys/wait.h>

#include <csignal>
#include <cstdio>
#include <cstring>

#include <array>

#include "lane/refused_calls.hpp"

namespace meridian::lane {

namespace {

std::string hexadecimal(std::uint64_t number) {
  std::array<char, 20> text{};
  static_cast<void>(
      std::snprintf(text.data(), text.size(), "0x%llx", static_cast<unsigned long long>(number)));
  return text.data();
}

std::string signal_name(int number) {
  const char* const name = ::sigabbrev_np(number);
  return name == nullptr ? "signal " + std::to_string(number) : "SIG" + std::string(name);
}

std::string by_signal(int number, const ProcessEnd& end) {
  const bool has_address = number == SIGSEGV || number == SIGBUS;
  std::string text = "ended by " + signal_name(number);
  if (has_address && end.signal == static_cast<std::uint32_t>(number)) {
    text += " at address " + hexadecimal(end.address);
  }
  return text;
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
    if (number == SIGKILL) return "the process was killed, perhaps for want of memory (SIGKILL)";
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
  return finding::GapKind::kCrash;
}

}  // namespace

bool may_be_foreign(const ProcessEnd& end) {
  if (end.given_up != GivenUp::kEnded || end.signal != 0) return false;
  return !end.status || (WIFSIGNALED(*end.status) && WTERMSIG(*end.status) == SIGKILL);
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
