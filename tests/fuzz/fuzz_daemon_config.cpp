// SPDX-License-Identifier: Apache-2.0
//
// fuzz_daemon_config.cpp: any text as what says where a dockerd keeps its files: daemon.json, a
// unit, assignments, flags, mountinfo. Properties: read twice is equal; no word of a split is lost
// to the next; a translated path is absolute, and a table translates into itself.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "store/docker/daemon_settings.hpp"
#include "store/docker/engine_version.hpp"
#include "store/docker/service_file.hpp"
#include "store/procfs/mount_table.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace meridian::store;
  if (size > 8192) return 0;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto json = parse_daemon_json(text);
  require(json.has_value() || !json.error().message().empty());

  const auto words = split_words(text);
  require(words == split_words(text));
  for (const std::string& word : words) {
    // A word that needs no quoting is itself when split again.
    if (word.empty() || word.find_first_of("\\'\" \t\r\n") != std::string::npos) continue;
    require(split_words(word) == std::vector<std::string>{word});
  }
  const DaemonSettings settings = settings_of_flags(words);
  require(settings == settings_of_flags(words));
  DaemonSettings filled;
  filled.fill_from(settings);
  require(filled == settings);

  ServiceFile unit;
  unit.add(text);
  unit.set(parse_assignments(text));
  for (const auto& command : unit.commands()) require(!command.empty());

  require(dockerd_of_dpkg(text) == dockerd_of_dpkg(text));

  const auto mounts = parse_mounts(text);
  for (const NamespaceMount& mount : mounts) {
    const auto same = translate(mount.point, mounts, mounts);
    require(same.has_value() && (*same)[0] == '/');
  }
  return 0;
}
