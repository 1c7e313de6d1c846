// SPDX-License-Identifier: Apache-2.0
//
// zstd_frames.cpp: magic, header, blocks, checksum; then the next frame.
#include "archive/zstd_frames.hpp"

#include <algorithm>
#include <array>

namespace meridian::archive {

void ZstdFrames::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    if (skip_ > 0) {
      const auto step = static_cast<std::size_t>(std::min<std::uint64_t>(skip_, bytes.size()));
      bytes.remove_prefix(step);
      skip_ -= step;
      continue;
    }
    field_ |= std::uint32_t{static_cast<unsigned char>(bytes[0])} << (8 * have_);
    bytes.remove_prefix(1);
    if (++have_ == need_) take_field();
  }
}

void ZstdFrames::take_field() {
  const std::uint32_t field = field_;
  switch (state_) {
    case State::kMagic:
      // Bytes that are no frame are libzstd's to refuse.
      if ((field & 0xfffffff0u) == 0x184d2a50u) return await(State::kSkippableSize, 4);
      return await(State::kDescriptor, 1);
    case State::kSkippableSize:
      skip_ = field;
      return await(State::kMagic, 4);
    case State::kDescriptor: {
      constexpr std::array<std::uint64_t, 4> kDictionary{0, 1, 2, 4};
      constexpr std::array<std::uint64_t, 4> kContentSize{0, 2, 4, 8};
      const bool single_segment = (field & 0x20u) != 0;
      checksum_ = (field & 0x04u) != 0;
      skip_ = kDictionary[field & 3u] + kContentSize[field >> 6] + (single_segment ? 0u : 1u);
      if (single_segment && field >> 6 == 0) ++skip_;
      return await(State::kBlock, 3);
    }
    case State::kBlock: {
      const bool last = (field & 1u) != 0;
      const bool repeated = (field >> 1 & 3u) == 1;
      skip_ = repeated ? 1 : field >> 3;
      if (last && checksum_) skip_ += 4;
      return last ? await(State::kMagic, 4) : await(State::kBlock, 3);
    }
  }
}

void ZstdFrames::await(State state, std::size_t bytes) {
  state_ = state;
  need_ = bytes;
  have_ = 0;
  field_ = 0;
}

}  // namespace meridian::archive
