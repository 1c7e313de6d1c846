// SPDX-License-Identifier: Apache-2.0
#include "data/import.hpp"

#include <filesystem>
#include <fstream>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace meridian;
namespace fs = std::filesystem;

namespace {

const base::Cancel kNever;
const std::string kFeeds = MERIDIAN_SOURCE_DIR "/tests/data/vulnerabilities";

data::Imported import_into(const std::string& path, const std::string& source,
                           const data::ImportOptions& options = {}) {
  data::Imported imported;
  auto writer = data::Writer::begin(path, kNever);
  REQUIRE(writer);
  REQUIRE(data::import_feed(source, options, **writer, imported));
  REQUIRE((*writer)->commit());
  return imported;
}

data::About about(const std::string& path) {
  auto file = data::open_database(path);
  REQUIRE(file);
  auto about = data::about(file->get(), path);
  REQUIRE(about);
  return *about;
}

void write(const std::string& path, std::string_view text) { std::ofstream(path) << text; }

}  // namespace

TEST_CASE("each feed is known by its content") {
  const auto kind = [](std::string_view text) {
    const auto found = data::sniff(text);
    return std::string(found ? data::to_text(*found) : "none");
  };
  CHECK(kind(R"( {"id": "x", "details": {"statements": 1}, "modified": "y"})") == "osv");
  CHECK(kind(R"({"distroversion": "v3.18", "packages": []})") == "alpine");
  CHECK(kind(R"({"sudo": {"CVE-1": {"scope": "local", "releases": {}}}})") == "debian");
  CHECK(kind(R"({"@context": "https://openvex.dev/ns", "statements": []})") == "openvex");
  CHECK(kind(std::string_view("SQLite format 3\0xxxx", 20)) == "grype");
  CHECK(kind("PK\3\4xxxx") == "archive");
  for (const char* const other : {"", "{", "[]", "{\"id\": 1}", "hello", "{\"a\": {\"b\": {}}}"}) {
    CHECK(kind(other) == "none");
  }
}

TEST_CASE("a folder of feeds, and the same again") {
  const testing_support::TempDir folder;
  const std::string path = folder.path() + "/v.db";
  const auto imported = import_into(path, kFeeds);
  CHECK(imported.failed == 0);
  const data::About first = about(path);
  REQUIRE(first.sources.size() == 4);
  CHECK(first.sources[1].name == "debian-tracker");
  CHECK(first.sources[1].records == 8);
  import_into(path, kFeeds);
  CHECK(about(path).id == first.id);
  CHECK(about(path).sources[1].records == 8);
  import_into(path, kFeeds + "/debian-tracker.json", {std::nullopt, "other"});
  CHECK(about(path).sources.size() == 5);
  CHECK(about(path).id != first.id);
}

TEST_CASE("what cannot be read leaves what was there") {
  const testing_support::TempDir folder;
  const std::string path = folder.path() + "/v.db", feed = folder.path() + "/debian.json";
  import_into(path, kFeeds + "/debian-tracker.json");
  const data::About before = about(path);
  write(feed, R"({"sudo": {"CVE-1": {"releases": {"bookworm": {"status": "open"}}}}, )");
  const auto imported = import_into(path, feed, {data::Kind::kDebian, ""});
  CHECK(imported.failed == 1);
  CHECK(imported.sources.empty());
  CHECK(about(path).id == before.id);
  CHECK(about(path).sources[0].records == before.sources[0].records);
}

TEST_CASE("without commit nothing has changed") {
  const testing_support::TempDir folder;
  const std::string path = folder.path() + "/v.db";
  {
    auto writer = data::Writer::begin(path, kNever);
    REQUIRE(writer);
    data::Imported imported;
    REQUIRE(data::import_feed(kFeeds, {}, **writer, imported));
  }
  CHECK(fs::is_empty(folder.path()));
}

TEST_CASE("another database is not written over") {
  const testing_support::TempDir folder;
  const std::string path = folder.path() + "/v.db";
  write(path, "somebody's");
  CHECK_FALSE(data::Writer::begin(path, kNever));
  CHECK(std::distance(fs::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("a database that others may write to, or a link to one, is refused") {
  const testing_support::TempDir folder;
  const std::string path = folder.path() + "/v.db", link = folder.path() + "/link.db";
  import_into(path, kFeeds);
  fs::create_symlink(path, link);
  CHECK_FALSE(data::open_database(link));
  fs::permissions(path, fs::perms::others_write, fs::perm_options::add);
  const auto opened = data::open_database(path);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code() == ErrorCode::kRefused);
}

TEST_CASE("import: once it is stopped nothing more is taken, and the database stays as it was") {
  const testing_support::TempDir folder;
  const std::string path = folder.at("v.db");
  import_into(path, kFeeds + "/osv");
  const auto before = fs::last_write_time(path);
  base::Cancel cancel;
  {
    auto writer = data::Writer::begin(path, cancel);
    REQUIRE(writer);
    data::Imported imported;
    REQUIRE(data::import_feed(kFeeds + "/debian-tracker.json", {}, **writer, imported));
    cancel.stop(base::StopReason::kInterrupt);
    const auto next = data::import_feed(kFeeds + "/alpine-3.18-main.json", {}, **writer, imported);
    REQUIRE_FALSE(next);
    CHECK(next.error().code() == ErrorCode::kCancelled);
    CHECK((*writer)->commit().error().code() == ErrorCode::kCancelled);
  }
  CHECK(fs::last_write_time(path) == before);
  CHECK(std::distance(fs::directory_iterator(folder.at("")), fs::directory_iterator()) == 1);
}
