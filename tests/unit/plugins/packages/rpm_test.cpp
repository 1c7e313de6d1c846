// SPDX-License-Identifier: Apache-2.0
//
// Databases made by rpm itself are compared in tests/integration/packages; here are the forms that
// Debian's rpm does not write, and damage.
#include "rpm.hpp"

#include <sqlite3.h>

#include <memory>

#include "support/catch.hpp"
#include "support/package_bytes.hpp"

namespace meridian::packages {
namespace {

using test::big;
using test::little;
using test::rpm_header;

std::string bash() {
  return rpm_header({.name = "bash",
                     .version = "5.2.15",
                     .release = "2.fc38",
                     .arch = "x86_64",
                     .license = "GPLv3+",
                     .source = "bash-5.2.15-2.fc38.src.rpm"});
}

std::string sqlite_of(const std::vector<std::string>& blobs, const char* more = "") {
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(":memory:", &database) == SQLITE_OK);
  const std::unique_ptr<sqlite3, int (*)(sqlite3*)> owner(database, &sqlite3_close);
  std::string text =
      "CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL);";
  for (const std::string& blob : blobs) {
    text += "INSERT INTO Packages (blob) VALUES (x'";
    for (const char c : blob) {
      constexpr const char* kDigits = "0123456789abcdef";
      text += kDigits[static_cast<unsigned char>(c) >> 4];
      text += kDigits[static_cast<unsigned char>(c) & 15];
    }
    text += "');";
  }
  text += more;
  REQUIRE(sqlite3_exec(database, text.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_int64 size = 0;
  unsigned char* bytes = sqlite3_serialize(database, "main", &size, 0);
  std::string out(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size));
  sqlite3_free(bytes);
  out[18] = out[19] = 2;  // as rpm leaves it: with a write-ahead log
  return out;
}

std::string ndb_of(const std::vector<std::string>& blobs) {
  std::string slots, body;
  for (std::size_t i = 0; i < blobs.size(); ++i) {
    std::string blob =
        "BlbS" + little(i + 1, 4) + little(1, 4) + little(blobs[i].size(), 4) + blobs[i];
    blob += little(0, 4) + little(blobs[i].size(), 4) + "BlbE";
    blob.resize((blob.size() + 15) / 16 * 16);
    slots += "Slot" + little(i + 1, 4) + little((4096 + body.size()) / 16, 4) +
             little(blob.size() / 16, 4);
    body += blob;
  }
  std::string page =
      "RpmP" + little(0, 4) + little(1, 4) + little(1, 4) + little(blobs.size() + 1, 4);
  page.resize(32);
  page += slots;
  while (page.size() < 4096) page += "Slot" + little(0, 12);
  return page + body;
}

/// A hash of one bucket page; a value above half of it lies on overflow pages.
std::string bdb_of(const std::vector<std::string>& blobs, bool is_big) {
  constexpr std::size_t kPage = 512, kHeader = 26;
  const auto number = [is_big](std::uint64_t value, unsigned width) {
    return is_big ? big(value, width) : little(value, width);
  };
  const auto page = [&](std::uint64_t pgno, std::uint64_t next, std::uint64_t entries,
                        std::uint64_t offset, char type) {
    return little(0, 8) + number(pgno, 4) + number(0, 4) + number(next, 4) + number(entries, 2) +
           number(offset, 2) + '\0' + type;
  };
  std::string overflow, items;
  std::vector<std::size_t> offsets;
  const auto put = [&](const std::string& item) {
    items = item + items;
    offsets.push_back(kPage - items.size());
  };
  std::uint64_t next_page = 2;
  put('\1' + number(0, 4));
  put('\1' + number(blobs.size(), 4));
  for (std::size_t i = 0; i < blobs.size(); ++i) {
    put('\1' + number(i + 1, 4));
    const std::string& blob = blobs[i];
    if (blob.size() < 100) {
      put('\1' + blob);
      continue;
    }
    put('\3' + std::string(3, '\0') + number(next_page, 4) + number(blob.size(), 4));
    for (std::size_t at = 0; at < blob.size(); at += 100) {
      const std::string part = blob.substr(at, 100);
      const bool last = at + 100 >= blob.size();
      std::string one = page(next_page, last ? 0 : next_page + 1, 1, part.size(), 7) + part;
      one.resize(kPage);
      overflow += one;
      ++next_page;
    }
  }
  std::string bucket = page(1, 0, offsets.size(), kPage - items.size(), 13);
  for (const std::size_t offset : offsets) bucket += number(offset, 2);
  bucket.resize(kPage - items.size());
  bucket += items;
  std::string meta = little(0, 8) + number(0, 4) + number(0x061561, 4) + number(9, 4) +
                     number(kPage, 4) + '\0' + '\x08';
  meta.resize(kPage);
  REQUIRE(bucket.size() == kPage);
  REQUIRE(kHeader < kPage);
  return meta + bucket + overflow;
}

}  // namespace

TEST_CASE("rpm: a header says name, epoch, version, release, architecture, licence, source") {
  const auto package = parse_rpm_header(rpm_header({.name = "a",
                                                    .version = "1",
                                                    .release = "2",
                                                    .arch = "noarch",
                                                    .license = "MIT",
                                                    .source = "some-thing-1-2.nosrc.rpm",
                                                    .epoch = 3}));
  REQUIRE(package);
  REQUIRE(*package);
  CHECK((*package)->version == "3:1-2");
  CHECK((*package)->source == "some-thing");
  CHECK((*package)->source_version == "1-2");
  CHECK((*package)->licenses == std::vector<std::string>{"MIT"});
}

TEST_CASE("rpm: a public key is no package, and a header that is cut off is no header") {
  const auto key =
      parse_rpm_header(rpm_header({.name = "gpg-pubkey", .version = "1", .release = "2"}));
  REQUIRE(key);
  CHECK_FALSE(*key);
  const std::string whole = bash();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CHECK_FALSE(parse_rpm_header(std::string_view(whole).substr(0, size)));
  }
}

