// SPDX-License-Identifier: Apache-2.0
//
// witness.hpp: whether stored bytes are still those of an earlier look, as far as the kernel says
// without one of them being read: device, inode, mode, size, mtime and ctime of what they hang
// from. Nobody sets a ctime, so a file that was written to has another one. What it cannot notice:
// of a layer's folder, a file that is written to in place and all that becomes of folders below it
// (engines do neither), a clock that was set back, a device written to past its file system, a file
// server that lies.
#pragma once

#include <cstdint>
#include <string>

#include "meridian/result.hpp"

namespace meridian::store {

class Witness {
 public:
  /// Adds what `fd` is open on (O_PATH too); `name` stands for it in errors.
  Result<void> add(int fd, const std::string& name);
  /// Adds device and inode alone: of a folder in which others come and go.
  Result<void> add_identity(int fd, const std::string& name);
  /// Adds a word that tells kinds of layers apart.
  void add(const std::string& word);

  /// Equal texts: nothing was seen to change.
  const std::string& text() const { return text_; }
  /// Reading it to its end hashes it: whether it is its diffID is then known.
  bool is_hashed() const { return is_hashed_; }
  void set_hashed() { is_hashed_ = true; }
  /// Whether a change from now on would show: all it has seen is older than a tick of its file
  /// system's clock.
  bool is_settled() const { return is_settled_; }

 private:
  std::string text_;
  bool is_settled_ = true;
  bool is_hashed_ = false;
};

}  // namespace meridian::store
