// SPDX-License-Identifier: Apache-2.0
//
// tar_reader.cpp: libarchive's tar format (ustar, pax, GNU with its sparse files, old tar).
#include "archive/tar_reader.hpp"

#include <archive_entry.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "archive/libarchive_input.hpp"
#include "base/escape.hpp"
#include "base/limits.hpp"

namespace meridian::archive {
namespace {

std::string text_or_empty(const char* text) { return text != nullptr ? text : ""; }

TarType type_of(::archive_entry* entry) {
  if (::archive_entry_hardlink(entry) != nullptr) return TarType::kHardlink;
  switch (::archive_entry_filetype(entry)) {
    case AE_IFDIR:
      return TarType::kDirectory;
    case AE_IFLNK:
      return TarType::kSymlink;
    case AE_IFCHR:
      return TarType::kCharDevice;
    case AE_IFBLK:
      return TarType::kBlockDevice;
    case AE_IFIFO:
      return TarType::kFifo;
    default:
      return TarType::kRegular;
  }
}

std::uint32_t id_of(la_int64_t value) {
  constexpr la_int64_t kMax = std::numeric_limits<std::uint32_t>::max();
  return static_cast<std::uint32_t>(std::clamp<la_int64_t>(value, 0, kMax));
}

std::map<std::string, std::string> xattrs_of(::archive_entry* entry) {
  std::map<std::string, std::string> xattrs;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  ::archive_entry_xattr_reset(entry);
  while (::archive_entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK) {
    if (name == nullptr || size > limits::kMaxXattr) continue;  // no file system takes it either
    xattrs[name] = std::string(static_cast<const char*>(value), value != nullptr ? size : 0);
  }
  return xattrs;
}

TarEntry entry_of(::archive_entry* raw) {
  TarEntry entry;
  entry.path = text_or_empty(::archive_entry_pathname(raw));
  entry.type = type_of(raw);
  entry.mode = static_cast<std::uint32_t>(::archive_entry_perm(raw)) & 07777u;
  entry.uid = id_of(::archive_entry_uid(raw));
  entry.gid = id_of(::archive_entry_gid(raw));
  entry.mtime = ::archive_entry_mtime(raw);
  if (entry.type == TarType::kRegular) {
    entry.size = static_cast<std::uint64_t>(std::max<la_int64_t>(::archive_entry_size(raw), 0));
  }
  if (entry.type == TarType::kCharDevice || entry.type == TarType::kBlockDevice) {
    entry.rdev = makedev(static_cast<unsigned>(::archive_entry_rdevmajor(raw)),
                         static_cast<unsigned>(::archive_entry_rdevminor(raw)));
  }
  if (entry.type == TarType::kHardlink) entry.link = ::archive_entry_hardlink(raw);
  if (entry.type == TarType::kSymlink) entry.link = text_or_empty(::archive_entry_symlink(raw));
  entry.xattrs = xattrs_of(raw);
  return entry;
}

class LibarchiveTarReader final : public TarReader {
 public:
  explicit LibarchiveTarReader(ByteSource& source) : input_(source) {}

  Result<void> open();
  Result<std::optional<TarEntry>> next() override;
  Result<std::size_t> read(void* buffer, std::size_t capacity) override;

 private:
  Error fail();

  LibarchiveInput input_;
  ArchiveHandle handle_;
  std::uint64_t left_ = 0;      // content of the current entry not yet read
  std::uint64_t expanded_ = 0;  // content read of all entries, holes included
  bool at_end_ = false;
  std::optional<Error> failed_;
};

Error LibarchiveTarReader::fail() {
  failed_ = input_.error(handle_.get(), "tar");
  // It has two ways to say so, and which one depends on who asks.
  if (failed_->message().find("runcated") != std::string::npos) {
    failed_ = Error(ErrorCode::kCorrupt, "tar: cut short");
  }
  // libarchive's own bound on a pax header or a long name, 1 MiB too.
  if (failed_->message().find("Special header too large") != std::string::npos) {
    failed_ = Error(ErrorCode::kLimit, "tar: extended header of more than " +
                                           std::to_string(limits::kMaxTarHeader) + " bytes");
  }
  return *failed_;
}

Result<void> LibarchiveTarReader::open() {
  handle_.reset(::archive_read_new());
  if (!handle_) return Error(ErrorCode::kMemory, "libarchive: out of memory");
  ::archive_read_support_format_tar(handle_.get());
  ::archive_read_support_format_empty(handle_.get());
  if (input_.open(handle_.get()) != ARCHIVE_OK) return fail();
  return {};
}

Result<std::optional<TarEntry>> LibarchiveTarReader::next() {
  if (failed_) return *failed_;
  if (at_end_) return std::optional<TarEntry>();
  ::archive_entry* raw = nullptr;
  const int status = ::archive_read_next_header(handle_.get(), &raw);
  if (status == ARCHIVE_EOF) {
    at_end_ = true;
    return std::optional<TarEntry>();
  }
  // ARCHIVE_WARN: a name that is not in our character set; it is kept as it is. ARCHIVE_RETRY: a
  // damaged header; where the next one starts would be a guess.
  if (status != ARCHIVE_OK && status != ARCHIVE_WARN) return fail();
  TarEntry entry = entry_of(raw);
  left_ = entry.size;
  return std::optional<TarEntry>(std::move(entry));
}

Result<std::size_t> LibarchiveTarReader::read(void* buffer, std::size_t capacity) {
  if (failed_) return *failed_;
  capacity = static_cast<std::size_t>(std::min<std::uint64_t>(capacity, left_));
  if (capacity == 0) return 0;
  const la_ssize_t got = ::archive_read_data(handle_.get(), buffer, capacity);
  if (got < 0) return fail();
  auto count = static_cast<std::size_t>(got);
  if (count == 0) {  // a hole at the end
    std::memset(buffer, 0, capacity);
    count = capacity;
  }
  left_ -= count;
  expanded_ += count;
  // Holes cost nothing in the file: without this a kilobyte could be read for years.
  if (expanded_ > limits::kMaxLayerBytes) {
    failed_ = Error(ErrorCode::kLimit, "tar: content, with its holes, of more than " +
                                           std::to_string(limits::kMaxLayerBytes) + " bytes");
    return *failed_;
  }
  return count;
}

}  // namespace

Result<std::unique_ptr<TarReader>> TarReader::create(ByteSource& source) {
  auto reader = std::make_unique<LibarchiveTarReader>(source);
  MERIDIAN_CHECK(reader->open());
  return std::unique_ptr<TarReader>(std::move(reader));
}

}  // namespace meridian::archive
