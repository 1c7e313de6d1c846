// SPDX-License-Identifier: Apache-2.0
#include "model/kernel_boundary.hpp"

namespace meridian::model {

const char* to_text(Boundary boundary) {
  switch (boundary) {
    case Boundary::kSharedKernel:
      return "shared-kernel";
    case Boundary::kApplicationKernel:
      return "application-kernel";
    case Boundary::kMicroVm:
      return "micro-vm";
    case Boundary::kUnknown:
      break;
  }
  return "unknown";
}

const char* to_text(HandlerState state) {
  switch (state) {
    case HandlerState::kReady:
      return "ready";
    case HandlerState::kNoProgram:
      return "no-program";
    case HandlerState::kNotConfigured:
      return "not-configured";
    case HandlerState::kUnknown:
      break;
  }
  return "unknown";
}

}  // namespace meridian::model
