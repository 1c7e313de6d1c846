// SPDX-License-Identifier: Apache-2.0
//
// overlay_markers.hpp: how one layer says that something below it is gone.
//
// "Markers" are the layer's own dialect's; those of another are ordinary files (an image that ships
// `.wh.x` or user.overlay.opaque must not hide from us what the kernel would show).
#pragma once

#include <string_view>

#include "meridian/result.hpp"
#include "model/layer.hpp"
#include "rootfs/tree.hpp"

namespace meridian::rootfs {

/// `.wh.NAME`, `.wh..wh..opq` and aufs's own: no entry in a dialect that marks by name.
bool is_marker_name(model::MarkerDialect dialect, std::string_view name);

/// A character device 0:0, in a dialect that marks by device.
bool is_whiteout(model::MarkerDialect dialect, const Stat& stat);

/// The name that a file called `name` deletes; "" if it is no such marker.
std::string_view whited_out_name(model::MarkerDialect dialect, std::string_view name);

/// Whether this layer deletes `path` by a `.wh.` file beside it.
Result<bool> has_whiteout_file(const Tree& tree, model::MarkerDialect dialect,
                               const RootfsPath& path);

/// Whether this layer's directory `path` hides the lower ones.
Result<bool> is_opaque(const Tree& tree, model::MarkerDialect dialect, const RootfsPath& path);

}  // namespace meridian::rootfs
