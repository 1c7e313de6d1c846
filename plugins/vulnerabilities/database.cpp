// SPDX-License-Identifier: Apache-2.0
#include "database.hpp"

#include <sqlite3.h>

#include <utility>

namespace meridian::vulnerabilities {
namespace {

constexpr std::string_view kSchema = "meridian.vulnerabilities/1";
constexpr int kMaxText = 4 << 20;         // of one value: the versions that a record lists
constexpr std::size_t kMaxRows = 20'000;  // of one package; a kernel has 12,000
constexpr std::size_t kMaxAliases = 64;

/// Of SQLite's machine, between two looks; a lookup takes some thousand in all.
constexpr int kStepsAtOnce = 1'000'000;
constexpr int kMostLooks = 100;
int count_looks(void* looks) { return ++*static_cast<int*>(looks) > kMostLooks ? 1 : 0; }

std::string_view text(sqlite3_stmt* statement, int column) {
  const auto* const bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
  const int size = sqlite3_column_bytes(statement, column);
  if (bytes == nullptr || size <= 0) return {};
  return {bytes, static_cast<std::size_t>(size)};
}

/// Numbers of the host's finding::Severity, which are the SDK's.
Severity severity(sqlite3_stmt* statement, int column) {
  const int number = sqlite3_column_int(statement, column);
  return number < 0 || number > 5 ? Severity::kUnknown : static_cast<Severity>(number);
}

double score(sqlite3_stmt* statement, int column) {
  const double value = sqlite3_column_double(statement, column);
  return value >= 0 && value <= 10 ? value : -1;
}

void bind_text(sqlite3_stmt* statement, int place, std::string_view value) {
  sqlite3_bind_text64(statement, place, value.empty() ? "" : value.data(), value.size(),
                      SQLITE_TRANSIENT, SQLITE_UTF8);
}

std::vector<std::string> lines(std::string_view text) {
  std::vector<std::string> result;
  while (!text.empty() && result.size() < kMaxAliases) {
    const std::size_t end = text.find('\n');
    result.emplace_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return result;
}

/// A statement that begins anew when the caller is done with it.
class Again {
 public:
  explicit Again(sqlite3_stmt* statement) : statement_(statement) {}
  Again(const Again&) = delete;
  Again& operator=(const Again&) = delete;
  ~Again() { sqlite3_reset(statement_); }

 private:
  sqlite3_stmt* statement_;
};

}  // namespace

void Database::Close::operator()(sqlite3* database) const { sqlite3_close(database); }
void Database::Close::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Error Database::error() const {
  return Error(ErrorCode::kCorrupt,
               std::string("the database of vulnerabilities: ") + sqlite3_errmsg(database_.get()));
}

Result<Database::Prepared> Database::prepare(const char* sql) const {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database_.get(), sql, -1, &statement, nullptr) != SQLITE_OK) {
    return error();
  }
  return Prepared(statement);
}

Result<bool> Database::step(sqlite3_stmt* statement) {
  *looks_ = 0;
  const int code = sqlite3_step(statement);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return error();
}

