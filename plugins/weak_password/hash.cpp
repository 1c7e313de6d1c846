// SPDX-License-Identifier: Apache-2.0
#include "hash.hpp"

#include <crypt.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "digest_crypt.hpp"

namespace meridian::weak_password {
namespace {

constexpr std::string_view kCryptDigits =
    "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

Error invalid(const char* what) { return Error(ErrorCode::kInvalid, what); }
Error unsupported(const char* what) { return Error(ErrorCode::kUnsupported, what); }

bool starts(std::string_view text, std::string_view with) {
  return text.substr(0, with.size()) == with;
}

/// Of a crypt(5) digit; 64: it is none.
unsigned digit_at(std::string_view text, std::size_t i) {
  const std::size_t found = i < text.size() ? kCryptDigits.find(text[i]) : std::string_view::npos;
  return found == std::string_view::npos ? 64 : static_cast<unsigned>(found);
}

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Up to the next '$' from `from`.
std::string_view part(std::string_view text, std::size_t from) {
  if (from >= text.size()) return {};
  return text.substr(from, text.find('$', from) - from);
}

/// What a scheme of memory asks for: 2^(log_n) blocks of 128 * r bytes.
struct Blocks {
  unsigned log_n = 0;
  std::uint64_t r = 0;
  std::uint64_t bytes() const {
    return log_n < 40 && r < (1u << 20) ? (128 * r) << log_n : UINT64_MAX;
  }
};

/// Of $y$ and $gy$ (yescrypt's encoding: flavour, log2 N, r; one digit each where they are usual).
std::optional<Blocks> yescrypt_blocks(std::string_view parameters) {
  if (parameters.size() != 3 || digit_at(parameters, 1) >= 48 || digit_at(parameters, 2) >= 48) {
    return std::nullopt;
  }
  return Blocks{digit_at(parameters, 1) + 1, digit_at(parameters, 2) + 1};
}

/// Of $7$: log2 N, then r and p in five digits each, the lowest first.
std::optional<Blocks> scrypt_blocks(std::string_view text) {
  std::uint64_t r = 0, p = 0;
  for (std::size_t i = 0; i < 5; ++i) {
    if (digit_at(text, 4 + i) > 63 || digit_at(text, 9 + i) > 63) return std::nullopt;
    r |= std::uint64_t{digit_at(text, 4 + i)} << (6 * i);
    p |= std::uint64_t{digit_at(text, 9 + i)} << (6 * i);
  }
  if (digit_at(text, 3) > 63 || p != 1) return std::nullopt;
  return Blocks{digit_at(text, 3), r};
}

constexpr double kUnknownCost = -1;
constexpr double kTooMuch = 1e12;

/// Microseconds for one guess; kUnknownCost: not a scheme that libxcrypt is asked for.
double crypt_cost(std::string_view text) {
  if (starts(text, "$1$")) return 120;
  if (starts(text, "$5$") || starts(text, "$6$")) {
    double rounds = 5000;
    if (starts(text.substr(3), "rounds=")) {
      const auto said = number(part(text, 10));
      if (!said) return kUnknownCost;
      rounds = *said;
    }
    return rounds * 0.4;
  }
  if (starts(text, "$2a$") || starts(text, "$2b$") || starts(text, "$2y$")) {
    const auto log_rounds = number(text.substr(4, 2));
    return log_rounds ? std::ldexp(40, static_cast<int>(*log_rounds)) : kUnknownCost;
  }
  if (starts(text, "$y$") || starts(text, "$gy$")) {
    const auto blocks = yescrypt_blocks(part(text, text.find('$', 1) + 1));
    if (!blocks) return kUnknownCost;
    return blocks->bytes() > kMaxMemory ? kTooMuch : static_cast<double>(blocks->bytes()) * 0.004;
  }
  if (starts(text, "$7$")) {
    const auto blocks = scrypt_blocks(text);
    if (!blocks) return kUnknownCost;
    return blocks->bytes() > kMaxMemory ? kTooMuch : static_cast<double>(blocks->bytes()) * 0.004;
  }
  if (starts(text, "$sha1$")) {
    const auto rounds = number(part(text, 6));
    return rounds ? *rounds * 0.5 : kUnknownCost;
  }
  if (starts(text, "$")) return kUnknownCost;
  const bool digits =
      std::all_of(text.begin() + (starts(text, "_") ? 1 : 0), text.end(),
                  [](char c) { return kCryptDigits.find(c) != std::string_view::npos; });
  if (digits && text.size() == 13) return 4;
  if (digits && text.size() == 20 && starts(text, "_")) {
    double rounds = 0;
    for (std::size_t i = 4; i > 0; --i) rounds = rounds * 64 + digit_at(text, i);
    return rounds * 0.16;
  }
  return kUnknownCost;
}

}  // namespace

Hash plain(std::string_view text) {
  return {.scheme = Scheme::kPlain, .expected = std::string(text)};
}

Result<Hash> hex_digest(std::string_view algorithm, std::string_view hex, std::string salt) {
  auto bytes = from_hex(hex);
  const std::string name(algorithm);
  if (!bytes || bytes->empty() || bytes->size() != digest(name, "").size()) {
    return invalid("no digest of that kind");
  }
  return Hash{.scheme = Scheme::kDigest,
              .algorithm = name,
              .expected = *std::move(bytes),
              .salt = std::move(salt)};
}

Result<Hash> crypt_hash(std::string_view text) {
  if (text.size() >= CRYPT_OUTPUT_SIZE) return invalid("a hash of more than 383 bytes");
  for (const auto& [mark, with_salt] : {std::pair{"{SHA}", false}, {"{SSHA}", true}}) {
    if (!starts(text, mark)) continue;
    std::string bytes = from_base64(text.substr(std::strlen(mark)));
    constexpr std::size_t kSha1 = 20;
    if (bytes.size() < kSha1 || (bytes.size() > kSha1) != with_salt) return invalid("no digest");
    return Hash{.scheme = Scheme::kDigest,
                .algorithm = "SHA1",
                .expected = bytes.substr(0, kSha1),
                .salt = bytes.substr(kSha1)};
  }
  if (starts(text, "$apr1$")) {
    const std::string_view salt = part(text, 6);
    if (salt.size() + 6 >= text.size()) return invalid("no digest behind $apr1$");
    return Hash{.scheme = Scheme::kApache,
                .expected = std::string(text.substr(6 + salt.size() + 1)),
                .salt = std::string(salt)};
  }
  const double cost = crypt_cost(text);
  if (cost < 0) return unsupported("a hash of a kind that is not known");
  if (cost > kMaxGuess) {
    return Error(ErrorCode::kLimit,
                 "one guess at this hash would take more than a second or 64 MiB");
  }
  return Hash{.scheme = Scheme::kCrypt, .expected = std::string(text)};
}

Result<Hash> mysql_hash(std::string_view text) {
  if (starts(text, "*")) {
    auto hash = hex_digest("SHA1", text.substr(1));
    if (hash) hash->scheme = Scheme::kMysqlNative;
    return hash;
  }
  constexpr std::size_t kSalt = 20, kDigest = 43, kBegin = 7;
  if (!starts(text, "$A$") || text.size() != kBegin + kSalt + kDigest || text[6] != '$') {
    return invalid("no hash of MySQL's");
  }
  const auto thousands = from_hex("0" + std::string(text.substr(3, 3)));
  if (!thousands) return invalid("no hash of MySQL's");
  const std::uint32_t rounds = 1000u * (static_cast<unsigned char>((*thousands)[0]) * 256u +
                                        static_cast<unsigned char>((*thousands)[1]));
  if (rounds * 0.4 > kMaxGuess)
    return Error(ErrorCode::kLimit, "one guess at this hash would take more than a second");
  return Hash{.scheme = Scheme::kMysqlSha2,
              .expected = std::string(text.substr(kBegin + kSalt)),
              .salt = std::string(text.substr(kBegin, kSalt)),
              .rounds = rounds};
}

Result<Hash> postgres_hash(std::string_view text, std::string_view user) {
  if (starts(text, "md5")) return hex_digest("MD5", text.substr(3), std::string(user));
  constexpr std::string_view kScram = "SCRAM-SHA-256$";
  if (!starts(text, kScram)) return unsupported("a hash of a kind that is not known");
  // SCRAM-SHA-256$ROUNDS:SALT$STORED:SERVER
  text.remove_prefix(kScram.size());
  const std::size_t colon = text.find(':'), dollar = text.find('$');
  if (colon == std::string_view::npos || dollar == std::string_view::npos || dollar < colon)
    return invalid("no SCRAM verifier");
  const auto rounds = number(text.substr(0, colon));
  const std::string stored =
      from_base64(text.substr(dollar + 1, text.find(':', dollar) - dollar - 1));
  if (!rounds || *rounds == 0 || stored.size() != 32) return invalid("no SCRAM verifier");
  if (*rounds > kMaxGuess)
    return Error(ErrorCode::kLimit, "one guess at this hash would take more than a second");
  return Hash{.scheme = Scheme::kScram,
              .algorithm = "SHA256",
              .expected = stored,
              .salt = from_base64(text.substr(colon + 1, dollar - colon - 1)),
              .rounds = *rounds};
}

double guess_cost(const Hash& hash) {
  switch (hash.scheme) {
    case Scheme::kPlain:
      return 0.1;
    case Scheme::kDigest:
    case Scheme::kMysqlNative:
      return 1;
    case Scheme::kMysqlSha2:
      return hash.rounds * 0.4;
    case Scheme::kScram:
      return hash.rounds;
    case Scheme::kApache:
      return 700;
    case Scheme::kCrypt:
      return crypt_cost(hash.expected);
  }
  return kTooMuch;
}

struct Guesser::Memory {
  crypt_data data{};
};

Guesser::Guesser() : memory_(std::make_unique<Memory>()) {}
Guesser::~Guesser() = default;

bool Guesser::matches(const Hash& hash, const std::string& word) {
  switch (hash.scheme) {
    case Scheme::kPlain:
      return word == hash.expected;
    case Scheme::kDigest:
      return digest(hash.algorithm, word + hash.salt) == hash.expected;
    case Scheme::kMysqlNative:
      return digest("SHA1", digest("SHA1", word)) == hash.expected;
    case Scheme::kMysqlSha2:
      return sha256_crypt(word, hash.salt, hash.rounds) == hash.expected;
    case Scheme::kScram:
      return scram_key(hash.algorithm, word, hash.salt, hash.rounds) == hash.expected;
    case Scheme::kApache:
      return apache_md5(word, hash.salt) == hash.expected;
    case Scheme::kCrypt:
      break;
  }
  const char* const made =
      ::crypt_rn(word.c_str(), hash.expected.c_str(), &memory_->data, sizeof memory_->data);
  return made != nullptr && hash.expected == made;
}

}  // namespace meridian::weak_password
