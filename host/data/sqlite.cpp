// SPDX-License-Identifier: Apache-2.0
#include "data/sqlite.hpp"

#include <sqlite3.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "base/system_error.hpp"

namespace meridian::data {

namespace {

Error error_of(sqlite3* database, std::string_view what) {
  const int code = sqlite3_errcode(database) & 0xff;
  const bool full = code == SQLITE_FULL || code == SQLITE_IOERR || code == SQLITE_CANTOPEN;
  return Error(full ? ErrorCode::kUnreadable : ErrorCode::kCorrupt,
               std::string(what) + ": SQLite: " + sqlite3_errmsg(database));
}

Result<sqlite3*> open(const std::string& name, int flags) {
  sqlite3* database = nullptr;
  if (sqlite3_open_v2(name.c_str(), &database, flags, nullptr) == SQLITE_OK) return database;
  Error error = error_of(database, "opening");
  sqlite3_close(database);
  return error;
}

}  // namespace

void Sqlite::Close::operator()(sqlite3* database) const { sqlite3_close(database); }
void Query::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

void Sqlite::Unmap::operator()(unsigned char* bytes) const { ::munmap(bytes, size); }

Result<Sqlite> Sqlite::open_read_only(int file) {
  constexpr std::size_t kHeader = 100, kWriteVersion = 18, kReadVersion = 19;
  struct stat status {};
  if (::fstat(file, &status) != 0) return base::system_error(errno, "database");
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size < kHeader) return Error(ErrorCode::kCorrupt, "is no SQLite database");
  // By its name it could be another file meanwhile, and one in $TMPDIR has none.
  void* const start = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
  if (start == MAP_FAILED) return base::system_error(errno, "database");
  std::unique_ptr<unsigned char, Unmap> bytes(static_cast<unsigned char*>(start), Unmap{size});
  // In the mode with a write-ahead log SQLite does not open it from memory; the bytes are the same.
  bytes.get()[kWriteVersion] = bytes.get()[kReadVersion] = 1;
  MERIDIAN_TRY(sqlite3* const raw, open(":memory:", SQLITE_OPEN_READWRITE));
  Sqlite database(raw);
  database.bytes_ = std::move(bytes);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  const auto length = static_cast<sqlite3_int64>(size);
  if (sqlite3_deserialize(raw, "main", database.bytes_.get(), length, length,
                          SQLITE_DESERIALIZE_READONLY) != SQLITE_OK) {
    return database.error("opening");
  }
  MERIDIAN_CHECK(database.run("PRAGMA cell_size_check = ON"));
  return database;
}

Result<Sqlite> Sqlite::open_scratch(const std::string& path) {
  MERIDIAN_TRY(sqlite3* const raw, open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
  Sqlite database(raw);
  // A crash costs the new file, which nobody has seen yet.
  MERIDIAN_CHECK(
      database.run("PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;"
                   "PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY"));
  return database;
}

Result<void> Sqlite::run(const char* sql) {
  if (sqlite3_exec(get(), sql, nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return error("database");
}

Error Sqlite::error(std::string_view what) const { return error_of(get(), what); }

Result<Query> Query::prepare(const Sqlite& database, const char* sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database.get(), sql, -1, &statement, nullptr) != SQLITE_OK) {
    return database.error("database");
  }
  return Query(database.get(), statement);
}

Query& Query::bind(int place, std::string_view text) {
  const char* const bytes = text.data() == nullptr ? "" : text.data();
  const int code =
      sqlite3_bind_text64(statement_.get(), place, bytes, text.size(), SQLITE_STATIC, SQLITE_UTF8);
  if (code != SQLITE_OK) code_ = code;
  return *this;
}

Query& Query::bind(int place, std::int64_t number) {
  const int code = sqlite3_bind_int64(statement_.get(), place, number);
  if (code != SQLITE_OK) code_ = code;
  return *this;
}

Query& Query::bind(int place, double number) {
  const int code = sqlite3_bind_double(statement_.get(), place, number);
  if (code != SQLITE_OK) code_ = code;
  return *this;
}

Result<bool> Query::step() {
  const int code = code_ != SQLITE_OK ? code_ : sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return error_of(database_, "database");
}

void Query::again() {
  sqlite3_reset(statement_.get());
  code_ = SQLITE_OK;
}

Result<void> Query::run() {
  const auto row = step();
  again();
  if (!row) return row.error();
  return {};
}

std::string_view Query::text(int column) const {
  const auto* const bytes =
      reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  const int size = sqlite3_column_bytes(statement_.get(), column);
  if (bytes == nullptr || size <= 0) return {};
  return {bytes, static_cast<std::size_t>(size)};
}

std::int64_t Query::number(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

double Query::real(int column) const { return sqlite3_column_double(statement_.get(), column); }

}  // namespace meridian::data
