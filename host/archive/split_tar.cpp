// SPDX-License-Identifier: Apache-2.0
#include "archive/split_tar.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "archive/split_pieces.hpp"

namespace meridian::archive {
namespace {

class SplitTar final : public ByteSource {
 public:
  explicit SplitTar(std::unique_ptr<ByteSource> record) : record_(std::move(record)) {}

  Result<std::size_t> read(void* buffer, std::size_t capacity) override {
    MERIDIAN_CHECK(advance());
    if (zeros_ > 0) {
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(zeros_, capacity));
      std::memset(buffer, 0, count);
      zeros_ -= count;
      return count;
    }
    const std::size_t count = std::min(capacity, bytes_.size() - at_);
    if (count > 0) std::memcpy(buffer, bytes_.data() + at_, count);
    at_ += count;
    return count;
  }

  /// A file that is said to have 200 GiB is two lines here, and no memory is filled for it.
  Result<std::uint64_t> skip(std::uint64_t count) override {
    MERIDIAN_CHECK(advance());
    const std::uint64_t passed = std::min(zeros_, count);
    zeros_ -= passed;
    return passed;
  }

 private:
  /// To the next byte that there is.
  Result<void> advance() {
    while (at_ == bytes_.size() && zeros_ == 0 && !ended_) MERIDIAN_CHECK(take_piece());
    return {};
  }

  Result<void> take_piece() {
    if (!pieces_) {
      MERIDIAN_TRY(auto decoded, decode(std::move(record_)));
      pieces_.emplace(std::move(decoded));
    }
    MERIDIAN_TRY(auto piece, pieces_->next());
    if (!piece) {
      ended_ = true;
      return {};
    }
    if (piece->is_file) {
      zeros_ = piece->size;
      return {};
    }
    // libarchive reads such attributes, dockerd does not: they would be markers that nothing made.
    if (piece->bytes.find("LIBARCHIVE.xattr.") != std::string::npos) {
      return Error(ErrorCode::kUnsupported, "tar-split record: attributes of bsdtar");
    }
    bytes_ = std::move(piece->bytes);
    at_ = 0;
    return {};
  }

  std::unique_ptr<ByteSource> record_;
  std::optional<SplitPieces> pieces_;
  std::string bytes_;
  std::size_t at_ = 0;
  std::uint64_t zeros_ = 0;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<ByteSource> tar_of_split(std::unique_ptr<ByteSource> record) {
  return std::make_unique<SplitTar>(std::move(record));
}

}  // namespace meridian::archive
