// SPDX-License-Identifier: Apache-2.0
#include "inside.hpp"

#include "packed.hpp"
#include "rule_source.hpp"

namespace meridian::secrets {
namespace {

const Judge& shipped() {
  static const std::unique_ptr<Judge> judge = judge_of(shipped_rules());
  return *judge;
}

const std::string kToken = std::string("ghp_zQWBuTSOoRi4A9spHc") + "VY5ncnsDkxkJ" + "0mLq17";

using Lines = std::vector<std::string>;

// "field line:column rule", and "gap KIND" for what was left out.
Lines inside(const std::string& path, const std::string& bytes) {
  Lines lines;
  Scratch scratch;
  MemoryReader reader(bytes);
  Inside(
      shipped(), scratch,
      [&](std::string_view field, const Located& at) {
        lines.push_back(std::string(field) + ' ' + std::to_string(at.line) + ':' +
                        std::to_string(at.column) + ' ' + shipped().rules()[at.hit.rule].id);
      },
      [&](const Error& why) {
        lines.push_back(why.code() == ErrorCode::kLimit         ? "gap limit"
                        : why.code() == ErrorCode::kCorrupt     ? "gap corrupt"
                        : why.code() == ErrorCode::kUnsupported ? "gap unsupported"
                                                                : "gap");
      })
      .search(path, reader);
  return lines;
}

}  // namespace

TEST_CASE("inside: gzip, a rotated log, with the line of the unpacked text") {
  const std::string log = "a\nb\nT=" + kToken + "\n";
  CHECK(inside("var/log/x.log.1.gz", gzipped(log)) == Lines{"unpacked 3:3 github-token"});
  // Two streams, one after the other, are one text (RFC 1952, 2.2).
  CHECK(inside("x.gz", gzipped("a\n") + gzipped(log)) == Lines{"unpacked 4:3 github-token"});
  // A rule that asks for a name sees that of the unpacked file.
  CHECK(inside("srv/.env.gz", gzipped("DB_PASSWORD=hunter2x9\n")) ==
        Lines{"unpacked 1:4 dotenv-secret"});
  CHECK(inside("x.gz", gzipped("")).empty());
}

TEST_CASE("inside: zeros in front do not make an empty tar of a stream") {
  CHECK(inside("x.gz", gzipped(std::string(2048, '\0') + "\n" + kToken + "\n")) ==
        Lines{"unpacked 2:1 github-token"});
}

TEST_CASE("inside: zip, jar in war in tar.gz, and deeper is a gap") {
  const std::string jar = zipped({{"conf/.env", "A=1\nDB_PASSWORD=hunter2x9\n"}, {"k", kToken}});
  CHECK(inside("a.jar", jar) ==
        Lines{"member:conf/.env 2:4 dotenv-secret", "member:k 1:1 github-token"});
  const std::string war = zipped({{"lib/a.jar", jar}});
  CHECK(inside("a.war", war) == Lines{"member:lib/a.jar!conf/.env 2:4 dotenv-secret",
                                      "member:lib/a.jar!k 1:1 github-token"});
  const std::string tgz = tarred({{"w/a.war", war}}, ARCHIVE_FILTER_GZIP);
  CHECK(inside("b.tgz", tgz).at(1) == "member:w/a.war!lib/a.jar!k 1:1 github-token");
  CHECK(inside("b.tar", tarred({{"w/a.war", war}})).size() == 2);
  const std::string deep = zipped({{"2", zipped({{"1", zipped({{"0", war}})}})}});
  CHECK(inside("deep.zip", deep) == Lines{"gap limit"});
}

TEST_CASE("inside: a jar behind its start script, on disk and in a zip") {
  const std::string jar = "#!/bin/sh\nexec java -jar $0\n" + zipped({{"k", kToken}});
  CHECK(inside("srv/app.jar", jar) == Lines{"member:k 1:1 github-token"});
  CHECK(inside("srv/app.sh", jar).empty());
  CHECK(inside("a.war", zipped({{"lib/app.jar", jar}})) ==
        Lines{"member:lib/app.jar!k 1:1 github-token"});
  // Cut off, or none at all: nobody can tell.
  CHECK(inside("srv/cut.jar", jar.substr(0, jar.size() - 9)) == Lines{"gap unsupported"});
  CHECK(inside("srv/none.jar", "#!/bin/sh\n") == Lines{"gap unsupported"});
}

TEST_CASE("inside: a member with NUL meets binary rules only, between a length and the next") {
  const std::string constant = std::string("\x01\x00\x28", 3) + kToken + std::string("\x01\x00", 2);
  const std::string body = "\xca\xfe\xba\xbe" + std::string(600, '\0') + constant;
  CHECK(inside("a.jar", zipped({{"A.class", body}})) == Lines{"member:A.class 1:608 github-token"});
  CHECK(inside("a.zip", zipped({{".env", std::string(9, '\0') + "DB_PASSWORD=hunter2x9\n"}}))
            .empty());
}

TEST_CASE("inside: bombs, damage and what is no archive") {
  CHECK(inside("bomb.gz", gzipped(std::string(40u << 20, '\0'))) == Lines{"gap limit"});
  const std::string zip = zipped({{"k", kToken + "\n"}, {"l", std::string(5000, 'x')}});
  CHECK(inside("cut.zip", zip.substr(0, zip.size() / 2)) ==
        Lines{"member:k 1:1 github-token", "gap corrupt"});
  CHECK(inside("x.gz", "\x1f\x8b\x08 no gzip at all") == Lines{"gap corrupt"});
  CHECK(inside("x", "text\n").empty());
  CHECK(inside("x", "").empty());
}

TEST_CASE("inside: UTF-16 in either order") {
  for (const bool little : {true, false}) {
    CHECK(inside("srv/run.ps1", utf16("a\r\n$t = \"" + kToken + "\"", little)) ==
          Lines{"utf-16 2:7 github-token"});
  }
  CHECK(inside("a.zip", zipped({{"b.txt", utf16("x " + kToken, true)}})) ==
        Lines{"member:b.txt 1:3 github-token"});
  // UTF-32 is none; half a unit and a lonely surrogate are no reason to stop.
  CHECK(inside("x", std::string("\xff\xfe\0\0", 4)).empty());
  CHECK(inside("x", utf16(kToken, true) + std::string("\0\xd8 \0x", 5)).size() == 1);
}

TEST_CASE("inside: SQLite, table by table") {
  const std::string bytes = database(
      "CREATE TABLE \"set\"\"tings\"(name TEXT, value TEXT);"
      "INSERT INTO \"set\"\"tings\" VALUES('a', 'b'), ('t', '" +
      kToken + "'); CREATE VIEW v AS SELECT 1; CREATE TABLE n(x); INSERT INTO n VALUES(1);");
  CHECK(inside("app.db", bytes) == Lines{"member:table set\"tings 2:4 github-token"});
  CHECK(inside("app.db.gz", gzipped(bytes)).size() == 1);
  std::string damaged = bytes;
  damaged.replace(100, 400, 400, '\xff');
  CHECK(inside("app.db", damaged) == Lines{"gap corrupt"});
  CHECK(inside("app.db", bytes.substr(0, 60)) == Lines{"gap corrupt"});
}

TEST_CASE("text search: at every border, in long lines, with line and column") {
  const std::size_t window = TextSearch::kWindow, around = TextSearch::kAround;
  for (const std::size_t at : {window - around - 20, window - around, window - 20, window,
                               window + around, 2 * (window - 2 * around) + around - 5}) {
    INFO(at);
    for (const std::size_t piece : {std::size_t{4093}, std::size_t{1} << 20}) {
      std::string text = "first\n" + std::string(at, 'x') + ' ' + kToken + "\nlast\n";
      text += std::string(window, '\n') + kToken;
      Lines lines;
      Scratch scratch;
      TextSearch search(shipped(), scratch, {"srv/a", false, 0}, [&](const Located& found) {
        lines.push_back(std::to_string(found.line) + ':' + std::to_string(found.column));
        CHECK(text.substr(found.offset, kToken.size()) == kToken);
      });
      for (std::size_t i = 0; i < text.size(); i += piece) {
        REQUIRE(search.add(std::string_view(text).substr(i, piece)));
      }
      REQUIRE(search.finish());
      CHECK(lines == Lines{"2:" + std::to_string(at + 2), std::to_string(4 + window) + ":1"});
    }
  }
}

TEST_CASE("text search: a private key across a border is found whole, once") {
  const auto rules = shipped_rules();
  const auto key = std::find_if(rules.begin(), rules.end(),
                                [](const Rule& rule) { return rule.id == "private-key"; });
  const std::string& pem = key->positives.at(0).text;
  for (std::size_t back = 0; back < pem.size(); back += 97) {
    const std::string text =
        std::string(TextSearch::kWindow - TextSearch::kAround - back, 'x') + '\n' + pem;
    std::size_t found = 0;
    Scratch scratch;
    TextSearch search(shipped(), scratch, {"srv/a", false, 0},
                      [&](const Located& at) { found += at.line == 2 ? 1 : 100; });
    REQUIRE(search.add(text));
    REQUIRE(search.finish());
    CHECK(found == 1);
  }
}

}  // namespace meridian::secrets
