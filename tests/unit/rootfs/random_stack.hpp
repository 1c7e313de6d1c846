// SPDX-License-Identifier: Apache-2.0
//
// random_stack.hpp: layers on disk for comparing our merge with the kernel's: some written by hand,
// markers and nonsense among them, some by the kernel from changes made in a mounted overlay.
#pragma once

#include <random>
#include <string>
#include <vector>

namespace meridian::rootfs {

/// How a stack is mounted, and so which markers are its own.
struct MountMode {
  const char* name;
  const char* options;    // of the kernel's overlayfs; nullptr: fuse-overlayfs
  const char* own;        // prefix of its own attributes
  const char* foreign;    // of another dialect's
  const char* made_with;  // options under which the kernel writes layers
  bool follow_redirects;
  bool metacopy;
};

class RandomStack {
 public:
  /// Writes below `base`, which exists. Same seed, same stack.
  RandomStack(std::string base, const MountMode& mode, unsigned seed);

  /// Top first, joined by ':' as lowerdir wants them; false if this process may not make them.
  bool make();
  const std::vector<std::string>& layers() const { return layers_; }  // bottom first
  std::string lowerdir(std::size_t from = 0) const;
  /// A path that may lead somewhere, with links, "..", double and trailing slashes.
  std::string query();
  unsigned pick(unsigned below) { return static_cast<unsigned>(random_() % below); }

 private:
  bool write_layer(const std::string& directory, bool is_bottom);
  bool change_through_kernel(const std::string& directory);
  void change(const std::string& root);
  bool write_entry(const std::string& path, bool is_bottom);
  bool mark_directory(const std::string& path, const char* prefix);
  bool mark_file(const std::string& path, const char* prefix);
  bool finish_entry(const std::string& path, bool is_link);
  bool chance(unsigned one_in) { return pick(one_in) == 0; }
  std::string name();
  std::string random_path(unsigned depth);
  std::string redirect();
  std::string content();

  std::string base_;
  MountMode mode_;
  unsigned seed_;
  std::mt19937 random_;
  std::vector<std::string> layers_;
};

}  // namespace meridian::rootfs
