// SPDX-License-Identifier: Apache-2.0
#include "lane/supervision.hpp"

#include <poll.h>

#include <algorithm>

#include "lane/messages.hpp"

namespace meridian::lane {

using std::chrono::milliseconds;

milliseconds Watch::allowed(Operation operation) const {
  switch (operation) {
    case Operation::kNone:  // between two operations it may wait for us
      return milliseconds::max();
    case Operation::kMatch:
      return patience_.host;
    case Operation::kLoad:
    case Operation::kCreate:
    case Operation::kConfigure:
    case Operation::kSubscribe:
      return patience_.load;
    case Operation::kDestroy:
      return patience_.destroy;
    default:
      return patience_.callback;
  }
}

std::optional<InFlight> Watch::overdue(Clock::time_point now) {
  const InFlight in_flight = read_page(page_);
  const std::uint64_t calls = page_.calls.load(std::memory_order_relaxed);
  // What it may not read yet is no time of the plugin's.
  if (calls != calls_ || in_flight.operation != operation_ || page_.reading.is_waiting()) {
    calls_ = calls;
    operation_ = in_flight.operation;
    since_ = now;
  }
  if (operation_ == Operation::kNone || now - since_ < allowed(operation_)) return std::nullopt;
  return in_flight;
}

milliseconds Watch::left(Clock::time_point now) const {
  // An operation that began since the last look is not known yet.
  constexpr milliseconds kLook{50};
  if (operation_ == Operation::kNone) return kLook;
  const auto spent = std::chrono::duration_cast<milliseconds>(now - since_);
  return std::clamp(allowed(operation_) - spent, milliseconds(1), kLook);
}

void write_log(const base::Log& log, const Frame& frame, std::uint64_t& lines) {
  if (++lines > kMaxLinesOfProcess) return;
  const auto line = decode<message::Log>(frame.payload);
  if (line) log.write(line->level, line->text);
}

Result<std::optional<Frame>> FrameWait::next(milliseconds most) {
  const auto end = Clock::now() + most;
  while (true) {
    MERIDIAN_TRY(auto frame, channel_.next());
    if (frame && frame->type == static_cast<std::uint16_t>(FrameType::kLog)) {
      write_log(supervision_.log, *frame, lines_);
      continue;
    }
    if (frame) return frame;
    const auto now = Clock::now();
    if (supervision_.cancel.stopped()) return Error(ErrorCode::kCancelled, "the scan was ended");
    if (watch_.overdue(now) || now >= end) return Error(ErrorCode::kLimit, "took too long");
    pollfd wait{channel_.fd(), POLLIN, 0};
    if (channel_.has_queued()) wait.events |= POLLOUT;
    ::poll(&wait, 1, static_cast<int>(watch_.left(now).count()));
    if (channel_.has_queued()) MERIDIAN_CHECK(channel_.flush());
    MERIDIAN_TRY(const bool open, channel_.read_some());
    if (!open) {
      MERIDIAN_TRY(auto last, channel_.next());
      return last;
    }
  }
}

}  // namespace meridian::lane
