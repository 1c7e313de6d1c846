// SPDX-License-Identifier: Apache-2.0
//
// databases.cpp: accounts of database servers, from the files of their system tables.
#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>

#include "reading.hpp"

namespace meridian::weak_password {
namespace {

using nlohmann::json;

std::uint32_t little(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = size; i > 0; --i)
    value = value << 8 | static_cast<unsigned char>(bytes[at + i - 1]);
  return value;
}

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
}

/// One row of pg_authid (PostgreSQL 9.1 and later): `data` begins with the columns.
void read_role(std::string_view data, bool has_password, Reading& into) {
  constexpr std::size_t kName = 64, kToPassword = 76;  // name, seven or eight flags, a limit
  // Until 11 the oid was no column.
  for (const std::size_t oid : {std::size_t{4}, std::size_t{0}}) {
    if (data.size() < oid + kToPassword + 4) continue;
    const std::string_view padded = data.substr(oid, kName);
    const std::string_view name = padded.substr(0, padded.find('\0'));
    if (name.empty() || name.size() == kName || !is_printable(name)) continue;
    if (padded.find_first_not_of('\0', name.size()) != std::string_view::npos) continue;
    if (!has_password) return;
    const std::string_view value = data.substr(oid + kToPassword);
    // A varlena (postgres.h): an odd first byte is half of a short length with itself, else a
    // quarter of a long one.
    const std::uint32_t first = little(value, 0, 1);
    const std::size_t header = (first & 1) != 0 ? 1 : 4;
    const std::size_t size = header == 1 ? first >> 1 : little(value, 0, 4) >> 2;
    if (size < header || size > value.size()) continue;
    into.add(name, postgres_hash(value.substr(header, size - header), name));
    return;
  }
}

}  // namespace

// Pages as https://www.postgresql.org/docs/15/storage-page-layout.html has them, of 8 KiB.
Reading read_postgres(std::string_view pages) {
  constexpr std::size_t kPage = 8192, kHeader = 24;
  Reading reading;
  for (std::size_t begin = 0; begin + kPage <= pages.size(); begin += kPage) {
    const std::string_view page = pages.substr(begin, kPage);
    const std::size_t lower = std::min<std::size_t>(little(page, 12, 2), kPage);
    for (std::size_t at = kHeader; at + 4 <= lower; at += 4) {
      const std::uint32_t item = little(page, at, 4);
      const std::size_t offset = item & 0x7fff, size = item >> 17;
      constexpr std::uint32_t kNormal = 1;
      if ((item >> 15 & 3) != kNormal || offset + size > kPage || size < 27) continue;
      const std::string_view tuple = page.substr(offset, size);
      constexpr std::uint32_t kHasNull = 1, kLockOnly = 0x80, kXmaxInvalid = 0x800;
      const std::uint32_t flags = little(tuple, 20, 2), deleted_by = little(tuple, 4, 4);
      if (deleted_by != 0 && (flags & (kXmaxInvalid | kLockOnly)) == 0) continue;
      const std::size_t data = little(tuple, 22, 1);
      if (data < 23 || data >= size) continue;
      // rolpassword is the eleventh column, the tenth where the oid is none: the one before the
      // last in either.
      const std::uint32_t columns = little(tuple, 18, 2) & 0x7ff;
      const std::uint32_t column = columns >= 2 ? columns - 2 : 0;
      bool has_password = true;
      if ((flags & kHasNull) != 0) {
        if (24 + column / 8 > data) continue;
        has_password = (little(tuple, 23 + column / 8, 1) >> (column % 8) & 1) != 0;
      }
      read_role(tuple.substr(data), has_password, reading);
    }
  }
  return reading;
}

