// SPDX-License-Identifier: Apache-2.0
//
// database.hpp: keys and values in a file that several processes use at once; the one user of
// SQLite (WAL mode: readers wait for nobody).
//
// A cache may lose what it was given. So nothing here is an error once it is open: what cannot be
// read is not there, what cannot be written is not kept, and the first of each is said in the log.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "base/sha256.hpp"
#include "scan/cache/folder.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace meridian::scan {

using CacheKey = base::Sha256Bytes;

class CacheDatabase {
 public:
  /// Bytes of one value; a layer of package facts has some hundred thousand.
  static constexpr std::size_t kMaxValue = 64u << 20;
  /// Bytes of the file; a layer and its findings have a few thousand.
  static constexpr std::uint64_t kMaxBytes = 1ull << 30;
  /// What is broken is put beside it under this name.
  static constexpr const char* kFile = "results-1.db";
  static constexpr const char* kSetAside = "results-1.db.corrupt";

  /// Under the folder's lock. A file that is no database of ours is set aside and made anew. `log`
  /// and `folder` outlive it. kRefused: the file is somebody else's; kUnreadable.
  static Result<std::unique_ptr<CacheDatabase>> open(const CacheFolder& folder,
                                                     const base::Log& log,
                                                     std::uint64_t max_bytes = kMaxBytes);
  CacheDatabase(const CacheDatabase&) = delete;
  CacheDatabase& operator=(const CacheDatabase&) = delete;
  ~CacheDatabase();

  /// [any]
  std::optional<std::string> get(const CacheKey& key);
  /// All or none of them; longer ones than kMaxValue are left out.                       [any]
  void put(const std::vector<std::pair<CacheKey, std::string>>& rows);
  /// Says of what get() gave that it was used, and removes what was not used for longest until the
  /// file is below its bound.                                                             [any]
  void tidy();

 private:
  CacheDatabase(const CacheFolder& folder, const base::Log& log, std::uint64_t max_bytes)
      : folder_(folder), log_(log), max_bytes_(max_bytes) {}
  class Statement;
  int connect();
  int make_schema();
  Result<void> reconnect(std::string_view why);
  void disconnect();
  int run(const char* sql);
  std::int64_t number(const char* sql, int& code);
  int put_all(const std::vector<std::pair<CacheKey, std::string>>& rows);
  int touch_used();
  std::uint64_t bytes(int& code);
  int evict();
  /// After a failure: sets a broken file aside, or stops writing.
  void failed(int code, const char* doing);

  const CacheFolder& folder_;
  const base::Log& log_;
  std::uint64_t max_bytes_;
  std::mutex mutex_;  // guards all below
  sqlite3* database_ = nullptr;
  std::uint64_t inode_ = 0;  // of the open file
  bool can_write_ = true;
  std::set<CacheKey> used_;  // rows that have not been marked for a while
};

}  // namespace meridian::scan
