// SPDX-License-Identifier: Apache-2.0
//
// reader_messages.hpp: what the host says to `meridian reader`, besides what lane_messages.hpp has:
// Hello first, Forked to each Read, Reaped to each Reap.
#pragma once

#include <cstdint>
#include <string>

#include "archive/unpacker.hpp"
#include "lane/frame.hpp"
#include "lane/wire_values.hpp"

namespace meridian::lane {

enum class ReadKind : std::uint8_t { kTar, kTarAgain, kBytes, kMembers };

template <>
inline constexpr auto kLargest<ReadKind> = ReadKind::kMembers;
template <>
inline constexpr auto kLargest<archive::BlobForm> = archive::BlobForm::kTarSplit;

namespace message {

/// A process for one blob. Descriptors: its file, the socket and the memory of a block_pipe.
struct Read {
  static constexpr FrameType kType = FrameType::kRead;
  ReadKind kind = ReadKind::kTar;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  archive::BlobForm form = archive::BlobForm::kTar;
  std::string name;  // for errors
};

template <typename Archive>
void fields(Archive& archive, Of<Archive, Read>& value) {
  archive(value.kind, value.offset, value.size, value.form, value.name);
}

}  // namespace message
}  // namespace meridian::lane
