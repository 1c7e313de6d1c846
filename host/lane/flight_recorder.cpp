// SPDX-License-Identifier: Apache-2.0
#include "lane/flight_recorder.hpp"

namespace meridian::lane {

void FlightRecorder::Slot::enter(std::string_view plugin, std::string_view operation,
                                 std::string_view subject) {
  const std::lock_guard lock(mutex_);
  now_.plugin.assign(plugin);
  now_.operation.assign(operation);
  now_.subject.assign(subject);
  busy_ = true;
}

void FlightRecorder::Slot::leave() {
  const std::lock_guard lock(mutex_);
  busy_ = false;
}

std::optional<InFlight> FlightRecorder::Slot::read() const {
  const std::lock_guard lock(mutex_);
  return busy_ ? std::optional(now_) : std::nullopt;
}

}  // namespace meridian::lane
