// SPDX-License-Identifier: Apache-2.0
#include "lane/messages.hpp"

#include <utility>

namespace meridian::lane {

namespace {

template <std::size_t... I>
constexpr bool in_order(std::index_sequence<I...>) {
  return ((static_cast<std::size_t>(std::tuple_element_t<I, Messages>::kType) == I) && ...);
}
constexpr std::size_t kTypes = std::tuple_size_v<Messages>;
static_assert(in_order(std::make_index_sequence<kTypes>()));
static_assert(kTypes == static_cast<std::size_t>(FrameType::kLog) + 1);

constexpr FrameBounds to_lane(std::size_t descriptors = 0) {
  FrameBounds bounds;
  bounds.to_lane = true;
  bounds.descriptors = bounds.descriptors_max = descriptors;
  return bounds;
}

constexpr FrameBounds from_lane() {
  FrameBounds bounds;
  bounds.from_lane = true;
  return bounds;
}

constexpr FrameBounds to_worker(std::size_t descriptors = 0) {
  FrameBounds bounds;
  bounds.to_worker = true;
  bounds.descriptors = bounds.descriptors_max = descriptors;
  return bounds;
}

constexpr FrameBounds from_worker() {
  FrameBounds bounds;
  bounds.from_worker = true;
  return bounds;
}

constexpr FrameBounds large(FrameBounds bounds, std::uint64_t payload) {
  bounds.payload = payload;
  return bounds;
}

constexpr FrameBounds up_to(FrameBounds bounds, std::size_t descriptors) {
  bounds.descriptors = 0;
  bounds.descriptors_max = descriptors;
  return bounds;
}

constexpr FrameBounds from_both(FrameBounds bounds) {
  bounds.from_lane = bounds.from_worker = true;
  return bounds;
}

}  // namespace

std::optional<FrameBounds> bounds_of(std::uint16_t type) {
  switch (static_cast<FrameType>(type)) {
    case FrameType::kBundle:
      return large(to_lane(2), kMaxHostPayload);
    case FrameType::kFork:
      return to_lane(2);
    case FrameType::kLoad:
    case FrameType::kReap:
    case FrameType::kShutdown:
      return to_lane();
    case FrameType::kPluginLoaded:
      return large(from_lane(), kMaxSubscriptionsPayload);
    case FrameType::kLoaded:
    case FrameType::kForked:
    case FrameType::kReaped:
      return from_lane();
    case FrameType::kFiles:
    case FrameType::kMergedFiles:
      return large(up_to(to_worker(), kMaxDescriptors), kMaxHostPayload);
    case FrameType::kAnswer:
      return large(up_to(to_worker(), 1), kMaxHostPayload);
    case FrameType::kTarget:
    case FrameType::kTargetDone:
      return to_worker(1);
    case FrameType::kUnreadable:
    case FrameType::kLayerGap:
    case FrameType::kLayerDone:
    case FrameType::kMergedGap:
      return large(to_worker(), kMaxHostPayload);
    case FrameType::kUnitBegin:
    case FrameType::kUnitEnd:
      return to_worker();
    case FrameType::kHello:
    case FrameType::kBatchDone:
    case FrameType::kFinding:
    case FrameType::kFact:
    case FrameType::kGap:
    case FrameType::kPluginDone:
    case FrameType::kUnitDone:
    case FrameType::kAsk:
      return from_worker();
    case FrameType::kLog:
      return from_both({});
  }
  return std::nullopt;
}

}  // namespace meridian::lane
