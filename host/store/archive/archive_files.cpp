// SPDX-License-Identifier: Apache-2.0
#include "store/archive/archive_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <utility>

#include "base/escape.hpp"
#include "base/limits.hpp"
#include "base/page_cache.hpp"
#include "base/read_file.hpp"
#include "base/system_error.hpp"

namespace meridian::store {
namespace {

using archive::Member;
using archive::TarType;
using rootfs::RootfsPath;

constexpr std::size_t kMagicBytes = 512;

Result<std::uint64_t> size_of(int fd, const std::string& name) {
  struct stat st {};
  if (::fstat(fd, &st) != 0) return base::system_error(errno, name);
  return static_cast<std::uint64_t>(st.st_size);
}

Result<base::UniqueFd> decode_to_scratch(archive::Unpacker& unpacker,
                                         const std::shared_ptr<base::UniqueFd>& file,
                                         std::uint64_t size) {
  MERIDIAN_TRY(const auto source, unpacker.decoded({file, 0, size}));
  MERIDIAN_TRY(base::UniqueFd scratch, base::make_scratch_file());
  std::string chunk(limits::kChunk, '\0');
  std::uint64_t total = 0;
  while (true) {
    MERIDIAN_TRY(const std::size_t n, source->read(chunk.data(), chunk.size()));
    // It goes to readers, none of which may change what another one reads.
    if (n == 0) return base::reopen_for_reading(scratch.get());
    total += n;
    if (total > limits::kMaxSpoolBytes) {
      return Error(ErrorCode::kLimit,
                   "unpacks to more than " + std::to_string(limits::kMaxSpoolBytes) + " bytes");
    }
    MERIDIAN_CHECK(base::write_all(scratch.get(), std::string_view(chunk).substr(0, n)));
  }
}

/// Where a link leads, as text inside the archive; ".." stops at its root.
Result<RootfsPath> link_target(const RootfsPath& path, const Member& member) {
  const bool relative = member.type == TarType::kSymlink && member.link.substr(0, 1) != "/";
  return RootfsPath::parse(relative ? path.parent().text() + "/" + member.link : member.link);
}

}  // namespace

ArchiveFiles::ArchiveFiles(archive::Unpacker& unpacker, std::shared_ptr<base::UniqueFd> file,
                           std::string name)
    : ImageFiles(unpacker), file_(std::move(file)), name_(std::move(name)) {}

Result<std::unique_ptr<ArchiveFiles>> ArchiveFiles::open(archive::Unpacker& unpacker,
                                                         const std::string& path) {
  MERIDIAN_TRY(base::UniqueFd opened, base::open_own_file(path));
  MERIDIAN_TRY(const std::uint64_t size, size_of(opened.get(), path));
  auto file = base::share_uncached(std::move(opened), size);
  std::array<char, kMagicBytes> magic{};
  MERIDIAN_TRY(const std::size_t n,
               base::read_at(file->get(), 0, magic.data(), magic.size(), path));
  base::UniqueFd source(::fcntl(file->get(), F_DUPFD_CLOEXEC, 0));
  if (!source) return base::system_error(errno, path);
  Witness before;
  MERIDIAN_CHECK(before.add(source.get(), path));
  if (archive::sniff({magic.data(), n}) != archive::Compression::kNone) {
    auto decoded = decode_to_scratch(unpacker, file, size);
    if (!decoded) return std::move(decoded).error().in(base::escape(path));
    file = std::make_shared<base::UniqueFd>(*std::move(decoded));
  }
  MERIDIAN_TRY(auto files, index(unpacker, std::move(file), path));
  files->source_ = std::move(source);
  files->opened_ = std::move(before);
  return files;
}

Result<Witness> ArchiveFiles::witness(const Found& /*found*/) const {
  Witness now;
  if (!source_) return Error(ErrorCode::kUnsupported, "it was not opened by name");
  MERIDIAN_CHECK(now.add(source_.get(), name_));
  if (now.text() != opened_.text()) return Error(ErrorCode::kChanged, name_ + " was written to");
  return opened_;
}

Result<std::unique_ptr<ArchiveFiles>> ArchiveFiles::index(archive::Unpacker& unpacker,
                                                          std::shared_ptr<base::UniqueFd> file,
                                                          std::string name) {
  std::unique_ptr<ArchiveFiles> files(new ArchiveFiles(unpacker, std::move(file), std::move(name)));
  MERIDIAN_TRY(const std::uint64_t size, size_of(files->file_->get(), files->name_));
  MERIDIAN_TRY(auto members, unpacker.members({files->file_, 0, size}, files->name_));
  for (Member& member : members) {
    MERIDIAN_TRY(RootfsPath path, RootfsPath::parse(member.path));
    files->members_.insert_or_assign(std::move(path), std::move(member));
  }
  return files;
}

Result<ArchiveFiles::Found> ArchiveFiles::find(std::string_view name) const {
  const std::string shown = "member '" + base::escape(name) + "'";
  MERIDIAN_TRY(RootfsPath path, RootfsPath::parse(name));
  for (int links = 0; links <= limits::kMaxSymlinks; ++links) {
    const auto found = members_.find(path);
    if (found == members_.end()) {
      return Error(ErrorCode::kNotFound,
                   shown + (links == 0 ? std::string(" is not there")
                                       : " leads to '" + base::escape(path.text()) +
                                             "', which is not there"));
    }
    const Member& member = found->second;
    if (member.type == TarType::kRegular) {
      return Found{std::move(path), member.size};
    }
    if (member.type != TarType::kSymlink && member.type != TarType::kHardlink) {
      return Error(ErrorCode::kCorrupt, shown + " is no regular file");
    }
    MERIDIAN_TRY(path, link_target(path, member));
  }
  return Error(ErrorCode::kLimit, shown + " leads through more than " +
                                      std::to_string(limits::kMaxSymlinks) + " links");
}

Result<archive::BlobRange> ArchiveFiles::open(const Found& found) const {
  const auto member = members_.find(found.path);
  if (member == members_.end()) {
    return Error(ErrorCode::kNotFound,
                 "member '" + base::escape(found.path.text()) + "' is not there");
  }
  return archive::BlobRange{file_, member->second.offset, member->second.size};
}

}  // namespace meridian::store
