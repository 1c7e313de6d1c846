// SPDX-License-Identifier: Apache-2.0
//
// import.hpp: files and folders of feeds into a database.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/sniff.hpp"
#include "data/writer.hpp"

namespace meridian::data {

struct Problem {
  std::string where;  // file, and record in it
  Error why;
};

struct Imported {
  std::vector<Source> sources;
  std::vector<Problem> problems;  // the first hundred of each source
  std::uint64_t failed = 0;       // records and files, all of them
};

struct ImportOptions {
  std::optional<Kind> kind;  // of all files; nothing: each by its content
  std::string name;          // of the source; empty: by feed and file
};

/// One file or folder. What cannot be read is a problem, and what its source said before stays;
/// an error is the database's own, which ends the import.
Result<void> import_feed(const std::string& path, const ImportOptions& options, Writer& writer,
                         Imported& imported);

}  // namespace meridian::data
