// SPDX-License-Identifier: Apache-2.0
//
// zip_file.hpp: archives for tests, written by libarchive; and what the bundle ships.
#pragma once

#include <archive.h>
#include <archive_entry.h>

#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "known_artifacts_plugin.hpp"
#include "support/catch.hpp"

namespace meridian::known_artifacts {

using Members = std::vector<std::pair<std::string, std::string>>;

/// `options` as archive_write_set_options(3) takes them.
inline std::string zip_of(const Members& members, const char* options = "",
                          const char* passphrase = nullptr) {
  std::size_t size = 1 << 20;
  for (const auto& [name, bytes] : members) size += 2 * (name.size() + bytes.size()) + 512;
  std::string out(size, '\0');
  std::size_t used = 0;
  archive* const writer = ::archive_write_new();
  ::archive_write_set_format_zip(writer);
  if (*options != '\0') REQUIRE(::archive_write_set_options(writer, options) == ARCHIVE_OK);
  if (passphrase != nullptr) ::archive_write_set_passphrase(writer, passphrase);
  ::archive_write_open_memory(writer, out.data(), out.size(), &used);
  for (const auto& [name, bytes] : members) {
    archive_entry* const entry = ::archive_entry_new();
    ::archive_entry_set_pathname(entry, name.c_str());
    ::archive_entry_set_filetype(entry, AE_IFREG);
    ::archive_entry_set_perm(entry, 0644);
    ::archive_entry_set_size(entry, static_cast<la_int64_t>(bytes.size()));
    REQUIRE(::archive_write_header(writer, entry) == ARCHIVE_OK);
    REQUIRE(::archive_write_data(writer, bytes.data(), bytes.size()) ==
            static_cast<la_ssize_t>(bytes.size()));
    ::archive_entry_free(entry);
  }
  REQUIRE(::archive_write_close(writer) == ARCHIVE_OK);
  ::archive_write_free(writer);
  out.resize(used);
  return out;
}

inline std::string bundle_file(const std::string& name) {
  std::ifstream in(std::string(MERIDIAN_SOURCE_DIR "/plugins/known_artifacts/") + name,
                   std::ios::binary);
  REQUIRE(in.good());
  return std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

inline std::vector<ArtifactRule> shipped_rules() {
  auto rules = parse_rules(bundle_file("rules/rules.json"));
  if (!rules) FAIL(rules.error().message());
  return *std::move(rules);
}

}  // namespace meridian::known_artifacts
