// SPDX-License-Identifier: Apache-2.0
//
// seal_test.cpp: a secret of which only form and HMAC are known does all that its value does.
#include "scan/seal.hpp"

#include "base/hmac.hpp"
#include "scan/fingerprint.hpp"
#include "scan/redaction.hpp"
#include "support/catch.hpp"

namespace meridian::scan {
namespace {

finding::RawFinding fresh(const std::string& value) {
  finding::RawFinding finding;
  finding.rule = "key";
  finding.path = "etc/key";
  finding.secret = value;
  return finding;
}

finding::RawFinding recalled(const std::string& value, const Seal& seal) {
  finding::RawFinding finding = fresh(value);
  finding.secret.clear();
  finding.sealed = seal.seal(value);
  return finding;
}

const Seal kSeal(std::string(Seal::kKeyBytes, 'k'));
const Seal kOther(std::string(Seal::kKeyBytes, 'o'));

}  // namespace

TEST_CASE("hmac: RFC 4231, cases 1, 2 and 3", "[base]") {
  CHECK(base::to_hex(base::hmac_sha256(std::string(20, '\x0b'), "Hi There")) ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(base::to_hex(base::hmac_sha256("Jefe", "what do ya want for nothing?")) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(base::to_hex(base::hmac_sha256(std::string(20, '\xaa'), std::string(50, '\xdd'))) ==
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
}

TEST_CASE("seal: it holds neither the value nor what another cache would hold", "[scan]") {
  const std::string value = "AKIA" + std::string(16, 'Z');
  const finding::SealedSecret sealed = kSeal.seal(value);
  CHECK(sealed.form == redact(value));
  CHECK(sealed.size == value.size());
  CHECK(sealed.mac.size() == 32);
  CHECK(sealed.mac != kOther.seal(value).mac);
}

TEST_CASE("seal: a recalled secret is the same as a fresh one, and no other", "[scan]") {
  const auto same = [](const std::string& a, const std::string& b) {
    return secret_identity(fresh(a), &kSeal) == secret_identity(recalled(b, kSeal), &kSeal);
  };
  CHECK(same("hunter2", "hunter2"));
  CHECK_FALSE(same("hunter2", "hunter3"));
  CHECK(secret_identity(fresh(""), &kSeal).empty());
}

TEST_CASE("seal: text is cleaned as if the value were known", "[scan]") {
  const std::string long_one = "ghp_" + std::string(36, 'q');
  const std::string middle = "swordfish-123";
  const std::string odd = std::string("\x01\x02") + "bytes of a secret";
  for (const std::string& value :
       {std::string("abcd"), std::string("hunter2"), middle, long_one, odd}) {
    for (const std::string& text :
         {value, "x" + value, value + value, "a " + value + " b " + value + ".", value.substr(1),
          "ghp_ ghp_" + value, std::string("nothing"), std::string()}) {
      CAPTURE(value, text);
      Scrubber scrubber(&kSeal);
      const finding::RawFinding finding = recalled(value, kSeal);
      scrubber.add(finding);
      CHECK(scrubber.scrub(text) == scrub(text, {value}));
    }
  }
  Scrubber too_short(&kSeal);
  const finding::RawFinding finding = recalled("abc", kSeal);
  too_short.add(finding);
  CHECK(too_short.scrub("abc") == "abc");
}

TEST_CASE("seal: ordinals and fingerprints do not tell recalled from fresh", "[scan]") {
  const std::string one = "AKIA" + std::string(16, 'A'), two = "AKIA" + std::string(16, 'B');
  SecretOrdinals ordinals(&kSeal);
  ordinals.add("p", fresh(one), 2);
  ordinals.add("p", recalled(two, kSeal), 0);
  ordinals.add("p", fresh(two), 5);
  CHECK(ordinals.number("p", recalled(two, kSeal)) == 0);
  CHECK(ordinals.number("p", recalled(one, kSeal)) == 1);
  CHECK(fingerprint("p", fresh(one), ordinals) == fingerprint("p", recalled(one, kSeal), ordinals));
  SecretOrdinals plain;
  plain.add("p", fresh(one), 2);
  plain.add("p", fresh(two), 0);
  CHECK(fingerprint("p", fresh(one), ordinals) == fingerprint("p", fresh(one), plain));
}

}  // namespace meridian::scan
