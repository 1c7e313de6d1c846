// SPDX-License-Identifier: Apache-2.0
#include "scan/fingerprint.hpp"

#include "support/catch.hpp"

using meridian::finding::RawFinding;
using meridian::scan::fingerprint;
using meridian::scan::SecretOrdinals;

namespace {

RawFinding secret(const std::string& value, const std::string& path = "etc/key") {
  RawFinding finding;
  finding.rule = "key";
  finding.path = path;
  finding.secret = value;
  return finding;
}

const std::string kFirst = "AKIA" + std::string(16, 'A');
const std::string kSecond = "AKIA" + std::string(16, 'B');

}  // namespace

TEST_CASE("fingerprint: moving a secret to another line keeps it", "[scan]") {
  SecretOrdinals ordinals;
  RawFinding moved = secret(kFirst);
  ordinals.add("p", moved, 0);
  const std::string before = fingerprint("p", moved, ordinals);
  moved.line = 90;
  moved.offset = 4000;
  SecretOrdinals again;
  again.add("p", moved, 3);
  CHECK(fingerprint("p", moved, again) == before);
}

TEST_CASE("fingerprint: it does not depend on the value, only on which one it is", "[scan]") {
  SecretOrdinals one;
  one.add("p", secret(kFirst), 0);
  SecretOrdinals other;
  other.add("p", secret(kSecond), 0);
  CHECK(fingerprint("p", secret(kFirst), one) == fingerprint("p", secret(kSecond), other));
}

TEST_CASE("fingerprint: distinct values at one place are numbered, lowest layer first", "[scan]") {
  SecretOrdinals ordinals;
  ordinals.add("p", secret(kFirst), 2);
  ordinals.add("p", secret(kSecond), 0);
  ordinals.add("p", secret(kSecond), 5);
  CHECK(ordinals.number("p", secret(kSecond)) == 0);
  CHECK(ordinals.number("p", secret(kFirst)) == 1);
  CHECK(fingerprint("p", secret(kFirst), ordinals) != fingerprint("p", secret(kSecond), ordinals));
}

TEST_CASE("fingerprint: rule, path, field, plugin and evidence tell findings apart", "[scan]") {
  const SecretOrdinals none;
  RawFinding base;
  base.rule = "r";
  base.path = "a";
  base.evidence = "e";
  RawFinding other = base;
  other.rule = "r2";
  CHECK(fingerprint("p", base, none) != fingerprint("p", other, none));
  other = base;
  other.path = "b";
  CHECK(fingerprint("p", base, none) != fingerprint("p", other, none));
  other = base;
  other.evidence = "f";
  CHECK(fingerprint("p", base, none) != fingerprint("p", other, none));
  CHECK(fingerprint("p", base, none) != fingerprint("q", base, none));
  other = base;
  other.path.clear();
  other.field = "a";
  CHECK(fingerprint("p", base, none) != fingerprint("p", other, none));
}
