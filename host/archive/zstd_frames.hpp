// SPDX-License-Identifier: Apache-2.0
//
// zstd_frames.hpp: whether a stream of zstd frames is complete (RFC 8878, 3.1).
//
// Why: libarchive 3.6 ends quietly when the input ends inside a frame, so a layer cut short would
// look whole. Only lengths are read here; libzstd decodes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace meridian::archive {

class ZstdFrames {
 public:
  void feed(std::string_view bytes);
  /// Everything fed so far is whole frames.
  bool complete() const { return state_ == State::kMagic && have_ == 0 && skip_ == 0; }

 private:
  enum class State { kMagic, kSkippableSize, kDescriptor, kBlock };
  void take_field();
  void await(State state, std::size_t bytes);

  State state_ = State::kMagic;
  std::uint32_t field_ = 0;  // little-endian, as far as read
  std::size_t have_ = 0;     // bytes of it
  std::size_t need_ = 4;     // bytes it has
  std::uint64_t skip_ = 0;   // bytes before the next field
  bool checksum_ = false;    // the frame ends in one
};

}  // namespace meridian::archive
