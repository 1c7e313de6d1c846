// SPDX-License-Identifier: Apache-2.0
#include "lane/process_end.hpp"

#include <sys/wait.h>

#include <csignal>

#include "support/catch.hpp"

namespace meridian::lane {
namespace {

ProcessEnd ended_by(int signal, bool seen_by_handler) {
  ProcessEnd end;
  end.status = signal;  // as waitpid(2): killed by it
  end.signal = seen_by_handler ? static_cast<std::uint32_t>(signal) : 0;
  end.in_flight = {2, Operation::kLayerFile, "etc/passwd", {}};
  return end;
}

}  // namespace

TEST_CASE("process end: an abort after a failed allocation is for want of memory") {
  ProcessEnd end = ended_by(SIGABRT, true);
  CHECK(fault_of(end).kind == finding::GapKind::kCrash);
  end.allocation_failed = true;
  CHECK(fault_of(end).kind == finding::GapKind::kMemory);
  CHECK(fault_of(end).plugin == 2u);
  CHECK_FALSE(may_be_foreign(end));
}

TEST_CASE("process end: killed while the kernel kills for memory is memory, and may be foreign") {
  ProcessEnd end = ended_by(SIGKILL, false);
  CHECK(fault_of(end).kind == finding::GapKind::kCrash);
  CHECK(may_be_foreign(end));
  end.oom_kill = true;
  CHECK(fault_of(end).kind == finding::GapKind::kMemory);
  CHECK(may_be_foreign(end));
}

TEST_CASE("process end: what the host ended is no want of memory") {
  ProcessEnd end = ended_by(SIGKILL, false);
  end.oom_kill = end.allocation_failed = true;
  end.given_up = GivenUp::kTimeout;
  CHECK(fault_of(end).kind == finding::GapKind::kTimeout);
}

TEST_CASE("process end: only what nobody else can have caused is a plugin's own fault") {
  CHECK(is_own_fault(ended_by(SIGSEGV, true)));
  CHECK(is_own_fault(ended_by(SIGSEGV, false)));  // of a thread that has no stack left
  CHECK_FALSE(is_own_fault(ended_by(SIGKILL, false)));
  CHECK_FALSE(is_own_fault(ended_by(SIGTERM, false)));
  ProcessEnd sent = ended_by(SIGABRT, true);
  CHECK(is_own_fault(sent));
  sent.sent_by_other = true;
  CHECK(may_be_foreign(sent));
  CHECK_FALSE(is_own_fault(sent));

  ProcessEnd exited;
  exited.status = 0;
  CHECK(is_own_fault(exited));
  exited.status.reset();
  CHECK_FALSE(is_own_fault(exited));

  ProcessEnd late;
  late.given_up = GivenUp::kTimeout;
  CHECK(is_own_fault(late));
  late.stopped = true;
  CHECK_FALSE(is_own_fault(late));
  late.given_up = GivenUp::kStopped;
  CHECK_FALSE(is_own_fault(late));
}

TEST_CASE("process end: an allocation that failed in an earlier call is no reason") {
  FlightPage page;
  ProcessEnd end;
  note_end(page, oom_kills(), end);
  CHECK_FALSE(end.allocation_failed);
  page.calls = 7;
  page.starved = 6;
  note_end(page, std::nullopt, end);
  CHECK_FALSE(end.allocation_failed);
  page.starved = 7;
  note_end(page, std::nullopt, end);
  CHECK(end.allocation_failed);
  CHECK_FALSE(end.oom_kill);
}

}  // namespace meridian::lane
