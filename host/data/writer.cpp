// SPDX-License-Identifier: Apache-2.0
#include "data/writer.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <map>
#include <optional>
#include <utility>

#include "base/escape.hpp"
#include "base/read_file.hpp"
#include "base/system_error.hpp"
#include "base/utc_time.hpp"
#include "data/sqlite.hpp"

namespace meridian::data {

namespace {

// README.md says what each means; plugins/vulnerabilities/README.md says the same to its reader.
constexpr const char* kTables = R"sql(
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE source (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
  digest TEXT NOT NULL, date TEXT NOT NULL, imported TEXT NOT NULL,
  records INTEGER NOT NULL, failed INTEGER NOT NULL);
CREATE TABLE ecosystem (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
  version_order TEXT NOT NULL);
CREATE TABLE advisory (id INTEGER PRIMARY KEY, source INTEGER NOT NULL, name TEXT NOT NULL,
  aliases TEXT NOT NULL, summary TEXT NOT NULL, published TEXT NOT NULL,
  severity INTEGER NOT NULL, score REAL NOT NULL, vector TEXT NOT NULL);
CREATE INDEX advisory_name ON advisory (name);
CREATE TABLE affected (ecosystem INTEGER NOT NULL, package TEXT NOT NULL,
  advisory INTEGER NOT NULL, number INTEGER NOT NULL, ranges TEXT NOT NULL,
  severity INTEGER NOT NULL, state TEXT NOT NULL,
  PRIMARY KEY (ecosystem, package, advisory, number)) WITHOUT ROWID;
CREATE TABLE statement (id INTEGER PRIMARY KEY, source INTEGER NOT NULL,
  vulnerability TEXT NOT NULL, product TEXT NOT NULL, subcomponent TEXT NOT NULL,
  status TEXT NOT NULL, justification TEXT NOT NULL, note TEXT NOT NULL, author TEXT NOT NULL);
CREATE INDEX statement_vulnerability ON statement (vulnerability);
)sql";

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text.append(text.empty() ? "" : "\n").append(name);
  return text;
}

/// A line for each interval, "introduced\tfixed\tlast", and for each version, "=1.0".
std::string ranges_of(const Affected& affected) {
  std::string text;
  for (const Interval& one : affected.intervals) {
    if (!text.empty()) text += '\n';
    text.append(one.introduced).append("\t").append(one.fixed).append("\t").append(one.last);
  }
  for (const std::string& version : affected.versions) {
    text.append(text.empty() ? "=" : "\n=").append(version);
  }
  return text;
}

Result<void> copy(int from, int to, const std::string& path) {
  std::string piece(1 << 20, '\0');
  for (std::uint64_t offset = 0;;) {
    MERIDIAN_TRY(const std::size_t got,
                 base::read_at(from, offset, piece.data(), piece.size(), path));
    if (got == 0) return {};
    MERIDIAN_CHECK(base::write_all(to, std::string_view(piece).substr(0, got)));
    offset += got;
  }
}

}  // namespace

struct Writer::State {
  State(std::string to, std::string in, Sqlite opened, const base::Cancel& stop)
      : path(std::move(to)), scratch(std::move(in)), database(std::move(opened)), cancel(stop) {}

  std::string path, scratch;
  Sqlite database;
  const base::Cancel& cancel;
  std::optional<Query> add_advisory, add_affected, add_statement;
  std::map<std::string, std::int64_t> ecosystems;
  std::int64_t source = 0, advisory = 0, last_ecosystem = 0;  // the highest that is taken
  bool committed = false;

  /// What abandon_source() goes back to.
  struct {
    std::int64_t advisory = 0, last_ecosystem = 0;
    std::map<std::string, std::int64_t> ecosystems;
  } before;

  Result<std::int64_t> one_number(const char* sql) {
    MERIDIAN_TRY(Query query, Query::prepare(database, sql));
    MERIDIAN_TRY(const bool row, query.step());
    return row ? query.number(0) : 0;
  }

