// SPDX-License-Identifier: Apache-2.0
//
// database_test.cpp: rows outlive processes; broken files, foreign folders, bounds.
#include "scan/cache/database.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <thread>

#include "scan/cache/result_store.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

namespace meridian::scan {
namespace {

using testing_support::TempDir;

CacheKey key(int number) { return base::sha256(std::to_string(number)); }

struct Words {
  std::string all;
  base::Log log{base::LogLevel::kInfo,
                [this](base::LogLevel, std::string_view line) { all += std::string(line) + "\n"; }};
};

/// A cache in a folder of its own.
struct Cache {
  explicit Cache(const TempDir& temp, Words& words, std::uint64_t max = CacheDatabase::kMaxBytes)
      : folder(std::make_unique<CacheFolder>(CacheFolder::open(temp.at("cache")).value())) {
    const auto held = folder->lock().value();
    database = CacheDatabase::open(*folder, words.log, max).value();
  }
  std::unique_ptr<CacheFolder> folder;
  std::unique_ptr<CacheDatabase> database;
};

unsigned mode_of(const std::string& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

}  // namespace

TEST_CASE("database: rows are there for the next, and for another at the same time", "[scan]") {
  const TempDir temp;
  Words words;
  {
    Cache one(temp, words), other(temp, words);
    one.database->put({{key(1), "first"}, {key(2), std::string("\0zero", 5)}});
    CHECK(other.database->get(key(1)) == "first");
    other.database->put({{key(1), "newer"}});
    CHECK(one.database->get(key(1)) == "newer");
    CHECK_FALSE(one.database->get(key(3)));
  }
  Cache again(temp, words);
  CHECK(again.database->get(key(1)) == "newer");
  CHECK(again.database->get(key(2)) == std::string("\0zero", 5));
  CHECK(words.all.empty());
}

TEST_CASE("database: several threads of several scans write at once", "[scan]") {
  const TempDir temp;
  Words words;
  Cache one(temp, words), other(temp, words);
  std::vector<std::thread> threads;
  for (int number = 0; number < 4; ++number) {
    threads.emplace_back([&, number] {
      CacheDatabase& database = number % 2 == 0 ? *one.database : *other.database;
      for (int row = 0; row < 25; ++row) database.put({{key(number * 100 + row), "value"}});
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int number = 0; number < 4; ++number) {
    for (int row = 0; row < 25; ++row) CHECK(one.database->get(key(number * 100 + row)));
  }
  CHECK(words.all.empty());
}

TEST_CASE("database: a folder for one, files for one", "[scan]") {
  const TempDir temp;
  Words words;
  const auto store = ResultStore::open(temp.at("a/b/cache"), words.log);
  REQUIRE(store);
  CHECK(mode_of(temp.at("a/b")) == 0700);
  CHECK(mode_of(temp.at("a/b/cache")) == 0700);
  for (const auto& file : std::filesystem::directory_iterator(temp.at("a/b/cache"))) {
    CAPTURE(file.path().string());
    CHECK(mode_of(file.path().string()) == 0600);
  }
}

TEST_CASE("database: what others may write to is refused, with the mend", "[scan]") {
  const TempDir temp;
  Words words;
  const std::string path = temp.at("cache");
  REQUIRE(ResultStore::open(path, words.log));
  const auto refused = [&](const std::string& what) {
    const auto opened = ResultStore::open(path, words.log);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code() == ErrorCode::kRefused);
    CAPTURE(opened.error().message());
    CHECK(opened.error().message().find(what) != std::string::npos);
  };
  REQUIRE(::chmod(path.c_str(), 0777) == 0);
  refused("chmod go-w");
  REQUIRE(::chmod(path.c_str(), 0700) == 0);
  for (const char* const file : {"/results-1.db", "/key"}) {
    REQUIRE(::chmod((path + file).c_str(), 0666) == 0);
    refused("chmod go-w");
    REQUIRE(::chmod((path + file).c_str(), 0600) == 0);
  }
  std::filesystem::remove(path + "/results-1.db");
  std::filesystem::create_symlink("/etc/passwd", path + "/results-1.db");
  refused("symbolic link");
}

TEST_CASE("database: another program's file, or none, is set aside and said", "[scan]") {
  const TempDir temp;
  const std::string name = GENERATE("text", "version", "table");
  CAPTURE(name);
  Words words;
  {
    Cache cache(temp, words);
    cache.database->put({{key(1), "x"}});
  }
  if (name == "text") {
    temp.file("cache/results-1.db", std::string(10000, 'x'));
  } else {
    const std::string sql = name == "version" ? "PRAGMA user_version=2"
                                              : "PRAGMA user_version=0; PRAGMA application_id=0";
    const std::string command = "sqlite3 '" + temp.at("cache/results-1.db") + "' '" + sql + "'";
    if (std::system("command -v sqlite3 >/dev/null") != 0) return;  // NOLINT
    REQUIRE(std::system(command.c_str()) == 0);                     // NOLINT
  }
  Cache again(temp, words);
  CHECK_FALSE(again.database->get(key(1)));
  CHECK(words.all.find("set aside as results-1.db.corrupt") != std::string::npos);
  CHECK(std::filesystem::exists(temp.at("cache/results-1.db.corrupt")));
  again.database->put({{key(1), "y"}});
  CHECK(again.database->get(key(1)) == "y");
}

TEST_CASE("database: pages that broke are found when they are read", "[scan]") {
  const TempDir temp;
  Words words;
  {
    Cache cache(temp, words);
    for (int i = 0; i < 200; ++i) cache.database->put({{key(i), std::string(3000, 'v')}});
  }
  {
    std::fstream file(temp.at("cache/results-1.db"),
                      std::ios::in | std::ios::out | std::ios::binary);
    const auto size = std::filesystem::file_size(temp.at("cache/results-1.db"));
    const std::string garbage(4096, '\x5a');
    for (std::uintmax_t at = 4096; at + 4096 <= size; at += 4096) {
      file.seekp(static_cast<std::streamoff>(at));
      file.write(garbage.data(), static_cast<std::streamsize>(garbage.size()));
    }
  }
  Cache cache(temp, words);
  for (int i = 0; i < 200; ++i) CHECK_FALSE(cache.database->get(key(i)));
  CHECK(words.all.find("set aside") != std::string::npos);
  cache.database->put({{key(1), "again"}});
  CHECK(cache.database->get(key(1)) == "again");
}

TEST_CASE("database: its size is bounded, and what is put last stays", "[scan]") {
  const TempDir temp;
  Words words;
  constexpr std::uint64_t kBound = 1 << 20;
  Cache cache(temp, words, kBound);
  for (int i = 0; i < 400; ++i) cache.database->put({{key(i), std::string(10000, 'v')}});
  cache.database->tidy();
  int left = 0;
  for (int i = 0; i < 400; ++i) left += cache.database->get(key(i)) ? 1 : 0;
  CHECK(left > 40);
  CHECK(left < 110);
  cache = Cache(temp, words, kBound);
  CHECK(std::filesystem::file_size(temp.at("cache/results-1.db")) < kBound + (kBound >> 2));
  cache.database->put({{key(1), std::string(CacheDatabase::kMaxValue + 1, 'v')}});
  CHECK_FALSE(cache.database->get(key(1000)));
  CHECK(words.all.empty());
}

TEST_CASE("result store: a row under another name, or of another key, is none", "[scan]") {
  const TempDir temp;
  Words words;
  using Texts = std::vector<std::string>;
  {
    const auto store = ResultStore::open(temp.at("cache"), words.log).value();
    auto batch = store->batch();
    batch.add(key(1), Texts{"a"});
    store->write(batch);
    CHECK(store->read<Texts>(key(1)) == Texts{"a"});
  }
  {
    Cache cache(temp, words);
    const std::string row = cache.database->get(key(1)).value();
    std::string changed = row;
    changed.back() = 'b';
    cache.database->put({{key(2), row}, {key(3), changed}, {key(4), row.substr(0, 10)}});
  }
  {
    const auto store = ResultStore::open(temp.at("cache"), words.log).value();
    CHECK(store->read<Texts>(key(1)));
    for (const int other : {2, 3, 4}) CHECK_FALSE(store->read<Texts>(key(other)));
  }
  temp.remove("cache/key");
  const auto store = ResultStore::open(temp.at("cache"), words.log).value();
  CHECK_FALSE(store->read<Texts>(key(1)));
}

}  // namespace meridian::scan
