// SPDX-License-Identifier: Apache-2.0
//
// database.hpp: a bbolt database, read whole into memory: buckets of keys, values and buckets.
//
// Threads: const methods from any thread.
// Lifetime: a Bucket, and every key and value, is lent by its Database.
// Costs: the file's size, and about as much again for keys.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "meridian/result.hpp"
#include "model/host_path.hpp"
#include "rootfs/host_root.hpp"

namespace meridian::store::bbolt {

struct Contents;

struct Entry {
  static constexpr std::uint32_t kNoBucket = static_cast<std::uint32_t>(-1);
  std::string_view key;
  std::string_view value;            // empty for a bucket
  std::uint32_t bucket = kNoBucket;  // for Bucket::bucket
  bool is_bucket() const { return bucket != kNoBucket; }
};

class Bucket {
 public:
  /// Sorted by key, keys not empty and all different.
  std::span<const Entry> entries() const;
  /// nullopt if there is no such key, or it is a bucket.
  std::optional<std::string_view> get(std::string_view key) const;
  /// nullopt if there is no such key, or it is none.
  std::optional<Bucket> bucket(std::string_view key) const;
  std::optional<Bucket> bucket(const Entry& entry) const;
  /// Something of it could not be read; what it had is in Database::damages().
  bool is_damaged() const;

 private:
  friend class Database;
  Bucket(const Contents* contents, std::uint32_t index) : contents_(contents), index_(index) {}
  const Contents* contents_;
  std::uint32_t index_;
};

/// A page or element that was left out.
struct Damage {
  std::string bucket;  // keys from the root, escaped, with '/' between; empty: the root
  Error error;         // with the page
};

class Database {
 public:
  /// A regular file, copied as copy_still() says. The error is one that leaves nothing to read.
  static Result<Database> open(const rootfs::HostRoot& host, const model::HostPath& path);
  /// Any bytes.
  static Result<Database> parse(std::string file);

  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  Bucket root() const;
  std::uint64_t transaction() const;
  /// At most limits::kMaxBboltDamages, and one that says how many more.
  const std::vector<Damage>& damages() const;

 private:
  explicit Database(std::unique_ptr<const Contents> contents);
  std::unique_ptr<const Contents> contents_;
};

}  // namespace meridian::store::bbolt