  Result<void> prepare() {
    MERIDIAN_TRY(add_advisory, Query::prepare(database,
                                              "INSERT INTO advisory VALUES"
                                              " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"));
    MERIDIAN_TRY(add_affected, Query::prepare(database,
                                              "INSERT INTO affected VALUES"
                                              " (?1, ?2, ?3, ?4, ?5, ?6, ?7)"));
    MERIDIAN_TRY(add_statement, Query::prepare(database,
                                               "INSERT INTO statement VALUES"
                                               " (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"));
    MERIDIAN_TRY(advisory, one_number("SELECT max(id) FROM advisory"));
    MERIDIAN_TRY(Query known, Query::prepare(database, "SELECT name, id FROM ecosystem"));
    while (true) {
      MERIDIAN_TRY(const bool row, known.step());
      if (!row) return {};
      ecosystems.emplace(known.text(0), known.number(1));
      last_ecosystem = std::max(last_ecosystem, known.number(1));
    }
  }

  Result<std::int64_t> ecosystem(const Affected& affected) {
    if (const auto found = ecosystems.find(affected.ecosystem); found != ecosystems.end()) {
      return found->second;
    }
    const std::int64_t id = ++last_ecosystem;
    MERIDIAN_TRY(Query add, Query::prepare(database, "INSERT INTO ecosystem VALUES (?1, ?2, ?3)"));
    add.bind(1, id).bind(2, affected.ecosystem).bind(3, affected.order);
    MERIDIAN_CHECK(add.run());
    ecosystems.emplace(affected.ecosystem, id);
    return id;
  }
};

Writer::Writer(std::unique_ptr<State> state) : state_(std::move(state)) {}

Writer::~Writer() {
  if (!state_->committed) ::unlink(state_->scratch.c_str());
}

