// SPDX-License-Identifier: Apache-2.0
#include "plugin/quarantine_store.hpp"

#include <sys/stat.h>

#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "support/temp_dir.hpp"

namespace meridian::plugin {
namespace {

using testing_support::TempDir;
using IfAbsent = QuarantineStore::IfAbsent;

QuarantineRecord fault(int number) {
  QuarantineRecord record;
  record.plugin = {"org.example.p" + std::to_string(number), "sha256:" + std::string(64, 'a'), ""};
  record.content = "sha256:" + std::string(64, '1');
  record.kind = finding::GapKind::kTimeout;
  record.created = base::utc_now();
  record.expires = record.created + std::chrono::hours(1);
  return record;
}

mode_t mode_of(const std::string& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream all;
  all << file.rdbuf();
  return all.str();
}

QuarantineStore open(const std::string& folder) {
  auto store = QuarantineStore::open(folder, IfAbsent::kMake);
  REQUIRE(store.has_value());
  return *std::move(store);
}

}  // namespace

TEST_CASE("quarantine store: folders and files are for their owner alone") {
  const TempDir tree;
  const std::string folder = tree.at("a/b/meridian");
  CHECK(QuarantineStore::open(folder, IfAbsent::kLeave).error().code() == ErrorCode::kNotFound);
  QuarantineStore store = open(folder);
  CHECK(store.read()->records().empty());
  REQUIRE(store.update([](Quarantine& to) { to.add(fault(1)); }).has_value());
  CHECK(mode_of(tree.at("a")) == 0700);
  CHECK(mode_of(folder) == 0700);
  CHECK(mode_of(folder + "/quarantine.json") == 0600);
  CHECK(store.read()->records().size() == 1);
}

TEST_CASE("quarantine store: what others may write to is not believed") {
  const TempDir tree;
  QuarantineStore store = open(tree.at("state"));
  REQUIRE(store.update([](Quarantine& to) { to.add(fault(1)); }).has_value());
  const std::string file = tree.at("state/quarantine.json");
  REQUIRE(::chmod(file.c_str(), 0666) == 0);
  CHECK(store.read().error().code() == ErrorCode::kRefused);
  CHECK_FALSE(store.update([](Quarantine&) {}).has_value());
  REQUIRE(::chmod(tree.at("state").c_str(), 0777) == 0);
  CHECK(QuarantineStore::open(tree.at("state"), IfAbsent::kMake).error().code() ==
        ErrorCode::kRefused);
}

TEST_CASE("quarantine store: a link or a folder in the file's place is not followed") {
  const TempDir tree;
  const std::string elsewhere = tree.file("elsewhere", "{}");
  tree.directory("state");
  REQUIRE(::chmod(tree.at("state").c_str(), 0700) == 0);
  tree.symlink("state/quarantine.json", elsewhere);
  QuarantineStore store = open(tree.at("state"));
  CHECK(store.read().error().code() == ErrorCode::kRefused);
  CHECK_FALSE(store.update([](Quarantine&) {}).has_value());
  CHECK(bytes_of(elsewhere) == "{}");
}

TEST_CASE("quarantine store: a corrupt file is set aside once, and kept") {
  const TempDir tree;
  const std::string file = tree.file("state/quarantine.json", "{\"schema\": 7}");
  REQUIRE(::chmod(tree.at("state").c_str(), 0700) == 0);
  REQUIRE(::chmod(file.c_str(), 0600) == 0);
  QuarantineStore store = open(tree.at("state"));
  const auto first = store.read();
  REQUIRE_FALSE(first.has_value());
  CHECK(first.error().code() == ErrorCode::kCorrupt);
  CHECK(first.error().message().find("quarantine.json.corrupt") != std::string::npos);
  CHECK(bytes_of(file + ".corrupt") == "{\"schema\": 7}");
  CHECK(store.read()->records().empty());

  std::ofstream(file) << "x";
  REQUIRE(store.update([](Quarantine& to) { to.add(fault(1)); }).has_value());
  CHECK(store.read()->records().size() == 1);
  CHECK(bytes_of(file + ".corrupt") == "x");
}

TEST_CASE("quarantine store: a file of a later version is neither read nor lost") {
  const TempDir tree;
  const std::string later = R"({"schema": "meridian.quarantine/2"})";
  const std::string file = tree.file("state/quarantine.json", later);
  REQUIRE(::chmod(tree.at("state").c_str(), 0700) == 0);
  REQUIRE(::chmod(file.c_str(), 0600) == 0);
  QuarantineStore store = open(tree.at("state"));
  CHECK(store.read().error().code() == ErrorCode::kUnsupported);
  CHECK_FALSE(store.update([](Quarantine& to) { to.add(fault(1)); }).has_value());
  CHECK(bytes_of(file) == later);
}

TEST_CASE("quarantine store: many writers at once lose nothing") {
  const TempDir tree;
  constexpr int kWriters = 8;
  constexpr int kEach = 10;
  constexpr int kRefusals = 100;
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&tree, writer] {
      auto store = QuarantineStore::open(tree.at("state"), IfAbsent::kMake);
      for (int i = 0, refused = 0; store && i < kEach && refused < kRefusals;) {
        // On a slow disk one may wait longer for the others than it has patience, and is told.
        const auto done = store->update([&](Quarantine& to) { to.add(fault(writer * kEach + i)); });
        ++(done ? i : refused);
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  CHECK(open(tree.at("state")).read()->records().size() == kWriters * kEach);
}

}  // namespace meridian::plugin
