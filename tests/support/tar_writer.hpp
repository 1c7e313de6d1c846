// SPDX-License-Identifier: Apache-2.0
//
// tar_writer.hpp: a tar made in code: ustar headers, pax records where a test asks for them. It
// writes what it is told, hostile names included.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace meridian::testing_support {

struct TarMember {
  std::string path;
  std::string content;  // of a regular file
  char type = '0';      // '0' file, '1' hard link, '2' symbolic link, '3' char, '4' block, '5', '6'
  std::string link;
  std::uint32_t mode = 0644;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::int64_t mtime = 0;
  std::uint32_t major = 0;
  std::uint32_t minor = 0;
  std::map<std::string, std::string> xattrs;  // as SCHILY.xattr.NAME
  std::map<std::string, std::string> pax;     // further records, as they are
};

class TarWriter {
 public:
  TarWriter& add(const TarMember& member) {
    auto records = member.pax;
    for (const auto& [name, value] : member.xattrs) records["SCHILY.xattr." + name] = value;
    if (member.path.size() > 100) records.emplace("path", member.path);
    if (member.link.size() > 100) records.emplace("linkpath", member.link);
    if (!records.empty()) {
      std::string text;
      for (const auto& [key, value] : records) text += pax_record(key, value);
      TarMember header;
      header.path = "pax";
      header.type = 'x';
      append(header, text);
    }
    append(member, member.type == '0' ? member.content : std::string());
    return *this;
  }

  TarWriter& file(std::string path, std::string content, std::uint32_t mode = 0644) {
    TarMember member;
    member.path = std::move(path);
    member.content = std::move(content);
    member.mode = mode;
    return add(member);
  }
  TarWriter& directory(std::string path, std::uint32_t mode = 0755) {
    TarMember member;
    member.path = std::move(path);
    member.type = '5';
    member.mode = mode;
    return add(member);
  }
  TarWriter& symlink(std::string path, std::string target) {
    return link('2', std::move(path), std::move(target));
  }
  TarWriter& hardlink(std::string path, std::string target) {
    return link('1', std::move(path), std::move(target));
  }

  /// Bytes so far, without the two zero blocks at the end.
  const std::string& open_end() const { return bytes_; }
  std::string finish() const { return bytes_ + std::string(1024, '\0'); }

 private:
  TarWriter& link(char type, std::string path, std::string target) {
    TarMember member;
    member.path = std::move(path);
    member.type = type;
    member.link = std::move(target);
    member.mode = 0777;
    return add(member);
  }

  static std::string pax_record(const std::string& key, const std::string& value) {
    const std::string rest = " " + key + "=" + value + "\n";
    std::size_t length = rest.size() + 1;
    while (std::to_string(length).size() + rest.size() != length) ++length;
    return std::to_string(length) + rest;
  }

  static void octal(std::string& header, std::size_t offset, std::size_t width,
                    std::uint64_t value) {
    for (std::size_t i = width - 1; i-- > 0; value >>= 3) {
      header[offset + i] = static_cast<char>('0' + (value & 7));
    }
  }

  void append(const TarMember& member, const std::string& content) {
    std::string header(512, '\0');
    header.replace(0, std::min<std::size_t>(member.path.size(), 100), member.path, 0, 100);
    octal(header, 100, 8, member.mode);
    octal(header, 108, 8, member.uid);
    octal(header, 116, 8, member.gid);
    octal(header, 124, 12, content.size());
    octal(header, 136, 12, static_cast<std::uint64_t>(member.mtime));
    header[156] = member.type;
    header.replace(157, std::min<std::size_t>(member.link.size(), 100), member.link, 0, 100);
    header.replace(257, 8, std::string("ustar\00000", 8));
    octal(header, 329, 8, member.major);
    octal(header, 337, 8, member.minor);
    header.replace(148, 8, "        ");
    std::uint64_t sum = 0;
    for (const char c : header) sum += static_cast<unsigned char>(c);
    octal(header, 148, 7, sum);
    header[154] = '\0';
    bytes_ += header + content;
    bytes_.append((512 - content.size() % 512) % 512, '\0');
  }

  std::string bytes_;
};

}  // namespace meridian::testing_support
