// SPDX-License-Identifier: Apache-2.0
#include "data/database.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/escape.hpp"
#include "base/sha256.hpp"
#include "base/system_error.hpp"
#include "data/sqlite.hpp"

namespace meridian::data {

Result<base::UniqueFd> open_database(const std::string& path) {
  base::UniqueFd file(
      ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!file) return base::system_error(errno, path);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return base::system_error(errno, path);
  const bool ours = status.st_uid == 0 || status.st_uid == ::geteuid();
  if (!S_ISREG(status.st_mode) || !ours || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return Error(ErrorCode::kRefused, base::escape(path) +
                                          ": expected a regular file that nobody but root and this "
                                          "user can write to");
  }
  return file;
}

Result<About> about(int file, const std::string& path) {
  const auto in = [&](const Error& error) { return Error(error).in(base::escape(path)); };
  auto database = Sqlite::open_read_only(file);
  if (!database) return in(database.error());
  auto meta = Query::prepare(*database, "SELECT key, value FROM meta LIMIT 100");
  if (!meta) return in(meta.error());
  About about;
  while (true) {
    auto row = meta->step();
    if (!row) return in(row.error());
    if (!*row) break;
    const std::string_view key = meta->text(0);
    const std::string value(meta->text(1).substr(0, 200));
    if (key == "schema") about.schema = value;
    if (key == "id") about.id = value;
    if (key == "built") about.built = value;
  }
  if (about.schema != kSchema) {
    return Error(ErrorCode::kUnsupported, base::escape(path) + ": its schema is '" +
                                              base::escape(about.schema) + "', " + kSchema +
                                              " is read");
  }
  auto sources = Query::prepare(*database,
                                "SELECT name, kind, digest, date, imported, records, failed"
                                " FROM source ORDER BY name LIMIT 10000");
  if (!sources) return in(sources.error());
  while (true) {
    auto row = sources->step();
    if (!row) return in(row.error());
    if (!*row) return about;
    const auto text = [&](int column) { return std::string(sources->text(column).substr(0, 512)); };
    about.sources.push_back(
        {text(0), text(1), text(2), text(3), text(4), sources->number(5), sources->number(6)});
  }
}

std::string identity(const std::vector<Source>& sources) {
  base::Sha256 hash;
  hash.update(kSchema);
  for (const Source& source : sources) {
    for (const std::string* const part : {&source.kind, &source.name, &source.digest}) {
      hash.update(std::to_string(part->size()) + ":" + *part);
    }
  }
  return "sha256:" + base::to_hex(hash.finish());
}

}  // namespace meridian::data
