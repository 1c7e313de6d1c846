// SPDX-License-Identifier: Apache-2.0
//
// bcrypt_pbkdf.cpp: Blowfish (Schneier, 1993) with bcrypt's key schedule (Provos and Mazieres,
// 1999), and what OpenBSD made of it.
//
// Blowfish begins with the digits of pi behind the point: 18 words and four tables of 256. They are
// computed here.
#include "bcrypt_pbkdf.hpp"

#include <array>
#include <memory>
#include <vector>

#include "digest_crypt.hpp"

namespace meridian::weak_password {
namespace {

constexpr std::size_t kRounds = 16, kSubkeys = kRounds + 2, kTable = 256, kTables = 4;
constexpr std::size_t kWords = kSubkeys + kTables * kTable;

/// A number of few words before the point and many behind it, the highest first.
using Fixed = std::vector<std::uint32_t>;

/// Returns whether anything is left.
bool divide(Fixed& number, std::uint32_t by) {
  std::uint64_t rest = 0;
  bool is_zero = true;
  for (std::uint32_t& word : number) {
    rest = rest << 32 | word;
    word = static_cast<std::uint32_t>(rest / by);
    rest %= by;
    is_zero = is_zero && word == 0;
  }
  return !is_zero;
}

void add(Fixed& to, const Fixed& number, bool subtract) {
  std::int64_t carry = 0;
  for (std::size_t i = to.size(); i > 0; --i) {
    const std::int64_t other = number[i - 1];
    const std::int64_t sum = std::int64_t{to[i - 1]} + (subtract ? -other : other) + carry;
    to[i - 1] = static_cast<std::uint32_t>(sum);
    carry = sum >> 32;
  }
}

/// `factor` times the arc tangent of 1 / x.
Fixed arc_tangent(std::uint32_t factor, std::uint32_t x, std::size_t size) {
  Fixed power(size), sum(size);
  power[0] = factor;
  bool is_left = divide(power, x);
  for (std::uint32_t n = 1; is_left; n += 2) {
    Fixed term = power;
    divide(term, n);
    add(sum, term, n % 4 == 3);
    is_left = divide(power, x * x);
  }
  return sum;
}

/// Machin, 1706: pi = 16 arctan(1/5) - 4 arctan(1/239).
Fixed digits_of_pi() {
  constexpr std::size_t kGuard = 4;
  Fixed pi = arc_tangent(16, 5, 1 + kWords + kGuard);
  add(pi, arc_tangent(4, 239, pi.size()), true);
  pi.erase(pi.begin());  // 3
  return pi;
}

class Blowfish {
 public:
  Blowfish() {
    static const Fixed pi = digits_of_pi();
    for (std::size_t i = 0; i < kWords; ++i) words_[i] = pi[i];
  }

  /// bcrypt's: `key` is mixed into the subkeys, then all words are replaced by what enciphering
  /// gives; with `salt`, of which each block is mixed with the next eight bytes.
  void expand(std::string_view key, std::string_view salt) {
    std::size_t at = 0;
    for (std::size_t i = 0; i < kSubkeys; ++i) words_[i] ^= next_word(key, at);
    std::uint32_t left = 0, right = 0;
    at = 0;
    for (std::size_t i = 0; i < kWords; i += 2) {
      if (!salt.empty()) {
        left ^= next_word(salt, at);
        right ^= next_word(salt, at);
      }
      encipher(left, right);
      words_[i] = left;
      words_[i + 1] = right;
    }
  }

  void encipher(std::uint32_t& left, std::uint32_t& right) const {
    for (std::size_t i = 0; i < kRounds; i += 2) {
      left ^= words_[i];
      right ^= mixed(left);
      right ^= words_[i + 1];
      left ^= mixed(right);
    }
    const std::uint32_t last = left ^ words_[kRounds];
    left = right ^ words_[kRounds + 1];
    right = last;
  }

  /// Four bytes from `at`, around and around.
  static std::uint32_t next_word(std::string_view bytes, std::size_t& at) {
    std::uint32_t word = 0;
    for (int i = 0; i < 4; ++i, at = (at + 1) % bytes.size()) {
      word = word << 8 | static_cast<unsigned char>(bytes[at]);
    }
    return word;
  }

 private:
  std::uint32_t mixed(std::uint32_t x) const {
    const std::uint32_t* const tables = words_.data() + kSubkeys;
    return ((tables[x >> 24] + tables[kTable + (x >> 16 & 255)]) ^
            tables[2 * kTable + (x >> 8 & 255)]) +
           tables[3 * kTable + (x & 255)];
  }

  std::array<std::uint32_t, kWords> words_{};
};

constexpr std::size_t kBlock = 32;

std::string bcrypt_hash(std::string_view word, std::string_view salt) {
  constexpr int kTimes = 64;
  constexpr std::string_view kText = "OxychromaticBlowfishSwatDynamite";
  Blowfish cipher;
  cipher.expand(word, salt);
  for (int i = 0; i < kTimes; ++i) {
    cipher.expand(salt, {});
    cipher.expand(word, {});
  }
  std::string out;
  std::size_t at = 0;
  for (std::size_t i = 0; i < kBlock / 8; ++i) {
    std::uint32_t left = Blowfish::next_word(kText, at), right = Blowfish::next_word(kText, at);
    for (int j = 0; j < kTimes; ++j) cipher.encipher(left, right);
    for (std::uint32_t half : {left, right}) {
      for (int j = 0; j < 4; ++j, half >>= 8) out += static_cast<char>(half & 255);
    }
  }
  return out;
}

}  // namespace

std::string bcrypt_pbkdf(std::string_view word, std::string_view salt, std::uint32_t rounds,
                         std::size_t size) {
  const std::string hashed_word = digest("SHA512", word);
  if (hashed_word.empty()) return {};
  std::string key(size, '\0');
  const std::size_t stride = (size + kBlock - 1) / kBlock;
  // Bytes of a block are `stride` apart in the key.
  for (std::size_t block = 0; block < stride; ++block) {
    std::string text(salt);
    for (int shift = 24; shift >= 0; shift -= 8)
      text += static_cast<char>((block + 1) >> shift & 255);
    std::string last = bcrypt_hash(hashed_word, digest("SHA512", text));
    std::string sum = last;
    for (std::uint32_t round = 1; round < rounds; ++round) {
      last = bcrypt_hash(hashed_word, digest("SHA512", last));
      for (std::size_t i = 0; i < kBlock; ++i) sum[i] = static_cast<char>(sum[i] ^ last[i]);
    }
    for (std::size_t i = 0; i * stride + block < size && i < kBlock; ++i)
      key[i * stride + block] = sum[i];
  }
  return key;
}

}  // namespace meridian::weak_password
