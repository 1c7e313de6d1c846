// SPDX-License-Identifier: Apache-2.0
#include "store/oci_layout/directory_files.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "base/escape.hpp"
#include "base/page_cache.hpp"
#include "base/system_error.hpp"

namespace meridian::store {

DirectoryFiles::DirectoryFiles(archive::Unpacker& unpacker, std::unique_ptr<rootfs::HostRoot> root,
                               std::string name)
    : ImageFiles(unpacker), root_(std::move(root)), name_(std::move(name)) {}

Result<std::unique_ptr<DirectoryFiles>> DirectoryFiles::open(archive::Unpacker& unpacker,
                                                             const std::string& path) {
  struct stat st {};
  if (::stat(path.c_str(), &st) != 0) return base::system_error(errno, path);
  if (!S_ISDIR(st.st_mode)) {
    return Error(ErrorCode::kInvalid,
                 base::escape(path) + ": is no directory (oci-archive:PATH reads archives)");
  }
  MERIDIAN_TRY(auto root, rootfs::HostRoot::open(path));
  return std::unique_ptr<DirectoryFiles>(new DirectoryFiles(unpacker, std::move(root), path));
}

Result<ImageFiles::Found> DirectoryFiles::find(std::string_view name) const {
  MERIDIAN_TRY(rootfs::RootfsPath path, rootfs::RootfsPath::parse(name));
  MERIDIAN_TRY(const auto host_path, model::HostPath::parse("/" + path.text()));
  MERIDIAN_TRY(const base::UniqueFd place, root_->find(host_path));
  struct stat st {};
  if (::fstat(place.get(), &st) != 0) return base::system_error(errno, path.text());
  if (!S_ISREG(st.st_mode)) {
    return Error(ErrorCode::kCorrupt, "'" + base::escape(path.text()) + "' is no regular file");
  }
  return Found{std::move(path), static_cast<std::uint64_t>(st.st_size)};
}

Result<archive::BlobRange> DirectoryFiles::open(const Found& found) const {
  MERIDIAN_TRY(const auto path, model::HostPath::parse("/" + found.path.text()));
  MERIDIAN_TRY(base::UniqueFd file, root_->open_file(path));
  return archive::BlobRange{base::share_uncached(std::move(file), found.size), 0, found.size};
}

Result<Witness> DirectoryFiles::witness(const Found& found) const {
  MERIDIAN_TRY(const auto path, model::HostPath::parse("/" + found.path.text()));
  MERIDIAN_TRY(const base::UniqueFd file, root_->find(path));
  Witness witness;
  MERIDIAN_CHECK(witness.add(file.get(), found.path.text()));
  return witness;
}

}  // namespace meridian::store
