// SPDX-License-Identifier: Apache-2.0
#include "report/file_list.hpp"

#include <sys/sysmacros.h>

#include <array>
#include <ctime>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "base/escape.hpp"
#include "report/json_bytes.hpp"

namespace meridian::report {
namespace {

using Json = nlohmann::ordered_json;
using rootfs::EntryType;

struct TypeName {
  char letter;
  const char* name;
};

TypeName type_name(EntryType type) {
  switch (type) {
    case EntryType::kRegular:
      return {'-', "file"};
    case EntryType::kDirectory:
      return {'d', "directory"};
    case EntryType::kSymlink:
      return {'l', "symlink"};
    case EntryType::kCharDevice:
      return {'c', "character-device"};
    case EntryType::kBlockDevice:
      return {'b', "block-device"};
    case EntryType::kFifo:
      return {'p', "fifo"};
    case EntryType::kSocket:
      return {'s', "socket"};
  }
  return {'?', "unknown"};
}

bool is_device(EntryType type) {
  return type == EntryType::kCharDevice || type == EntryType::kBlockDevice;
}

std::string octal(std::uint32_t mode) {
  std::string digits(4, '0');
  for (std::size_t i = 4; i-- > 0; mode >>= 3) digits[i] = static_cast<char>('0' + (mode & 7));
  return digits;
}

/// "1,5"
std::string device_text(std::uint64_t device) {
  return std::to_string(major(device)) + "," + std::to_string(minor(device));
}

/// RFC 3339; the number itself where no calendar has that year.
std::string time_text(std::int64_t seconds) {
  const std::time_t time = seconds;
  std::tm parts{};
  std::array<char, 32> text{};
  if (::gmtime_r(&time, &parts) == nullptr || parts.tm_year > 9999 - 1900 ||
      std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts) == 0) {
    return std::to_string(seconds);
  }
  return text.data();
}

std::string_view last_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return path.substr(slash == std::string_view::npos ? 0 : slash + 1);
}

Json row_object(const FileRow& row) {
  Json object;
  put_bytes(object, "path", row.path);
  object["type"] = type_name(row.stat.type).name;
  object["mode"] = octal(row.stat.mode);
  object["uid"] = row.stat.uid;
  object["gid"] = row.stat.gid;
  object["size"] = row.stat.size;
  object["mtime"] = row.stat.mtime;
  if (is_device(row.stat.type)) object["device"] = device_text(row.stat.rdev);
  if (row.link) put_bytes(object, "link", *row.link);
  if (row.layer) {
    Json& layer = object["layer"];
    layer["index"] = row.layer->index;
    layer["id"] = json_text(row.layer->id);
    if (!row.layer->created_by.empty()) layer["created_by"] = json_text(row.layer->created_by);
  }
  return object;
}

}  // namespace

std::string file_line(const FileRow& row) {
  const rootfs::Stat& stat = row.stat;
  std::string text = type_name(stat.type).letter + octal(stat.mode) + " " +
                     std::to_string(stat.uid) + ":" + std::to_string(stat.gid) + " " +
                     (is_device(stat.type) ? device_text(stat.rdev) : std::to_string(stat.size)) +
                     " L" + (row.layer ? std::to_string(row.layer->index) : "?") + " " +
                     base::escape(last_name(row.path));
  if (row.link) text += " -> " + base::escape(*row.link);
  return text + "\n";
}

std::string file_card(const FileRow& row) {
  const rootfs::Stat& stat = row.stat;
  std::string text = "path:       " + base::escape(row.path.empty() ? "/" : row.path) + "\n";
  if (row.link) text += "link to:    " + base::escape(*row.link) + "\n";
  text += std::string("type:       ") + type_name(stat.type).name + "\n";
  if (is_device(stat.type)) text += "device:     " + device_text(stat.rdev) + "\n";
  text += "mode:       " + octal(stat.mode) + "\n";
  text += "owner:      " + std::to_string(stat.uid) + ":" + std::to_string(stat.gid) + "\n";
  text += "size:       " + std::to_string(stat.size) + "\n";
  text += "modified:   " + time_text(stat.mtime) + "\n";
  if (row.layer) {
    text += "layer:      " + std::to_string(row.layer->index) + " (" + base::escape(row.layer->id) +
            ")\n";
    if (!row.layer->created_by.empty()) {
      text += "created by: " + base::escape(row.layer->created_by) + "\n";
    }
  }
  return text;
}

std::string FileListJson::start() {
  if (std::exchange(started_, true)) return format_ == Format::kJson ? ",\n" : "";
  return format_ == Format::kJson ? "{\n  \"schema\": \"meridian.files/1\",\n  \"files\": [\n" : "";
}

std::string FileListJson::row(const FileRow& row) {
  const std::string before = start() + (format_ == Format::kJson ? "    " : "");
  const std::string object = row_object(row).dump(-1, ' ', true, Json::error_handler_t::replace);
  return before + object + (format_ == Format::kJson ? "" : "\n");
}

std::string FileListJson::end() {
  if (format_ != Format::kJson) return "";
  const bool empty = !started_;
  return (empty ? start() : "\n") + "  ]\n}\n";
}

}  // namespace meridian::report
