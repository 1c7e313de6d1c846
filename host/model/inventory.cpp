// SPDX-License-Identifier: Apache-2.0
#include "model/inventory.hpp"

namespace meridian::model {

const char* to_text(ContainerState state) {
  switch (state) {
    case ContainerState::kCreated:
      return "created";
    case ContainerState::kRunning:
      return "running";
    case ContainerState::kPaused:
      return "paused";
    case ContainerState::kRestarting:
      return "restarting";
    case ContainerState::kRemoving:
      return "removing";
    case ContainerState::kExited:
      return "exited";
    case ContainerState::kDead:
      return "dead";
  }
  return "unknown";
}

}  // namespace meridian::model
