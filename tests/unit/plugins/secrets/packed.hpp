// SPDX-License-Identifier: Apache-2.0
//
// packed.hpp: archives and databases made in memory, for tests.
#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <sqlite3.h>

#include <string>
#include <utility>
#include <vector>

#include "support/catch.hpp"

namespace meridian::secrets {

using Files = std::vector<std::pair<std::string, std::string>>;

inline std::string packed(const Files& files, int format, int filter = ARCHIVE_FILTER_NONE) {
  std::string out(8u << 20, '\0');
  std::size_t used = 0;
  archive* handle = archive_write_new();
  archive_write_set_format(handle, format);
  archive_write_add_filter(handle, filter);
  archive_write_set_bytes_in_last_block(handle, 1);
  REQUIRE(archive_write_open_memory(handle, out.data(), out.size(), &used) == ARCHIVE_OK);
  for (const auto& [name, bytes] : files) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, name.c_str());
    archive_entry_set_size(entry, static_cast<la_int64_t>(bytes.size()));
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    REQUIRE(archive_write_header(handle, entry) == ARCHIVE_OK);
    REQUIRE(archive_write_data(handle, bytes.data(), bytes.size()) ==
            static_cast<la_ssize_t>(bytes.size()));
    archive_entry_free(entry);
  }
  REQUIRE(archive_write_close(handle) == ARCHIVE_OK);
  archive_write_free(handle);
  out.resize(used);
  return out;
}

inline std::string zipped(const Files& files) { return packed(files, ARCHIVE_FORMAT_ZIP); }
inline std::string tarred(const Files& files, int filter = ARCHIVE_FILTER_NONE) {
  return packed(files, ARCHIVE_FORMAT_TAR_USTAR, filter);
}
inline std::string gzipped(const std::string& bytes) {
  return packed({{"data", bytes}}, ARCHIVE_FORMAT_RAW, ARCHIVE_FILTER_GZIP);
}

inline std::string database(const std::string& statements) {
  sqlite3* handle = nullptr;
  REQUIRE(sqlite3_open(":memory:", &handle) == SQLITE_OK);
  REQUIRE(sqlite3_exec(handle, statements.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_int64 size = 0;
  unsigned char* bytes = sqlite3_serialize(handle, "main", &size, 0);
  std::string out(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  sqlite3_free(bytes);
  sqlite3_close(handle);
  return out;
}

inline std::string utf16(const std::string& ascii, bool little) {
  std::string out = little ? "\xff\xfe" : "\xfe\xff";
  for (const char letter : ascii) {
    out += little ? letter : '\0';
    out += little ? '\0' : letter;
  }
  return out;
}

}  // namespace meridian::secrets
