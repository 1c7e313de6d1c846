// SPDX-License-Identifier: Apache-2.0
//
// golden.hpp: compares text with a file kept below tests/golden/.
//
// MERIDIAN_ACCEPT=1 writes what came out instead; the change is then reviewed as a diff.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "support/catch.hpp"

namespace meridian::test {

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// The first place where they part, with some lines around it.
inline std::string difference(const std::string& expected, const std::string& actual) {
  constexpr std::size_t kBefore = 2;
  constexpr std::size_t kAfter = 6;
  const auto a = lines_of(expected);
  const auto b = lines_of(actual);
  std::size_t at = 0;
  while (at < a.size() && at < b.size() && a[at] == b[at]) ++at;
  std::string out = "@@ line " + std::to_string(at + 1) + " @@\n";
  for (std::size_t i = at - std::min(at, kBefore); i < at; ++i) out += "  " + a[i] + "\n";
  for (std::size_t i = at; i < a.size() && i < at + kAfter; ++i) out += "- " + a[i] + "\n";
  for (std::size_t i = at; i < b.size() && i < at + kAfter; ++i) out += "+ " + b[i] + "\n";
  if (at == a.size() && at == b.size()) out += "  (only the last line break differs)\n";
  return out;
}

/// `name` is relative to tests/golden/.
inline void check_golden(const std::string& name, const std::string& actual) {
  const std::filesystem::path path =
      std::filesystem::path(MERIDIAN_SOURCE_DIR) / "tests/golden" / name;
  if (const char* accept = std::getenv("MERIDIAN_ACCEPT"); accept != nullptr && *accept == '1') {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << actual;
    WARN("accepted " << path.string());
    return;
  }
  std::ifstream file(path, std::ios::binary);
  const std::string expected((std::istreambuf_iterator<char>(file)), {});
  if (expected == actual) {
    SUCCEED();
    return;
  }
  FAIL_CHECK("differs from " << path.string() << "\n"
                             << difference(expected, actual) << "accept with: MERIDIAN_ACCEPT=1 "
                             << std::filesystem::read_symlink("/proc/self/exe").string());
}

}  // namespace meridian::test