TEST_CASE("rpm: the three databases tell the same packages") {
  const std::string other =
      rpm_header({.name = "lua", .version = "5.4", .release = "1", .epoch = 0});
  const std::vector<std::string> blobs = {bash(), other};
  const Parsed parsed[] = {parse_rpm_sqlite(sqlite_of(blobs)), parse_rpm_ndb(ndb_of(blobs)),
                           parse_rpm_bdb(bdb_of(blobs, false)), parse_rpm_bdb(bdb_of(blobs, true))};
  for (const Parsed& one : parsed) {
    for (const Error& problem : one.problems) UNSCOPED_INFO(problem.message());
    CHECK(one.problems.empty());
    REQUIRE(one.packages.size() == 2);
    CHECK(one.packages == parsed[0].packages);
  }
  CHECK(parsed[0].packages[0].version == "5.2.15-2.fc38");
  CHECK(parsed[0].packages[1].version == "0:5.4-1");
}

TEST_CASE("rpm: a damaged header is told, the others stay") {
  const std::vector<std::string> blobs = {"broken header", bash()};
  for (const Parsed& one : {parse_rpm_sqlite(sqlite_of(blobs)), parse_rpm_ndb(ndb_of(blobs)),
                            parse_rpm_bdb(bdb_of(blobs, false))}) {
    CHECK(one.packages.size() == 1);
    CHECK(one.problems.size() == 1);
  }
}

TEST_CASE("rpm: a database that is cut off says so, wherever it is cut") {
  const std::vector<std::string> blobs = {bash(), bash()};
  for (const std::string& whole : {sqlite_of(blobs), ndb_of(blobs), bdb_of(blobs, false)}) {
    for (std::size_t size = 0; size < whole.size(); size += 97) {
      const std::string_view cut = std::string_view(whole).substr(0, size);
      Parsed parsed = parse_rpm_ndb(cut);
      if (whole[0] == 'S') parsed = parse_rpm_sqlite(cut);
      if (whole[0] == '\0') parsed = parse_rpm_bdb(cut);
      const bool told = !parsed.problems.empty() || parsed.packages.size() == 2;
      const bool only_meta = whole[0] == '\0' && size >= 26 && size <= 512;  // an empty hash
      CHECK((told || only_meta));
    }
  }
}

TEST_CASE("rpm: a view in the place of the table does not run") {
  const std::string bytes = sqlite_of({bash()},
                                      "ALTER TABLE Packages RENAME TO Other;"
                                      "CREATE VIEW Packages AS SELECT hnum, blob FROM Other;");
  const Parsed parsed = parse_rpm_sqlite(bytes);
  CHECK(parsed.packages.empty());
  CHECK(parsed.problems.size() == 1);
}

TEST_CASE("rpm: overflow pages in a ring end") {
  std::string bytes = bdb_of({bash()}, false);
  const std::size_t page = 2 * 512;
  bytes.replace(page + 16, 4, little(2, 4));
  CHECK(parse_rpm_bdb(bytes).problems.size() <= 1);
}

}  // namespace meridian::packages
