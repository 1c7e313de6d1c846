// SPDX-License-Identifier: Apache-2.0
#include "inflate.hpp"

#include <algorithm>
#include <utility>

namespace meridian::secrets {

namespace {

constexpr std::uint64_t kWindow = 128u << 10;  // bytes read at once
constexpr std::uint32_t kPiece = 64u << 10;    // bytes inflated at once
constexpr std::string_view kGzipMagic = "\x1f\x8b\x08";

Error corrupt(const char* why) { return Error(ErrorCode::kCorrupt, why); }

}  // namespace

Result<std::string_view> Window::at(std::uint64_t offset, std::uint64_t least) {
  const std::uint64_t size = source_.size();
  offset = std::min(offset, size);
  least = std::min(least, size - offset);
  const bool is_here = offset >= begin_ && offset - begin_ <= bytes_.size() &&
                       bytes_.size() - (offset - begin_) >= std::max<std::uint64_t>(least, 1);
  if (!is_here) {
    MERIDIAN_TRY(bytes_, source_.read(offset, std::max(least, kWindow)));
    begin_ = offset;
  }
  return std::string_view(bytes_).substr(static_cast<std::size_t>(offset - begin_));
}

Inflater::Inflater(Window& source)
    : source_(source),
      // Cleared: what a stream asks for is never what lay in memory before.
      state_(std::make_unique<::inflate_state>()),
      out_(std::make_unique_for_overwrite<unsigned char[]>(kPiece)) {}

void Inflater::begin_raw(std::uint64_t begin, std::uint64_t end) {
  ::isal_inflate_init(state_.get());
  is_gzip_ = ended_ = false;
  at_ = begin;
  end_ = std::min(end, source_.size());
  failed_.reset();
}

void Inflater::begin_gzip() {
  begin_raw(0, source_.size());
  is_gzip_ = ended_ = true;
}

/// False: nothing that begins as one is left.
Result<bool> Inflater::next_member() {
  at_ -= std::exchange(state_->avail_in, 0u);
  MERIDIAN_TRY(const auto ahead, source_.at(at_, kGzipMagic.size()));
  if (ahead.substr(0, kGzipMagic.size()) != kGzipMagic) return false;
  ::isal_inflate_init(state_.get());
  state_->crc_flag = ISAL_GZIP;
  ended_ = false;
  return true;
}

Result<void> Inflater::fill() {
  if (state_->avail_in > 0 || at_ == end_) return {};
  MERIDIAN_TRY(auto piece, source_.at(at_, 1));
  piece = piece.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(end_ - at_, kWindow)));
  if (piece.empty()) return corrupt("became shorter while it was read");
  at_ += piece.size();
  // ISA-L's, not const; it only reads.
  state_->next_in = reinterpret_cast<unsigned char*>(const_cast<char*>(piece.data()));
  state_->avail_in = static_cast<std::uint32_t>(piece.size());
  return {};
}

Result<std::string_view> Inflater::next() {
  while (!failed_) {
    if (ended_) {
      if (!is_gzip_) return std::string_view();
      MERIDIAN_TRY(const bool more, next_member());
      if (!more) return std::string_view();
    }
    MERIDIAN_CHECK(fill());
    state_->next_out = out_.get();
    state_->avail_out = kPiece;
    const std::uint32_t given = state_->avail_in;
    const int status = ::isal_inflate(state_.get());
    const std::size_t got = kPiece - state_->avail_out;
    ended_ = state_->block_state == ISAL_BLOCK_FINISH;
    if (status == ISAL_INCORRECT_CHECKSUM) {
      failed_ = corrupt("a checksum or size that is not its content's");
    } else if (status != ISAL_DECOMP_OK) {
      failed_ = corrupt("damaged data");
    } else if (got == 0 && !ended_ && at_ == end_ && state_->avail_in == given) {
      failed_ = corrupt("cut short");
    }
    if (got > 0) return std::string_view(reinterpret_cast<const char*>(out_.get()), got);
  }
  return *failed_;
}

}  // namespace meridian::secrets
