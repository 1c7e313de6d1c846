// SPDX-License-Identifier: Apache-2.0
#include "openssh_key.hpp"

#include <openssl/evp.h>

#include <array>
#include <memory>

#include "bcrypt_pbkdf.hpp"
#include "digest_crypt.hpp"

namespace meridian::weak_password {
namespace {

constexpr std::size_t kKey = 32, kBlock = 16;

Error corrupt() { return Error(ErrorCode::kCorrupt, "no OpenSSH key behind its first line"); }

std::optional<std::uint32_t> take_number(std::string_view& bytes) {
  if (bytes.size() < 4) return std::nullopt;
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  bytes.remove_prefix(4);
  return value;
}

std::optional<std::string_view> take_text(std::string_view& bytes) {
  const auto size = take_number(bytes);
  if (!size || *size > bytes.size()) return std::nullopt;
  const std::string_view text = bytes.substr(0, *size);
  bytes.remove_prefix(*size);
  return text;
}

/// What stands between the lines of a PEM, decoded.
std::string decoded(std::string_view pem) {
  const std::size_t begin = pem.find("KEY-----"), end = pem.find("-----END", begin);
  if (begin == std::string_view::npos || end == std::string_view::npos) return {};
  std::string digits;
  for (const char c : pem.substr(begin + 8, end - begin - 8)) {
    if (c > ' ') digits += c;
  }
  return from_base64(digits);
}

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

}  // namespace

Result<std::optional<OpensshKey>> read_openssh_key(std::string_view pem) {
  const std::string bytes = decoded(pem);
  constexpr std::string_view kMagic("openssh-key-v1\0", 15);
  std::string_view rest = bytes;
  if (rest.substr(0, kMagic.size()) != kMagic) return corrupt();
  rest.remove_prefix(kMagic.size());
  const auto cipher = take_text(rest), derivation = take_text(rest);
  auto options = take_text(rest);
  if (!cipher || !derivation || !options) return corrupt();
  if (*cipher == "none") return std::optional<OpensshKey>();
  if (*derivation != "bcrypt" || (*cipher != "aes256-ctr" && *cipher != "aes256-cbc")) {
    return Error(ErrorCode::kUnsupported,
                 "an OpenSSH key under a cipher that is not aes256-ctr or aes256-cbc");
  }
  const auto salt = take_text(*options);
  const auto rounds = take_number(*options), keys = take_number(rest);
  const auto open_half = take_text(rest), sealed = take_text(rest);
  if (!salt || salt->empty() || !rounds || *rounds == 0 || keys != 1u || !open_half || !sealed ||
      sealed->size() < kBlock)
    return corrupt();
  return std::optional(OpensshKey{std::string(*cipher), std::string(*salt), *rounds,
                                  std::string(sealed->substr(0, kBlock))});
}

double guess_cost(const OpensshKey& key) { return 2 * kBcryptHash * key.rounds; }

bool opens(const OpensshKey& key, const std::string& word) {
  const std::string derived = bcrypt_pbkdf(word, key.salt, key.rounds, kKey + kBlock);
  if (derived.size() != kKey + kBlock) return false;
  const std::unique_ptr<EVP_CIPHER_CTX, FreeContext> context(EVP_CIPHER_CTX_new());
  std::array<unsigned char, 2 * kBlock> out{};
  int size = 0;
  const auto* const raw = reinterpret_cast<const unsigned char*>(derived.data());
  const EVP_CIPHER* const type = key.cipher == "aes256-cbc" ? EVP_aes_256_cbc() : EVP_aes_256_ctr();
  if (!context || EVP_DecryptInit_ex(context.get(), type, nullptr, raw, raw + kKey) != 1 ||
      EVP_CIPHER_CTX_set_padding(context.get(), 0) != 1 ||
      EVP_DecryptUpdate(context.get(), out.data(), &size,
                        reinterpret_cast<const unsigned char*>(key.first_block.data()),
                        kBlock) != 1) {
    return false;
  }
  std::string_view numbers(reinterpret_cast<const char*>(out.data()), 8);
  const auto first = take_number(numbers), second = take_number(numbers);
  return first == second;
}

}  // namespace meridian::weak_password
