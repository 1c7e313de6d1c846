// SPDX-License-Identifier: Apache-2.0
#include "archive/split_pieces.hpp"

#include <array>
#include <nlohmann/json.hpp>
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

constexpr std::array<std::uint64_t, 256> kCrcTable = [] {
  constexpr std::uint64_t kIso = 0xD800000000000000;
  std::array<std::uint64_t, 256> table{};
  for (std::size_t i = 0; i < table.size(); ++i) {
    std::uint64_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? kIso : 0);
    table.at(i) = value;
  }
  return table;
}();

/// Text member; nullopt: it is not there. kCorrupt: it is no text.
Result<std::optional<std::string_view>> text_of(const nlohmann::json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end() || found->is_null()) return std::optional<std::string_view>();
  if (!found->is_string()) return corrupt(std::string("'") + key + "' is no text");
  return std::optional<std::string_view>(found->get_ref<const std::string&>());
}

Result<SplitPiece> file_piece(const nlohmann::json& json) {
  SplitPiece piece;
  piece.is_file = true;
  const auto size = json.find("size");
  if (size != json.end()) {  // Go leaves out a zero
    if (!size->is_number_unsigned()) return corrupt("a file has no size");
    piece.size = size->get<std::uint64_t>();
  }
  MERIDIAN_TRY(const auto name, text_of(json, "name"));
  if (name) piece.bytes = *name;
  // Of names that are no UTF-8.
  MERIDIAN_TRY(const auto raw, text_of(json, "name_raw"));
  if (raw) {
    auto bytes = decode_base64(*raw);
    if (!bytes) return corrupt("a name is not base64");
    piece.bytes = *std::move(bytes);
  }
  MERIDIAN_TRY(const auto payload, text_of(json, "payload"));
  if (payload) piece.checksum = decode_base64(*payload).value_or("");
  return piece;
}

Result<SplitPiece> bytes_piece(const nlohmann::json& json) {
  MERIDIAN_TRY(const auto payload, text_of(json, "payload"));
  if (!payload) return corrupt("a line has no payload");
  auto bytes = decode_base64(*payload);
  if (!bytes) return corrupt("a payload is not base64");
  SplitPiece piece;
  piece.bytes = *std::move(bytes);
  return piece;
}

}  // namespace

/// Lines of a stream, each at most kMaxTarSplitLine bytes.
class SplitPieces::Lines {
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
  static constexpr std::size_t kBuffer = 16 << 10;

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

SplitPieces::SplitPieces(std::unique_ptr<ByteSource> record)
    : lines_(std::make_unique<Lines>(std::move(record))) {}
SplitPieces::~SplitPieces() = default;

Result<void> SplitPieces::count(std::uint64_t bytes) {
  if (bytes > limits::kMaxLayerBytes - total_) {
    return Error(ErrorCode::kLimit, "tar-split record: more than " +
                                        std::to_string(limits::kMaxLayerBytes) + " bytes");
  }
  total_ += bytes;
  return {};
}

Result<std::optional<SplitPiece>> SplitPieces::next() {
  for (;;) {
    MERIDIAN_TRY(const auto line, lines_->next());
    if (!line) return std::optional<SplitPiece>();
    if (line->empty()) continue;
    MERIDIAN_CHECK(base::check_json_bounds(*line));
    const auto json = nlohmann::json::parse(*line, nullptr, false);
    if (!json.is_object()) return corrupt("a line is no JSON object");
    const auto type = json.find("type");
    if (type == json.end() || !type->is_number_integer()) return corrupt("a line has no type");
    if (*type != kBytes && *type != kFile) return corrupt("a line of unknown type");
    MERIDIAN_TRY(SplitPiece piece, *type == kBytes ? bytes_piece(json) : file_piece(json));
    MERIDIAN_CHECK(count(piece.is_file ? piece.size : piece.bytes.size()));
    return std::optional<SplitPiece>(std::move(piece));
  }
}

std::uint64_t crc64(std::uint64_t before, std::string_view bytes) {
  std::uint64_t crc = ~before;
  for (const char byte : bytes) {
    crc = kCrcTable.at((crc ^ static_cast<unsigned char>(byte)) & 0xff) ^ (crc >> 8);
  }
  return ~crc;
}

}  // namespace meridian::archive
