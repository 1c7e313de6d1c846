// SPDX-License-Identifier: Apache-2.0
//
// sqlite.hpp: a database and its statements, with results instead of codes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "meridian/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace meridian::data {

class Sqlite {
 public:
  /// An open descriptor's file, which may have no name any more, as it is: mapped, without locks or
  /// a journal. Of foreign bytes: no view, trigger or function in them runs.
  static Result<Sqlite> open_read_only(int file);
  /// A file that this process made, for writing alone.
  static Result<Sqlite> open_scratch(const std::string& path);

  Result<void> run(const char* sql);
  Error error(std::string_view what) const;
  sqlite3* get() const { return database_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  struct Unmap {
    std::size_t size;
    void operator()(unsigned char* bytes) const;
  };
  explicit Sqlite(sqlite3* database) : database_(database) {}
  std::unique_ptr<unsigned char, Unmap> bytes_;  // of open_read_only: outlive the database
  std::unique_ptr<sqlite3, Close> database_;
};

/// One statement, prepared once. Texts are lent until the next step.
class Query {
 public:
  static Result<Query> prepare(const Sqlite& database, const char* sql);

  Query& bind(int place, std::string_view text);
  Query& bind(int place, std::int64_t number);
  Query& bind(int place, double number);
  /// True: a row.
  Result<bool> step();
  /// For the next values.
  void again();
  /// Of one that gives no row.
  Result<void> run();

  std::string_view text(int column) const;
  std::int64_t number(int column) const;
  double real(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  Query(sqlite3* database, sqlite3_stmt* statement) : database_(database), statement_(statement) {}
  sqlite3* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int code_ = 0;
};

}  // namespace meridian::data
