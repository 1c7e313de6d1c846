// SPDX-License-Identifier: Apache-2.0
#include "store/bbolt/database.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "store/bbolt/copy.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"
#include "tricks.hpp"

namespace meridian::store::bbolt {
namespace {

using testing_support::bbolt_tricks;
using testing_support::BboltFile;
using testing_support::BboltTree;
using testing_support::BboltTrick;

/// What a database holds, as its writer's own type.
BboltTree tree_of(const Bucket& bucket) {  // NOLINT(misc-no-recursion): of our own making
  BboltTree out;
  for (const Entry& entry : bucket.entries()) {
    if (const auto inner = bucket.bucket(entry)) {
      out.buckets[std::string(entry.key)] = tree_of(*inner);
    } else {
      out.values[std::string(entry.key)] = entry.value;
    }
  }
  return out;
}

bool equal(const BboltTree& a, const BboltTree& b) {  // NOLINT(misc-no-recursion): likewise
  return a.values == b.values && std::equal(a.buckets.begin(), a.buckets.end(), b.buckets.begin(),
                                            b.buckets.end(), [](const auto& x, const auto& y) {
                                              return x.first == y.first &&
                                                     equal(x.second, y.second);
                                            });
}

BboltTree sample() {
  BboltTree tree;
  tree.values = {{"version", "\x08"}};
  for (int i = 0; i < 100; ++i) {
    BboltTree& child = tree.buckets["bucket-" + std::to_string(i)];
    child.values = {{"id", std::string(static_cast<std::size_t>(i * 37), 'x')}, {"empty", ""}};
    child.buckets["labels"].values = {{"a", std::to_string(i)}};
  }
  tree.buckets["none"];
  return tree;
}

std::string all_reasons(const Database& database) {
  std::string text;
  for (const Damage& damage : database.damages()) text += damage.error.message() + "\n";
  return text;
}

/// A file whose writer commits after each of the first `commits` whole reads.
class MovingFile final : public rootfs::Content {
 public:
  explicit MovingFile(int commits) : commits_(commits) { commit(); }
  std::uint64_t size() const override { return bytes_.size(); }
  Result<std::size_t> read(std::uint64_t offset, void* buffer, std::size_t capacity) override {
    if (offset >= bytes_.size()) {
      if (commits_-- > 0) commit();
      return 0;
    }
    const std::size_t n = std::min<std::size_t>(capacity, bytes_.size() - offset);
    std::copy_n(bytes_.data() + offset, n, static_cast<char*>(buffer));
    return n;
  }

