// SPDX-License-Identifier: Apache-2.0
//
// host_services.hpp: what the host lends a plugin for its life (meridian_host).
#pragma once

#include <atomic>
#include <string>

#include "base/cancel.hpp"
#include "base/log.hpp"
#include "meridian/abi/plugin.h"

namespace meridian::plugin {

/// Threads: the lent functions may be called from any.
class HostServices {
 public:
  HostServices(std::string id, const base::Log& log, const base::Cancel& cancel);
  /// Says how many lines were dropped, if any.
  ~HostServices();
  HostServices(const HostServices&) = delete;
  HostServices& operator=(const HostServices&) = delete;

  const meridian_host* get() const { return &record_; }

 private:
  static void log(void* impl, meridian_log_level level, meridian_str text);
  static std::uint32_t cancelled(void* impl);

  std::string id_;
  const base::Log& log_;
  const base::Cancel& cancel_;
  std::atomic<std::uint64_t> lines_{0};
  meridian_host record_{};
};

}  // namespace meridian::plugin
