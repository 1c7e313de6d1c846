// SPDX-License-Identifier: Apache-2.0
#include "archive_walk.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

namespace meridian::known_artifacts {
namespace {

constexpr std::size_t kPiece = 64 << 10;

struct Free {
  void operator()(archive* handle) const { ::archive_read_free(handle); }
};
using Handle = std::unique_ptr<archive, Free>;

/// A file as libarchive reads it: its directory stands at its end, so it seeks.
struct FileInput {
  const File& file;
  std::uint64_t at = 0;
  std::string piece = {};

  static la_ssize_t read(archive* handle, void* self, const void** ret) {
    auto& input = *static_cast<FileInput*>(self);
    auto bytes = input.file.window(input.at, kPiece);
    if (!bytes) {
      ::archive_set_error(handle, EIO, "%s", bytes.error().message().c_str());
      return ARCHIVE_FATAL;
    }
    input.piece = *std::move(bytes);
    input.at += input.piece.size();
    *ret = input.piece.data();
    return static_cast<la_ssize_t>(input.piece.size());
  }
  static la_int64_t seek(archive* /*handle*/, void* self, la_int64_t offset, int whence) {
    auto& input = *static_cast<FileInput*>(self);
    const auto size = static_cast<la_int64_t>(input.file.size());
    const la_int64_t base = whence == SEEK_SET   ? 0
                            : whence == SEEK_END ? size
                                                 : static_cast<la_int64_t>(input.at);
    if (offset < -base || offset > size - base) return ARCHIVE_FATAL;
    input.at = static_cast<std::uint64_t>(base + offset);
    return base + offset;
  }
};

Handle new_reader() {
  Handle handle(::archive_read_new());
  if (handle) ::archive_read_support_format_zip_seekable(handle.get());
  return handle;
}

Error error_of(archive* handle) {
  const char* const text = ::archive_error_string(handle);
  return Error(ErrorCode::kCorrupt, text == nullptr ? "is no zip file" : text);
}

bool is_archive(std::string_view name) {
  constexpr std::array<std::string_view, 7> kEnds = {".jar", ".war", ".ear", ".par",
                                                     ".hpi", ".jpi", ".zip"};
  if (name.size() < 5) return false;
  std::string end(name.substr(name.size() - 4));
  std::transform(end.begin(), end.end(), end.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return std::find(kEnds.begin(), kEnds.end(), end) != kEnds.end();
}

class Walk {
 public:
  Walk(const MemberIndex& index, const std::vector<ArtifactRule>& rules)
      : index_(index), rules_(rules) {}

  /// `depth`: how many archives this one is in. Ends: kMaxNesting.
  void run(archive* handle, const std::string& inside, std::size_t depth) {
    MemberGroups groups(rules_);
    archive_entry* entry = nullptr;
    for (;;) {
      const int got = ::archive_read_next_header(handle, &entry);
      if (got == ARCHIVE_EOF) break;
      if (got < ARCHIVE_WARN) {
        problem(inside, error_of(handle));
        break;
      }
      if (++members_ > kMaxMembers) {
        problem(inside,
                Error(ErrorCode::kLimit, "more than " + std::to_string(kMaxMembers) + " members"));
        break;
      }
      const char* name = ::archive_entry_pathname(entry);
      if (name == nullptr) name = ::archive_entry_pathname_utf8(entry);  // no locale's letters
      if (name == nullptr) {
        problem(inside, Error(ErrorCode::kUnsupported,
                              "member " + std::to_string(members_) + ": its name cannot be read"));
        continue;
      }
      look_at(handle, entry, inside, name, depth, groups);
    }
    for (GroupHit& hit : groups.hits()) look_.hits.push_back({inside, std::move(hit)});
  }

  void problem(const std::string& where, Error error) {
    if (look_.problems.size() < kMaxProblems) {
      look_.problems.push_back(where.empty() ? std::move(error) : std::move(error).in(where));
    }
  }
  ArchiveLook take() { return std::move(look_); }

 private:
  void look_at(archive* handle, archive_entry* entry, const std::string& inside,
               const std::string& name, std::size_t depth, MemberGroups& groups) {
    std::vector<std::pair<MemberId, ContentSearch>> wanted;
    for (const MemberId& id : index_.of(name)) {
      const ContentTest& test = index_.test(id).content;
      if (test.asks()) {
        wanted.emplace_back(id, ContentSearch(test));
      } else {
        groups.add(id, name, true, "");
      }
    }
    const bool is_nested = is_archive(name);
    if (wanted.empty() && !is_nested) return;
    const std::string where = inside + name;
    if (is_nested && depth >= kMaxNesting) {
      return problem(where, Error(ErrorCode::kLimit, "more than " + std::to_string(kMaxNesting) +
                                                         " archives within each other"));
    }
    auto bytes = content(handle, entry, is_nested ? kMaxNested : kMaxMember);
    if (!bytes) return problem(where, std::move(bytes).error());
    for (auto& [id, search] : wanted) {
      search.feed(*bytes, true);
      groups.add(id, name, search.holds(), search.version());
    }
    if (!is_nested) return;
    const Handle nested = new_reader();
    if (!nested ||
        ::archive_read_open_memory(nested.get(), bytes->data(), bytes->size()) != ARCHIVE_OK) {
      return problem(where, nested ? error_of(nested.get())
                                   : Error(ErrorCode::kMemory, "no memory for a reader"));
    }
    run(nested.get(), where + ":", depth + 1);
  }

  Result<std::string> content(archive* handle, archive_entry* entry, std::uint64_t limit) {
    if (::archive_entry_is_encrypted(entry) != 0) {
      return Error(ErrorCode::kUnsupported, "is encrypted");
    }
    limit = std::min(limit, left_);
    std::string bytes;
    for (;;) {
      const void* block = nullptr;
      std::size_t size = 0;
      la_int64_t offset = 0;
      const int got = ::archive_read_data_block(handle, &block, &size, &offset);
      if (got == ARCHIVE_EOF) break;
      if (got < ARCHIVE_WARN) return error_of(handle);
      if (size > limit - bytes.size()) {
        return Error(ErrorCode::kLimit, "more than " + std::to_string(limit) + " bytes");
      }
      bytes.append(static_cast<const char*>(block), size);
    }
    left_ -= bytes.size();
    return bytes;
  }

  const MemberIndex& index_;
  const std::vector<ArtifactRule>& rules_;
  std::size_t members_ = 0;
  std::uint64_t left_ = kMaxUnpacked;
  ArchiveLook look_;
};

}  // namespace

ArchiveLook look_into_archive(const File& file, const MemberIndex& index,
                              const std::vector<ArtifactRule>& rules) {
  Walk walk(index, rules);
  FileInput input{file};
  const Handle handle = new_reader();
  if (!handle) {
    walk.problem("", Error(ErrorCode::kMemory, "no memory for a reader"));
    return walk.take();
  }
  ::archive_read_set_seek_callback(handle.get(), &FileInput::seek);
  if (::archive_read_open(handle.get(), &input, nullptr, &FileInput::read, nullptr) != ARCHIVE_OK) {
    walk.problem("", error_of(handle.get()));
  } else {
    walk.run(handle.get(), "", 0);
  }
  return walk.take();
}

ArchiveLook look_into_archive(const std::string& bytes, const MemberIndex& index,
                              const std::vector<ArtifactRule>& rules) {
  Walk walk(index, rules);
  const Handle handle = new_reader();
  if (handle &&
      ::archive_read_open_memory(handle.get(), bytes.data(), bytes.size()) == ARCHIVE_OK) {
    walk.run(handle.get(), "", 0);
  } else {
    walk.problem("", Error(ErrorCode::kCorrupt, "is no zip file"));
  }
  return walk.take();
}

}  // namespace meridian::known_artifacts
