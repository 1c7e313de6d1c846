// SPDX-License-Identifier: Apache-2.0
#include "rootfs/overlay_markers.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "base/escape.hpp"
#include "base/limits.hpp"

namespace meridian::rootfs {
namespace {

using model::MarkerDialect;

constexpr std::string_view kPrefix = ".wh.";
constexpr std::string_view kMetaPrefix = ".wh..wh.";
constexpr std::string_view kOpaqueFile = ".wh..wh..opq";
constexpr std::string_view kTrusted = "trusted.overlay.";
constexpr std::string_view kUser = "user.overlay.";
/// fuse-overlayfs asks in this order and believes the first that is there.
constexpr std::array<const char*, 3> kFuseOpaque = {"trusted.overlay.opaque", "user.overlay.opaque",
                                                    "user.fuseoverlayfs.opaque"};
/// What it hides from who looks into the mount.
constexpr std::array<std::string_view, 4> kFuseOwn = {kTrusted, kUser, "user.fuseoverlayfs.",
                                                      "user.containers.override_"};
/// Smallest value of overlay.metacopy that is not empty: version, length, flags, algorithm.
constexpr std::size_t kMetacopyHeader = 4;

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

bool marks_by_name(MarkerDialect dialect) {
  return dialect == MarkerDialect::kTar || dialect == MarkerDialect::kFuseOverlayfs;
}

std::string_view kernel_prefix(MarkerDialect dialect) {
  return dialect == MarkerDialect::kKernelUser ? kUser : kTrusted;
}

Result<std::optional<std::string>> attribute(const Tree& tree, const RootfsPath& path,
                                             const std::string& name) {
  auto value = tree.xattr(path, name);
  if (value) return std::optional<std::string>(*std::move(value));
  if (value.error().code() == ErrorCode::kNotFound) return std::optional<std::string>();
  return std::move(value).error();
}

Result<std::optional<std::string>> kernel_attribute(const Tree& tree, MarkerDialect dialect,
                                                    const RootfsPath& path, std::string_view name) {
  if (!is_kernel_dialect(dialect)) return std::optional<std::string>();
  return attribute(tree, path, std::string(kernel_prefix(dialect)).append(name));
}

Result<bool> exists(const Tree& tree, const RootfsPath& path) {
  auto stat = tree.stat(path);
  if (stat) return true;
  if (stat.error().code() == ErrorCode::kNotFound) return false;
  return std::move(stat).error();
}

Error corrupt(const RootfsPath& path, std::string_view why) {
  return Error(ErrorCode::kCorrupt, "'" + base::escape(path.text()) + "': " + std::string(why));
}

/// Every part between slashes has a name, and there is at least one.
bool has_whole_parts(std::string_view absolute) {
  return absolute.size() > 1 && absolute.back() != '/' &&
         absolute.find("//") == std::string_view::npos;
}

bool leads_elsewhere(std::string_view redirect) {
  while (!redirect.empty()) {
    redirect.remove_prefix(redirect.front() == '/' ? 1 : 0);
    const std::string_view part = redirect.substr(0, redirect.find('/'));
    if (part == "." || part == "..") return true;
    redirect.remove_prefix(part.size());
  }
  return false;
}

}  // namespace

bool is_kernel_dialect(MarkerDialect dialect) {
  return dialect == MarkerDialect::kKernelTrusted || dialect == MarkerDialect::kKernelUser;
}

bool is_marker_name(MarkerDialect dialect, std::string_view name) {
  return marks_by_name(dialect) && starts_with(name, kPrefix);
}

Result<bool> is_whiteout(const Tree& tree, MarkerDialect dialect, const RootfsPath& path,
                         const Stat& stat) {
  const bool by_device = is_kernel_dialect(dialect) || dialect == MarkerDialect::kFuseOverlayfs;
  if (by_device && stat.type == EntryType::kCharDevice && stat.rdev == 0) return true;
  if (stat.type != EntryType::kRegular || stat.size != 0) return false;
  MERIDIAN_TRY(const auto value, kernel_attribute(tree, dialect, path, "whiteout"));
  return value.has_value();
}

std::string_view whited_out_name(MarkerDialect dialect, std::string_view name) {
  if (!is_marker_name(dialect, name) || starts_with(name, kMetaPrefix)) return {};
  return name.substr(kPrefix.size());
}

Result<bool> has_whiteout_file(const Tree& tree, MarkerDialect dialect, const RootfsPath& path) {
  if (!marks_by_name(dialect)) return false;
  const std::string marker = std::string(kPrefix).append(path.name());
  if (whited_out_name(dialect, marker).empty()) return false;
  return exists(tree, path.parent() / marker);
}

bool whiteout_file_hides_own(MarkerDialect dialect) {
  return dialect == MarkerDialect::kFuseOverlayfs;
}

Result<bool> is_opaque(const Tree& tree, MarkerDialect dialect, const RootfsPath& path) {
  if (is_kernel_dialect(dialect)) {
    // overlayfs reads none of them on a layer's root.
    if (path.is_root()) return false;
    MERIDIAN_TRY(const auto value, kernel_attribute(tree, dialect, path, "opaque"));
    return value && *value == "y";
  }
  if (dialect == MarkerDialect::kFuseOverlayfs) {
    for (const char* const name : kFuseOpaque) {
      MERIDIAN_TRY(const auto value, attribute(tree, path, name));
      if (value) return starts_with(*value, "y");
    }
  }
  return marks_by_name(dialect) ? exists(tree, path / kOpaqueFile) : Result<bool>(false);
}

Result<bool> is_metacopy(const Tree& tree, MarkerDialect dialect, const RootfsPath& path) {
  MERIDIAN_TRY(const auto value, kernel_attribute(tree, dialect, path, "metacopy"));
  if (!value) return false;
  if (!value->empty() && value->size() < kMetacopyHeader) {
    return corrupt(path, "its metacopy attribute is too short; the kernel refuses the file");
  }
  return true;
}

const char* metacopy_attribute(MarkerDialect dialect) {
  if (dialect == MarkerDialect::kKernelTrusted) return "trusted.overlay.metacopy";
  return dialect == MarkerDialect::kKernelUser ? "user.overlay.metacopy" : nullptr;
}

const char* redirect_attribute(MarkerDialect dialect) {
  if (dialect == MarkerDialect::kKernelTrusted) return "trusted.overlay.redirect";
  return dialect == MarkerDialect::kKernelUser ? "user.overlay.redirect" : nullptr;
}

Result<std::optional<std::string>> redirect_of(const Tree& tree, MarkerDialect dialect,
                                               const RootfsPath& path) {
  MERIDIAN_TRY(auto value, kernel_attribute(tree, dialect, path, "redirect"));
  if (!value) return std::optional<std::string>();
  value->resize(std::min(value->find('\0'), value->size()));  // the kernel takes it as a C string
  const bool absolute = starts_with(*value, "/");
  const bool whole =
      absolute ? has_whole_parts(*value) : !value->empty() && value->find('/') == std::string::npos;
  if (!whole || leads_elsewhere(*value)) {
    return corrupt(path, "its redirect '" + base::escape(*value) +
                             "' is no name in a lower layer; the kernel refuses it");
  }
  const auto slashes = static_cast<std::size_t>(std::count(value->begin(), value->end(), '/'));
  if (slashes > limits::kMaxDepth || value->size() > limits::kMaxPath) {
    return Error(ErrorCode::kLimit,
                 "'" + base::escape(path.text()) + "': its redirect is too deep");
  }
  return value;
}

std::optional<std::string> stored_attribute(MarkerDialect dialect, const std::string& name) {
  if (dialect == MarkerDialect::kFuseOverlayfs) {
    const bool own = std::any_of(kFuseOwn.begin(), kFuseOwn.end(), [&](std::string_view prefix) {
      return starts_with(name, prefix);
    });
    return own ? std::nullopt : std::optional<std::string>(name);
  }
  if (!is_kernel_dialect(dialect)) return name;
  const std::string_view prefix = kernel_prefix(dialect);
  if (!starts_with(name, prefix)) return name;
  return std::string(prefix).append("overlay.").append(name, prefix.size());
}

}  // namespace meridian::rootfs
