// SPDX-License-Identifier: Apache-2.0
#include "store/containers_storage/podman_state.hpp"

#include <sqlite3.h>

#include <memory>
#include <utility>

#include "base/limits.hpp"
#include "store/bbolt/database.hpp"

namespace meridian::store::containers_storage {
namespace {

using model::HostPath;

/// Of all containers of a machine; one has some 10 KiB.
constexpr std::uint64_t kMaxDatabase = 256ull << 20;
/// Of SQLite's machine, between two looks at the clock of steps: some seconds in all.
constexpr int kStepsAtOnce = 1'000'000;
constexpr int kMostLooks = 2000;
/// Page size, change counter: what another commit moves.
constexpr std::size_t kHeader = 100;

struct Close {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

Error failed(sqlite3* database, const char* what) {
  return Error(ErrorCode::kCorrupt, std::string(what) + ": " + sqlite3_errmsg(database));
}

int count_looks(void* looks) { return ++*static_cast<int*>(looks) > kMostLooks ? 1 : 0; }

/// Reads rows of two texts: an id and a JSON text. Of `left` bytes, as many are taken as they have.
template <typename Take>
Result<void> each_row(sqlite3* database, const char* query, std::size_t& left, Take&& take) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v2(database, query, -1, &raw, nullptr) != SQLITE_OK) {
    return failed(database, query);
  }
  const std::unique_ptr<sqlite3_stmt, Close> statement(raw);
  const auto text = [&raw](int column) {
    const auto* const bytes = static_cast<const char*>(sqlite3_column_blob(raw, column));
    const int size = sqlite3_column_bytes(raw, column);
    return bytes == nullptr ? std::string() : std::string(bytes, static_cast<std::size_t>(size));
  };
  for (std::size_t rows = 0;; ++rows) {
    const int step = sqlite3_step(raw);
    if (step == SQLITE_DONE) return {};
    if (step != SQLITE_ROW) return failed(database, query);
    if (rows == limits::kMaxObjects) return Error(ErrorCode::kLimit, "too many rows");
    std::string id = text(0), json = text(1);
    const std::size_t size = id.size() + json.size();
    if (size > left) return Error(ErrorCode::kLimit, "its rows are larger than the file");
    left -= size;
    take(std::move(id), std::move(json));
  }
}

Result<PodmanState> parse_bolt_state(const bbolt::Database& database) {
  PodmanState out;
  for (const bbolt::Damage& damage : database.damages()) {
    out.damages.push_back(Error(damage.error).in("bucket '" + damage.bucket + "'"));
  }
  const bbolt::Bucket root = database.root();
  if (const auto containers = root.bucket("ctr")) {
    for (const bbolt::Entry& entry : containers->entries()) {
      const auto one = containers->bucket(entry);
      if (!one) continue;
      if (out.containers.size() == limits::kMaxObjects) {
        return Error(ErrorCode::kLimit, "too many containers");
      }
      out.containers[std::string(entry.key)] = {std::string(one->get("config").value_or("")),
                                                std::string(one->get("state").value_or(""))};
    }
  }
  if (const auto pods = root.bucket("pod")) {
    for (const bbolt::Entry& entry : pods->entries()) {
      const auto one = pods->bucket(entry);
      if (one) out.pods[std::string(entry.key)] = std::string(one->get("config").value_or(""));
    }
  }
  return out;
}

/// A copy of one commit: a journal that holds something is one of a commit that is not over.
Result<std::string> copy_still(const rootfs::HostRoot& host, const HostPath& path) {
  const auto journal = HostPath::parse(path.text() + "-journal");
  for (int attempt = 0; attempt < 3; ++attempt) {
    MERIDIAN_TRY(std::string bytes, host.read_file(path, kMaxDatabase));
    const auto pending =
        journal ? host.read_file(*journal, kMaxDatabase) : Result<std::string>(journal.error());
    const auto again = host.read_file(path, kMaxDatabase);
    const bool moved = !again || again->substr(0, kHeader) != bytes.substr(0, kHeader);
    if (!moved && (!pending || pending->empty())) return bytes;
  }
  return Error(ErrorCode::kChanged, path.text() + ": is being written, or a write was cut off");
}

}  // namespace

Result<PodmanState> parse_sqlite_state(const std::string& bytes) {
  sqlite3* raw = nullptr;
  const int opened = sqlite3_open_v2(":memory:", &raw, SQLITE_OPEN_READWRITE, nullptr);
  const std::unique_ptr<sqlite3, Close> database(raw);
  if (opened != SQLITE_OK) return Error(ErrorCode::kLimit, "SQLite has no memory");
  // Of foreign bytes: no view, trigger or function of theirs runs.
  sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_limit(raw, SQLITE_LIMIT_LENGTH, static_cast<int>(limits::kMaxMetadataFile));
  int looks = 0;
  sqlite3_progress_handler(raw, kStepsAtOnce, count_looks, &looks);
  // Read-only, so SQLite does not write into what it is lent.
  auto* const data = reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data()));
  const auto size = static_cast<sqlite3_int64>(bytes.size());
  if (sqlite3_deserialize(raw, "main", data, size, size, SQLITE_DESERIALIZE_READONLY) !=
      SQLITE_OK) {
    return failed(raw, "is no SQLite database");
  }
  PodmanState out;
  // Every text has bytes of its own, but for a computed column, and pages that many rows share.
  std::size_t left = bytes.size();
  MERIDIAN_CHECK(each_row(raw, "SELECT ID, JSON FROM ContainerConfig", left,
                          [&out](std::string id, std::string json) {
                            out.containers[std::move(id)].config = std::move(json);
                          }));
  // Its columns State and ExitCode are of the row's first day; the text is kept up to date.
  MERIDIAN_CHECK(each_row(raw, "SELECT ID, JSON FROM ContainerState", left,
                          [&out](const std::string& id, std::string json) {
                            const auto found = out.containers.find(id);
                            if (found != out.containers.end()) {
                              found->second.state = std::move(json);
                            }
                          }));
  MERIDIAN_CHECK(each_row(
      raw, "SELECT ID, JSON FROM PodConfig", left,
      [&out](std::string id, std::string json) { out.pods[std::move(id)] = std::move(json); }));
  return out;
}

Result<PodmanState> read_podman_state(const rootfs::HostRoot& host, const HostPath& root,
                                      const HostPath& run, HostPath& file) {
  PodmanState all;
  bool found = false;
  for (const HostPath& one : {run / "db.sql", root / "db.sql", root / "libpod/db.sql"}) {
    if (!host.exists(one)) continue;
    file = one;
    found = true;
    MERIDIAN_TRY(const std::string bytes, copy_still(host, file));
    MERIDIAN_TRY(PodmanState state, parse_sqlite_state(bytes));
    all.containers.merge(state.containers);
    all.pods.merge(state.pods);
  }
  if (found) return all;
  file = root / "libpod/bolt_state.db";
  MERIDIAN_TRY(const auto database, bbolt::Database::open(host, file));
  return parse_bolt_state(database);
}

}  // namespace meridian::store::containers_storage
