// SPDX-License-Identifier: Apache-2.0
#include "plugin/isolation_view.hpp"

#include "meridian/text.hpp"

namespace meridian::plugin {
namespace {

meridian_boundary boundary_of(model::Boundary kind) {
  switch (kind) {
    case model::Boundary::kSharedKernel:
      return MERIDIAN_BOUNDARY_SHARED_KERNEL;
    case model::Boundary::kApplicationKernel:
      return MERIDIAN_BOUNDARY_APPLICATION_KERNEL;
    case model::Boundary::kMicroVm:
      return MERIDIAN_BOUNDARY_MICRO_VM;
    case model::Boundary::kUnknown:
      break;
  }
  return MERIDIAN_BOUNDARY_UNKNOWN;
}

meridian_handler_state state_of(model::HandlerState state) {
  switch (state) {
    case model::HandlerState::kReady:
      return MERIDIAN_HANDLER_READY;
    case model::HandlerState::kNoProgram:
      return MERIDIAN_HANDLER_NO_PROGRAM;
    case model::HandlerState::kNotConfigured:
      return MERIDIAN_HANDLER_NOT_CONFIGURED;
    case model::HandlerState::kUnknown:
      break;
  }
  return MERIDIAN_HANDLER_UNKNOWN;
}

}  // namespace

void IsolationView::add(const model::KernelBoundary& boundary) {
  auto& settings = settings_.emplace_back();
  for (const model::RuntimeSetting& one : boundary.settings) {
    meridian_runtime_setting record{};
    record.name = lend(one.name);
    record.value = lend(one.value);
    record.source = lend(one.source);
    settings.add(record);
  }
  meridian_isolation record{};
  record.boundary = boundary_of(boundary.kind);
  record.state = state_of(boundary.state);
  record.is_default = boundary.is_default ? 1 : 0;
  record.handler = lend(boundary.handler);
  record.runtime = lend(boundary.runtime);
  record.program = lend(boundary.program);
  record.binary = lend(boundary.binary);
  record.evidence = texts_.keep(boundary.evidence);
  record.settings = settings.pointers.data();
  record.setting_count = settings.pointers.size();
  records_.add(record);
}

}  // namespace meridian::plugin
