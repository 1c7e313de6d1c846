// SPDX-License-Identifier: Apache-2.0
#include "cli/signals.hpp"

#include <signal.h>
#include <unistd.h>

#include <atomic>

namespace meridian::cli {

namespace {

// A handler gets no argument, so it needs one place it can find.
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables)
std::atomic<base::Cancel*> stopped_by_signals{nullptr};

void on_signal(int number) {
  base::Cancel* cancel = stopped_by_signals.load();
  if (cancel == nullptr || cancel->reason() == base::StopReason::kInterrupt ||
      cancel->reason() == base::StopReason::kTerminate) {
    ::_exit(128 + number);
  }
  cancel->stop(number == SIGINT ? base::StopReason::kInterrupt : base::StopReason::kTerminate);
}

}  // namespace

void stop_on_signals(base::Cancel& cancel) {
  stopped_by_signals.store(&cancel);
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  action.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &action, nullptr);
}

}  // namespace meridian::cli
