// SPDX-License-Identifier: Apache-2.0
//
// confirm.hpp: the proofs that a candidate is what its rule says: checksum, structure, entropy.
//
// Why: a pattern over a whole image matches by chance; what the issuer built into the token does
// not. Each kind, its parameters and its source: README, "Confirmations".
#pragma once

#include <string_view>

#include "candidate.hpp"
#include "rule.hpp"

namespace meridian::secrets {

/// True if `confirm` holds. May narrow `candidate.value` (a PEM block to its body).
bool holds(const Confirm& confirm, Candidate& candidate);

/// Bits per byte of the bytes' own distribution; 0 for an empty text.
double shannon_entropy(std::string_view text);

/// How many of: small letters, capitals, digits, other bytes.
unsigned byte_classes(std::string_view text);

/// Access key id of AWS: twelve decimal digits of account fit into what its base32 part says.
bool is_aws_key_id(std::string_view text);

/// Three base64url parts; header and payload JSON objects, header with "alg"; `has` and `lacks`
/// (where not empty) are looked for in the payload.
bool is_jwt(std::string_view text, std::string_view has, std::string_view lacks);

}  // namespace meridian::secrets
