// SPDX-License-Identifier: Apache-2.0
//
// recorder.hpp: which plugin is doing what to which subject, right now. Read when a worker does not
// come back, so that the fault has a name.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "lane/flight_page.hpp"

namespace meridian::lane {

const char* to_text(Operation operation);  // "layer_file", as in meridian_plugin_api

struct InFlight {
  std::uint32_t plugin = FlightPage::kNobody;  // index; the host's own matcher: nobody
  Operation operation = Operation::kNone;      // kNone: between two; `plugin` was the last one
  std::string subject;                         // path in the layer, or id of the target; may be cut
  std::chrono::nanoseconds since{};            // of CLOCK_MONOTONIC
};

/// One worker's place. Written by it.
class Recorder {
 public:
  virtual ~Recorder() = default;
  virtual void enter(std::uint32_t plugin, Operation operation, std::string_view subject) = 0;
  virtual void leave() = 0;
};

/// In this process; read from any thread.
class MemoryRecorder final : public Recorder {
 public:
  void enter(std::uint32_t plugin, Operation operation, std::string_view subject) override;
  void leave() override;
  std::optional<InFlight> read() const;

 private:
  mutable std::mutex mutex_;
  InFlight now_;
};

/// In memory shared with the supervisor.
class PageRecorder final : public Recorder {
 public:
  explicit PageRecorder(FlightPage& page) : page_(page) {}
  void enter(std::uint32_t plugin, Operation operation, std::string_view subject) override;
  void leave() override;

 private:
  FlightPage& page_;
};

/// What a page says: the supervisor's side. Every value is checked; the text is a copy.
InFlight read_page(const FlightPage& page);

/// Names an operation for the length of a scope.
class Breadcrumb {
 public:
  Breadcrumb(Recorder& recorder, std::uint32_t plugin, Operation operation,
             std::string_view subject)
      : recorder_(recorder) {
    recorder_.enter(plugin, operation, subject);
  }
  ~Breadcrumb() { recorder_.leave(); }
  Breadcrumb(const Breadcrumb&) = delete;
  Breadcrumb& operator=(const Breadcrumb&) = delete;

 private:
  Recorder& recorder_;
};

}  // namespace meridian::lane
