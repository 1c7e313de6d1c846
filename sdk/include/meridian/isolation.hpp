// SPDX-License-Identifier: Apache-2.0
//
// isolation.hpp: which kernel a container's processes call. abi/isolation.h says what each text
// means.
//
// Views: valid until the callback returns.
#pragma once

#include <cstdint>
#include <string_view>

#include "abi/isolation.h"
#include "privileges.hpp"
#include "text.hpp"

namespace meridian {

enum class Boundary : std::uint32_t { kUnknown, kSharedKernel, kApplicationKernel, kMicroVm };
enum class HandlerState : std::uint32_t { kUnknown, kReady, kNoProgram, kNotConfigured };

class RuntimeSetting {
 public:
  explicit RuntimeSetting(const meridian_runtime_setting* record) : record_(record) {}
  std::string_view name() const { return view(record_->name); }
  std::string_view value() const { return view(record_->value); }
  std::string_view source() const { return view(record_->source); }

 private:
  const meridian_runtime_setting* record_;
};

/// Of a container, or of something that its engine could run containers with.
class Isolation {
 public:
  explicit Isolation(const meridian_isolation* record) : record_(record) {}

  Boundary boundary() const { return static_cast<Boundary>(record_->boundary); }
  /// A kernel that is not the host's.
  bool is_sandbox() const {
    return boundary() == Boundary::kApplicationKernel || boundary() == Boundary::kMicroVm;
  }
  HandlerState state() const { return static_cast<HandlerState>(record_->state); }
  bool is_default() const { return record_->is_default != 0; }
  std::string_view handler() const { return view(record_->handler); }
  std::string_view runtime() const { return view(record_->runtime); }
  std::string_view program() const { return view(record_->program); }
  std::string_view binary() const { return view(record_->binary); }
  Strings evidence() const { return Strings(record_->evidence); }
  Records<RuntimeSetting, meridian_runtime_setting> settings() const {
    return {record_->settings, record_->setting_count};
  }

 private:
  const meridian_isolation* record_;
};

}  // namespace meridian
