// SPDX-License-Identifier: Apache-2.0
//
// overlay_markers.hpp: what one layer says about the layers below it: something there is gone, is
// found under another name, or has the bytes of a file whose attributes are here.
//
// "Markers" are the layer's own dialect's; those of another are ordinary files (an image that ships
// `.wh.x` or user.overlay.opaque must not hide from us what the kernel would show).
// Facts: stores.md, parts 1.6 and 7; OCI image-spec, layer.md; Linux fs/overlayfs/namei.c;
// fuse-overlayfs 1.10, main.c. Proven by overlay_differential_test.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "meridian/result.hpp"
#include "model/layer.hpp"
#include "rootfs/tree.hpp"

namespace meridian::rootfs {

/// A dialect of the kernel's overlayfs: the only ones with redirects and metacopy files.
bool is_kernel_dialect(model::MarkerDialect dialect);

/// `.wh.NAME`, `.wh..wh..opq` and aufs's own: no entry in a dialect that marks by name.
bool is_marker_name(model::MarkerDialect dialect, std::string_view name);

/// Whether the entry that has `stat` is a whiteout: a character device 0:0, or an empty file with
/// the kernel's `overlay.whiteout` (which counts in any directory, whatever the kernel lists).
Result<bool> is_whiteout(const Tree& tree, model::MarkerDialect dialect, const RootfsPath& path,
                         const Stat& stat);

/// The name that a file called `name` deletes; "" if it is no such marker.
std::string_view whited_out_name(model::MarkerDialect dialect, std::string_view name);

/// Whether this layer deletes `path` by a `.wh.` file beside it.
Result<bool> has_whiteout_file(const Tree& tree, model::MarkerDialect dialect,
                               const RootfsPath& path);
/// Whether such a file also deletes the entry of that name in its own layer (fuse-overlayfs), or
/// only those below (image-spec).
bool whiteout_file_hides_own(model::MarkerDialect dialect);

/// Whether this layer's directory `path` hides the lower ones. `path` may be the root.
Result<bool> is_opaque(const Tree& tree, model::MarkerDialect dialect, const RootfsPath& path);

/// Whether the regular file `path` has attributes only, its bytes being in a lower layer. kCorrupt
/// where the kernel gives EIO.
Result<bool> is_metacopy(const Tree& tree, model::MarkerDialect dialect, const RootfsPath& path);
/// The names of these attributes; nullptr if the dialect has none.
const char* metacopy_attribute(model::MarkerDialect dialect);
const char* redirect_attribute(model::MarkerDialect dialect);

/// Under which name the lower layers have what is `path` here: one part (beside it), or "/a/b" from
/// the layer's root. kCorrupt where the kernel gives EINVAL.
Result<std::optional<std::string>> redirect_of(const Tree& tree, model::MarkerDialect dialect,
                                               const RootfsPath& path);

/// The attribute of a layer's file that the merged view shows as `name`: the dialect's own are not
/// shown (nullopt), and the kernel's escaped ones lose their escape.
std::optional<std::string> stored_attribute(model::MarkerDialect dialect, const std::string& name);

}  // namespace meridian::rootfs
