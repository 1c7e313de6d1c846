// SPDX-License-Identifier: Apache-2.0
//
// Each change that a witness must notice, by name, and what it cannot.
#include "store/witness.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <vector>

#include "base/unique_fd.hpp"
#include "support/temp_dir.hpp"

using namespace meridian;
using store::Witness;
using testing_support::TempDir;

namespace {

Witness witness_of(const std::string& path) {
  const base::UniqueFd place(::open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  Witness witness;
  REQUIRE(witness.add(place.get(), path));
  return witness;
}

/// Until a change would show: the file system's clock has gone on.
void settle(const std::string& path) {
  while (!witness_of(path).is_settled()) ::usleep(1000);
}

void write(const std::string& path, const std::string& text, std::ios::openmode mode) {
  std::ofstream file(path, std::ios::binary | mode);
  file << text;
}

/// Its times as they were; the kernel lets nobody set the ctime.
void keep_times(const std::string& path, const std::function<void()>& change) {
  struct stat before {};
  REQUIRE(::stat(path.c_str(), &before) == 0);
  change();
  const timespec times[] = {before.st_atim, before.st_mtim};
  REQUIRE(::utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
}

struct Change {
  const char* name;
  std::function<void(const TempDir&)> make;
};

}  // namespace

TEST_CASE("witness: of a layer's folder every change to its entries is noticed") {
  const std::vector<Change> changes = {
      Change{"added file", [](const TempDir& t) { t.file("layer/new", "x"); }},
      Change{"added folder", [](const TempDir& t) { t.directory("layer/new"); }},
      Change{"removed file",
             [](const TempDir& t) { REQUIRE(::unlink(t.at("layer/a").c_str()) == 0); }},
      Change{"renamed file",
             [](const TempDir& t) {
               REQUIRE(::rename(t.at("layer/a").c_str(), t.at("layer/b").c_str()) == 0);
             }},
      Change{"replaced file",
             [](const TempDir& t) {
               t.file("fresh", "y");
               REQUIRE(::rename(t.at("fresh").c_str(), t.at("layer/a").c_str()) == 0);
             }},
      Change{
          "added, with the times set back",
          [](const TempDir& t) { keep_times(t.at("layer"), [&] { t.file("layer/new", "x"); }); }},
      Change{"mode", [](const TempDir& t) { REQUIRE(::chmod(t.at("layer").c_str(), 0700) == 0); }},
      Change{"swapped folder with the same entries", [](const TempDir& t) {
               REQUIRE(::rename(t.at("layer").c_str(), t.at("old").c_str()) == 0);
               t.file("layer/a", "text");
               t.file("layer/sub/below", "text");
             }}};
  for (const Change& change : changes) {
    INFO(change.name);
    const TempDir temp;
    temp.file("layer/a", "text");
    temp.file("layer/sub/below", "text");
    REQUIRE(::chmod(temp.at("layer").c_str(), 0755) == 0);
    settle(temp.at("layer"));
    const std::string before = witness_of(temp.at("layer")).text();
    CHECK(witness_of(temp.at("layer")).text() == before);
    change.make(temp);
    CHECK(witness_of(temp.at("layer")).text() != before);
  }
}

TEST_CASE("witness: of a file every writing is noticed") {
  const std::vector<Change> changes = {
      Change{"grown", [](const TempDir& t) { write(t.at("blob"), "more", std::ios::app); }},
      Change{"cut", [](const TempDir& t) { REQUIRE(::truncate(t.at("blob").c_str(), 2) == 0); }},
      Change{"touched",
             [](const TempDir& t) {
               REQUIRE(::utimensat(AT_FDCWD, t.at("blob").c_str(), nullptr, 0) == 0);
             }},
      Change{"same size, other bytes",
             [](const TempDir& t) { write(t.at("blob"), "TEXT", std::ios::in | std::ios::out); }},
      Change{"the same, with the times set back",
             [](const TempDir& t) {
               keep_times(t.at("blob"),
                          [&] { write(t.at("blob"), "TEXT", std::ios::in | std::ios::out); });
             }},
      Change{"swapped for an equal one", [](const TempDir& t) {
               REQUIRE(::rename(t.at("blob").c_str(), t.at("old").c_str()) == 0);
               t.file("blob", "text");
             }}};
  for (const Change& change : changes) {
    INFO(change.name);
    const TempDir temp;
    temp.file("blob", "text");
    settle(temp.at("blob"));
    const std::string before = witness_of(temp.at("blob")).text();
    change.make(temp);
    CHECK(witness_of(temp.at("blob")).text() != before);
  }
}

TEST_CASE("witness: what it cannot notice is what stands in its header") {
  const TempDir temp;
  temp.file("layer/a", "text");
  temp.file("layer/sub/below", "text");
  settle(temp.at("layer"));
  const std::string before = witness_of(temp.at("layer")).text();
  SECTION("a file of the folder that is written to in place") {
    write(temp.at("layer/a"), "TEXT and more", std::ios::in | std::ios::out);
  }
  SECTION("whatever becomes of a folder below it") {
    temp.file("layer/sub/new", "x");
    REQUIRE(::unlink(temp.at("layer/sub/below").c_str()) == 0);
  }
  SECTION("that it was read") { REQUIRE(std::filesystem::exists(temp.at("layer/a"))); }
  CHECK(witness_of(temp.at("layer")).text() == before);
}

TEST_CASE("witness: of what was changed just now it does not say that a change would show") {
  const TempDir temp;
  temp.file("blob", "text");
  // Within the tick of the clock that stamps it, unless we were kept waiting in between.
  const bool young = !witness_of(temp.at("blob")).is_settled();
  settle(temp.at("blob"));
  CHECK(witness_of(temp.at("blob")).is_settled());
  write(temp.at("blob"), "more", std::ios::app);
  CHECK((young || !witness_of(temp.at("blob")).is_settled()));
  // One that is not settled leaves the whole unsettled.
  const base::UniqueFd old(::open("/proc/self/exe", O_PATH | O_CLOEXEC));
  Witness both = witness_of(temp.at("blob"));
  const bool settled = both.is_settled();
  REQUIRE(both.add(old.get(), "exe"));
  CHECK(both.is_settled() == settled);
}

TEST_CASE("witness: of a folder where others come and go only its identity counts; words count") {
  const TempDir temp;
  temp.file("shared/a", "x");
  const auto identity = [&] {
    const base::UniqueFd place(::open(temp.at("shared").c_str(), O_PATH | O_CLOEXEC));
    Witness witness;
    REQUIRE(witness.add_identity(place.get(), "shared"));
    return witness.text();
  };
  const std::string before = identity();
  temp.file("shared/b", "x");
  CHECK(identity() == before);
  REQUIRE(::rename(temp.at("shared").c_str(), temp.at("old").c_str()) == 0);
  temp.directory("shared");
  CHECK(identity() != before);
  Witness one, other;
  one.add("ab");
  one.add("c");
  other.add("a");
  other.add("bc");
  CHECK(one.text() != other.text());
  CHECK_FALSE(Witness().add(-1, "nothing"));
}
