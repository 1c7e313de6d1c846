// SPDX-License-Identifier: Apache-2.0
#include "digest_crypt.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <memory>

namespace meridian::weak_password {
namespace {

constexpr std::string_view kCryptDigits =
    "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

/// Three bytes of a digest as digits, the last of them first.
void put_digits(std::string& out, unsigned high, unsigned middle, unsigned low, int digits) {
  unsigned value = (high << 16) | (middle << 8) | low;
  for (; digits > 0; --digits, value >>= 6) out += kCryptDigits[value & 63];
}

unsigned at(const std::string& sum, std::size_t i) { return static_cast<unsigned char>(sum[i]); }

/// As many bytes of `block` as `size` asks for, over and over.
std::string repeated(std::string_view block, std::size_t size) {
  std::string text;
  while (!block.empty() && text.size() < size) text += block.substr(0, size - text.size());
  return text;
}

}  // namespace

std::string digest(const std::string& algorithm, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> sum{};
  unsigned size = 0;
  const EVP_MD* const type = EVP_get_digestbyname(algorithm.c_str());
  if (type == nullptr ||
      EVP_Digest(bytes.data(), bytes.size(), sum.data(), &size, type, nullptr) != 1) {
    return {};
  }
  return {reinterpret_cast<const char*>(sum.data()), size};
}

std::optional<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    int value = 0;
    if (c >= '0' && c <= '9') {
      value = c - '0';
    } else if ((c | 32) >= 'a' && (c | 32) <= 'f') {
      value = (c | 32) - 'a' + 10;
    } else {
      return std::nullopt;
    }
    if (i % 2 == 0) {
      bytes += static_cast<char>(value << 4);
    } else {
      bytes.back() = static_cast<char>(static_cast<unsigned char>(bytes.back()) | value);
    }
  }
  return bytes;
}

std::string from_base64(std::string_view text) {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  unsigned value = 0, bits = 0;
  for (const char c : text) {
    const std::size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) return {};
    value = (value << 6 | static_cast<unsigned>(digit)) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(value >> bits & 0xff);
  }
  return bytes;
}

std::string apache_md5(std::string_view word, std::string_view salt) {
  const std::string key(word), grain(salt.substr(0, 8));
  const std::string inner = digest("MD5", key + grain + key);
  std::string first = key + "$apr1$" + grain + repeated(inner, key.size());
  for (std::size_t size = key.size(); size > 0; size >>= 1) {
    first += (size & 1) != 0 ? '\0' : (key.empty() ? '\0' : key[0]);
  }
  std::string sum = digest("MD5", first);
  for (int round = 0; round < 1000; ++round) {
    std::string text = (round & 1) != 0 ? key : sum;
    if (round % 3 != 0) text += grain;
    if (round % 7 != 0) text += key;
    text += (round & 1) != 0 ? sum : key;
    sum = digest("MD5", text);
  }
  std::string out;
  for (std::size_t i = 0; i < 4; ++i)
    put_digits(out, at(sum, i), at(sum, i + 6), at(sum, i + 12), 4);
  put_digits(out, at(sum, 4), at(sum, 10), at(sum, 5), 4);
  put_digits(out, 0, 0, at(sum, 11), 2);
  return out;
}

std::string sha256_crypt(std::string_view word, std::string_view salt, std::uint32_t rounds) {
  const std::string key(word), grain(salt);
  const std::string inner = digest("SHA256", key + grain + key);
  std::string first = key + grain + repeated(inner, key.size());
  for (std::size_t size = key.size(); size > 0; size >>= 1) {
    first += (size & 1) != 0 ? inner : key;
  }
  std::string sum = digest("SHA256", first);
  std::string keys, grains;
  for (std::size_t i = 0; i < key.size(); ++i) keys += key;
  for (std::size_t i = 0; i < 16 + at(sum, 0); ++i) grains += grain;
  const std::string p = repeated(digest("SHA256", keys), key.size());
  const std::string s = repeated(digest("SHA256", grains), grain.size());
  for (std::uint32_t round = 0; round < rounds; ++round) {
    std::string text = (round & 1) != 0 ? p : sum;
    if (round % 3 != 0) text += s;
    if (round % 7 != 0) text += p;
    text += (round & 1) != 0 ? sum : p;
    sum = digest("SHA256", text);
  }
  std::string out;
  // The order of the specification.
  for (std::size_t i = 0, a = 0; i < 10; ++i, a = (a + 21) % 30) {
    put_digits(out, at(sum, a), at(sum, (a + 10) % 30), at(sum, (a + 20) % 30), 4);
  }
  put_digits(out, 0, at(sum, 31), at(sum, 30), 3);
  return out;
}

std::string scram_key(const std::string& algorithm, std::string_view word, std::string_view salt,
                      std::uint32_t rounds) {
  const EVP_MD* const type = EVP_get_digestbyname(algorithm.c_str());
  if (type == nullptr) return {};
  std::array<unsigned char, EVP_MAX_MD_SIZE> salted{}, client{};
  unsigned size = static_cast<unsigned>(EVP_MD_get_size(type));
  if (PKCS5_PBKDF2_HMAC(word.data(), static_cast<int>(word.size()), bytes_of(salt),
                        static_cast<int>(salt.size()), static_cast<int>(rounds), type,
                        static_cast<int>(size), salted.data()) != 1) {
    return {};
  }
  constexpr std::string_view kLabel = "Client Key";
  if (HMAC(type, salted.data(), static_cast<int>(size), bytes_of(kLabel), kLabel.size(),
           client.data(), &size) == nullptr) {
    return {};
  }
  return digest(algorithm, {reinterpret_cast<const char*>(client.data()), size});
}

}  // namespace meridian::weak_password
