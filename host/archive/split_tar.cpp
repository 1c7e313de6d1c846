// SPDX-License-Identifier: Apache-2.0
#include "archive/split_tar.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/json_bounds.hpp"
#include "base/limits.hpp"

namespace meridian::archive {
namespace {

constexpr int kFile = 1;   // storage.FileType
constexpr int kBytes = 2;  // storage.SegmentType

Error corrupt(std::string_view why) {
  return Error(ErrorCode::kCorrupt, "tar-split record: " + std::string(why));
}

constexpr std::uint8_t kNoDigit = 64;

constexpr std::array<std::uint8_t, 256> kBase64Values = [] {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::array<std::uint8_t, 256> values{};
  values.fill(kNoDigit);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    values.at(static_cast<unsigned char>(kAlphabet[i])) = static_cast<std::uint8_t>(i);
  }
  return values;
}();

std::optional<std::string> decode_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  for (int padding = 0; padding < 2 && !text.empty() && text.back() == '='; ++padding) {
    text.remove_suffix(1);
  }
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t group = 0;
  unsigned bits = 0;
  for (const char c : text) {
    const std::uint8_t value = kBase64Values[static_cast<unsigned char>(c)];
    if (value == kNoDigit) return std::nullopt;
    group = (group << 6) | value;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>((group >> bits) & 0xffu);
  }
  return bytes;
}

/// Lines of a stream, each at most kMaxTarSplitLine bytes.
class Lines {
 public:
  explicit Lines(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}

  /// Without its newline; nullopt at the end.
  Result<std::optional<std::string>> next() {
    for (;;) {
      const std::size_t end = buffer_.find('\n', searched_);
      if (end != std::string::npos) {
        std::string line = buffer_.substr(start_, end - start_);
        start_ = searched_ = end + 1;
        return std::optional<std::string>(std::move(line));
      }
      buffer_.erase(0, start_);
      start_ = 0;
      searched_ = buffer_.size();
      if (buffer_.size() > kMaxTarSplitLine) {
        return Error(ErrorCode::kLimit, "tar-split record: a line of more than " +
                                            std::to_string(kMaxTarSplitLine) + " bytes");
      }
      buffer_.resize(searched_ + kBuffer);
      auto got = source_->read(buffer_.data() + searched_, kBuffer);
      buffer_.resize(searched_ + (got ? *got : 0));
      if (!got) return std::move(got).error();
      if (*got == 0) return last();
    }
  }

 private:
  static constexpr std::size_t kBuffer = 64 << 10;

  std::optional<std::string> last() {
    if (buffer_.empty()) return std::nullopt;
    searched_ = 0;
    return std::exchange(buffer_, std::string());
  }

  std::unique_ptr<ByteSource> source_;
  std::string buffer_;
  std::size_t start_ = 0;     // of the next line
  std::size_t searched_ = 0;  // no newline before this
};

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
    while (at_ == bytes_.size() && zeros_ == 0 && !ended_) MERIDIAN_CHECK(take_line());
    return {};
  }

  Result<void> take_line() {
    if (!lines_) {
      MERIDIAN_TRY(auto decoded, decode(std::move(record_)));
      lines_.emplace(std::move(decoded));
    }
    MERIDIAN_TRY(const auto line, lines_->next());
    if (!line) {
      ended_ = true;
      return {};
    }
    if (line->empty()) return {};
    MERIDIAN_CHECK(base::check_json_bounds(*line));
    const auto json = nlohmann::json::parse(*line, nullptr, false);
    if (!json.is_object()) return corrupt("a line is no JSON object");
    const auto type = json.find("type");
    if (type == json.end() || !type->is_number_integer()) return corrupt("a line has no type");
    if (*type == kBytes) return take_bytes(json);
    return *type == kFile ? take_file(json) : corrupt("a line of unknown type");
  }

  Result<void> take_bytes(const nlohmann::json& json) {
    const auto payload = json.find("payload");
    if (payload == json.end() || !payload->is_string()) return corrupt("a line has no payload");
    auto bytes = decode_base64(payload->get_ref<const std::string&>());
    if (!bytes) return corrupt("a payload is not base64");
    // libarchive reads such attributes, dockerd does not: they would be markers that nothing made.
    if (bytes->find("LIBARCHIVE.xattr.") != std::string::npos) {
      return Error(ErrorCode::kUnsupported, "tar-split record: attributes of bsdtar");
    }
    bytes_ = *std::move(bytes);
    at_ = 0;
    return count(bytes_.size());
  }

  Result<void> take_file(const nlohmann::json& json) {
    const auto size = json.find("size");
    if (size == json.end()) return {};  // Go leaves out a zero
    if (!size->is_number_unsigned()) return corrupt("a file has no size");
    zeros_ = size->get<std::uint64_t>();
    return count(zeros_);
  }

  Result<void> count(std::uint64_t bytes) {
    if (bytes > limits::kMaxLayerBytes - total_) {
      return Error(ErrorCode::kLimit, "tar-split record: more than " +
                                          std::to_string(limits::kMaxLayerBytes) + " bytes");
    }
    total_ += bytes;
    return {};
  }

  std::unique_ptr<ByteSource> record_;
  std::optional<Lines> lines_;
  std::string bytes_;
  std::size_t at_ = 0;
  std::uint64_t zeros_ = 0;
  std::uint64_t total_ = 0;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<ByteSource> tar_of_split(std::unique_ptr<ByteSource> record) {
  return std::make_unique<SplitTar>(std::move(record));
}

}  // namespace meridian::archive
