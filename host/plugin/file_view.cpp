// SPDX-License-Identifier: Apache-2.0
#include "plugin/file_view.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "base/limits.hpp"
#include "meridian/failure.hpp"
#include "meridian/text.hpp"

namespace meridian::plugin {

namespace {

std::uint32_t type_bits(rootfs::EntryType type) {
  switch (type) {
    case rootfs::EntryType::kRegular:
      return S_IFREG;
    case rootfs::EntryType::kDirectory:
      return S_IFDIR;
    case rootfs::EntryType::kSymlink:
      return S_IFLNK;
    case rootfs::EntryType::kCharDevice:
      return S_IFCHR;
    case rootfs::EntryType::kBlockDevice:
      return S_IFBLK;
    case rootfs::EntryType::kFifo:
      return S_IFIFO;
    case rootfs::EntryType::kSocket:
      return S_IFSOCK;
  }
  return 0;
}

}  // namespace

meridian_stat to_record(const rootfs::Stat& stat) {
  meridian_stat record{};
  record.struct_size = sizeof record;
  record.mode = type_bits(stat.type) | stat.mode;
  record.uid = stat.uid;
  record.gid = stat.gid;
  record.size = stat.size;
  record.mtime = stat.mtime;
  record.device_major = major(stat.rdev);
  record.device_minor = minor(stat.rdev);
  return record;
}

FileView::FileView(const rootfs::RootfsPath& path, const rootfs::Stat& stat,
                   rootfs::Content& content, rootfs::Visitor::Opener& attributes,
                   std::uint32_t layer_index)
    : path_(path), content_(content), attributes_(attributes), stat_(to_record(stat)) {
  record_.struct_size = sizeof record_;
  record_.layer_index = layer_index;
  record_.impl = this;
  record_.path = lend(path_.text());
  record_.stat = &stat_;
  record_.read = &FileView::read;
  record_.sha256 = &FileView::sha256;
  record_.xattr = &FileView::xattr;
}

meridian_status FileView::read(void* impl, std::uint64_t offset, void* buffer,
                               std::uint64_t capacity, std::uint64_t* ret_read,
                               meridian_failure* failure) {
  auto& self = *static_cast<FileView*>(impl);
  if (auto role = self.worker_.check("read"); !role) return fail(failure, role.error());
  std::uint64_t done = 0;
  while (done < capacity) {  // a Content may give less than asked before the end
    auto got = self.content_.read(offset + done, static_cast<char*>(buffer) + done,
                                  static_cast<std::size_t>(capacity - done));
    if (!got) return fail(failure, got.error());
    if (*got == 0) break;
    done += *got;
  }
  *ret_read = done;
  return MERIDIAN_OK;
}

meridian_status FileView::sha256(void* impl, std::uint8_t digest[32], meridian_failure* failure) {
  auto& self = *static_cast<FileView*>(impl);
  if (auto role = self.worker_.check("sha256"); !role) return fail(failure, role.error());
  if (!self.digest_) {
    base::Sha256 hash;
    std::vector<char> buffer(limits::kChunk);
    for (std::uint64_t offset = 0;;) {
      auto got = self.content_.read(offset, buffer.data(), buffer.size());
      if (!got) return fail(failure, got.error());
      if (*got == 0) break;
      hash.update({buffer.data(), *got});
      offset += *got;
      if (offset > limits::kMaxLayerBytes) {  // a file that grows while it is read
        return fail(failure, Error(ErrorCode::kLimit, "file is too large to hash"));
      }
    }
    self.digest_ = hash.finish();
  }
  std::copy(self.digest_->begin(), self.digest_->end(), digest);
  return MERIDIAN_OK;
}

meridian_status FileView::xattr(void* impl, meridian_str name, meridian_str* value,
                                meridian_failure* failure) {
  auto& self = *static_cast<FileView*>(impl);
  if (auto role = self.worker_.check("xattr"); !role) return fail(failure, role.error());
  auto got = self.attributes_.xattr(std::string(view(name)));
  if (!got) return fail(failure, got.error());
  self.lent_.push_back(*std::move(got));
  *value = lend(self.lent_.back());
  return MERIDIAN_OK;
}

}  // namespace meridian::plugin
