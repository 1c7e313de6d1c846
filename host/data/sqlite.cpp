// SPDX-License-Identifier: Apache-2.0
#include "data/sqlite.hpp"

#include <sqlite3.h>

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

Result<Sqlite> Sqlite::open_read_only(int file) {
  const std::string name = "file:/proc/self/fd/" + std::to_string(file) + "?immutable=1";
  MERIDIAN_TRY(sqlite3* const raw, open(name, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI));
  Sqlite database(raw);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
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