namespace {

/// One way in of a MariaDB account.
void read_method(const std::string& user, const json& method, const json& account, Reading& into) {
  const auto text = [&](const char* key) {
    for (const json* place : {&method, &account}) {
      const auto found = place->find(key);
      if (found != place->end() && found->is_string()) return found->get<std::string>();
    }
    return std::string();
  };
  const std::string plugin = text("plugin"), hash = text("authentication_string");
  if (!plugin.empty() && plugin != "mysql_native_password") return;  // a socket's, PAM's, a key's
  if (hash.empty()) {
    into.add_open(user, "account " + user + " needs no password");
  } else if (hash.front() == '*') {
    into.add(user, mysql_hash(hash));
  }  // else: "invalid", which nothing is
}

/// The JSON of a row of mysql.global_priv (MariaDB 10.4 and later), from where it begins.
void read_privileges(std::string_view text, const std::string& user, Reading& into) {
  const json account = json::parse(text, nullptr, false);
  if (!account.is_object()) return;
  const auto locked = account.find("account_locked");
  if (locked != account.end() && *locked == true) return;
  const auto ways = account.find("auth_or");
  if (ways == account.end() || !ways->is_array())
    return read_method(user, json::object(), account, into);
  for (const json& way : *ways) {
    if (way.is_object()) read_method(user, way, account, into);
  }
}

/// Aria's row before its JSON at `at`: sizes of host and user, of the JSON, host, user.
void read_aria_row(std::string_view table, std::size_t at, Reading& into) {
  constexpr std::size_t kMaxUser = 512, kMaxHost = 255, kSizes = 8;
  for (std::size_t user = 0; user <= kMaxUser && user + kSizes <= at; ++user) {
    for (std::size_t host = 0; host <= kMaxHost && user + host + kSizes <= at; ++host) {
      const std::size_t begin = at - user - host - kSizes;
      if (little(table, begin, 2) != host || little(table, begin + 2, 2) != user) continue;
      const std::size_t size = little(table, begin + 4, 4);
      if (size < 2 || size > table.size() - at || table[at + size - 1] != '}') continue;
      const std::string name(table.substr(at - user, user));
      return read_privileges(table.substr(at, size), name.empty() ? "(anonymous)" : name, into);
    }
  }
}

/// The name before the privileges of a row of mysql.user, which end at `end`: N or Y of each, as 1
/// or 2.
std::optional<std::string> user_of_row(std::string_view table, std::size_t end) {
  constexpr std::size_t kInnodbUser = 32, kSystemColumns = 13;
  for (const std::size_t privileges : {29u, 30u, 28u, 31u}) {
    if (end < privileges) continue;
    const std::size_t begin = end - privileges;
    if (!std::all_of(table.begin() + static_cast<std::ptrdiff_t>(begin),
                     table.begin() + static_cast<std::ptrdiff_t>(end),
                     [](char c) { return c == 1 || c == 2; }))
      continue;
    // MyISAM, Aria: a size and that many bytes.
    for (std::size_t size = 1; size <= kInnodbUser && size + 1 <= begin; ++size) {
      const std::string_view name = table.substr(begin - size, size);
      if (static_cast<unsigned char>(table[begin - size - 1]) == size && is_printable(name))
        return std::string(name);
    }
    // InnoDB: filled up with blanks, then the transaction and where its undo is.
    if (begin < kInnodbUser + kSystemColumns) continue;
    std::string_view name = table.substr(begin - kSystemColumns - kInnodbUser, kInnodbUser);
    if (!is_printable(name) || name.front() == ' ') continue;
    name = name.substr(0, name.find_last_not_of(' ') + 1);
    return std::string(name);
  }
  return std::nullopt;
}

/// A row of mysql.user whose hash is at `at`: what precedes it within a row is looked through for
/// the privileges.
void read_user_row(std::string_view table, std::size_t at, std::size_t size, Reading& into) {
  constexpr std::size_t kMostBetween = 512;
  std::string user = "(unknown)";
  for (std::size_t end = at; end > 0 && end + kMostBetween > at; --end) {
    if (table[end - 1] != 1 && table[end - 1] != 2) continue;
    if (auto found = user_of_row(table, end)) {
      user = *std::move(found);
      break;
    }
  }
  into.add(user, mysql_hash(table.substr(at, size)));
}

bool is_upper_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'); });
}

}  // namespace

// mysql.global_priv of MariaDB, mysql.user of MySQL and older MariaDB, in MyISAM, Aria and InnoDB:
// rows are found by what only they have. https://mariadb.com/kb/en/mysqlglobal_priv-table/
Reading read_mysql(std::string_view table) {
  constexpr std::string_view kPrivileges = "{\"access\":", kSha2 = "$A$0";
  constexpr std::size_t kNative = 41, kSha2Size = 70, kMostRows = 2 * kMaxAccounts;
  Reading reading;
  std::size_t rows = 0;
  for (std::size_t at = 0; at < table.size() && rows < kMostRows; ++at) {
    if (table[at] == '{' && table.substr(at, kPrivileges.size()) == kPrivileges) {
      read_aria_row(table, at, reading);
      ++rows;
    } else if (table[at] == '*' && at + kNative <= table.size() &&
               is_upper_hex(table.substr(at + 1, kNative - 1))) {
      // Of a row with JSON the text has quotes around it.
      if (at > 0 && table[at - 1] == '"') continue;
      read_user_row(table, at, kNative, reading);
      ++rows;
    } else if (table[at] == '$' && at + kSha2Size <= table.size() &&
               table.substr(at, kSha2.size()) == kSha2 && table[at + 6] == '$') {
      read_user_row(table, at, kSha2Size, reading);
      ++rows;
    }
  }
  if (rows == kMostRows)
    reading.gaps.emplace_back(ErrorCode::kLimit, "more than " + std::to_string(kMostRows) +
                                                     " rows: the others were not read");
  return reading;
}

}  // namespace meridian::weak_password
