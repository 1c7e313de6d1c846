// SPDX-License-Identifier: Apache-2.0
//
// flight_recorder.hpp: which plugin is doing what to which subject, right now, for each worker.
// Read when a worker does not come back, so that the fault has a name.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace meridian::lane {

struct InFlight {
  std::string plugin;
  std::string operation;  // a slot of meridian_plugin_api, or "match" for the host's own matcher
  std::string subject;    // path in the layer, or id of the target
};

class FlightRecorder {
 public:
  explicit FlightRecorder(std::size_t workers) : slots_(workers) {}

  /// One worker's place; written by it, read by anybody.
  class Slot {
   public:
    void enter(std::string_view plugin, std::string_view operation, std::string_view subject);
    void leave();
    std::optional<InFlight> read() const;

   private:
    mutable std::mutex mutex_;
    InFlight now_;
    bool busy_ = false;
  };

  Slot& slot(std::size_t worker) { return slots_[worker]; }

 private:
  std::vector<Slot> slots_;
};

/// Names the callback for the length of a scope.
class Breadcrumb {
 public:
  Breadcrumb(FlightRecorder::Slot& slot, std::string_view plugin, std::string_view operation,
             std::string_view subject)
      : slot_(slot) {
    slot_.enter(plugin, operation, subject);
  }
  ~Breadcrumb() { slot_.leave(); }
  Breadcrumb(const Breadcrumb&) = delete;
  Breadcrumb& operator=(const Breadcrumb&) = delete;

 private:
  FlightRecorder::Slot& slot_;
};

}  // namespace meridian::lane
