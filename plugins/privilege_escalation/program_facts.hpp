// SPDX-License-Identifier: Apache-2.0
//
// program_facts.hpp: what a layer says of a privileged program, for the target that shows it.
//
// A fact and not a finding: what a later layer deleted, or whose bits it took away, gives nobody
// anything.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace meridian::privilege_escalation {

constexpr std::string_view kProgramFact = "program";

enum class FileKind : std::uint32_t { kElf, kScript, kOther };

struct ProgramFact {
  std::uint32_t mode = 0;  // type and permission bits
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  FileKind kind = FileKind::kElf;
  std::string identity = {};    // what it is under whatever name, "bash"; empty: not known
  std::string capability = {};  // bytes of security.capability; empty: none
  std::string path = {};        // not in the text
  std::uint32_t layer = 0;      // not in the text
};

/// "33261 0 0 0 bash " and the bytes of the capability.
inline std::string encode(const ProgramFact& fact) {
  return std::to_string(fact.mode) + ' ' + std::to_string(fact.uid) + ' ' +
         std::to_string(fact.gid) + ' ' + std::to_string(static_cast<std::uint32_t>(fact.kind)) +
         ' ' + fact.identity + ' ' + fact.capability;
}

/// nullopt: it is no such text (a cache that somebody wrote to).
inline std::optional<ProgramFact> decode_program_fact(std::string_view text) {
  std::uint32_t numbers[4] = {};
  for (std::uint32_t& number : numbers) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end == text.data() + text.size() || *end != ' ') return {};
    text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  }
  const std::size_t blank = text.find(' ');
  if (numbers[3] > 2 || blank == std::string_view::npos) return {};
  return ProgramFact{numbers[0],
                     numbers[1],
                     numbers[2],
                     static_cast<FileKind>(numbers[3]),
                     std::string(text.substr(0, blank)),
                     std::string(text.substr(blank + 1))};
}

}  // namespace meridian::privilege_escalation
