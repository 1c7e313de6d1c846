// SPDX-License-Identifier: Apache-2.0
//
// lane_process.hpp: one process of a lane as the supervisor sees it: started, sent its bundles, and
// ended. Whoever holds it ends it.
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lane/messages.hpp"
#include "lane/process_end.hpp"
#include "lane/scratch.hpp"
#include "lane/supervision.hpp"
#include "plugin/loaded_plugin.hpp"

namespace meridian::lane {

/// A bundle on its way to a lane: the files are sealed, and what was checked.
struct BundleOrder {
  const plugin::Bundle* bundle = nullptr;
  std::string options;  // JSON: what the user set
  std::shared_ptr<const base::UniqueFd> library, rules;

  static Result<BundleOrder> make(const plugin::Bundle& bundle, std::string options);
};

/// Ended before it was loaded.
struct LoadFault {
  Fault fault;  // its plugin: index in the orders
  bool may_be_foreign = false;
  bool is_own = false;
};

class LaneProcess {
 public:
  /// Sent its bundles and loaded. An error: no process could be started at all, or kCancelled.
  struct Started {
    std::unique_ptr<LaneProcess> process;  // null: `fault`
    LoadFault fault;
  };
  static Result<Started> start(const Supervision& supervision,
                               const std::vector<BundleOrder>& orders);
  /// Kills it, if it still runs.
  ~LaneProcess();
  LaneProcess(const LaneProcess&) = delete;
  LaneProcess& operator=(const LaneProcess&) = delete;

  Channel& channel() { return channel_; }
  SharedPage& page() { return *page_; }
  pid_t pid() const { return pid_; }
  const std::optional<ForkWarden::Id>& warden() const { return warden_; }
  const message::Loaded& loaded() const { return loaded_; }
  /// As its first word said, before any plugin code ran.
  const message::Sandbox& sandbox() const { return *sandbox_; }
  /// What was refused while it loaded; `plugin`: index in the orders.
  const std::vector<message::Gap>& refused() const { return refused_; }
  /// One for each order: what it is, or why it did not load.
  const std::vector<message::PluginLoaded>& plugins() const { return plugins_; }

  /// Waits for its end, at most `patience`, then kills it. The status of waitpid(2).
  int end(std::chrono::milliseconds patience);
  /// Lets the plugins end (destroy), then the process; returns what went wrong.
  std::vector<Fault> shut_down();

 private:
  LaneProcess(const Supervision& supervision, Spawned spawned, MappedPage page);
  Result<void> load(const std::vector<BundleOrder>& orders, base::UniqueFd page_file);
  Result<bool> take(const Frame& frame);
  ProcessEnd end_of(const Error* error);
  void end_family() const;

  const Supervision& supervision_;
  std::optional<ScratchFolder> scratch_;  // removed after the process has ended
  pid_t pid_;
  Channel channel_;
  MappedPage page_;
  std::optional<ForkWarden::Id> warden_;
  std::optional<message::Sandbox> sandbox_;
  message::Loaded loaded_;
  std::vector<message::PluginLoaded> plugins_;
  std::vector<message::Gap> refused_;
  std::size_t orders_ = 0;
  std::size_t threads_ = 0;                                     // that it may have; 0: one
  std::optional<int> status_;                                   // once it has ended
  const std::optional<std::uint64_t> oom_kills_ = oom_kills();  // at its start
};

}  // namespace meridian::lane
