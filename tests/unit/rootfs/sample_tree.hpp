// SPDX-License-Identifier: Apache-2.0
//
// sample_tree.hpp: one description of a tree, and every kind of Tree that can be made of it.
#pragma once

#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "rootfs/directory_tree.hpp"
#include "rootfs/memory_tree.hpp"
#include "rootfs/scratch_dir.hpp"
#include "rootfs/tar_tree.hpp"
#include "support/tar_writer.hpp"

namespace meridian::rootfs {

inline RootfsPath at(std::string_view text) {
  auto path = RootfsPath::parse(text);
  REQUIRE(path);
  return *path;
}

/// By path; parents before children by the map's order.
using Sample = std::map<std::string, MemoryEntry>;

inline MemoryEntry sample_file(std::string content, std::uint32_t mode = 0644) {
  MemoryEntry entry;
  entry.content = std::move(content);
  entry.stat.mode = mode;
  entry.stat.size = entry.content.size();
  return entry;
}
inline MemoryEntry sample_directory(std::uint32_t mode = 0755) {
  MemoryEntry entry;
  entry.stat.type = EntryType::kDirectory;
  entry.stat.mode = mode;
  return entry;
}
inline MemoryEntry sample_symlink(std::string target) {
  MemoryEntry entry = sample_file(std::move(target), 0777);
  entry.stat.type = EntryType::kSymlink;
  return entry;
}
inline MemoryEntry sample_whiteout() {
  MemoryEntry entry;
  entry.stat.type = EntryType::kCharDevice;
  return entry;
}
inline MemoryEntry sample_fifo() {
  MemoryEntry entry;
  entry.stat.type = EntryType::kFifo;
  entry.stat.mode = 0644;
  return entry;
}

inline std::shared_ptr<MemoryTree> memory_tree(const Sample& sample) {
  auto tree = std::make_shared<MemoryTree>();
  for (const auto& [path, entry] : sample) tree->add(at(path), entry);
  return tree;
}

/// False where this process may not make what the sample asks for.
inline bool fill_directory(const std::string& directory, const Sample& sample) {
  for (const auto& [path, entry] : sample) {
    const std::string full = directory + "/" + path;
    bool made = true;
    switch (entry.stat.type) {
      case EntryType::kDirectory:
        made = ::mkdir(full.c_str(), 0700) == 0 || errno == EEXIST;
        break;
      case EntryType::kSymlink:
        made = ::symlink(entry.content.c_str(), full.c_str()) == 0;
        break;
      case EntryType::kRegular: {
        base::UniqueFd fd(::open(full.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
        made = fd && base::write_all(fd.get(), entry.content);
        break;
      }
      case EntryType::kFifo:
        made = ::mkfifo(full.c_str(), 0600) == 0;
        break;
      default:
        made = ::mknod(full.c_str(), S_IFCHR | 0600, entry.stat.rdev) == 0;
    }
    for (const auto& [name, value] : entry.xattrs) {
      made = made && ::lsetxattr(full.c_str(), name.c_str(), value.data(), value.size(), 0) == 0;
    }
    if (entry.stat.type != EntryType::kSymlink) ::chmod(full.c_str(), entry.stat.mode);
    if (!made) return false;
  }
  return true;
}

inline BlobRange blob_of(const std::string& bytes) {
  auto file = base::make_scratch_file();
  REQUIRE(file);
  REQUIRE(base::write_all(file->get(), bytes));
  return {std::make_shared<base::UniqueFd>(*std::move(file)), 0, bytes.size()};
}

inline std::string tar_of(const Sample& sample) {
  testing_support::TarWriter tar;
  for (const auto& [path, entry] : sample) {
    testing_support::TarMember member;
    member.path = path;
    member.mode = entry.stat.mode;
    member.xattrs = entry.xattrs;
    member.major = major(entry.stat.rdev);
    member.minor = minor(entry.stat.rdev);
    switch (entry.stat.type) {
      case EntryType::kDirectory:
        member.type = '5';
        member.path += "/";
        break;
      case EntryType::kSymlink:
        member.type = '2';
        member.link = entry.content;
        break;
      case EntryType::kFifo:
        member.type = '6';
        break;
      case EntryType::kRegular:
        member.content = entry.content;
        break;
      default:
        member.type = '3';
    }
    tar.add(member);
  }
  return tar.finish();
}

inline std::shared_ptr<TarTree> tar_tree(const std::string& bytes) {
  return std::make_shared<TarTree>(archive::local_unpacker(), blob_of(bytes), "layer.tar");
}

/// What a walk met: type, mode, size or device and content of every entry, as one line each.
class Recorder : public Visitor {
 public:
  WalkStep entry(const RootfsPath& path, const Stat& stat, Opener& opener) override {
    std::string line = describe(stat);
    if (stat.type == EntryType::kRegular) {
      auto content = opener.open();
      auto text = content ? read_content(**content, 1 << 24)
                          : Result<std::string>(std::move(content).error());
      line += text ? " " + *text : " error " + text.error().message();
    }
    seen[path.text()] = line;
    return WalkStep::kGoOn;
  }
  void problem(const RootfsPath& path, const Error& error) override {
    problems.emplace_back(path.text(), error);
  }
  static std::string describe(const Stat& stat) {
    std::string line = "type " + std::to_string(static_cast<int>(stat.type));
    // A link has no mode of its own, and a directory's size is its file system's affair.
    if (stat.type != EntryType::kSymlink) line += " mode " + std::to_string(stat.mode);
    if (stat.type == EntryType::kRegular) line += " size " + std::to_string(stat.size);
    if (stat.type == EntryType::kCharDevice) line += " device " + std::to_string(stat.rdev);
    return line;
  }

  std::map<std::string, std::string> seen;
  std::vector<std::pair<std::string, Error>> problems;
};

/// The same, found by look-ups alone.
inline std::map<std::string, std::string> look_up_all(const Tree& tree) {
  std::map<std::string, std::string> seen;
  std::vector<RootfsPath> todo{RootfsPath()};
  while (!todo.empty()) {
    const RootfsPath here = todo.back();
    todo.pop_back();
    const auto entries = tree.list(here);
    REQUIRE(entries);
    for (const DirEntry& entry : *entries) {
      const RootfsPath path = here / entry.name;
      CAPTURE(path.text());
      const auto stat = tree.stat(path);
      REQUIRE(stat);
      CHECK(stat->type == entry.type);
      std::string line = Recorder::describe(*stat);
      if (stat->type == EntryType::kRegular) {
        const auto content = tree.open(path);
        REQUIRE(content);
        CHECK((*content)->size() == stat->size);
        line += " " + read_content(**content, 1 << 24).value_or("error");
      }
      if (stat->type == EntryType::kDirectory) todo.push_back(path);
      seen[path.text()] = line;
    }
  }
  return seen;
}

}  // namespace meridian::rootfs
