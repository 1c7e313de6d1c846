// SPDX-License-Identifier: Apache-2.0
#include "store/procfs/mount_table.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/limits.hpp"

namespace meridian::store {
namespace {

std::string_view take_field(std::string_view& line) {
  const auto end = line.find(' ');
  const std::string_view field = line.substr(0, end);
  line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
  return field;
}

/// "\040" is a space: what would end a field stands in octal.
std::string unescaped(std::string_view field) {
  std::string out;
  constexpr std::size_t kDigits = 3;
  const auto is_octal = [](char c) { return c >= '0' && c <= '7'; };
  for (std::size_t i = 0; i < field.size(); ++i) {
    const std::string_view digits = field.substr(i + 1, kDigits);
    if (field[i] == '\\' && digits.size() == kDigits && digits[0] <= '3' && is_octal(digits[0]) &&
        is_octal(digits[1]) && is_octal(digits[2])) {
      out += static_cast<char>((digits[0] - '0') * 64 + (digits[1] - '0') * 8 + (digits[2] - '0'));
      i += kDigits;
    } else {
      out += field[i];
    }
  }
  return out;
}

/// 0 if it is none.
std::uint64_t number(std::string_view field) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  return error == std::errc() && end == field.data() + field.size() ? value : 0;
}

/// What follows `folder` in `path`, with its slash; nullopt: it does not lie there.
std::optional<std::string_view> below(std::string_view path, std::string_view folder) {
  if (folder == "/") return path == "/" ? std::string_view() : path;
  if (path.substr(0, folder.size()) != folder) return std::nullopt;
  path.remove_prefix(folder.size());
  if (!path.empty() && path[0] != '/') return std::nullopt;
  return path;
}

std::string joined(std::string_view folder, std::string_view rest) {
  std::string out(folder == "/" ? "" : folder);
  out += rest;
  return out.empty() ? "/" : out;
}

}  // namespace

std::vector<MountDetails> parse_mount_details(std::string_view text) {
  std::vector<MountDetails> mounts;
  while (!text.empty() && mounts.size() < limits::kMaxObjects) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    MountDetails mount;
    mount.id = number(take_field(line));
    mount.parent = number(take_field(line));
    mount.place.device = take_field(line);
    mount.place.root = unescaped(take_field(line));
    mount.place.point = unescaped(take_field(line));
    if (mount.place.root.empty() || mount.place.point.empty() || mount.place.root[0] != '/' ||
        mount.place.point[0] != '/') {
      continue;
    }
    mount.options = take_field(line);
    // "shared:N", "master:N"... up to a lone dash. gVisor writes an empty field there.
    while (!line.empty()) {
      const std::string_view tag = take_field(line);
      if (tag == "-") break;
      mount.receives =
          mount.receives || tag.substr(0, 7) == "master:" || tag.substr(0, 7) == "shared:";
    }
    mount.kind = unescaped(take_field(line));
    take_field(line);  // the source
    mount.super_options = line;
    mounts.push_back(std::move(mount));
  }
  return mounts;
}

std::vector<NamespaceMount> parse_mounts(std::string_view text) {
  std::vector<NamespaceMount> places;
  for (MountDetails& mount : parse_mount_details(text)) places.push_back(std::move(mount.place));
  return places;
}

std::optional<std::string> option_value(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    const std::string_view option = list.substr(0, list.find(','));
    list.remove_prefix(std::min(option.size() + 1, list.size()));
    if (option.substr(0, name.size()) != name) continue;
    const std::string_view rest = option.substr(name.size());
    if (rest.empty()) return "";
    if (rest[0] == '=') return unescaped(rest.substr(1));
  }
  return std::nullopt;
}

bool has_option(std::string_view list, std::string_view name) {
  return option_value(list, name).has_value();
}

std::optional<std::string> translate(std::string_view path, const std::vector<NamespaceMount>& from,
                                     const std::vector<NamespaceMount>& to) {
  if (path.empty() || path[0] != '/') return std::nullopt;
  // The last mount over the longest prefix is what the path leads to.
  const NamespaceMount* mount = nullptr;
  for (const NamespaceMount& one : from) {
    if (below(path, one.point) && (mount == nullptr || one.point.size() >= mount->point.size())) {
      mount = &one;
    }
  }
  if (mount == nullptr) return std::nullopt;
  // Mounted alike in both, it has one path.
  if (std::find(to.begin(), to.end(), *mount) != to.end()) return std::string(path);
  const std::string inside = joined(mount->root, *below(path, mount->point));
  const NamespaceMount* place = nullptr;
  for (const NamespaceMount& one : to) {
    if (one.device == mount->device && below(inside, one.root) &&
        (place == nullptr || one.root.size() > place->root.size())) {
      place = &one;
    }
  }
  if (place == nullptr) return std::nullopt;
  return joined(place->point, *below(inside, place->root));
}

}  // namespace meridian::store
