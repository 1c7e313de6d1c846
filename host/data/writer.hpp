// SPDX-License-Identifier: Apache-2.0
//
// writer.hpp: makes a database: the one that was there, with some sources replaced. It is written
// beside it and takes its place as a whole, so that a scan never sees half of one.
#pragma once

#include <memory>
#include <string>

#include "base/cancel.hpp"
#include "data/database.hpp"
#include "data/records.hpp"

namespace meridian::data {

class Writer {
 public:
  /// Begins with what `path` has, if it is there. kCorrupt, kUnsupported if that is no database of
  /// ours; kUnreadable if the folder cannot be written to. Once `cancel` (borrowed) is stopped,
  /// every call but abandon_source() is kCancelled, as is go_on().
  static Result<std::unique_ptr<Writer>> begin(const std::string& path, const base::Cancel& cancel);

  Result<void> go_on() const;

  /// Deletes what the source of this name said, and takes its records until end_source().
  Result<void> begin_source(const std::string& name, const std::string& kind);
  Result<void> add(const Advisory& advisory, const std::vector<Affected>& affected);
  Result<void> add(const Statement& statement);
  /// With what is known only now: digest, date, failures.
  Result<void> end_source(const Source& source);
  /// Or nothing of it: what it said before stays.
  Result<void> abandon_source();

  /// On the disk, read-only, under its name.
  Result<About> commit();
  /// Without commit() nothing has changed.
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

 private:
  struct State;
  explicit Writer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace meridian::data
