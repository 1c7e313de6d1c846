// SPDX-License-Identifier: Apache-2.0
#include "store/docker/tar_split.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/escape.hpp"
#include "base/limits.hpp"
#include "base/system_error.hpp"

namespace meridian::store {
namespace {

/// What dockerd writes as attributes when it unpacks this entry; its bytes.
std::uint64_t add_markers(const rootfs::RootfsPath& path, const archive::TarEntry& entry,
                          rootfs::MarkerRecord& markers) {
  constexpr std::string_view kOpaqueFile = ".wh..wh..opq";
  constexpr std::string_view kPrefix = "trusted.overlay.";
  if (path.name() == kOpaqueFile) {
    markers[path.parent()]["trusted.overlay.opaque"] = "y";
    return path.text().size();
  }
  std::uint64_t bytes = 0;
  for (const auto& [name, value] : entry.xattrs) {
    if (name.compare(0, kPrefix.size(), kPrefix) != 0 || name == "trusted.overlay.metacopy") {
      continue;
    }
    markers[path][name] = value;
    bytes += path.text().size() + name.size() + value.size();
  }
  return bytes;
}

}  // namespace

Result<rootfs::MarkerRecord> markers_of_split(archive::Unpacker& unpacker,
                                              const archive::BlobRange& record,
                                              const std::string& name) {
  MERIDIAN_TRY(const auto tar, unpacker.tar(record, name));
  rootfs::MarkerRecord markers;
  std::uint64_t bytes = 0;
  for (;;) {
    MERIDIAN_TRY(const auto entry, tar->next());
    if (!entry) return markers;
    const auto path = rootfs::RootfsPath::parse(entry->path);
    if (!path) continue;  // dockerd unpacks none of these either
    bytes += add_markers(*path, *entry, markers);
    if (markers.size() > kMaxRecordedMarkers || bytes > limits::kMaxIndexTextBytes) {
      return Error(ErrorCode::kLimit, name + ": more than " + std::to_string(kMaxRecordedMarkers) +
                                          " entries with overlay markers, or " +
                                          std::to_string(limits::kMaxIndexTextBytes) +
                                          " bytes of them");
    }
  }
}

Result<archive::BlobRange> split_record(const rootfs::HostRoot& host, const model::HostPath& path) {
  MERIDIAN_TRY(base::UniqueFd file, host.open_file(path));
  struct stat found {};
  if (::fstat(file.get(), &found) != 0) return base::system_error(errno, path.text());
  return archive::BlobRange{std::make_shared<base::UniqueFd>(std::move(file)), 0,
                            static_cast<std::uint64_t>(found.st_size),
                            archive::BlobForm::kTarSplit};
}

std::shared_ptr<const rootfs::Tree> with_markers(std::shared_ptr<const rootfs::Tree> tree,
                                                 const model::Layer& layer,
                                                 Result<rootfs::MarkerRecord> markers) {
  if (markers) {
    return std::make_shared<rootfs::RecordedMarkers>(std::move(tree), *std::move(markers),
                                                     std::nullopt);
  }
  return std::make_shared<rootfs::RecordedMarkers>(
      std::move(tree), rootfs::MarkerRecord(),
      Error(ErrorCode::kPrivilege,
            std::string(model::to_text(layer.kind)) + " layer " + base::escape(layer.name()) +
                ": which directories it hides or renames cannot be read (trusted.overlay.*): " +
                markers.error().message()));
}

}  // namespace meridian::store
