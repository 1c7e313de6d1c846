// SPDX-License-Identifier: Apache-2.0
//
// bbolt_dump.cpp: every bucket and key of a database, one a line, as dump_test.py writes what the
// independent reader sees: depth, "bucket" or "key", and the bytes in hexadecimal.
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "base/escape.hpp"
#include "base/read_file.hpp"
#include "store/bbolt/database.hpp"

namespace {

using namespace meridian;
using store::bbolt::Bucket;

struct Place {
  Bucket bucket;
  std::size_t next = 0;
};

void dump(const Bucket& root) {
  std::vector<Place> path{{root}};
  while (!path.empty()) {
    const auto entries = path.back().bucket.entries();
    if (path.back().next == entries.size()) {
      path.pop_back();
      continue;
    }
    const auto& entry = entries[path.back().next++];
    const std::size_t depth = path.size() - 1;
    if (const auto inner = path.back().bucket.bucket(entry)) {
      std::printf("%zu bucket %s\n", depth, base::hex(entry.key).c_str());
      path.push_back({*inner});
    } else {
      std::printf("%zu key %s %s\n", depth, base::hex(entry.key).c_str(),
                  base::hex(entry.value).c_str());
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  auto bytes = base::read_own_file(argv[1], std::uint64_t{1} << 30);
  if (!bytes) {
    std::fprintf(stderr, "%s\n", bytes.error().message().c_str());
    return 1;
  }
  const auto database = store::bbolt::Database::parse(*std::move(bytes));
  if (!database) {
    std::fprintf(stderr, "%s\n", database.error().message().c_str());
    return 1;
  }
  dump(database->root());
  for (const auto& damage : database->damages()) {
    std::fprintf(stderr, "%s: %s\n", damage.bucket.c_str(), damage.error.message().c_str());
  }
  return database->damages().empty() ? 0 : 1;
}
