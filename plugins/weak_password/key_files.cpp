// SPDX-License-Identifier: Apache-2.0
#include "key_files.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include <memory>
#include <utility>

#include "hash.hpp"

namespace meridian::weak_password {
namespace {

template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* value) const {
    Free(value);
  }
};
template <typename T, auto Free>
using Owned = std::unique_ptr<T, Freed<Free>>;

using Bio = Owned<BIO, BIO_free_all>;

Bio bio_of(std::string_view bytes) {
  return Bio(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

Error too_slow() {
  return Error(ErrorCode::kLimit, "one guess at this passphrase would take more than a second");
}

constexpr double kPerRound = 0.6;  // microseconds of PBKDF2 and of PKCS #12's own, about

/// Of PKCS #8 under a passphrase (RFC 5958; PBES2 of RFC 8018): rounds; kUnsupported: of another
/// kind.
Result<double> pkcs8_rounds(const X509_SIG& key) {
  const X509_ALGOR* algorithm = nullptr;
  X509_SIG_get0(&key, &algorithm, nullptr);
  const Error other(ErrorCode::kUnsupported, "a passphrase that is not PBES2's with PBKDF2");
  if (algorithm == nullptr || OBJ_obj2nid(algorithm->algorithm) != NID_pbes2) return other;
  const Owned<PBE2PARAM, PBE2PARAM_free> scheme(static_cast<PBE2PARAM*>(
      ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBE2PARAM), algorithm->parameter)));
  if (!scheme || OBJ_obj2nid(scheme->keyfunc->algorithm) != NID_id_pbkdf2) return other;
  const Owned<PBKDF2PARAM, PBKDF2PARAM_free> function(static_cast<PBKDF2PARAM*>(
      ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBKDF2PARAM), scheme->keyfunc->parameter)));
  if (!function) return other;
  const std::int64_t rounds = ASN1_INTEGER_get(function->iter);
  if (rounds < 1) return other;
  return static_cast<double>(rounds);
}

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

std::vector<std::string_view> split_keys(std::string_view bytes) {
  constexpr std::string_view kBegin = "-----BEGIN ", kKey = "PRIVATE KEY-----";
  std::vector<std::string_view> keys;
  for (std::size_t at = bytes.find(kBegin); at != std::string_view::npos;) {
    const std::size_t next = bytes.find(kBegin, at + 1);
    const std::string_view part =
        bytes.substr(at, next == std::string_view::npos ? next : next - at);
    if (holds(part.substr(0, part.find('\n')), kKey)) keys.push_back(part);
    at = next;
  }
  if (!holds(bytes, kBegin)) keys.push_back(bytes);
  return keys;
}

Result<std::optional<LockedKey>> LockedKey::read(std::string_view bytes) {
  LockedKey key;
  key.bytes_ = bytes;
  if (!holds(bytes, "-----BEGIN ")) {
    const auto* place = reinterpret_cast<const unsigned char*>(bytes.data());
    const Owned<PKCS12, PKCS12_free> store(
        d2i_PKCS12(nullptr, &place, static_cast<long>(bytes.size())));
    ERR_clear_error();
    if (!store) return std::optional<LockedKey>();
    if (PKCS12_mac_present(store.get()) != 1)
      return Error(ErrorCode::kUnsupported, "a PKCS #12 store without a MAC");
    const ASN1_INTEGER* rounds = nullptr;
    PKCS12_get0_mac(nullptr, nullptr, nullptr, &rounds, store.get());
    key.kind_ = Kind::kPkcs12;
    key.cost_ =
        20 + kPerRound * (rounds == nullptr ? 1 : static_cast<double>(ASN1_INTEGER_get(rounds)));
  } else if (holds(bytes, "-----BEGIN OPENSSH PRIVATE KEY-----")) {
    auto openssh = read_openssh_key(bytes);
    if (!openssh) return std::move(openssh).error();
    if (!openssh->has_value()) return std::optional<LockedKey>();
    key.kind_ = Kind::kOpenssh;
    key.openssh_ = **std::move(openssh);
    key.cost_ = guess_cost(key.openssh_);
  } else if (holds(bytes, "-----BEGIN ENCRYPTED PRIVATE KEY-----")) {
    const Owned<X509_SIG, X509_SIG_free> sealed(
        PEM_read_bio_PKCS8(bio_of(bytes).get(), nullptr, nullptr, nullptr));
    ERR_clear_error();
    if (!sealed) return Error(ErrorCode::kCorrupt, "no PKCS #8 key behind its first line");
    const auto rounds = pkcs8_rounds(*sealed);
    if (!rounds) return rounds.error();
    key.cost_ = 20 + kPerRound * *rounds;
  } else if (holds(bytes, "Proc-Type: 4,ENCRYPTED")) {
    key.cost_ = 20;
  } else {
    return std::optional<LockedKey>();
  }
  if (key.cost_ < 0 || key.cost_ > kMaxGuess) return too_slow();
  return std::optional<LockedKey>(std::move(key));
}

bool LockedKey::opens_with(const std::string& word) const {
  if (kind_ == Kind::kOpenssh) return weak_password::opens(openssh_, word);
  bool opens = false;
  if (kind_ == Kind::kPkcs12) {
    const auto* place = reinterpret_cast<const unsigned char*>(bytes_.data());
    const Owned<PKCS12, PKCS12_free> store(
        d2i_PKCS12(nullptr, &place, static_cast<long>(bytes_.size())));
    opens =
        store && PKCS12_verify_mac(store.get(), word.c_str(), static_cast<int>(word.size())) == 1;
  } else if (!word.empty()) {
    // The default callback takes the last argument for the passphrase.
    const Owned<EVP_PKEY, EVP_PKEY_free> key(PEM_read_bio_PrivateKey(
        bio_of(bytes_).get(), nullptr, nullptr, const_cast<char*>(word.c_str())));
    opens = key != nullptr;
  }
  ERR_clear_error();
  return opens;
}

}  // namespace meridian::weak_password
