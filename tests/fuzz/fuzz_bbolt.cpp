// SPDX-License-Identifier: Apache-2.0
//
// Properties: any bytes are a database or an error with a reason; reading ends, and reads the same
// twice; keys are sorted and found; every key and value lies in the file, no byte in two of them;
// a damaged bucket is listed.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

#include "store/bbolt/database.hpp"

namespace {

using namespace meridian::store::bbolt;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "property violated: %s\n", what);
  std::abort();
}

struct Seen {
  std::size_t entries = 0;
  std::size_t bytes = 0;
  bool damaged = false;
  std::size_t hash = 0;
  bool operator==(const Seen&) const = default;
};

Seen look_at(const Database& database) {
  Seen seen;
  std::vector<Bucket> buckets{database.root()};
  while (!buckets.empty()) {
    const Bucket bucket = buckets.back();
    buckets.pop_back();
    seen.damaged = seen.damaged || bucket.is_damaged();
    std::string_view last;
    for (const Entry& entry : bucket.entries()) {
      require(last < entry.key, "keys are sorted, different, not empty");
      last = entry.key;
      ++seen.entries;
      seen.bytes += entry.key.size() + entry.value.size();
      const std::hash<std::string_view> hash;
      seen.hash = seen.hash * 31 + hash(entry.key) + hash(entry.value);
      if (entry.is_bucket()) {
        require(!bucket.get(entry.key), "a bucket is no value");
        require(bucket.bucket(entry.key).has_value(), "a bucket is found");
        buckets.push_back(*bucket.bucket(entry));
      } else {
        require(!bucket.bucket(entry.key), "a value is no bucket");
        require(bucket.get(entry.key) == entry.value, "a value is found");
      }
    }
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const auto database = Database::parse(bytes);
  const auto again = Database::parse(bytes);
  require(database.has_value() == again.has_value(), "twice alike");
  if (!database) {
    require(!database.error().message().empty(), "an error says why");
    return 0;
  }
  const Seen seen = look_at(*database);
  require(seen == look_at(*again), "twice the same");
  require(seen.entries * 16 + seen.bytes <= size, "no byte twice");
  require(seen.damaged == !database->damages().empty(), "damage is listed");
  return 0;
}
