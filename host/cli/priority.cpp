// SPDX-License-Identifier: Apache-2.0
#include "cli/priority.hpp"

#include <linux/ioprio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace meridian::cli {

namespace {

/// A tenth of what a process at 0 gets of a processor that both want. Less would let deadlines pass
/// on a busy machine.
constexpr int kNice = 10;

}  // namespace

void take_priority(Priority priority) {
  if (priority == Priority::kNormal) return;
  errno = 0;
  const int now = ::getpriority(PRIO_PROCESS, 0);
  if (errno == 0 && now < kNice) ::setpriority(PRIO_PROCESS, 0, kNice);
  constexpr long kIdle = IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0);
  ::syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, kIdle);
}

}  // namespace meridian::cli
