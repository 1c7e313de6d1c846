// SPDX-License-Identifier: Apache-2.0
//
// fuzz_member_index.cpp: any bytes as an image archive. Properties: ranges are in order, inside the
// file and apart from each other; the answer is the same twice; and libarchive, which reads the
// layers, sees the same regular files in it, where both see a whole tar.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "archive/member_index.hpp"
#include "archive/tar_reader.hpp"
#include "base/escape.hpp"
#include "base/read_file.hpp"
#include "support/fuzz_file.hpp"

namespace {

using namespace meridian;

struct File {
  std::string path;
  std::string content;
  bool operator==(const File&) const = default;
};

/// The regular files that libarchive sees; nothing if it does not get through.
bool read_by_libarchive(int fd, std::size_t size, std::vector<File>& files) {
  const auto source = archive::file_range(fd, 0, size, "fuzz");
  const auto reader = archive::TarReader::create(*source);
  if (!reader) return false;
  for (;;) {
    const auto entry = (*reader)->next();
    if (!entry) return false;
    if (!*entry) return true;
    if ((*entry)->type != archive::TarType::kRegular) continue;
    // A sparse one; the index refuses those.
    if ((*entry)->size > size) return false;
    std::string content(static_cast<std::size_t>((*entry)->size), '\0');
    std::size_t have = 0;
    while (have < content.size()) {
      const auto got = (*reader)->read(content.data() + have, content.size() - have);
      if (!got) return false;
      if (*got == 0) break;
      have += *got;
    }
    files.push_back({(*entry)->path, std::move(content)});
  }
}

std::vector<File> regular_files(int fd, const std::vector<archive::Member>& members) {
  std::vector<File> files;
  for (const archive::Member& member : members) {
    if (member.type != archive::TarType::kRegular) continue;
    std::string content(static_cast<std::size_t>(member.size), '\0');
    const auto got = base::read_at(fd, member.offset, content.data(), content.size(), "fuzz");
    if (!got || *got != content.size()) std::abort();
    files.push_back({member.path, std::move(content)});
  }
  return files;
}

void say(const char* who, const std::vector<File>& files) {
  std::fprintf(stderr, "%s:\n", who);
  for (const File& file : files) {
    std::fprintf(stderr, "  '%s' %zu\n", base::escape(file.path).c_str(), file.content.size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto& file = testing_support::FuzzFile::fresh();
  file.add({reinterpret_cast<const char*>(data), size});
  const auto members = archive::index_members(file.fd(), size, "fuzz");
  const auto again = archive::index_members(file.fd(), size, "fuzz");
  if (members.has_value() != again.has_value()) std::abort();
  if (!members) return 0;
  if (members->size() != again->size()) std::abort();
  std::uint64_t end = 0;
  for (const archive::Member& member : *members) {
    // Its header of 512 bytes lies between.
    if (member.offset < end + 512 || member.offset > size) std::abort();
    if (member.size > size - member.offset) std::abort();
    if (member.type != archive::TarType::kRegular && member.size != 0) std::abort();
    end = member.offset + member.size;
  }
  std::vector<File> theirs;
  if (!read_by_libarchive(file.fd(), size, theirs)) return 0;
  const std::vector<File> ours = regular_files(file.fd(), *members);
  if (ours == theirs) return 0;
  say("index", ours);
  say("libarchive", theirs);
  std::abort();
}
