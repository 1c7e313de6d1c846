// SPDX-License-Identifier: Apache-2.0
//
// Property: whatever the tables of mounts of this process and of the machine say, each is read line
// by line, every feature gets a state, and what is shown of it is one line of text.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "environment/doctor.hpp"

namespace {

bool is_one_line(const std::string& text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < ' '; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace meridian;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string_view own = text.substr(0, text.find('\0'));
  const std::string_view machine = own.size() == size ? own : text.substr(own.size() + 1);

  environment::ContainerSigns signs;
  signs.mounts = store::parse_mount_details(own);
  if (signs.mounts.size() >
      static_cast<std::size_t>(std::count(own.begin(), own.end(), '\n')) + 1) {
    std::abort();
  }
  if (store::parse_mounts(own).size() != signs.mounts.size()) std::abort();
  signs.docker_mark = size % 2 == 0;
  environment::Observed seen;
  seen.container = environment::find_container(signs);
  if (seen.container.inside == seen.container.evidence.empty()) std::abort();
  seen.mounts = signs.mounts;
  seen.machine_mounts = store::parse_mount_details(machine);
  seen.root = "/host";
  seen.stores = {{"/var/lib/docker", "/srv/docker", "", false}};
  if (!signs.mounts.empty()) seen.stores.push_back({signs.mounts[0].place.root, "", "none", true});
  const auto entries = environment::diagnose(seen);
  if (entries.size() < 8) std::abort();
  for (const environment::Diagnosis& entry : entries) {
    if (!is_one_line(entry.feature + entry.observed + entry.argument)) std::abort();
  }
  for (const std::string& line : environment::scan_lines(seen.container, entries)) {
    if (!is_one_line(line)) std::abort();
  }
  if (environment::doctor_text(seen, entries).empty()) std::abort();
  return 0;
}