Result<std::unique_ptr<Writer>> Writer::begin(const std::string& path, const base::Cancel& cancel) {
  // Of one name, so that what a killed import left is taken away by the next; there is one at a
  // time.
  const std::string scratch = path + ".new";
  for (const char* const end : {"", "-journal"}) ::unlink((scratch + end).c_str());
  const base::UniqueFd made(::open(scratch.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!made) return base::system_error(errno, path);
  const auto fill = [&]() -> Result<std::unique_ptr<Writer>> {
    auto old = open_database(path);
    const bool is_new = !old && old.error().code() == ErrorCode::kNotFound;
    if (!is_new) {
      if (!old) return old.error();
      MERIDIAN_CHECK(about(old->get(), path));
      MERIDIAN_CHECK(copy(old->get(), made.get(), path));
    }
    MERIDIAN_TRY(Sqlite database, Sqlite::open_scratch(scratch));
    MERIDIAN_CHECK(database.run("BEGIN"));
    if (is_new) MERIDIAN_CHECK(database.run(kTables));
    auto state = std::make_unique<State>(path, scratch, std::move(database), cancel);
    MERIDIAN_CHECK(state->prepare());
    return std::unique_ptr<Writer>(new Writer(std::move(state)));
  };
  auto writer = fill();
  if (!writer) ::unlink(scratch.c_str());
  return writer;
}

Result<void> Writer::go_on() const {
  if (!state_->cancel.stopped()) return {};
  return Error(ErrorCode::kCancelled, "interrupted: nothing was changed");
}

Result<void> Writer::begin_source(const std::string& name, const std::string& kind) {
  State& state = *state_;
  MERIDIAN_CHECK(go_on());
  MERIDIAN_CHECK(state.database.run("SAVEPOINT source"));
  state.before = {state.advisory, state.last_ecosystem, state.ecosystems};
  MERIDIAN_TRY(Query find, Query::prepare(state.database, "SELECT id FROM source WHERE name = ?1"));
  find.bind(1, name);
  MERIDIAN_TRY(const bool known, find.step());
  if (known) {
    state.source = find.number(0);
    for (const char* const sql :
         {"DELETE FROM affected WHERE advisory IN (SELECT id FROM advisory WHERE source = ?1)",
          "DELETE FROM advisory WHERE source = ?1", "DELETE FROM statement WHERE source = ?1"}) {
      MERIDIAN_TRY(Query remove, Query::prepare(state.database, sql));
      remove.bind(1, state.source);
      MERIDIAN_CHECK(remove.run());
    }
    return {};
  }
  MERIDIAN_TRY(state.source, state.one_number("SELECT max(id) FROM source"));
  ++state.source;
  MERIDIAN_TRY(Query add, Query::prepare(state.database,
                                         "INSERT INTO source VALUES (?1, ?2, ?3, '', '', '', 0,"
                                         " 0)"));
  add.bind(1, state.source).bind(2, name).bind(3, kind);
  return add.run();
}

Result<void> Writer::add(const Advisory& advisory, const std::vector<Affected>& affected) {
  State& state = *state_;
  MERIDIAN_CHECK(go_on());
  const std::string aliases = joined(advisory.aliases);
  ++state.advisory;
  state.add_advisory->bind(1, state.advisory)
      .bind(2, state.source)
      .bind(3, advisory.id)
      .bind(4, aliases)
      .bind(5, advisory.summary)
      .bind(6, advisory.published)
      .bind(7, static_cast<std::int64_t>(advisory.severity))
      .bind(8, advisory.score)
      .bind(9, advisory.vector);
  MERIDIAN_CHECK(state.add_advisory->run());
  std::int64_t number = 0;
  for (const Affected& one : affected) {
    MERIDIAN_TRY(const std::int64_t ecosystem, state.ecosystem(one));
    const std::string ranges = ranges_of(one);
    state.add_affected->bind(1, ecosystem)
        .bind(2, one.package)
        .bind(3, state.advisory)
        .bind(4, number++)
        .bind(5, ranges)
        .bind(6, static_cast<std::int64_t>(one.severity))
        .bind(7, one.state);
    MERIDIAN_CHECK(state.add_affected->run());
  }
  return {};
}

Result<void> Writer::add(const Statement& statement) {
  State& state = *state_;
  MERIDIAN_CHECK(go_on());
  state.add_statement->bind(1, state.source)
      .bind(2, statement.vulnerability)
      .bind(3, statement.product)
      .bind(4, statement.subcomponent)
      .bind(5, statement.status)
      .bind(6, statement.justification)
      .bind(7, statement.note)
      .bind(8, statement.author);
  return state.add_statement->run();
}

Result<void> Writer::end_source(const Source& source) {
  MERIDIAN_TRY(Query set, Query::prepare(state_->database,
                                         "UPDATE source SET kind = ?2, digest = ?3, date = ?4,"
                                         " imported = ?5, records = ?6, failed = ?7"
                                         " WHERE id = ?1"));
  set.bind(1, state_->source)
      .bind(2, source.kind)
      .bind(3, source.digest)
      .bind(4, source.date)
      .bind(5, source.imported)
      .bind(6, source.records)
      .bind(7, source.failed);
  MERIDIAN_CHECK(set.run());
  return state_->database.run("RELEASE source");
}

Result<void> Writer::abandon_source() {
  State& state = *state_;
  state.advisory = state.before.advisory;
  state.last_ecosystem = state.before.last_ecosystem;
  state.ecosystems = state.before.ecosystems;
  return state.database.run("ROLLBACK TO source; RELEASE source");
}

Result<About> Writer::commit() {
  State& state = *state_;
  MERIDIAN_CHECK(go_on());
  // What no source speaks of any more is nothing that there is data of.
  MERIDIAN_CHECK(
      state.database.run("DELETE FROM ecosystem WHERE NOT EXISTS"
                         " (SELECT 1 FROM affected WHERE affected.ecosystem = ecosystem.id)"));
  MERIDIAN_CHECK(state.database.run("COMMIT"));
  const base::UniqueFd file(::open(state.scratch.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file) return base::system_error(errno, state.scratch);
  About about;
  {
    MERIDIAN_TRY(Query sources, Query::prepare(state.database,
                                               "SELECT name, kind, digest FROM source"
                                               " ORDER BY name"));
    while (true) {
      MERIDIAN_TRY(const bool row, sources.step());
      if (!row) break;
      Source source;
      source.name = std::string(sources.text(0));
      source.kind = std::string(sources.text(1));
      source.digest = std::string(sources.text(2));
      about.sources.push_back(std::move(source));
    }
    const std::string id = identity(about.sources), built = base::to_text(base::utc_now());
    MERIDIAN_TRY(Query set,
                 Query::prepare(state.database, "INSERT OR REPLACE INTO meta VALUES (?1, ?2)"));
    const std::pair<std::string_view, std::string_view> values[] = {
        {"schema", kSchema}, {"id", id}, {"built", built}};
    for (const auto& [key, value] : values) {
      set.bind(1, key).bind(2, value);
      MERIDIAN_CHECK(set.run());
    }
  }
  state.add_advisory.reset();
  state.add_affected.reset();
  state.add_statement.reset();
  if (::fchmod(file.get(), 0444) != 0 || ::fsync(file.get()) != 0 ||
      ::rename(state.scratch.c_str(), state.path.c_str()) != 0) {
    return base::system_error(errno, state.path);
  }
  state.committed = true;
  return data::about(file.get(), state.path);
}

}  // namespace meridian::data
