// SPDX-License-Identifier: Apache-2.0
//
// overlay_markers.cpp: the dialects (stores.md, parts 1.6 and 7; OCI image-spec, layer.md).
#include "rootfs/overlay_markers.hpp"

#include <string>

namespace meridian::rootfs {
namespace {

using model::MarkerDialect;

constexpr std::string_view kPrefix = ".wh.";
constexpr std::string_view kMetaPrefix = ".wh..wh.";
constexpr std::string_view kOpaqueFile = ".wh..wh..opq";
constexpr std::string_view kOpaqueDevice = ".wh..opq";  // of fuse-overlayfs, as a device 0:0

bool marks_by_name(MarkerDialect dialect) {
  return dialect == MarkerDialect::kTar || dialect == MarkerDialect::kFuseOverlayfs;
}

bool marks_by_device(MarkerDialect dialect) {
  return dialect == MarkerDialect::kKernelTrusted || dialect == MarkerDialect::kKernelUser ||
         dialect == MarkerDialect::kFuseOverlayfs;
}

const char* opaque_attribute(MarkerDialect dialect) {
  switch (dialect) {
    case MarkerDialect::kKernelTrusted:
      return "trusted.overlay.opaque";
    case MarkerDialect::kKernelUser:
      return "user.overlay.opaque";
    case MarkerDialect::kFuseOverlayfs:
      return "user.fuseoverlayfs.opaque";
    case MarkerDialect::kTar:
    case MarkerDialect::kNone:
      break;
  }
  return nullptr;
}

Result<bool> exists(const Tree& tree, const RootfsPath& path) {
  auto stat = tree.stat(path);
  if (stat) return true;
  if (stat.error().code() == ErrorCode::kNotFound) return false;
  return std::move(stat).error();
}

}  // namespace

bool is_marker_name(MarkerDialect dialect, std::string_view name) {
  return marks_by_name(dialect) && name.substr(0, kPrefix.size()) == kPrefix;
}

bool is_whiteout(MarkerDialect dialect, const Stat& stat) {
  return marks_by_device(dialect) && stat.type == EntryType::kCharDevice && stat.rdev == 0;
}

std::string_view whited_out_name(MarkerDialect dialect, std::string_view name) {
  if (!is_marker_name(dialect, name)) return {};
  if (name.substr(0, kMetaPrefix.size()) == kMetaPrefix) return {};
  return name.substr(kPrefix.size());
}

Result<bool> has_whiteout_file(const Tree& tree, MarkerDialect dialect, const RootfsPath& path) {
  if (!marks_by_name(dialect)) return false;
  const std::string marker = std::string(kPrefix).append(path.name());
  if (whited_out_name(dialect, marker).empty()) return false;
  return exists(tree, path.parent() / marker);
}

Result<bool> is_opaque(const Tree& tree, MarkerDialect dialect, const RootfsPath& path) {
  if (const char* const attribute = opaque_attribute(dialect); attribute != nullptr) {
    auto value = tree.xattr(path, attribute);
    if (value && *value == "y") return true;
    if (!value && value.error().code() != ErrorCode::kNotFound) return std::move(value).error();
  }
  if (!marks_by_name(dialect)) return false;
  MERIDIAN_TRY(const bool has_file, exists(tree, path / kOpaqueFile));
  if (has_file || dialect != MarkerDialect::kFuseOverlayfs) return has_file;
  auto device = tree.stat(path / kOpaqueDevice);
  if (device) return is_whiteout(dialect, *device);
  if (device.error().code() == ErrorCode::kNotFound) return false;
  return std::move(device).error();
}

}  // namespace meridian::rootfs
