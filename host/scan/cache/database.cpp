// SPDX-License-Identifier: Apache-2.0
#include "scan/cache/database.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <chrono>
#include <cstdio>

#include "base/escape.hpp"

namespace meridian::scan {

namespace {

/// Of our files, so that another program's is known: "Mrdn".
constexpr std::int64_t kApplication = 0x4d72646e;
constexpr std::int64_t kSchema = 1;
constexpr int kPatience = 2000;  // milliseconds until another's writing is done
/// A row that was used is marked so once in this many seconds: reading alone writes nothing.
constexpr std::int64_t kMarkAgain = 3600;
constexpr const char* kFiles[] = {"", "-wal", "-shm"};

std::int64_t now() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

bool is_broken(int code) {
  return (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB ||
         (code & 0xff) == SQLITE_MISMATCH;
}

}  // namespace

/// A prepared statement with its parameters; everything that fails is a code of SQLite's.
class CacheDatabase::Statement {
 public:
  Statement(sqlite3* database, const char* sql)
      : code_(sqlite3_prepare_v2(database, sql, -1, &statement_, nullptr)) {}
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement() { sqlite3_finalize(statement_); }

  Statement& bind(int place, const CacheKey& key) {
    return keep(sqlite3_bind_blob64(statement_, place, key.data(), key.size(), SQLITE_TRANSIENT));
  }
  /// `bytes` outlive the next step().
  Statement& bind(int place, std::string_view bytes) {
    return keep(sqlite3_bind_blob64(statement_, place, bytes.data(), bytes.size(), SQLITE_STATIC));
  }
  Statement& bind(int place, std::int64_t value) {
    return keep(sqlite3_bind_int64(statement_, place, value));
  }
  /// SQLITE_ROW, SQLITE_DONE or an error.
  int step() { return code_ != SQLITE_OK ? code_ : sqlite3_step(statement_); }
  /// One that gives no row.
  int finish() {
    const int code = step();
    return code == SQLITE_DONE ? SQLITE_OK : code;
  }
  void again() {
    sqlite3_reset(statement_);
    code_ = SQLITE_OK;
  }
  std::int64_t number(int column) { return sqlite3_column_int64(statement_, column); }
  std::string_view bytes(int column) {
    const void* const data = sqlite3_column_blob(statement_, column);
    const int size = sqlite3_column_bytes(statement_, column);
    if (data == nullptr || size <= 0) return {};
    return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
  }

