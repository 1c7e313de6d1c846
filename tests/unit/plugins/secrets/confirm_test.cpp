// SPDX-License-Identifier: Apache-2.0
#include "confirm.hpp"

#include "base64.hpp"
#include "checksum.hpp"
#include "key_block.hpp"
#include "path_glob.hpp"
#include "support/catch.hpp"

namespace meridian::secrets {

TEST_CASE("checksum: CRC-32 has the check value of its catalogue") {
  CHECK(crc32("123456789") == 0xcbf43926u);
  CHECK(crc32("") == 0);
  CHECK(in_base(0, 62, 6) == "000000");
  CHECK(in_base(61, 62, 1) == "z");
  CHECK(in_base(35, 36, 2) == "0z");
}

TEST_CASE("checksum: base-62 CRC-32, and off by one anywhere") {
  const std::string token = std::string("ghp_zQWBuTSOoRi4A9spHc") + "VY5ncnsDkxkJ" + "0mLq17";
  CHECK(has_crc32_base62(token));
  for (std::size_t i = 4; i < token.size(); ++i) {
    std::string wrong = token;
    wrong[i] = wrong[i] == 'a' ? 'b' : 'a';
    CHECK_FALSE(has_crc32_base62(wrong));
  }
  CHECK_FALSE(has_crc32_base62("ghp_123456"));
  CHECK_FALSE(has_crc32_base62(""));
}

TEST_CASE("checksum: GitLab's and Grafana's") {
  const std::string routed = "glpat-AbCdEfGh0123456789_-.01.0m";
  const std::string sum = in_base(crc32(routed), 36, 7);
  CHECK(has_gitlab_crc32(routed + sum));
  CHECK_FALSE(has_gitlab_crc32("x" + routed + sum));
  CHECK_FALSE(has_gitlab_crc32(sum));
  // The digits of the CRC-32, low byte first.
  const std::uint32_t value = crc32("glsa_a");
  std::string hex;
  for (int i = 0; i < 4; ++i) {
    const unsigned byte = (value >> (8 * i)) & 0xffu;
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15u];
  }
  CHECK(has_crc32_hex("glsa_a_" + hex));
  CHECK_FALSE(has_crc32_hex("glsa_b_" + hex));
  CHECK_FALSE(has_crc32_hex("_" + hex));
}

TEST_CASE("checksum: bech32 vectors of BIP 173") {
  CHECK(is_bech32("A12UEL5L", "a"));
  CHECK(is_bech32("ABCDEF1QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7LMQQQXW", "abcdef"));
  CHECK_FALSE(is_bech32("A12UEL5M", "a"));
  CHECK_FALSE(is_bech32("A12UEl5L", "a"));
  CHECK_FALSE(is_bech32("A12UEL5L", "b"));
  CHECK_FALSE(is_bech32("", "a"));
}

TEST_CASE("base64: both alphabets, padding, and what is none") {
  CHECK(decode_base64("Zm9vYg==") == "foob");
  CHECK(decode_base64("Zm9vYg") == "foob");
  CHECK(decode_base64("__79") == "\xff\xfe\xfd");
  CHECK_FALSE(decode_base64("Zm9vY"));
  CHECK_FALSE(decode_base64("Zm9vYg="));
  CHECK_FALSE(decode_base64("Zm=vYg=="));
  CHECK(decode_base64_prefix("Zm9vY") == "foo");
}

TEST_CASE("aws: an account of more than twelve digits is none") {
  CHECK_FALSE(is_aws_key_id("AKIA7777777777777777"));
  CHECK_FALSE(is_aws_key_id("AKIAAAAAAAAAAAAAAAAA"));
  CHECK(is_aws_key_id(std::string("AKIA") + "QYLPMN5HFIQR7XYA"));
  CHECK_FALSE(is_aws_key_id("AKIA0000000000000000"));
}

