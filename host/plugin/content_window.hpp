// SPDX-License-Identifier: Apache-2.0
//
// content_window.hpp: parts of a file that has been read once, and where its lines begin.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "meridian/result.hpp"
#include "rootfs/tree.hpp"

namespace meridian::plugin {

/// Any part of a file of known length: from the buffer that holds all of it, else read again.
class ContentWindow {
 public:
  /// `whole` is the file.
  void show(std::string_view whole);
  /// The file has `size` bytes, none of them here.
  void show(rootfs::Content& content, std::uint64_t size);

  std::uint64_t size() const { return size_; }
  std::uint64_t bytes_read() const { return bytes_read_; }
  /// [begin, end), cut at the end of the file; valid until the next call. kChanged if the file has
  /// become shorter since.
  Result<std::string_view> bytes(std::uint64_t begin, std::uint64_t end);

 private:
  rootfs::Content* content_ = nullptr;  // null: here_ is the whole file
  std::string_view here_;
  std::uint64_t begin_ = 0, size_ = 0, bytes_read_ = 0;
  std::vector<char> buffer_;
};

/// Lines and columns by offset; asked in rising order it looks at each byte once.
class LineTable {
 public:
  struct Place {
    std::uint64_t line = 1, column = 1;
  };

  /// It begins at `begin`, a multiple of 64 KiB: a table of its own, to append.
  void clear(std::uint64_t begin = 0);
  /// The next bytes of the file, so that they need not be read again for their lines.
  void add(std::string_view bytes);
  /// The lines of the bytes that follow those of this one.
  void append(const LineTable& more);
  /// What was not added is read from `window`.
  Result<Place> at(std::uint64_t offset, ContentWindow& window);

 private:
  /// Lines before a place, and where the line that holds it begins.
  struct Mark {
    std::uint64_t offset = 0, newlines = 0, line_begin = 0;
  };
  static void advance(Mark& mark, std::string_view bytes);

  std::vector<Mark> blocks_;  // one at the start of each block
  Mark end_, cursor_;
};

}  // namespace meridian::plugin
