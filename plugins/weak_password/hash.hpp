// SPDX-License-Identifier: Apache-2.0
//
// hash.hpp: a stored password, and whether a word is it.
//
// crypt(5) schemes are libxcrypt's, digests libcrypto's; what neither has is in digest_crypt.hpp.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <meridian/result.hpp>

namespace meridian::weak_password {

enum class Scheme {
  kPlain,        // text
  kDigest,       // `algorithm` of word + salt
  kMysqlNative,  // SHA-1 of SHA-1
  kMysqlSha2,    // SHA-256 crypt with 20 bytes of salt
  kScram,        // RFC 5802 StoredKey with `algorithm`
  kApache,       // $apr1$
  kCrypt,        // crypt(5)
};

struct Hash {
  Scheme scheme = Scheme::kPlain;
  std::string algorithm = {};  // as libcrypto calls it: "SHA256"
  std::string expected = {};   // raw bytes; of kCrypt, kApache and kPlain the text itself
  std::string salt = {};       // raw bytes
  std::uint32_t rounds = 0;
};

Hash plain(std::string_view text);
/// `hex` as a digest of word + salt; kInvalid if it is none of `algorithm`.
Result<Hash> hex_digest(std::string_view algorithm, std::string_view hex, std::string salt = {});
/// What stands in shadow(5), and in an htpasswd file: $...$, DES, $apr1$, {SHA}, {SSHA}.
/// kUnsupported: a scheme that is not known here; kLimit: one that would take more than kMaxGuess
/// or kMaxMemory.
Result<Hash> crypt_hash(std::string_view text);
/// "*" and 40 hex digits, or "$A$005$" with salt and digest; kInvalid: neither.
Result<Hash> mysql_hash(std::string_view text);
/// "md5..." or "SCRAM-SHA-256$...", of role `user`.
Result<Hash> postgres_hash(std::string_view text, std::string_view user);

/// About how long one guess takes, in microseconds: to try what is cheap first.
double guess_cost(const Hash& hash);

/// Of one thread; holds crypt's working memory.
class Guesser {
 public:
  Guesser();
  ~Guesser();
  Guesser(const Guesser&) = delete;
  Guesser& operator=(const Guesser&) = delete;
  bool matches(const Hash& hash, const std::string& word);

 private:
  struct Memory;
  std::unique_ptr<Memory> memory_;
};

constexpr double kMaxGuess = 1e6;  // microseconds
constexpr std::uint64_t kMaxMemory = 64ull << 20;

}  // namespace meridian::weak_password
