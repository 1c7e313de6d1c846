// SPDX-License-Identifier: Apache-2.0
//
// file_list.hpp: `fs ls|stat|find`: files of a tree, one after the other, so that a list of any
// length takes no memory.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "report/format.hpp"
#include "rootfs/tree.hpp"

namespace meridian::report {

struct LayerOfOrigin {
  std::size_t index = 0;   // 0: the bottom
  std::string id;          // its diffID, or the store's own name
  std::string created_by;  // the history step; may be empty
};

struct FileRow {
  std::string path;  // bytes
  rootfs::Stat stat;
  std::optional<std::string> link;  // of a symbolic link: its text
  std::optional<LayerOfOrigin> layer;
};

/// Text for people; every name is escaped.
std::string file_line(const FileRow& row);  // "-0644 0:0 1234 L2 name -> target\n", by last name
std::string file_card(const FileRow& row);  // all of it, one fact a line

/// kJson: {"schema": "meridian.files/1", "files": [...]}; kJsonLines: one object a line.
class FileListJson {
 public:
  explicit FileListJson(Format format) : format_(format) {}
  std::string row(const FileRow& row);
  /// After the last row.
  std::string end();
  /// Whether there was a row.
  bool started() const { return started_; }

 private:
  std::string start();
  Format format_;
  bool started_ = false;
};

}  // namespace meridian::report
