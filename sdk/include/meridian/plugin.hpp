// SPDX-License-Identifier: Apache-2.0
//
// plugin.hpp: the class an author writes, and MERIDIAN_PLUGIN, which turns it into the C tables.
//
// Correct by default: the plugin is configured once and then const; each unit of work (a layer, a
// target) has its own State, made for it and never shared; so there is nothing to lock.
#pragma once

#include "config.hpp"
#include "finding.hpp"
#include "result.hpp"
#include "subscriptions.hpp"
#include "target.hpp"

namespace meridian {

struct NoState {};

/// What the host lends for the life of the plugin. Callable from every callback.
class Host {
 public:
  explicit Host(const meridian_host* host = nullptr) : host_(host) {}
  void debug(std::string_view text) const { log(MERIDIAN_LOG_DEBUG, text); }
  void info(std::string_view text) const { log(MERIDIAN_LOG_INFO, text); }
  void warn(std::string_view text) const { log(MERIDIAN_LOG_WARN, text); }
  /// True once the scan is ending: return soon.
  bool cancelled() const { return host_ != nullptr && host_->cancelled(host_->impl) != 0; }

 private:
  void log(meridian_log_level level, std::string_view text) const {
    if (host_ != nullptr) host_->log(host_->impl, level, lend(text));
  }
  const meridian_host* host_;
};

/// Base of every plugin; `State` is made anew for each unit of work.
template <typename State = NoState>
class Plugin {
 public:
  using UnitState = State;
  using Subscriptions = BasicSubscriptions<State>;

  /// Called once, before anything else: take options, load rules and engines. [control]
  virtual Result<void> configure(const Config&, const RuleData&) { return {}; }
  /// Called once, after configure(): say what to be shown. [control]
  virtual void subscribe(Subscriptions& on) const = 0;

  const Host& host() const { return host_; }
  void attach(Host host) { host_ = host; }

  Plugin(const Plugin&) = delete;
  Plugin& operator=(const Plugin&) = delete;

 protected:
  Plugin() = default;
  ~Plugin() noexcept(false) = default;  // never deleted through the base: the thunks know the type

 private:
  Host host_;
};

}  // namespace meridian

#include "thunks.hpp"

// clang's AddressSanitizer would pad the note with red zones, which a reader of notes takes for
// notes.
#if defined(__clang__)
#define MERIDIAN_UNPADDED __attribute__((no_sanitize("address")))
#else
#define MERIDIAN_UNPADDED
#endif

/// Exports plugin `T` under reverse-DNS `plugin_id` (equal to plugin.json). Once per `.so`.
#define MERIDIAN_PLUGIN(T, plugin_id, plugin_version)                                          \
  static_assert(sizeof(plugin_id) <= 128 && sizeof(plugin_version) <= 32,                      \
                "a plugin id has at most 127 bytes, a version 31");                            \
  __attribute__((section(".note.meridian"), used, aligned(4)))                                 \
  MERIDIAN_UNPADDED static constinit const ::meridian::thunks::ElfNote meridian_elf_note =     \
      ::meridian::thunks::make_note(plugin_id, plugin_version);                                \
  extern "C" __attribute__((visibility("default"))) const meridian_descriptor* MERIDIAN_ENTRY( \
      void);                                                                                   \
  const meridian_descriptor* MERIDIAN_ENTRY(void) {                                            \
    return ::meridian::thunks::descriptor<T>(plugin_id, plugin_version);                       \
  }                                                                                            \
  static_assert(true, "a semicolon follows MERIDIAN_PLUGIN")
