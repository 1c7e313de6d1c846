// SPDX-License-Identifier: Apache-2.0
//
// rule.hpp: the rules as data (rules/rules.json, and option `rules`). plugin.json has the same ids,
// titles, severities and links; the host compares them when it loads the plugin.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <meridian/finding.hpp>
#include <meridian/result.hpp>

#include "content_test.hpp"

namespace meridian::known_artifacts {

/// A file of a Java archive, or of the same tree unpacked.
struct MemberTest {
  std::string suffix;   // of its path, from a part's beginning: shaded copies lie deeper
  bool absent = false;  // it must not be there
  ContentTest content;
};

/// Holds where the first member is, and the others beside it below the same folder.
struct ArchiveTest {
  std::vector<MemberTest> members;
};

/// A file by its name, and what is in it.
struct FileTest {
  std::vector<std::string> names, paths, exclude;  // as in meridian::Files
  bool elf = false;
  std::uint64_t min_size = 0;
  ContentTest content;
};

struct HashTest {
  std::array<std::uint8_t, 32> sha256{};
  std::uint64_t size = 0;  // bytes; only files of this size are read
};

/// Releases of npm packages, by package.json below node_modules: name -> versions.
using NpmTest = std::map<std::string, std::vector<std::string>>;

/// Speaks where one of its tests holds.
struct ArtifactRule {
  std::string id;
  Severity severity = Severity::kUnknown;
  Confidence confidence = Confidence::kHigh;
  std::string title;
  std::vector<std::string> references;  // links; the first is the rule's help
  std::string remediation;
  std::vector<ArchiveTest> archives;
  std::vector<FileTest> files;
  std::vector<HashTest> hashes;
  NpmTest npm;
};

/// A rule file: {"rules": [...]}. kCorrupt, naming the rule and the key, for another form.
Result<std::vector<ArtifactRule>> parse_rules(std::string_view json);
/// One rule: an object of such a list.
Result<ArtifactRule> parse_rule(std::string_view json);

}  // namespace meridian::known_artifacts
