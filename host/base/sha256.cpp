// SPDX-License-Identifier: Apache-2.0
#include "base/sha256.hpp"

#include <openssl/evp.h>

#include <cstdio>
#include <cstdlib>

#include "base/escape.hpp"

namespace meridian::base {
namespace {

// Only a libcrypto without SHA-256, or no memory, gets here; a wrong digest would be worse.
void require(int result) {
  if (result == 1) return;
  static_cast<void>(std::fputs("meridian: libcrypto has no SHA-256\n", stderr));
  std::abort();
}

}  // namespace

struct Sha256::Context {
  EVP_MD_CTX* evp = EVP_MD_CTX_new();
  Context() = default;
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() { EVP_MD_CTX_free(evp); }
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
  require(context_->evp != nullptr ? EVP_DigestInit_ex(context_->evp, EVP_sha256(), nullptr) : 0);
}

Sha256::~Sha256() = default;

void Sha256::update(std::string_view bytes) {
  require(EVP_DigestUpdate(context_->evp, bytes.data(), bytes.size()));
}

Sha256Bytes Sha256::finish() {
  Sha256Bytes digest{};
  require(EVP_DigestFinal_ex(context_->evp, digest.data(), nullptr));
  return digest;
}

Sha256Bytes sha256(std::string_view bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.finish();
}

std::string to_hex(const Sha256Bytes& digest) {
  return hex(std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

std::string sha256_hex(std::string_view bytes) { return to_hex(sha256(bytes)); }

}  // namespace meridian::base
