// SPDX-License-Identifier: Apache-2.0
#include "lane/received_file.hpp"

#include <fcntl.h>
#include <sys/xattr.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/limits.hpp"
#include "base/read_file.hpp"
#include "base/sealed_file.hpp"
#include "base/system_error.hpp"
#include "rootfs/file_content.hpp"

namespace meridian::lane {

namespace {

/// Bytes that go in the frame when there is no descriptor; more are written to a file first.
constexpr std::uint64_t kInlineBytes = 16 << 10;
/// Up to this a copy lies in memory: of 64 in a batch and five batches, 20 MB for a worker at most.
/// ext4 takes a tenth of a millisecond to find an inode for a file while others were deleted in the
/// last seconds.
constexpr std::uint64_t kInMemory = 64 << 10;
constexpr std::uint64_t kCopyAtOnce = 1 << 20;
/// Attributes of one file. ext4 has a block of them, XFS no bound for all; real files have two.
constexpr std::size_t kMaxAttributes = 256 << 10;

Result<std::vector<std::string>> names_of(int file) {
  std::array<char, 1024> some{};
  std::string all;
  ssize_t size = ::flistxattr(file, some.data(), some.size());
  if (size < 0 && errno == ERANGE) {
    all.resize(limits::kMaxXattr);
    size = ::flistxattr(file, all.data(), all.size());
  } else if (size > 0) {
    all.assign(some.data(), static_cast<std::size_t>(size));
  }
  if (size < 0) {
    if (errno == ENOTSUP) return std::vector<std::string>();
    return base::system_error(errno, "names of extended attributes");
  }
  std::vector<std::string> names;
  std::string_view left = std::string_view(all).substr(0, static_cast<std::size_t>(size));
  while (!left.empty()) {
    names.emplace_back(left.substr(0, left.find('\0')));
    left.remove_prefix(std::min(left.size(), names.back().size() + 1));
  }
  return names;
}

/// Those that plugins may ask for: as the walk shows them, without the markers it hides.
Result<std::map<std::string, std::string>> attributes_of(const FileItem& item) {
  const int file = item.content.fd();
  MERIDIAN_TRY(const auto names, file >= 0 ? names_of(file) : item.attributes.xattr_names());
  std::map<std::string, std::string> attributes;
  std::size_t bytes = 0;
  for (const std::string& name : names) {
    auto value = item.attributes.xattr(name);
    if (!value && value.error().code() == ErrorCode::kNotFound) continue;  // hidden: a marker
    if (!value) return std::move(value).error();
    bytes += name.size() + value->size();
    if (bytes > kMaxAttributes) {
      return Error(ErrorCode::kLimit,
                   "more than " + std::to_string(kMaxAttributes) + " bytes of extended attributes");
    }
    attributes.emplace(name, *std::move(value));
  }
  return attributes;
}

/// Content that has no descriptor as a file of its own.
Result<base::UniqueFd> copied(rootfs::Content& content) {
  if (content.size() <= kInMemory) {
    MERIDIAN_TRY(const std::string bytes, rootfs::read_content(content, kInMemory));
    return base::sealed_memfd("meridian-file", bytes);
  }
  MERIDIAN_TRY(auto file, base::make_scratch_file());
  std::string buffer(static_cast<std::size_t>(std::min(content.size(), kCopyAtOnce)), '\0');
  for (std::uint64_t offset = 0;;) {
    MERIDIAN_TRY(const std::size_t got, content.read(offset, buffer.data(), buffer.size()));
    if (got == 0) return base::reopen_for_reading(file.get());
    MERIDIAN_CHECK(base::write_all(file.get(), std::string_view(buffer).substr(0, got)));
    offset += got;
    if (offset > limits::kMaxSpoolBytes) {
      return Error(
          ErrorCode::kLimit,
          "a file of more than " + std::to_string(limits::kMaxSpoolBytes) + " bytes in an archive");
    }
  }
}

}  // namespace

Result<SentFile> send_form(const FileItem& item, bool may_take, const LaneNumbers& numbers,
                           WantedTable& wanted) {
  SentFile sent;
  message::File& file = sent.file;
  sent.bytes = 128;
  for (const FileName& name : item.names) {
    const std::size_t known = wanted.size();
    const std::uint32_t place = wanted.add(name.wanted, numbers);
    if (place == WantedTable::kNothing) continue;
    sent.bytes += name.path->text().size() + 16 + (place >= known ? wanted.bytes(place) : 0);
    file.names.push_back({*name.path, place});
  }
  if (file.names.empty()) return sent;
  file.stat = item.stat;
  MERIDIAN_TRY(file.xattrs, attributes_of(item));
  for (const auto& [name, value] : file.xattrs) sent.bytes += name.size() + value.size() + 8;
  if (item.content.fd() >= 0) {
    if (may_take) {
      // The last lane that gets it: the page cache is asked here, where the host's rights are.
      file.uncached = base::uncached_ranges(item.content.fd(), item.content.size());
      sent.bytes += 16 * file.uncached.size();
      sent.descriptor = item.content.take_fd();
    }
    if (!sent.descriptor) {
      sent.descriptor = base::UniqueFd(::fcntl(item.content.fd(), F_DUPFD_CLOEXEC, 0));
    }
    if (!sent.descriptor) return base::system_error(errno, "dup");
  } else if (item.content.size() <= kInlineBytes) {
    MERIDIAN_TRY(file.content, rootfs::read_content(item.content, kInlineBytes));
    sent.bytes += file.content.size();
  } else {
    MERIDIAN_TRY(sent.descriptor, copied(item.content));
  }
  if (sent.descriptor) sent.file_bytes = item.content.size();
  return sent;
}

Result<std::unique_ptr<rootfs::Content>> ReceivedFile::Attributes::open() {
  return Error(ErrorCode::kInvalid, "it is open already");
}

Result<std::string> ReceivedFile::Attributes::xattr(const std::string& name) {
  const auto found = file_.xattrs.find(name);
  if (found != file_.xattrs.end()) return found->second;
  return Error(ErrorCode::kNotFound, "no attribute '" + name + "'");
}

Result<std::unique_ptr<ReceivedFile>> ReceivedFile::make(message::File file,
                                                         const WantedList& wanted,
                                                         std::vector<base::UniqueFd>& descriptors) {
  if (file.names.empty()) return Error(ErrorCode::kCorrupt, "a file without a name");
  std::unique_ptr<ReceivedFile> made(new ReceivedFile(std::move(file)));
  message::File& given = made->file_;
  if (given.descriptor == message::File::kInline) {
    made->content_ = rootfs::memory_content(std::move(given.content));
  } else {
    if (given.descriptor >= descriptors.size() || !descriptors[given.descriptor]) {
      return Error(ErrorCode::kCorrupt, "a file without its descriptor");
    }
    made->content_ = rootfs::file_content(std::move(descriptors[given.descriptor]), given.stat.size,
                                          given.names.front().path.text(), given.uncached);
  }
  for (const message::Name& name : given.names) {
    if (name.wanted >= wanted.size()) return Error(ErrorCode::kCorrupt, "a file nobody wants");
    made->names_.push_back({&name.path, wanted[name.wanted]});
  }
  return made;
}

FileItem ReceivedFile::item() {
  return {names_, file_.stat, *content_, attributes_, file_.searchers};
}

}  // namespace meridian::lane
