// SPDX-License-Identifier: Apache-2.0
//
// rule.hpp: one kind of secret as data, and the reader of rules/secrets.json.
//
// Every key is described in the README, "How to add a rule". An unknown key is an error, so that a
// misspelt one cannot weaken a rule unseen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <meridian/finding.hpp>
#include <meridian/result.hpp>

#include "byte_set.hpp"
#include "placeholder.hpp"

namespace meridian::secrets {

enum class ConfirmKind {
  kCrc32Base62,
  kCrc32Base36,
  kCrc32Hex,
  kBech32,
  kAwsKeyId,
  kJwt,
  kBase64Bytes,
  kBase64Text,
  kBase64Json,
  kPem,
  kPgp,
  kPutty,
  kEntropy,
  kClasses,
  kLength,
  kSecretName,
};

/// One further condition on a candidate; the kinds and their parameters: confirm.cpp, kKinds.
struct Confirm {
  ConfirmKind kind{};
  double min = 0;
  double max = 0;
  std::string prefix = {};
  std::string has = {};
  std::string lacks = {};
  std::size_t segment = 0;
  std::vector<std::string> keys = {};
  bool encrypted = false;
};

/// One cut on the way from the match to the secret part of it.
struct ValueStep {
  enum class Kind {
    kAfter,
    kAfterLast,
    kAfterAny,
    kUntil,
    kUntilLast,
    kUntilAny,
    kLast,
    kTail,
    kTrim,
    kAssigned
  };
  Kind kind{};
  std::string text = {};
  std::size_t count = 0;
  ByteSet set = {};
};

/// A text that must, or must not, be reported, in pieces so that no key stands whole in our tree.
struct Sample {
  std::string path = {};
  std::string text = {};
};

struct Rule {
  enum class Scope { kContent, kEnvironment };

  std::string id = {};
  std::string title = {};
  std::string help = {};
  bool own = false;  // of a user's configuration
  Severity severity = Severity::kUnknown;
  Confidence confidence = Confidence::kMedium;
  Scope scope = Scope::kContent;
  std::string pattern = {};
  bool caseless = false;
  bool binary = false;
  bool generic = false;  // yields to any other rule that sees a secret in the same bytes
  std::uint32_t context = 0;
  std::vector<std::string> keywords = {};
  std::vector<std::string> paths = {};
  std::vector<std::string> names = {};
  std::vector<std::string> exclude = {};
  std::uint64_t max_size = 0;
  ByteSet extend = {};
  std::size_t extend_max = 0;
  std::vector<ValueStep> value = {};
  ByteSet not_before = {};
  ByteSet not_after = {};
  PlaceholderTest placeholder = PlaceholderTest::kToken;
  std::vector<Confirm> confirm = {};
  std::vector<Sample> positives = {};
  std::vector<Sample> near_misses = {};
};

/// Reads a rule file. kCorrupt, naming the rule and the key, if it is not JSON, or a key is
/// unknown, missing, of another type or out of bounds, or an id is there twice.
Result<std::vector<Rule>> parse_rules(std::string_view json);

/// The values that vendors print in their documentation: `published` of a rule file. They are no
/// secrets, and nothing but these whole values is left out.
Result<std::vector<std::string>> parse_published(std::string_view json);

/// "crc32-base62" for kCrc32Base62...: the name that a rule file uses.
std::string_view name_of(ConfirmKind kind);

}  // namespace meridian::secrets
