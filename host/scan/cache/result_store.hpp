// SPDX-License-Identifier: Apache-2.0
//
// result_store.hpp: a cache, opened: typed rows, each sealed to its key, so that what is read is
// what this cache wrote there, whole.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "lane/wire.hpp"
#include "scan/cache/database.hpp"
#include "scan/cache/folder.hpp"
#include "scan/seal.hpp"

namespace meridian::scan {

class ResultStore {
 public:
  /// `log` outlives it; `max_bytes`: of its file. kRefused: the folder or a file of it is not ours
  /// alone to write.
  static Result<std::unique_ptr<ResultStore>> open(
      const std::string& folder, const base::Log& log,
      std::uint64_t max_bytes = CacheDatabase::kMaxBytes);

  const std::shared_ptr<const Seal>& seal() const { return seal_; }
  /// The folder that must stay writable.
  const std::string& folder() const { return folder_->path(); }

  /// What was kept; nothing if it is not there or not whole.                             [any]
  template <typename T>
  std::optional<T> read(const CacheKey& key) {
    const auto payload = unsealed(key, database_->get(key));
    if (!payload) return std::nullopt;
    auto value = lane::decode<T>(*payload);
    return value ? std::optional<T>(*std::move(value)) : std::nullopt;
  }

  /// Rows that are written together or not at all.
  class Batch {
   public:
    explicit Batch(const Seal& seal) : seal_(seal) {}
    template <typename T>
    void add(const CacheKey& key, const T& value) {
      rows_.emplace_back(key, sealed(seal_, key, lane::encode(value)));
    }

   private:
    friend class ResultStore;
    const Seal& seal_;
    std::vector<std::pair<CacheKey, std::string>> rows_;
  };
  Batch batch() const { return Batch(*seal_); }
  void write(const Batch& batch) { database_->put(batch.rows_); }  //                    [any]
  void tidy() { database_->tidy(); }                               //                    [any]

 private:
  ResultStore() = default;
  static std::string sealed(const Seal& seal, const CacheKey& key, const std::string& payload);
  std::optional<std::string> unsealed(const CacheKey& key, std::optional<std::string> row) const;

  std::unique_ptr<const CacheFolder> folder_;
  std::shared_ptr<const Seal> seal_;
  std::unique_ptr<CacheDatabase> database_;
};

}  // namespace meridian::scan
