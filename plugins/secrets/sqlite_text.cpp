// SPDX-License-Identifier: Apache-2.0
#include "sqlite_text.hpp"

#include <sqlite3.h>

#include <memory>
#include <vector>

#include "secret_name.hpp"

namespace meridian::secrets {

namespace {

constexpr std::size_t kMaxTables = 10'000;
constexpr int kMaxCell = 4 << 20;
constexpr std::string_view kMagic("SQLite format 3\0", 16);

struct Close {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Close>;

// Of SQLite's machine: a forged file may send it in circles.
constexpr int kStepsAtOnce = 1'000'000;
constexpr int kMostLooks = 500;
int count_looks(void* looks) { return ++*static_cast<int*>(looks) > kMostLooks ? 1 : 0; }

Error sqlite_error(sqlite3* database) {
  const bool ended = sqlite3_errcode(database) == SQLITE_INTERRUPT;
  return Error(ended ? ErrorCode::kLimit : ErrorCode::kCorrupt,
               std::string("SQLite: ") + sqlite3_errmsg(database));
}

Result<Statement> prepare(sqlite3* database, const std::string& query) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database, query.c_str(), -1, &statement, nullptr) != SQLITE_OK) {
    return sqlite_error(database);
  }
  return Statement(statement);
}

std::string_view text_of(sqlite3_stmt* row, int column) {
  const int type = sqlite3_column_type(row, column);
  if (type != SQLITE_TEXT && type != SQLITE_BLOB) return {};
  const void* const bytes = sqlite3_column_blob(row, column);
  if (bytes == nullptr) return {};
  const std::string_view text(static_cast<const char*>(bytes),
                              static_cast<std::size_t>(sqlite3_column_bytes(row, column)));
  return text.find('\0') == std::string_view::npos ? text : std::string_view();
}

std::string line_of(sqlite3_stmt* row) {
  std::string line, named;
  for (int column = 0; column < sqlite3_column_count(row); ++column) {
    const std::string_view cell = text_of(row, column);
    if (cell.empty()) continue;
    line.append(line.empty() ? "" : ", ").append(cell);
    const char* const name = sqlite3_column_name(row, column);
    if (name != nullptr && promises_secret(name))
      named.append(", ").append(name).append("=").append(cell);
  }
  return line.empty() ? line : line + named + '\n';
}

Result<void> read_table(sqlite3* database, const std::string& name, std::uint64_t& budget,
                        MemberSink& sink) {
  std::string quoted;
  for (const char letter : name) quoted.append(letter == '"' ? 2 : 1, letter);
  MERIDIAN_TRY(const Statement rows, prepare(database, "SELECT * FROM \"" + quoted + '"'));
  int status = SQLITE_ROW;
  while ((status = sqlite3_step(rows.get())) == SQLITE_ROW) {
    const std::string line = line_of(rows.get());
    // Rows may share pages of a forged file.
    if (line.size() > budget) return Error(ErrorCode::kLimit, "its rows are too many");
    budget -= line.size();
    sink.add(line);
  }
  if (status != SQLITE_DONE) return sqlite_error(database);
  return {};
}

}  // namespace

bool is_sqlite(std::string_view head) { return head.substr(0, kMagic.size()) == kMagic; }

Result<void> read_tables(std::string database, std::uint64_t& budget, MemberSink& sink) {
  constexpr std::size_t kHeader = 100, kWriteVersion = 18, kReadVersion = 19;
  if (database.size() < kHeader) return Error(ErrorCode::kCorrupt, "SQLite: it is cut off");
  // A database with a write-ahead log is not opened from memory; the rest of it is the same.
  database[kWriteVersion] = database[kReadVersion] = 1;
  sqlite3* raw = nullptr;
  const int opened = sqlite3_open_v2(":memory:", &raw, SQLITE_OPEN_READWRITE, nullptr);
  const std::unique_ptr<sqlite3, Close> owner(raw);
  if (opened != SQLITE_OK) return Error(ErrorCode::kMemory, "SQLite has no memory");
  // Of foreign bytes: no view, trigger or function of theirs runs.
  sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_limit(raw, SQLITE_LIMIT_LENGTH, kMaxCell);
  int looks = 0;
  sqlite3_progress_handler(raw, kStepsAtOnce, &count_looks, &looks);
  auto* const bytes = reinterpret_cast<unsigned char*>(database.data());
  const auto size = static_cast<sqlite3_int64>(database.size());
  if (sqlite3_deserialize(raw, "main", bytes, size, size, SQLITE_DESERIALIZE_READONLY) !=
      SQLITE_OK) {
    return sqlite_error(raw);
  }
  // Else a cell that leads out of its page shows what was in memory there before.
  sqlite3_exec(raw, "PRAGMA cell_size_check = ON", nullptr, nullptr, nullptr);
  MERIDIAN_TRY(
      const Statement tables,
      prepare(raw, "SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0"));
  int status = SQLITE_ROW;
  for (std::size_t number = 0; (status = sqlite3_step(tables.get())) == SQLITE_ROW; ++number) {
    if (number == kMaxTables) return Error(ErrorCode::kLimit, "it has too many tables");
    const std::string name(text_of(tables.get(), 0));
    if (name.empty()) continue;
    const std::string member = "table " + name;
    sink.begin(member);
    const auto read = read_table(raw, name, budget, sink);
    sink.end();
    if (!read && read.error().code() == ErrorCode::kLimit) return read.error();
    if (!read) sink.damaged(member, read.error());
  }
  if (status != SQLITE_DONE) return sqlite_error(raw);
  return {};
}

}  // namespace meridian::secrets
