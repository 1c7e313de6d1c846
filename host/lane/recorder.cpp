// SPDX-License-Identifier: Apache-2.0
#include "lane/recorder.hpp"

#include <algorithm>
#include <cstring>
#include <ctime>

namespace meridian::lane {

namespace {

std::chrono::nanoseconds now() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

const char* to_text(Operation operation) {
  switch (operation) {
    case Operation::kNone:
      return "none";
    case Operation::kLoad:
      return "load";
    case Operation::kCreate:
      return "create";
    case Operation::kConfigure:
      return "configure";
    case Operation::kSubscribe:
      return "subscribe";
    case Operation::kUnitBegin:
      return "unit_begin";
    case Operation::kMatch:
      return "match";
    case Operation::kLayerFile:
      return "layer_file";
    case Operation::kLayerMatch:
      return "layer_match";
    case Operation::kLayerDone:
      return "layer_done";
    case Operation::kTarget:
      return "target";
    case Operation::kMergedFile:
      return "merged_file";
    case Operation::kTargetDone:
      return "target_done";
    case Operation::kUnitEnd:
      return "unit_end";
    case Operation::kDestroy:
      return "destroy";
  }
  return "none";
}

void MemoryRecorder::enter(std::uint32_t plugin, Operation operation, std::string_view subject) {
  const std::lock_guard lock(mutex_);
  now_.plugin = plugin;
  now_.operation = operation;
  now_.subject = subject;
  now_.since = now();
}

void MemoryRecorder::leave() {
  const std::lock_guard lock(mutex_);
  now_.operation = Operation::kNone;
}

std::optional<InFlight> MemoryRecorder::read() const {
  const std::lock_guard lock(mutex_);
  if (now_.operation == Operation::kNone) return std::nullopt;
  return now_;
}

void PageRecorder::enter(std::uint32_t plugin, Operation operation, std::string_view subject) {
  const std::size_t size = std::min(subject.size(), FlightPage::kSubject);
  std::memcpy(page_.subject.data(), subject.data(), size);
  page_.subject_size.store(static_cast<std::uint32_t>(size), std::memory_order_relaxed);
  page_.plugin.store(plugin, std::memory_order_relaxed);
  page_.since.store(static_cast<std::uint64_t>(now().count()), std::memory_order_relaxed);
  page_.calls.fetch_add(1, std::memory_order_relaxed);
  page_.operation.store(operation, std::memory_order_release);
}

void PageRecorder::leave() { page_.operation.store(Operation::kNone, std::memory_order_release); }

InFlight read_page(const FlightPage& page) {
  InFlight in_flight;
  const Operation operation = page.operation.load(std::memory_order_acquire);
  in_flight.operation = operation <= Operation::kDestroy ? operation : Operation::kNone;
  in_flight.plugin = page.plugin.load(std::memory_order_relaxed);
  in_flight.since = std::chrono::nanoseconds(
      static_cast<std::int64_t>(page.since.load(std::memory_order_relaxed)));
  const std::size_t size = std::min<std::size_t>(page.subject_size.load(std::memory_order_relaxed),
                                                 FlightPage::kSubject);
  in_flight.subject.assign(page.subject.data(), size);
  return in_flight;
}

}  // namespace meridian::lane