Result<Database> Database::open(std::string_view bytes) {
  sqlite3* raw = nullptr;
  const int opened = sqlite3_open_v2(":memory:", &raw, SQLITE_OPEN_READWRITE, nullptr);
  Database made;
  made.database_.reset(raw);
  made.looks_ = std::make_unique<int>(0);
  if (opened != SQLITE_OK) return Error(ErrorCode::kMemory, "SQLite has no memory");
  sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_limit(raw, SQLITE_LIMIT_LENGTH, kMaxText);
  sqlite3_progress_handler(raw, kStepsAtOnce, count_looks, made.looks_.get());
  // Read-only, so the cast is one of types: SQLite writes to no page.
  auto* const data = reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data()));
  const auto size = static_cast<sqlite3_int64>(bytes.size());
  if (sqlite3_deserialize(raw, "main", data, size, size, SQLITE_DESERIALIZE_READONLY) !=
      SQLITE_OK) {
    return made.error();
  }
  sqlite3_exec(raw, "PRAGMA cell_size_check = ON", nullptr, nullptr, nullptr);

  MERIDIAN_TRY(const Prepared schema,
               made.prepare("SELECT value FROM meta WHERE key = 'schema' LIMIT 1"));
  MERIDIAN_TRY(const bool any, made.step(schema.get()));
  if (!any || text(schema.get(), 0) != kSchema) {
    return Error(ErrorCode::kCorrupt,
                 "the database of vulnerabilities is not of schema " + std::string(kSchema));
  }
  MERIDIAN_TRY(made.ecosystem_,
               made.prepare("SELECT id, version_order FROM ecosystem WHERE name = ?1 LIMIT 1"));
  // The order of the tables is the way of the keys: nothing is searched through.
  MERIDIAN_TRY(made.candidates_,
               made.prepare("SELECT v.name, v.aliases, v.summary, v.published, v.vector, s.kind,"
                            " s.name, a.ranges, a.state, v.severity, a.severity, v.score"
                            " FROM affected a CROSS JOIN advisory v ON v.id = a.advisory"
                            " CROSS JOIN source s ON s.id = v.source"
                            " WHERE a.ecosystem = ?1 AND a.package = ?2"));
  MERIDIAN_TRY(made.rating_, made.prepare("SELECT severity, score, vector FROM advisory"
                                          " WHERE name = ?1 LIMIT 1000"));
  MERIDIAN_TRY(made.statements_,
               made.prepare("SELECT product, subcomponent, status, justification, note, author"
                            " FROM statement WHERE vulnerability = ?1 LIMIT 10000"));
  MERIDIAN_TRY(const Prepared statements, made.prepare("SELECT 1 FROM statement LIMIT 1"));
  MERIDIAN_TRY(made.has_statements_, made.step(statements.get()));
  return made;
}

Result<std::optional<EcosystemRow>> Database::ecosystem(const std::string& name) {
  if (const auto known = ecosystems_.find(name); known != ecosystems_.end()) return known->second;
  const Again again(ecosystem_.get());
  bind_text(ecosystem_.get(), 1, name);
  MERIDIAN_TRY(const bool row, step(ecosystem_.get()));
  std::optional<EcosystemRow> found;
  if (row) {
    found = EcosystemRow{sqlite3_column_int64(ecosystem_.get(), 0),
                         std::string(text(ecosystem_.get(), 1))};
  }
  ecosystems_.emplace(name, found);
  return found;
}

Result<std::vector<Candidate>> Database::candidates(std::int64_t ecosystem,
                                                    std::string_view package) {
  sqlite3_stmt* const rows = candidates_.get();
  const Again again(rows);
  sqlite3_bind_int64(rows, 1, ecosystem);
  bind_text(rows, 2, package);
  std::vector<Candidate> found;
  while (true) {
    MERIDIAN_TRY(const bool row, step(rows));
    if (!row) return found;
    if (found.size() >= kMaxRows) {
      return Error(ErrorCode::kLimit, "more than " + std::to_string(kMaxRows) + " advisories");
    }
    Candidate one;
    one.id = text(rows, 0);
    one.aliases = lines(text(rows, 1));
    one.summary = text(rows, 2);
    one.published = text(rows, 3);
    one.vector = text(rows, 4);
    one.kind = text(rows, 5);
    one.source = text(rows, 6);
    one.ranges = text(rows, 7);
    one.state = text(rows, 8);
    one.severity = severity(rows, 9);
    one.own_severity = severity(rows, 10);
    one.score = score(rows, 11);
    found.push_back(std::move(one));
  }
}

Result<Rating> Database::rating(std::string_view id) {
  sqlite3_stmt* const rows = rating_.get();
  const Again again(rows);
  bind_text(rows, 1, id);
  Rating worst;
  while (true) {
    MERIDIAN_TRY(const bool row, step(rows));
    if (!row) return worst;
    worst.severity = std::max(worst.severity, severity(rows, 0));
    if (const double value = score(rows, 1); value > worst.score) {
      worst.score = value;
      worst.vector = text(rows, 2);
    }
  }
}

Result<std::vector<Statement>> Database::statements(std::string_view id) {
  sqlite3_stmt* const rows = statements_.get();
  const Again again(rows);
  bind_text(rows, 1, id);
  std::vector<Statement> found;
  while (true) {
    MERIDIAN_TRY(const bool row, step(rows));
    if (!row) return found;
    found.push_back({std::string(text(rows, 0)), std::string(text(rows, 1)),
                     std::string(text(rows, 2)), std::string(text(rows, 3)),
                     std::string(text(rows, 4)), std::string(text(rows, 5))});
  }
}

}  // namespace meridian::vulnerabilities
