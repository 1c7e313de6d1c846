// SPDX-License-Identifier: Apache-2.0
#include "confirm.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base64.hpp"
#include "checksum.hpp"
#include "key_block.hpp"
#include "secret_name.hpp"

namespace meridian::secrets {

namespace {

using nlohmann::json;

// Hostile JSON: the parser keeps its own stack, and this bounds what it may build.
constexpr std::size_t kMaxJson = 8192;

std::optional<json> parse_object(std::string_view text) {
  if (text.empty() || text.size() > kMaxJson || text.front() != '{') return std::nullopt;
  json value = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!value.is_object()) return std::nullopt;
  return value;
}

// The `segment`-th part (from 1) between dots; 0: the whole.
std::optional<std::string_view> segment_of(std::string_view value, std::size_t segment) {
  for (std::size_t i = 1; i < segment; ++i) {
    const std::size_t dot = value.find('.');
    if (dot == std::string_view::npos) return std::nullopt;
    value.remove_prefix(dot + 1);
  }
  return segment == 0 ? value : value.substr(0, value.find('.'));
}

bool has_bytes(const Confirm& confirm, std::string_view value) {
  const auto part = segment_of(value, confirm.segment);
  if (!part || part->substr(0, confirm.prefix.size()) != confirm.prefix) return false;
  const auto bytes = decode_base64(part->substr(confirm.prefix.size()));
  if (!bytes) return false;
  const auto size = static_cast<double>(bytes->size());
  return size >= confirm.min && (confirm.max <= 0 || size <= confirm.max);
}

bool is_text(const Confirm& confirm, std::string_view value) {
  const auto part = segment_of(value, confirm.segment);
  const auto bytes = part ? decode_base64(*part) : std::nullopt;
  if (!bytes || bytes->empty()) return false;
  // "digit" asks for a number in letters; anything else is looked for in a printable text.
  const ByteSet allowed = *ByteSet::named(confirm.has == "digit" ? "digit" : "line");
  if (!allowed.covers(*bytes)) return false;
  if (confirm.has == "digit") return true;
  const std::size_t at = bytes->find(confirm.has);
  return at != std::string::npos &&
         !is_placeholder(std::string_view(*bytes).substr(at + confirm.has.size()),
                         PlaceholderTest::kPassword);
}

bool is_json(const Confirm& confirm, std::string_view value) {
  const auto part = segment_of(value, confirm.segment);
  const auto bytes = part ? decode_base64(*part) : std::nullopt;
  const auto object = bytes ? parse_object(*bytes) : std::nullopt;
  return object && std::all_of(confirm.keys.begin(), confirm.keys.end(),
                               [&](const std::string& key) { return object->contains(key); });
}

// The name in front of an assignment: what of it stands in the match, and what before it.
std::string assigned_name(const Candidate& candidate) {
  const auto in_name = [](char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= '0' && letter <= '9') || letter == '_' || letter == '-' || letter == '.';
  };
  const auto token_end = std::find_if_not(candidate.token.begin(), candidate.token.end(), in_name);
  std::size_t start = candidate.before.size();
  while (start > 0 && candidate.before.size() - start < 64 &&
         in_name(candidate.before[start - 1])) {
    --start;
  }
  return std::string(candidate.before.substr(start)) +
         std::string(candidate.token.begin(), token_end);
}

}  // namespace

double shannon_entropy(std::string_view text) {
  if (text.empty()) return 0;
  std::array<std::uint32_t, 256> counts{};
  for (const char byte : text) ++counts[static_cast<unsigned char>(byte)];
  double bits = 0;
  const auto size = static_cast<double>(text.size());
  for (const std::uint32_t count : counts) {
    if (count == 0) continue;
    const double share = count / size;
    bits -= share * std::log2(share);
  }
  return bits;
}

unsigned byte_classes(std::string_view text) {
  bool small = false, capital = false, digit = false, other = false;
  for (const char byte : text) {
    if (byte >= 'a' && byte <= 'z') {
      small = true;
    } else if (byte >= 'A' && byte <= 'Z') {
      capital = true;
    } else if (byte >= '0' && byte <= '9') {
      digit = true;
    } else {
      other = true;
    }
  }
  return static_cast<unsigned>(small) + static_cast<unsigned>(capital) +
         static_cast<unsigned>(digit) + static_cast<unsigned>(other);
}

bool is_aws_key_id(std::string_view text) {
  if (text.size() != 20) return false;
  const auto bytes = decode_base32(text.substr(4));
  if (!bytes || bytes->size() < 6) return false;
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < 6; ++i) {
    number = number << 8 | static_cast<unsigned char>((*bytes)[i]);
  }
  // Bits 7 to 46 are the account; forty bits hold more than the twelve digits that one has.
  const std::uint64_t account = (number & 0x7fffffffff80u) >> 7;
  return account > 0 && account < 1000000000000u;
}

bool is_jwt(std::string_view text, std::string_view has, std::string_view lacks) {
  const std::size_t first = text.find('.');
  const std::size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos) {
    return false;
  }
  const auto header_text = decode_base64(text.substr(0, first));
  const auto payload_text = decode_base64(text.substr(first + 1, second - first - 1));
  if (!header_text || !payload_text || !decode_base64(text.substr(second + 1))) return false;
  const auto header = parse_object(*header_text);
  // RFC 7515, 4.1.1: "alg" must be present.
  if (!header || !header->contains("alg") || !parse_object(*payload_text)) return false;
  return (has.empty() || payload_text->find(has) != std::string::npos) &&
         (lacks.empty() || payload_text->find(lacks) == std::string::npos);
}

bool holds(const Confirm& confirm, Candidate& candidate) {
  const std::string_view value = candidate.value;
  switch (confirm.kind) {
    case ConfirmKind::kCrc32Base62:
      return has_crc32_base62(value);
    case ConfirmKind::kCrc32Base36:
      return has_gitlab_crc32(value);
    case ConfirmKind::kCrc32Hex:
      return has_crc32_hex(value);
    case ConfirmKind::kBech32:
      return is_bech32(value, confirm.prefix);
    case ConfirmKind::kAwsKeyId:
      return is_aws_key_id(value);
    case ConfirmKind::kJwt:
      return is_jwt(value, confirm.has, confirm.lacks);
    case ConfirmKind::kBase64Bytes:
      return has_bytes(confirm, value);
    case ConfirmKind::kBase64Text:
      return is_text(confirm, value);
    case ConfirmKind::kBase64Json:
      return is_json(confirm, value);
    case ConfirmKind::kPem:
      return is_pem_key(candidate, confirm.encrypted);
    case ConfirmKind::kPgp:
      return is_pgp_key(candidate);
    case ConfirmKind::kPutty:
      return is_putty_key(candidate, confirm.encrypted);
    case ConfirmKind::kEntropy:
      return shannon_entropy(value) >= confirm.min;
    case ConfirmKind::kClasses:
      return byte_classes(value) >= confirm.min;
    case ConfirmKind::kSecretName:
      return promises_secret(assigned_name(candidate));
    case ConfirmKind::kLength: {
      const auto size = static_cast<double>(value.size());
      return size >= confirm.min && (confirm.max <= 0 || size <= confirm.max);
    }
  }
  return false;
}

}  // namespace meridian::secrets
