// SPDX-License-Identifier: Apache-2.0
//
// key_block.hpp: private keys in armour: PEM (RFC 7468), OpenSSH, OpenPGP (RFC 9580), PuTTY.
//
// Why: the line "BEGIN PRIVATE KEY" stands in every TLS library and manual. What counts is that key
// bytes follow: the start of the body decodes to the structure that its label promises.
// The match is the first line; the body is looked for in what follows it, also where line ends are
// written as "\n" in two letters, as in JSON. On success the candidate's value is the body.
#pragma once

#include "candidate.hpp"

namespace meridian::secrets {

/// PKCS#1, SEC 1, PKCS#8, DSA or OpenSSH; `encrypted` says which of both is wanted.
bool is_pem_key(Candidate& candidate, bool encrypted);

/// A secret-key packet.
bool is_pgp_key(Candidate& candidate);

/// "PuTTY-User-Key-File-2" or "-3" with lines "Encryption:" and "Private-Lines:".
bool is_putty_key(Candidate& candidate, bool encrypted);

}  // namespace meridian::secrets
