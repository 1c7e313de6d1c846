// SPDX-License-Identifier: Apache-2.0
//
// supervision.hpp: what all lanes of a scan share on the supervisor's side, and how long it waits.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/cancel.hpp"
#include "base/log.hpp"
#include "lane/channel.hpp"
#include "lane/fork_warden.hpp"
#include "lane/process_end.hpp"
#include "lane/shared_page.hpp"
#include "lane/spawner.hpp"

namespace meridian::lane {

using Clock = std::chrono::steady_clock;

struct Patience {
  std::chrono::milliseconds callback{60'000};  // of one plugin with one file: `--timeout`
  std::chrono::milliseconds load{60'000};      // a constructor, create, configure, subscribe
  std::chrono::milliseconds host{300'000};     // the host's own: compile all, match one file
  std::chrono::milliseconds answer{10'000};    // a fork, a first word: the host's own code
  std::chrono::milliseconds destroy{2'000};
  std::chrono::milliseconds stop{1'500};  // a callback, once the scan was asked to stop
};

/// Where compiled patterns of lanes are kept between scans. A lane is named by its bundles: what
/// plugin code could have done to them comes back to the same plugins alone.      [control]
class PatternKeep {
 public:
  virtual ~PatternKeep() = default;
  /// As was kept; "": nothing was.
  virtual std::string read(const std::string& lane) = 0;
  virtual void write(const std::string& lane, const std::string& bytes) = 0;
};

/// All outlive the lanes.
struct Supervision {
  Spawner& spawner;
  ForkWarden& warden;
  const base::Log& log;
  const base::Cancel& cancel;
  Patience patience;
  PatternKeep* patterns = nullptr;  // null: nothing is kept
};

/// Whether a process of a lane has been in one and the same operation for too long. What the
/// supervisor sees for itself: the page's own time stamps are a worker's word.
class Watch {
 public:
  Watch(const FlightPage& page, const Patience& patience) : page_(page), patience_(patience) {}
  /// Too long, and in what; looks again.
  std::optional<InFlight> overdue(Clock::time_point now);
  /// How long it may take until the answer can change.
  std::chrono::milliseconds left(Clock::time_point now) const;
  /// The process was given something new to do.
  void restart() { since_ = Clock::now(); }

 private:
  std::chrono::milliseconds allowed(Operation operation) const;

  const FlightPage& page_;
  Patience patience_;
  std::uint64_t calls_ = 0;
  Operation operation_ = Operation::kNone;
  Clock::time_point since_ = Clock::now();
};

/// The next frame that is no line of the log, which is written; nothing: closed. kCancelled: the
/// scan ends; kLimit: an operation took too long.
class FrameWait {
 public:
  FrameWait(const Supervision& supervision, Channel& channel, const FlightPage& page)
      : supervision_(supervision), channel_(channel), watch_(page, supervision.patience) {}
  /// `most`: in all, whatever the process says it does.
  Result<std::optional<Frame>> next(std::chrono::milliseconds most);

 private:
  const Supervision& supervision_;
  Channel& channel_;
  Watch watch_;
  std::uint64_t lines_ = 0;
};

/// A plugin's line, at most this many of one process.
inline constexpr std::uint64_t kMaxLinesOfProcess = 2000;
void write_log(const base::Log& log, const Frame& frame, std::uint64_t& lines);

}  // namespace meridian::lane