 private:
  void commit() {
    BboltFile file;
    bytes_ =
        file.finish(file.leaf({BboltFile::value("k", std::to_string(transaction_))}), transaction_);
    ++transaction_;
  }
  int commits_;
  std::uint64_t transaction_ = 5;
  std::string bytes_;
};

}  // namespace

TEST_CASE("bbolt: what was written is read back, at every page size", "[store][bbolt]") {
  for (std::size_t page_size = 1024; page_size <= 64 << 10; page_size *= 2) {
    BboltFile file(page_size);
    const auto root = file.add(sample());
    const auto database = Database::parse(file.finish(root));
    INFO(page_size);
    REQUIRE(database);
    CHECK(all_reasons(*database).empty());
    CHECK(equal(tree_of(database->root()), sample()));
    CHECK(database->transaction() == 8);
  }
}

TEST_CASE("bbolt: values and buckets are found by key, and only as what they are",
          "[store][bbolt]") {
  BboltFile file;
  const auto database = Database::parse(file.finish(file.add(sample())));
  REQUIRE(database);
  const Bucket root = database->root();
  CHECK(root.get("version") == "\x08");
  CHECK_FALSE(root.get("bucket-7"));
  CHECK_FALSE(root.get("versio"));
  CHECK_FALSE(root.bucket("version"));
  CHECK_FALSE(root.bucket("zzz"));
  const auto child = root.bucket("bucket-7");
  REQUIRE(child);
  CHECK(child->get("empty") == "");
  CHECK(child->get("id")->size() == 7 * 37);
  CHECK(child->bucket("labels")->get("a") == "7");
  CHECK(root.bucket("none")->entries().empty());
}

TEST_CASE("bbolt: the newer of two valid metas counts, the valid one of others", "[store][bbolt]") {
  BboltFile file;
  const auto old_root = file.leaf({BboltFile::value("k", "old")});
  const auto new_root = file.leaf({BboltFile::value("k", "new")});
  std::string bytes = file.finish(old_root, 8);
  file.put(bytes, 1, file.meta(1, new_root, 9));
  CHECK(Database::parse(bytes)->root().get("k") == "new");
  bytes[file.at(1, 20)] ^= 1;
  CHECK(Database::parse(bytes)->root().get("k") == "old");
  bytes[file.at(1, 20)] ^= 1;
  bytes[file.at(0, 20)] ^= 1;  // the second is found without the first's page size
  CHECK(Database::parse(bytes)->root().get("k") == "new");
}

TEST_CASE("bbolt: each trick is told by its reason, and costs no other bucket",
          "[store][bbolt][hostile]") {
  for (const BboltTrick& trick : bbolt_tricks()) {
    INFO(trick.name);
    const auto database = Database::parse(trick.file);
    const std::string reasons = database ? all_reasons(*database) : database.error().message();
    INFO(reasons);
    if (trick.reason.empty()) {
      CHECK(reasons.empty());
    } else {
      CHECK(reasons.find(trick.reason) != std::string::npos);
    }
    if (!trick.good_stays) continue;
    REQUIRE(database);
    const auto good = database->root().bucket("good");
    REQUIRE(good);
    CHECK_FALSE(good->is_damaged());
    CHECK(good->get("a") == "1");
  }
}

TEST_CASE("bbolt: damage names the bucket and the page", "[store][bbolt][hostile]") {
  BboltFile file;
  const auto lost = file.leaf({BboltFile::value("k", "v")});
  const auto images = file.leaf({BboltFile::bucket("a\nb", lost), BboltFile::value("c", "1")});
  std::string bytes = file.finish(file.leaf({BboltFile::bucket("images", images)}));
  bytes[file.at(lost, 8)] = 0;
  const auto database = Database::parse(bytes);
  REQUIRE(database);
  REQUIRE(database->damages().size() == 1);
  CHECK(database->damages()[0].bucket == "images/a\\x0ab");
  CHECK(database->damages()[0].error.message().find("page 2: ") == 0);
  const auto bucket = database->root().bucket("images");
  CHECK_FALSE(bucket->is_damaged());
  CHECK(bucket->bucket("a\nb")->is_damaged());
  CHECK(bucket->get("c") == "1");
}

// Looked at page by page, what these claim is 800 million.
TEST_CASE("bbolt: pages that each claim all the rest cost one look-up each",
          "[store][bbolt][hostile]") {
  constexpr int kPages = 40'000;
  BboltFile file;
  std::vector<std::pair<std::string, std::uint64_t>> children;
  for (int i = 0; i < kPages; ++i) {
    children.emplace_back("k" + std::to_string(100'000 + i), file.leaf({}));
  }
  const auto last = file.leaf({});
  children.emplace(children.begin(), "a", last);
  std::string bytes = file.finish(file.branch(children));
  for (std::size_t i = 1; i < children.size(); ++i) {
    const std::uint64_t page = children[i].second;
    bytes.replace(file.at(page, 12), 4,
                  testing_support::stored(static_cast<std::uint32_t>(last - page)));
  }
  const auto database = Database::parse(bytes);
  REQUIRE(database);
  CHECK(database->damages().back().error.message() == "39000 more like these");
}

TEST_CASE("bbolt: damage is counted where it is too much to list", "[store][bbolt][hostile]") {
  BboltFile file(64 << 10);
  std::vector<BboltFile::Item> items;
  for (int i = 0; i < 1500; ++i) {
    items.push_back(BboltFile::bucket("b" + std::to_string(10000 + i), 1));
  }
  const auto database = Database::parse(file.finish(file.leaf(items)));
  REQUIRE(database);
  REQUIRE(database->damages().size() == 1001);
  CHECK(database->damages().back().error.code() == ErrorCode::kLimit);
  CHECK(database->damages().back().error.message() == "500 more like these");
}

TEST_CASE("bbolt: a copy is made again while the engine commits", "[store][bbolt]") {
  MovingFile twice(2);
  const auto copy = copy_still(twice, {3, std::chrono::milliseconds(0)});
  REQUIRE(copy);
  CHECK(Database::parse(*copy)->root().get("k") == "7");
  MovingFile always(1000);
  const auto none = copy_still(always, {3, std::chrono::milliseconds(0)});
  REQUIRE_FALSE(none);
  CHECK(none.error().code() == ErrorCode::kChanged);
}

TEST_CASE("bbolt: a database is a regular file of bounded size", "[store][bbolt][hostile]") {
  const testing_support::TempDir folder;
  BboltFile file;
  folder.file("good.db", file.finish(file.leaf({BboltFile::value("k", "v")})));
  folder.file("huge.db", "");
  std::filesystem::resize_file(folder.at("huge.db"), std::uintmax_t{1} << 40);
  REQUIRE(::mkfifo(folder.at("fifo.db").c_str(), 0600) == 0);
  const auto host = rootfs::HostRoot::open(folder.path()).value();
  const auto open = [&](const char* path) {
    return Database::open(*host, *model::HostPath::parse(path));
  };
  CHECK(open("/good.db")->root().get("k") == "v");
  CHECK(open("/huge.db").error().code() == ErrorCode::kLimit);
  CHECK(open("/fifo.db").error().code() == ErrorCode::kInvalid);
  CHECK(open("/none.db").error().code() == ErrorCode::kNotFound);
}

TEST_CASE("bbolt: the fuzzer's corpus is these tricks", "[store][bbolt]") {
  const std::filesystem::path corpus =
      std::string(MERIDIAN_SOURCE_DIR) + "/tests/fuzz/corpus/bbolt";
  const bool accept = std::getenv("MERIDIAN_ACCEPT") != nullptr;
  for (const BboltTrick& trick : bbolt_tricks()) {
    INFO(trick.name);
    if (accept) std::ofstream(corpus / trick.name, std::ios::binary) << trick.file;
    std::ifstream file(corpus / trick.name, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), {});
    CHECK((file.good() && bytes == trick.file));
  }
}

}  // namespace meridian::store::bbolt
