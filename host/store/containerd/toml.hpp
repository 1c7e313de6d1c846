// SPDX-License-Identifier: Apache-2.0
//
// toml.hpp: the keys of a TOML text with the strings that they have (TOML 1.0). No tree, no
// recursion; time and memory are those of the text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "meridian/result.hpp"

namespace meridian::store::containerd {

struct TomlEntry {
  /// Of the table and the key; a table of an array of tables has an empty part after its name.
  std::vector<std::string> path;
  enum class Kind { kText, kTexts, kOther } kind = Kind::kOther;
  std::string text;                // of kText; else as written: "true", "42"; of brackets empty
  std::vector<std::string> texts;  // an array of nothing but strings
  std::size_t line = 0;
};

/// Any text. In its order; what stands in inline tables is not looked into. kCorrupt with the line.
Result<std::vector<TomlEntry>> parse_toml(std::string_view text);

}  // namespace meridian::store::containerd
