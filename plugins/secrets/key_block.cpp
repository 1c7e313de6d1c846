// SPDX-License-Identifier: Apache-2.0
#include "key_block.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "base64.hpp"

namespace meridian::secrets {

namespace {

struct Body {
  std::string base64 = {};  // letters only
  bool whole = false;  // the end line, or another foreign byte, was reached in what we were lent
  bool says_encrypted = false;
};

bool is_base64_letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '/' || c == '=';
}

// Takes off what a source language puts around a line: "...", '...' +, a margin, "\r" in two
// letters.
std::string_view bare(std::string_view line) {
  const std::size_t margin = line.find_first_not_of(" \t\"'`>#*|,");
  line.remove_prefix(std::min(margin, line.size()));
  const auto chop = [&line] { line = line.substr(0, line.find_last_not_of(" \t\r\\\"'`,;") + 1); };
  if (line.size() >= 2 && line.substr(line.size() - 2) == "\\r") line.remove_suffix(2);
  chop();
  // '+' is also a letter of base64: only one that stood apart joins strings.
  if (!line.empty() && line.back() == '+' &&
      (line.size() == 1 || !is_base64_letter(line[line.size() - 2]))) {
    line.remove_suffix(1);
    chop();
  }
  return line;
}

// The letters of the body, without headers of RFC 1421 ("Proc-Type: 4,ENCRYPTED"). A key that was
// put on one line has blanks where its line ends were.
Body read_body(std::string_view text) {
  Body body;
  std::size_t i = 0;
  while (i < text.size()) {
    const std::size_t end = std::min({text.find('\n', i), text.find("\\n", i), text.size()});
    const std::string_view line = bare(text.substr(i, end - i));
    i = end < text.size() && text[end] == '\\' ? end + 2 : end + 1;
    const std::size_t colon = line.find(": ");
    if (colon != std::string_view::npos && colon < 24) {
      if (line.substr(0, 9) == "Proc-Type" && line.find("ENCRYPTED") != std::string_view::npos) {
        body.says_encrypted = true;
      }
      continue;
    }
    for (const char letter : line) {
      if (letter == ' ') continue;
      if (!is_base64_letter(letter)) {
        body.whole = true;
        return body;
      }
      body.base64 += letter;
    }
  }
  return body;
}

std::size_t byte_at(std::string_view bytes, std::size_t i) {
  return static_cast<unsigned char>(bytes[i]);
}

// X.690: SEQUENCE with a definite length of `total` bytes or fewer; sets `rest` to its content.
bool opens_sequence(std::string_view der, bool whole, std::string_view& rest) {
  if (der.size() < 4 || byte_at(der, 0) != 0x30) return false;
  std::size_t length = byte_at(der, 1);
  std::size_t header = 2;
  if (length == 0x81) {
    length = byte_at(der, 2);
    header = 3;
  } else if (length == 0x82) {
    length = byte_at(der, 2) << 8 | byte_at(der, 3);
    header = 4;
  } else if (length >= 0x80) {
    return false;
  }
  if (length < 32) return false;
  const std::size_t total = header + length;
  if (whole ? der.size() < total : total < 8) return false;
  rest = der.substr(header);
  return true;
}

// openssh/PROTOCOL.key: magic, then the cipher's name as a counted text.
bool is_openssh(std::string_view bytes, bool encrypted) {
  constexpr std::string_view kMagic("openssh-key-v1\0", 15);
  if (bytes.substr(0, kMagic.size()) != kMagic || bytes.size() < kMagic.size() + 8) return false;
  bytes.remove_prefix(kMagic.size());
  const std::size_t length = byte_at(bytes, 3);
  const std::string_view cipher = bytes.substr(4, length);
  return encrypted == (cipher != "none");
}

}  // namespace

bool is_pem_key(Candidate& candidate, bool encrypted) {
  const Body body = read_body(candidate.after);
  const auto bytes = body.whole ? decode_base64(body.base64) : decode_base64_prefix(body.base64);
  if (!bytes || bytes->size() < 40) return false;
  candidate.value = body.base64;
  if (candidate.token.find("OPENSSH") != std::string::npos) return is_openssh(*bytes, encrypted);
  // RFC 1421, 4.6.1.1: the body of a "Proc-Type: 4,ENCRYPTED" block is noise.
  if (body.says_encrypted) return encrypted;
  std::string_view content;
  if (!opens_sequence(*bytes, body.whole, content)) return false;
  const bool wraps = byte_at(content, 0) == 0x30;  // EncryptedPrivateKeyInfo, RFC 5208, section 6
  if (wraps != encrypted) return false;
  // Otherwise a version comes first: INTEGER 0 or 1 (RFC 8017 A.1.2, RFC 5208 5, RFC 5915 3).
  return encrypted ||
         (byte_at(content, 0) == 2 && byte_at(content, 1) == 1 && byte_at(content, 2) <= 1);
}

bool is_pgp_key(Candidate& candidate) {
  const Body body = read_body(candidate.after);
  // The armour's own checksum ("=abcd") is a line of its own: five letters that decode to nothing.
  const std::string_view letters = std::string_view(body.base64).substr(0, 400);
  const auto bytes = decode_base64_prefix(letters.substr(0, letters.find('=')));
  if (!bytes || bytes->size() < 40) return false;
  candidate.value = body.base64;
  // RFC 9580, 4.2 and 5.5.1.3: packet tag 5 in either header format, then version 3 to 6.
  const std::size_t tag = byte_at(*bytes, 0);
  const bool old_format = (tag & 0xfcu) == 0x94;
  if (!old_format && tag != 0xc5) return false;
  std::size_t header = 0;
  if (old_format) {
    header = 1 + (std::size_t{1} << (tag & 3u));
  } else {
    header = byte_at(*bytes, 1) < 192 ? 2 : byte_at(*bytes, 1) < 224 ? 3 : 6;
  }
  const std::size_t version = byte_at(*bytes, header);
  return version >= 3 && version <= 6;
}

bool is_putty_key(Candidate& candidate, bool encrypted) {
  const std::string_view text = candidate.after;
  const auto line_of = [&](std::string_view name) -> std::string_view {
    const std::size_t at = text.find(name);
    if (at == std::string_view::npos) return {};
    const std::string_view line = text.substr(at + name.size());
    return line.substr(0, line.find_first_of("\r\n\\"));
  };
  const std::string_view cipher = line_of("Encryption: ");
  const std::string_view lines = line_of("Private-Lines: ");
  if (cipher.empty() || lines.empty() || encrypted != (cipher != "none")) return false;
  const std::size_t at = text.find("Private-Lines: ");
  const std::size_t end = text.find_first_of("\n\\", at);
  if (end == std::string_view::npos) return false;
  const Body body = read_body(text.substr(end));
  const auto bytes = decode_base64_prefix(body.base64.substr(0, body.base64.find('=')));
  if (!bytes || bytes->size() < 20) return false;
  candidate.value = body.base64;
  return true;
}

}  // namespace meridian::secrets
