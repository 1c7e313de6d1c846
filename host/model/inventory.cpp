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
    case ContainerState::kUnknown:
      break;
  }
  return "unknown";
}

const char* to_text(Liveness liveness) {
  switch (liveness) {
    case Liveness::kNotRunning:
      return "not-running";
    case Liveness::kVerified:
      return "verified";
    case Liveness::kAlive:
      return "alive";
    case Liveness::kStale:
      return "stale";
    case Liveness::kUnverified:
      return "unverified";
  }
  return "unknown";
}

const char* to_text(SpecOrigin origin) {
  switch (origin) {
    case SpecOrigin::kNone:
      return "";
    case SpecOrigin::kRecorded:
      return "recorded";
    case SpecOrigin::kSynthesised:
      return "synthesised";
  }
  return "";
}

const char* state_text(const Container& container) {
  return container.run.liveness == Liveness::kStale ? "stale" : to_text(container.state);
}

}  // namespace meridian::model