TEST_CASE("jwt: three parts, JSON in two, alg in the first") {
  const std::string header = "eyJhbGciOiJIUzI1NiJ9";
  const std::string payload = "eyJzdWIiOiJ4In0";
  CHECK(is_jwt(header + "." + payload + ".c2ln", "", ""));
  CHECK(is_jwt(header + "." + payload + ".c2ln", "sub", "iss"));
  CHECK_FALSE(is_jwt(header + "." + payload + ".c2ln", "iss", ""));
  CHECK_FALSE(is_jwt(header + "." + payload + ".c2ln", "", "sub"));
  CHECK_FALSE(is_jwt(payload + "." + payload + ".c2ln", "", ""));
  CHECK_FALSE(is_jwt(header + "." + payload, "", ""));
  CHECK_FALSE(is_jwt(header + "." + payload + ".c2ln.x", "", ""));
  CHECK_FALSE(is_jwt(header + "." + std::string(20000, 'A') + ".c2ln", "", ""));
  // A header of a thousand open brackets.
  std::string brackets;
  for (int group = 0; group < 334; ++group) brackets += "W1tb";
  CHECK_FALSE(is_jwt(brackets + "." + payload + ".c2ln", "", ""));
  // {"alg": nested as deep as the size bound lets it
  std::string deep = "eyJhbGciOltb";
  for (int group = 0; group < 2000; ++group) deep += "W1tb";
  CHECK_FALSE(is_jwt(deep + "." + payload + ".c2ln", "", ""));
}

TEST_CASE("entropy and classes") {
  CHECK(shannon_entropy("") == 0);
  CHECK(shannon_entropy("aaaa") == 0);
  CHECK(shannon_entropy("abcdabcd") == Approx(2.0));
  CHECK(byte_classes("aB3_") == 4);
  CHECK(byte_classes("abc") == 1);
}

TEST_CASE("pem: an end in the middle of what was lent is judged by its start") {
  Candidate whole;
  whole.token = "-----BEGIN PRIVATE KEY-----";
  whole.after = "\nMFMCAQEw\n-----END PRIVATE KEY-----";
  CHECK_FALSE(is_pem_key(whole, false));
  // PKCS#8 of 0x300 bytes, of which we are lent the first fifty.
  const std::string start =
      "\nMIIDAAIBADANBgkqhkiG9w0BAQEFAASCAuowggLmAgEAAoGBAMd3kP1qZr9xV5tT8sJw2nYb4hRf";
  Candidate cut_off;
  cut_off.token = "-----BEGIN PRIVATE KEY-----";
  cut_off.after = start;
  CHECK(is_pem_key(cut_off, false));
  Candidate ended = cut_off;
  const std::string with_end = start + "\n-----END PRIVATE KEY-----";
  ended.after = with_end;
  CHECK_FALSE(is_pem_key(ended, false));
}

TEST_CASE("glob: parts, depths and classes") {
  CHECK(glob_matches("usr/share/doc/**", "usr/share/doc/a/b"));
  CHECK_FALSE(glob_matches("usr/share/doc/**", "usr/share/docs/a"));
  CHECK(glob_matches("**/master.key", "master.key"));
  CHECK(glob_matches("**/config/master.key", "srv/app/config/master.key"));
  CHECK_FALSE(glob_matches("**/config/master.key", "srv/xconfig/master.key"));
  CHECK(glob_matches("usr/lib/python3*/test/**", "usr/lib/python3.11/test/x.py"));
  CHECK_FALSE(glob_matches("usr/*/x", "usr/a/b/x"));
  CHECK(glob_matches("a/**/b*/c", "a/x/y/b1/z/b2/c"));
  for (const char* const glob : {"a/x[ab]", "a/x?", "a/x*", "a/xb", "a/x\\b", "**"}) {
    CHECK(glob_matches(glob, "a/xb"));
  }
  CHECK(glob_matches("a\\*", "a*"));
  CHECK_FALSE(glob_matches("a\\*", "ab"));
  CHECK(glob_matches("a[b", "a[b"));
  CHECK(glob_matches("a]", "a]"));
  CHECK(glob_matches("", ""));
  CHECK_FALSE(glob_matches("a", ""));
  CHECK(glob_matches("[a-c]?", "bz"));
  CHECK_FALSE(glob_matches("[!a-c]?", "bz"));
  CHECK(glob_matches("**", ""));
  CHECK_FALSE(glob_matches("", "a"));
  CHECK_FALSE(glob_matches(std::string(200, '*') + "b", std::string(2000, 'a')));
}

}  // namespace meridian::secrets