 private:
  Statement& keep(int code) {
    if (code_ == SQLITE_OK) code_ = code;
    return *this;
  }
  sqlite3_stmt* statement_ = nullptr;
  int code_;
};

Result<std::unique_ptr<CacheDatabase>> CacheDatabase::open(const CacheFolder& folder,
                                                           const base::Log& log,
                                                           std::uint64_t max_bytes) {
  std::unique_ptr<CacheDatabase> made(new CacheDatabase(folder, log, max_bytes));
  for (const char* const suffix : kFiles) {
    if (*suffix == '\0') MERIDIAN_CHECK(folder.prepare(kFile));
    struct stat status {};
    const std::string name = std::string(kFile) + suffix;
    if (::fstatat(folder.fd(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) {
      MERIDIAN_CHECK(folder.prepare(name));
    }
  }
  int code = made->connect();
  if (is_broken(code)) {
    MERIDIAN_CHECK(made->reconnect(sqlite3_errstr(code)));
    code = SQLITE_OK;
  }
  if (code != SQLITE_OK) {
    return Error(ErrorCode::kUnreadable, folder.path() + "/" + kFile + ": " + sqlite3_errstr(code));
  }
  return made;
}

CacheDatabase::~CacheDatabase() { disconnect(); }

void CacheDatabase::disconnect() {
  sqlite3_close_v2(database_);
  database_ = nullptr;
}

int CacheDatabase::connect() {
  const std::string path = folder_.path() + "/" + kFile;
  int code = sqlite3_open_v2(path.c_str(), &database_,
                             SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX | SQLITE_OPEN_NOFOLLOW,
                             nullptr);
  if (code != SQLITE_OK) return code;
  struct stat status {};
  inode_ = ::fstatat(folder_.fd(), kFile, &status, AT_SYMLINK_NOFOLLOW) == 0 ? status.st_ino : 0;
  sqlite3_extended_result_codes(database_, 1);
  sqlite3_busy_timeout(database_, kPatience);
  sqlite3_limit(database_, SQLITE_LIMIT_LENGTH, static_cast<int>(kMaxValue + (1u << 20)));
  sqlite3_db_config(database_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(database_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  // A schema that somebody put there is read as text and has no say: check it before it is used.
  const std::int64_t application = number("PRAGMA application_id", code);
  if (code != SQLITE_OK) return code;
  const std::int64_t schema = number("PRAGMA user_version", code);
  if (code != SQLITE_OK) return code;
  if (application == 0 && schema == 0) {
    const std::int64_t objects = number("SELECT count(*) FROM sqlite_schema", code);
    if (code != SQLITE_OK) return code;
    if (objects != 0) return SQLITE_MISMATCH;
    return make_schema();
  }
  if (application != kApplication || schema != kSchema) return SQLITE_MISMATCH;
  return run("PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY; PRAGMA cell_size_check=1");
}

/// A power cut may cost the last rows (synchronous=NORMAL), not the file.
int CacheDatabase::make_schema() {
  return run(
      "PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
      "PRAGMA temp_store=MEMORY; PRAGMA cell_size_check=1;"
      "BEGIN IMMEDIATE;"
      "CREATE TABLE rows (key BLOB PRIMARY KEY NOT NULL, used INTEGER NOT NULL,"
      " value BLOB NOT NULL);"
      "CREATE INDEX rows_by_use ON rows (used);"
      "PRAGMA application_id=1299342446; PRAGMA user_version=1;"
      "COMMIT");
}

int CacheDatabase::run(const char* sql) {
  const int code = sqlite3_exec(database_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK && sqlite3_get_autocommit(database_) == 0) {
    sqlite3_exec(database_, "ROLLBACK", nullptr, nullptr, nullptr);
  }
  return code;
}

std::int64_t CacheDatabase::number(const char* sql, int& code) {
  Statement statement(database_, sql);
  code = statement.step();
  if (code != SQLITE_ROW) return 0;
  code = SQLITE_OK;
  return statement.number(0);
}

/// Under the folder's lock. Another process may have set it aside already.
Result<void> CacheDatabase::reconnect(std::string_view why) {
  disconnect();
  struct stat status {};
  const bool is_same = ::fstatat(folder_.fd(), kFile, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
                       (inode_ == 0 || status.st_ino == inode_);
  if (is_same) {
    for (const char* const suffix : kFiles) {
      const std::string from = std::string(kFile) + suffix;
      const std::string to = std::string(kSetAside) + suffix;
      ::unlinkat(folder_.fd(), to.c_str(), 0);
      ::renameat(folder_.fd(), from.c_str(), folder_.fd(), to.c_str());
    }
    log_.warn("cache: " + base::escape(folder_.path()) + "/" + kFile +
              " is no cache of this kind (" + std::string(why) + "); it was set aside as " +
              kSetAside + " and begun anew");
  }
  MERIDIAN_CHECK(folder_.prepare(kFile));
  const int code = connect();
  if (code == SQLITE_OK) return {};
  return Error(ErrorCode::kUnreadable, folder_.path() + "/" + kFile + ": " + sqlite3_errstr(code));
}

void CacheDatabase::failed(int code, const char* doing) {
  if (database_ == nullptr) return;
  if (is_broken(code)) {
    const auto held = folder_.lock();
    auto again = held ? reconnect(sqlite3_errstr(code)) : Result<void>(held.error());
    used_.clear();
    if (again) return;
    disconnect();
    log_.warn("cache: " + again.error().message() + "; the scan goes on without it");
    return;
  }
  const std::string text = std::string("cache: ") + doing + ": " + sqlite3_errstr(code);
  // Another one writes for seconds: this time it is not kept, and the next time it may be.
  if ((code & 0xff) == SQLITE_BUSY) return log_.debug(text);
  if (can_write_) log_.warn(text + "; no more is kept of this scan");
  can_write_ = false;
}

std::optional<std::string> CacheDatabase::get(const CacheKey& key) {
  const std::lock_guard lock(mutex_);
  if (database_ == nullptr) return std::nullopt;
  int code = SQLITE_OK;
  std::optional<std::string> value;
  {
    Statement find(database_, "SELECT value, used FROM rows WHERE key = ?1");
    code = find.bind(1, key).step();
    if (code == SQLITE_ROW) {
      const std::string_view bytes = find.bytes(0);
      if (bytes.size() <= kMaxValue) value.emplace(bytes);
      if (find.number(1) + kMarkAgain < now()) used_.insert(key);
      return value;
    }
  }
  if (code != SQLITE_DONE) failed(code, "reading");
  return value;
}

int CacheDatabase::put_all(const std::vector<std::pair<CacheKey, std::string>>& rows) {
  Statement insert(database_, "INSERT OR REPLACE INTO rows (key, used, value) VALUES (?1, ?2, ?3)");
  const std::int64_t time = now();
  for (const auto& [key, value] : rows) {
    if (value.size() > kMaxValue) continue;
    const int code = insert.bind(1, key).bind(2, time).bind(3, std::string_view(value)).finish();
    if (code != SQLITE_OK) return code;
    insert.again();
  }
  return SQLITE_OK;
}

void CacheDatabase::put(const std::vector<std::pair<CacheKey, std::string>>& rows) {
  const std::lock_guard lock(mutex_);
  if (database_ == nullptr || !can_write_ || rows.empty()) return;
  int code = run("BEGIN IMMEDIATE");
  if (code == SQLITE_OK) code = put_all(rows);
  if (code == SQLITE_OK) code = evict();
  if (code == SQLITE_OK) code = run("COMMIT");
  if (code == SQLITE_OK) return;
  run("ROLLBACK");
  failed(code, "writing");
}

int CacheDatabase::touch_used() {
  Statement mark(database_, "UPDATE rows SET used = ?2 WHERE key = ?1");
  const std::int64_t time = now();
  for (const CacheKey& key : used_) {
    const int code = mark.bind(1, key).bind(2, time).finish();
    if (code != SQLITE_OK) return code;
    mark.again();
  }
  return SQLITE_OK;
}

/// Of rows; 0 if `code` is an error.
std::uint64_t CacheDatabase::bytes(int& code) {
  const std::int64_t size = number("PRAGMA page_size", code);
  if (code != SQLITE_OK) return 0;
  const std::int64_t pages = number("PRAGMA page_count", code);
  if (code != SQLITE_OK) return 0;
  const std::int64_t free = number("PRAGMA freelist_count", code);
  return code == SQLITE_OK ? static_cast<std::uint64_t>((pages - free) * size) : 0;
}

/// To four fifths of the bound, so that not every row costs another.
int CacheDatabase::evict() {
  int code = SQLITE_OK;
  if (bytes(code) <= max_bytes_) return code;
  while (bytes(code) > max_bytes_ / 5 * 4) {
    code =
        run("DELETE FROM rows WHERE key IN (SELECT key FROM rows ORDER BY used LIMIT"
            " max(1, (SELECT count(*) / 16 FROM rows)))");
    if (code == SQLITE_OK && sqlite3_changes(database_) == 0) break;
  }
  return code;
}

void CacheDatabase::tidy() {
  const std::lock_guard lock(mutex_);
  if (database_ == nullptr || !can_write_) return;
  int code = SQLITE_OK;
  // It may have been filled under another bound. Reading alone writes nothing.
  if (const bool too_large = bytes(code) > max_bytes_; too_large || !used_.empty()) {
    code = run("BEGIN IMMEDIATE");
    if (code == SQLITE_OK) code = touch_used();
    if (code == SQLITE_OK) code = evict();
    if (code == SQLITE_OK) code = run("COMMIT");
  }
  const std::int64_t free = code == SQLITE_OK ? number("PRAGMA freelist_count", code) : 0;
  if (code == SQLITE_OK && free > 0) code = run("PRAGMA incremental_vacuum");
  if (code == SQLITE_OK) return;
  run("ROLLBACK");
  failed(code, "tidying");
}

}  // namespace meridian::scan
