// SPDX-License-Identifier: Apache-2.0
//
// worker_reports.hpp: what a worker says to the host; see messages.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "lane/lane_messages.hpp"

namespace meridian::lane::message {

/// The first frame of a worker: ready, or why not.
struct Hello {
  static constexpr FrameType kType = FrameType::kHello;
  std::optional<Error> error;
  Sandbox sandbox;
};

template <typename Archive>
void fields(Archive& archive, Of<Archive, Hello>& value) {
  archive(value.error, value.sandbox);
}

struct BatchDone {
  static constexpr FrameType kType = FrameType::kBatchDone;
  std::uint64_t number = 0;
  std::uint64_t bytes_read = 0;  // for this batch
};

template <typename Archive>
void fields(Archive& archive, Of<Archive, BatchDone>& value) {
  archive(value.number, value.bytes_read);
}

struct Finding {
  static constexpr FrameType kType = FrameType::kFinding;
  std::uint32_t plugin = 0;
  finding::RawFinding finding;
};

template <typename Archive>
void fields(Archive& archive, Of<Archive, Finding>& value) {
  archive(value.plugin, value.finding);
}

struct Fact {
  static constexpr FrameType kType = FrameType::kFact;
  std::uint32_t plugin = 0;
  finding::RawFact fact;
};

template <typename Archive>
void fields(Archive& archive, Of<Archive, Fact>& value) {
  archive(value.plugin, value.fact);
}

struct Gap {
  static constexpr FrameType kType = FrameType::kGap;
  std::uint32_t plugin = 0;
  finding::Gap gap;
};

template <typename Archive>
void fields(Archive& archive, Of<Archive, Gap>& value) {
  archive(value.plugin, value.gap);
}

/// How the unit ended in one plugin: a finding::UnitOutput without its lists.
struct PluginDone {
  static constexpr FrameType kType = FrameType::kPluginDone;
  std::uint32_t plugin = 0;
  finding::UnitResult result = finding::UnitResult::kDone;
  std::string reason;
  finding::GapKind error_kind = finding::GapKind::kException;
  std::uint64_t files = 0, bytes = 0, calls = 0, microseconds = 0;
};

template <typename Archive>
void fields(Archive& archive, Of<Archive, PluginDone>& value) {
  archive(value.plugin, value.result, value.reason, value.error_kind, value.files, value.bytes,
          value.calls, value.microseconds);
}

/// After the last PluginDone of the unit.
struct UnitDone {
  static constexpr FrameType kType = FrameType::kUnitDone;
  std::uint64_t unit = 0;
  std::uint64_t bytes_read = 0;
};

template <typename Archive>
void fields(Archive& archive, Of<Archive, UnitDone>& value) {
  archive(value.unit, value.bytes_read);
}

enum class Question : std::uint8_t {
  kStat,
  kResolve,
  kReadlink,
  kList,
  kRead,
  kOrigin,
  kProcesses,
  kContent
};

}  // namespace meridian::lane::message

template <>
inline constexpr auto meridian::lane::kLargest<meridian::lane::message::Question> =
    meridian::lane::message::Question::kContent;

namespace meridian::lane::message {

struct Ask {
  static constexpr FrameType kType = FrameType::kAsk;
  std::uint64_t number = 0;
  Question question = Question::kStat;
  std::string path;         // as the plugin wrote it
  std::uint64_t limit = 0;  // kRead; of kContent the layer's index
};

template <typename Archive>
void fields(Archive& archive, Of<Archive, Ask>& value) {
  archive(value.number, value.question, value.path, value.limit);
}

}  // namespace meridian::lane::message
