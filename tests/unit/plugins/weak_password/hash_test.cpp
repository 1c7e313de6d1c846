// SPDX-License-Identifier: Apache-2.0
//
// Hashes that crypt(3), openssl passwd and servers made, before what recognises them.
#include "hash.hpp"

#include "digest_crypt.hpp"
#include "support/catch.hpp"

namespace meridian::weak_password {
namespace {

bool opens(const Result<Hash>& hash, const std::string& word) {
  REQUIRE(hash);
  Guesser guesser;
  return guesser.matches(*hash, word);
}

}  // namespace

TEST_CASE("hash: every scheme of crypt(5) and of htpasswd files") {
  const char* const text = GENERATE(
      "ab6Gj9YvrF2As", "_J9..rasm5uYeasitoyg", "$1$abcdefgh$gyPqltr49ET96qfEMI36o/",
      "$5$saltsalt$i39vDH5WmJkrdEbuEt7HoLXgBbZJIJfSmJxy4n3SYA6",
      "$6$saltsalt$OuQtSDu5eql2HgcUqDr1FxzHk7Q.k0vGL70oWkwxajGfdbXHv7BaYDCA6k.1/"
      "1YuJNbCGYXNgzmtnZBt7flPA1",
      "$5$rounds=1500$saltsalt$8jjHtVxxGJbXH0UZsIHxdM3pZfdyeeO6CgOLS3Wzmf0",
      "$2b$04$abcdefghijklmnopqrstuujzhP54E3nDKxLTbGbyrFiW3EkV.7ERC",
      "$2y$05$abcdefghijklmnopqrstuuG4nizIsfFMB34Hh5MoYcbtdFUq5YPJK",
      "$2a$04$abcdefghijklmnopqrstuujzhP54E3nDKxLTbGbyrFiW3EkV.7ERC",
      "$y$j9T$saltsaltsaltsalt$4NUKVhn0otNyW8dAGSq2lUpQXbSEhHEP4Yn50nGqPu9",
      "$y$j75$saltsaltsaltsalt$ufxlvBCuVFBLsrbZRYLtRooJVvpt/tQTihIGG62gJv.",
      "$gy$j75$saltsaltsaltsalt$zu1v/TIoSE6O/0ImOoyqdJ.rjHnUKU/Tp9BSdtxPNb/",
      "$7$6/..../....saltsalt$oYP8kgygxVnlFjnR2PoHqX6Ikqkn1AT1w/NgoNcnl40",
      "$sha1$1000$saltsalt$2bDCid.KodamoFKxLGs9dk7MsM/U", "$apr1$abcdefgh$BzcJ9t7sfL7Yq4agKv9UN1",
      "{SHA}r4l4sXl7cqz/+VlaWio3PsPZEG0=", "{SSHA}kzyBGq94dSDLbERWfm9ltAA4WJtOYUNs");
  INFO(text);
  CHECK(opens(crypt_hash(text), "dragon"));
  CHECK_FALSE(opens(crypt_hash(text), "dragoN"));
  CHECK_FALSE(opens(crypt_hash(text), ""));
}

TEST_CASE("hash: apr1 of a word that is longer than a block") {
  CHECK(opens(crypt_hash("$apr1$xyz$shj9APcTk5rEIrJ3oIC7/."),
              "a longer password than one block of md5"));
}

TEST_CASE("hash: what would take too long or too much memory is refused before it is tried") {
  for (const char* const text :
       {"$6$rounds=999999999$salt$x",
        "$2b$31$abcdefghijklmnopqrstuujzhP54E3nDKxLTbGbyrFiW3EkV.7ERC", "$y$jLT$salt$x",
        "$y$jjj$salt$x", "$7$U/..../....salt$x", "$sha1$4000000000$salt$x"}) {
    INFO(text);
    const auto hash = crypt_hash(text);
    REQUIRE_FALSE(hash);
    CHECK(hash.error().code() == ErrorCode::kLimit);
  }
}

TEST_CASE("hash: what is none, or not known, is no password that could not be guessed") {
  for (const char* const text :
       {"$", "$9$x$y", "$md5", "$6$rounds=x$salt$y", "short", "$y$j9Taa$salt$x", "$2b$xx$"}) {
    INFO(text);
    const auto hash = crypt_hash(text);
    REQUIRE_FALSE(hash);
    CHECK(hash.error().code() == ErrorCode::kUnsupported);
  }
  CHECK_FALSE(crypt_hash(std::string(400, 'a')));
  CHECK_FALSE(crypt_hash("{SHA}AAAA"));
  CHECK_FALSE(crypt_hash("$apr1$abcdefgh"));
}

TEST_CASE("hash: of MySQL") {
  CHECK(opens(mysql_hash("*A8D20C5A046510B95A331561757262487D8313FB"), "app123"));
  const std::string salt = *from_hex("F9CC98CE08892924F50A213B6BC571A2C11778C5");
  CHECK(opens(mysql_hash("$A$005$" + salt + "bTy95Y99eAME1dwEkHOA1ndHGBWz.1bxSSRkuTXFGV/"),
              "hashcat"));
  CHECK_FALSE(mysql_hash("*A8D20C5A"));
  CHECK_FALSE(mysql_hash("invalid"));
  CHECK(mysql_hash("$A$FFF$" + salt + std::string(43, 'x')).error().code() == ErrorCode::kLimit);
}

TEST_CASE("hash: SHA-256 crypt is crypt(3)'s where both can") {
  CHECK(sha256_crypt("dragon", "saltsalt", 5000) == "i39vDH5WmJkrdEbuEt7HoLXgBbZJIJfSmJxy4n3SYA6");
  CHECK(sha256_crypt("dragon", "saltsalt", 1500) == "8jjHtVxxGJbXH0UZsIHxdM3pZfdyeeO6CgOLS3Wzmf0");
  CHECK(sha256_crypt("", "", 1).size() == 43);
}

TEST_CASE("hash: of PostgreSQL") {
  CHECK(opens(postgres_hash("md514c0308127b883b4859c2b08c9709be3", "legacy"), "monkey"));
  const char* const scram =
      "SCRAM-SHA-256$4096:nKSxkjAR+si7jHLu8ZtoaQ==$KtRIEtK9a0uKGnQt8oNqehbwLKW3GgNLu6IY+mqgPHM=:"
      "PL8c87/EeW/NGj7MBa3uBhg7vGnQDdTIIyuka8q9DPk=";
  CHECK(opens(postgres_hash(scram, "app"), "app123"));
  CHECK_FALSE(opens(postgres_hash(scram, "app"), "app124"));
  for (const char* const text :
       {"", "md5", "md5xyz", "SCRAM-SHA-256$", "SCRAM-SHA-256$0:a$b:c", "SCRAM-SHA-256$1:$a:$"}) {
    CHECK_FALSE(postgres_hash(text, "app"));
  }
  CHECK(
      postgres_hash(std::string("SCRAM-SHA-256$4000000000") + std::string(scram).substr(18), "app")
          .error()
          .code() == ErrorCode::kLimit);
}

}  // namespace meridian::weak_password
