// SPDX-License-Identifier: Apache-2.0
//
// example_image.hpp: the rules as shipped, their examples as images, and a scan of one.
#pragma once

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <meridian/testing/testing.hpp>

#include "file_capability.hpp"
#include "privilege_escalation_plugin.hpp"
#include "support/catch.hpp"

namespace meridian::privilege_escalation {

inline std::string bundle_file(const std::string& name) {
  std::ifstream in(std::string(MERIDIAN_SOURCE_DIR "/plugins/privilege_escalation/") + name,
                   std::ios::binary);
  REQUIRE(in.good());
  return std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

inline std::vector<RuleText> shipped_rules() {
  auto rules = parse_rules(bundle_file("rules/rules.json"));
  if (!rules) FAIL(rules.error().message());
  return *std::move(rules);
}

/// The attribute's bytes for a mask of capabilities.
inline std::string capability_bytes(std::uint64_t permitted, bool effective = true,
                                    unsigned version = 2, std::uint32_t root_id = 0) {
  std::string out;
  const auto add = [&](std::uint32_t word) {
    for (int i = 0; i < 4; ++i) out += static_cast<char>(word >> (8 * i) & 0xff);
  };
  add(version << 24 | (effective ? 1U : 0U));
  for (unsigned i = 0; i < (version == 1 ? 1U : 2U); ++i) {
    add(static_cast<std::uint32_t>(permitted >> (32 * i)));
    add(0);
  }
  if (version == 3) add(root_id);
  return out;
}

/// "cap_setuid,cap_chown=ep", as an example has it.
inline std::string capability_bytes(std::string_view text) {
  const std::size_t equals = text.find('=');
  REQUIRE(equals != std::string_view::npos);
  std::uint64_t mask = 0;
  for (unsigned i = 0; i < 41; ++i) {
    const std::string name = capability_name(i);
    const std::string all = "," + std::string(text.substr(0, equals)) + ",";
    if (all.find("," + name + ",") != std::string::npos) mask |= std::uint64_t{1} << i;
  }
  REQUIRE(mask != 0);
  return capability_bytes(mask, text.find('e', equals) != std::string_view::npos);
}

inline testing::Entry entry_of(const ExampleFile& file) {
  if (file.type == "link") return testing::symbolic_link(file.path, file.content);
  if (file.type == "block") return testing::device(file.path, S_IFBLK, file.major, file.minor);
  if (file.type == "char") return testing::device(file.path, S_IFCHR, file.major, file.minor);
  testing::Entry entry = file.type == "folder" ? testing::directory(file.path, file.mode)
                                               : testing::file(file.path, file.content, file.mode);
  entry.uid = file.uid;
  entry.gid = file.gid;
  if (file.capability.empty()) return entry;
  return testing::with_xattr(std::move(entry), "security.capability",
                             capability_bytes(file.capability));
}

inline testing::Options shipped(std::string settings = "") {
  testing::Options options;
  options.settings = std::move(settings);
  for (const char* name : {"expected.json", "programs.json", "rules.json"}) {
    options.rules.emplace_back(name, bundle_file(std::string("rules/") + name));
  }
  return options;
}

inline testing::Outcome run(const testing::ImageBuilder& image, std::string settings = "") {
  return testing::scan<PrivilegeEscalationPlugin>(image, shipped(std::move(settings)));
}

/// One layer with these files.
inline testing::Outcome run(std::vector<testing::Entry> entries) {
  return run(testing::image().layer(std::move(entries)));
}

inline testing::Outcome run(const Example& example) {
  std::vector<testing::Entry> entries;
  for (const ExampleFile& file : example.files) entries.push_back(entry_of(file));
  auto image = testing::image().layer(std::move(entries));
  if (!example.path_variable.empty()) image.env("PATH=" + example.path_variable);
  return run(image);
}

/// Texts in an order of their own.
struct Said : std::vector<std::string> {
  Said() = default;
  Said(std::initializer_list<std::string> texts) : std::vector<std::string>(texts) { order(); }
  void order() { std::sort(begin(), end()); }
};

/// "rule path severity" of each finding of the image.
inline Said said(const testing::Outcome& outcome) {
  const char* const names[] = {"unknown", "info", "low", "medium", "high", "critical"};
  Said texts;
  for (const testing::Found& found : outcome.findings()) {
    if (found.target != TargetKind::kImage) continue;
    texts.push_back(found.rule + " " + found.path + found.field + " " +
                    names[static_cast<std::size_t>(found.severity)]);
  }
  texts.order();
  return texts;
}

constexpr const char* kElf =
    "\x7f"
    "ELF program";

inline testing::Entry program(std::string path, std::uint32_t mode, std::uint32_t uid = 0,
                              std::uint32_t gid = 0) {
  testing::Entry entry = testing::file(std::move(path), kElf, mode);
  entry.uid = uid;
  entry.gid = gid;
  return entry;
}

}  // namespace meridian::privilege_escalation
