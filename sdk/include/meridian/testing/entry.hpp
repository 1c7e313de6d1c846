// SPDX-License-Identifier: Apache-2.0
//
// entry.hpp: files of a test's image.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace meridian::testing {

struct Entry {
  std::string path;
  std::string content;
  std::uint32_t mode = S_IFREG | 0644;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::vector<std::string> xattrs = {};  // names and values by turns
  std::uint32_t device_major = 0;
  std::uint32_t device_minor = 0;
};

inline Entry file(std::string path, std::string content, std::uint32_t mode = 0644) {
  return {std::move(path), std::move(content), S_IFREG | mode};
}
inline Entry directory(std::string path, std::uint32_t mode = 0755) {
  return {std::move(path), "", S_IFDIR | mode};
}
inline Entry symbolic_link(std::string path, std::string target) {
  return {std::move(path), std::move(target), S_IFLNK | 0777};
}
/// Either type, S_IFBLK or S_IFCHR, with its numbers.
inline Entry device(std::string path, std::uint32_t type, std::uint32_t major,
                    std::uint32_t minor) {
  return {std::move(path), "", type | 0660, 0, 0, {}, major, minor};
}
inline Entry with_xattr(Entry entry, std::string name, std::string value) {
  entry.xattrs.push_back(std::move(name));
  entry.xattrs.push_back(std::move(value));
  return entry;
}
/// Deletes `path` of the layers below.
inline Entry whiteout(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::size_t name = slash == std::string::npos ? 0 : slash + 1;
  return {path.substr(0, name) + ".wh." + path.substr(name), "", S_IFREG};
}
/// Hides everything that the layers below have in the folder `path`.
inline Entry opaque(const std::string& path) { return {path + "/.wh..wh..opq", "", S_IFREG}; }

}  // namespace meridian::testing
