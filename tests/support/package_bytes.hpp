// SPDX-License-Identifier: Apache-2.0
//
// package_bytes.hpp: small rpm headers, zip archives and ELF programs, made in code.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace meridian::test {

inline std::string little(std::uint64_t value, unsigned width) {
  std::string out;
  for (unsigned i = 0; i < width; ++i) out += static_cast<char>(i < 8 ? value >> (8 * i) : 0);
  return out;
}

inline std::string big(std::uint64_t value, unsigned width) {
  const std::string reversed = little(value, width);
  return {reversed.rbegin(), reversed.rend()};
}

/// As a database of rpm keeps it. Tags of strings; the epoch is a number.
struct RpmPackage {
  std::string name, version, release, arch = {}, license = {}, source = {};
  int epoch = -1;
};

inline std::string rpm_header(const RpmPackage& package) {
  std::string index, data;
  const auto entry = [&](std::uint32_t tag, std::uint32_t type, const std::string& value) {
    index += big(tag, 4) + big(type, 4) + big(data.size(), 4) + big(1, 4);
    data += value;
  };
  constexpr std::uint32_t kInt32 = 4, kString = 6;
  if (package.epoch >= 0) entry(1003, kInt32, big(static_cast<std::uint64_t>(package.epoch), 4));
  const std::pair<std::uint32_t, const std::string*> texts[] = {
      {1000, &package.name},    {1001, &package.version}, {1002, &package.release},
      {1014, &package.license}, {1022, &package.arch},    {1044, &package.source}};
  for (const auto& [tag, text] : texts) {
    if (!text->empty()) entry(tag, kString, *text + '\0');
  }
  return big(index.size() / 16, 4) + big(data.size(), 4) + index + data;
}

/// A zip file of stored members.
inline std::string zip_of(const std::vector<std::pair<std::string, std::string>>& members) {
  std::string out, directory;
  for (const auto& [name, bytes] : members) {
    const std::string sizes = little(bytes.size(), 4) + little(bytes.size(), 4);
    directory += "PK\1\2" + little(20, 2) + little(20, 2) + little(0, 12) + sizes +
                 little(name.size(), 2) + little(0, 12) + little(out.size(), 4) + name;
    out += "PK\3\4" + little(20, 2) + little(0, 12) + sizes + little(name.size(), 2) +
           little(0, 2) + name + bytes;
  }
  const std::size_t start = out.size();
  return out + directory + "PK\5\6" + little(0, 4) + little(members.size(), 2) +
         little(members.size(), 2) + little(directory.size(), 4) + little(start, 4) + little(0, 2);
}

/// A program of 64 bits, little-endian, whose one segment is the whole file at address 0x400000.
inline std::string elf_of(const std::vector<std::pair<std::string, std::string>>& sections) {
  constexpr std::uint64_t kHeader = 64, kProgram = 56;
  std::string names("\0.shstrtab\0", 11), body, table(64, '\0');
  const auto add = [&](std::uint64_t name, std::uint64_t offset, std::uint64_t size) {
    table += little(name, 4) + little(1, 4) + little(0, 16) + little(offset, 8) + little(size, 8) +
             little(0, 24);
  };
  for (const auto& [name, bytes] : sections) {
    while ((kHeader + kProgram + body.size()) % 16 != 0) body += '\0';
    add(names.size(), kHeader + kProgram + body.size(), bytes.size());
    names += name + '\0';
    body += bytes;
  }
  const std::uint64_t names_at = kHeader + kProgram + body.size();
  add(1, names_at, names.size());
  body += names;
  const std::uint64_t table_at = kHeader + kProgram + body.size();
  const std::uint64_t size = table_at + table.size();
  std::string head(
      "\x7f"
      "ELF\2\1\1",
      7);
  head += std::string(9, '\0') + little(2, 2) + little(62, 2) + little(1, 4) + little(0, 8) +
          little(kHeader, 8) + little(table_at, 8) + little(0, 4) + little(kHeader, 2) +
          little(kProgram, 2) + little(1, 2) + little(64, 2) + little(sections.size() + 2, 2) +
          little(sections.size() + 1, 2);
  const std::string program = little(1, 4) + little(6, 4) + little(0, 8) + little(0x400000, 8) +
                              little(0, 8) + little(size, 8) + little(size, 8) + little(16, 8);
  return head + program + body + table;
}

}  // namespace meridian::test
