// SPDX-License-Identifier: Apache-2.0
#include "secret_name.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace meridian::secrets {

namespace {

constexpr std::size_t kMaxWords = 16;

// Alone enough.
constexpr auto kSecretWords = std::to_array<std::string_view>(
    {"password",   "passwd",     "passphrase", "passcode",    "pwd",       "secret",
     "secrets",    "token",      "apikey",     "apitoken",    "authtoken", "accesskey",
     "secretkey",  "privatekey", "credential", "credentials", "userpass",  "dbpass",
     "dbpassword", "authkey",    "masterkey"});

// In front of "key": what makes a key a secret one.
constexpr auto kKeyKinds = std::to_array<std::string_view>(
    {"api", "access", "secret", "private", "encryption", "signing", "auth", "master", "shared",
     "storage", "crypto", "cipher", "session", "service", "app", "admin", "webhook", "jwt"});

// As the last word: the name tells about a secret, and is not one.
constexpr auto kAboutWords = std::to_array<std::string_view>(
    {"file",    "path",     "dir",     "directory", "url",     "uri",      "host",
     "port",    "name",     "names",   "id",        "ids",     "length",   "len",
     "size",    "ttl",      "type",    "policy",    "expiry",  "expires",  "expiration",
     "enabled", "disabled", "version", "count",     "limit",   "max",      "min",
     "timeout", "age",      "days",    "hours",     "header",  "field",    "prompt",
     "prefix",  "suffix",   "format",  "regex",     "pattern", "provider", "backend",
     "store",   "manager",  "helper",  "command",   "cmd",     "hash",     "algorithm",
     "algo",    "rounds",   "cost",    "endpoint",  "issuer",  "audience", "scope",
     "scopes",  "location", "arn",     "ref",       "mode",    "method",   "lifetime",
     "required"});

// Anywhere: what is public, or a digest.
constexpr auto kPublicWords =
    std::to_array<std::string_view>({"public", "pub", "gpg", "publishable", "fingerprint", "sha256",
                                     "sha512", "sha1", "md5", "checksum", "keyring", "known"});

template <typename List>
bool in(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool is_upper(char letter) { return letter >= 'A' && letter <= 'Z'; }
bool is_lower(char letter) { return letter >= 'a' && letter <= 'z'; }
bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

}  // namespace

std::vector<std::string> name_words(std::string_view name) {
  std::vector<std::string> words;
  bool open = false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char letter = name[i];
    if (!is_upper(letter) && !is_lower(letter) && !is_digit(letter)) {
      open = false;
      continue;
    }
    const bool camel = is_upper(letter) && i > 0 && is_lower(name[i - 1]);
    const bool acronym_ends = is_upper(letter) && i > 0 && is_upper(name[i - 1]) &&
                              i + 1 < name.size() && is_lower(name[i + 1]);
    if (!open || camel || acronym_ends) {
      if (words.size() == kMaxWords) return words;
      words.emplace_back();
      open = true;
    }
    words.back() += is_upper(letter) ? static_cast<char>(letter - 'A' + 'a') : letter;
  }
  return words;
}

bool promises_secret(std::string_view name) {
  const std::vector<std::string> words = name_words(name);
  if (words.empty() || in(kAboutWords, words.back())) return false;
  bool secret = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (in(kPublicWords, word)) return false;
    if (in(kSecretWords, word)) secret = true;
    // PASS is a password at the end of a name only: PASS_THROUGH is none.
    if (word == "pass" && i + 1 == words.size()) secret = true;
    if (word == "key" && i > 0 && in(kKeyKinds, words[i - 1])) secret = true;
    // One piece in capitals or small letters: PGPASSWORD, MYSQL_PWD, requirepass, adminpassword.
    for (const std::string_view end : {"password", "passwd", "secret", "apikey", "requirepass"}) {
      if (word.size() >= end.size() &&
          word.compare(word.size() - end.size(), end.size(), end) == 0) {
        secret = true;
      }
    }
  }
  return secret;
}

}  // namespace meridian::secrets
