// SPDX-License-Identifier: Apache-2.0
//
// layered_lookup.hpp: one name in one merged directory: overlayfs's ovl_lookup, and what tar and
// fuse-overlayfs do instead.
//
// A look-up goes down the layers of the directory. In the kernel's dialects each hit may say that
// the layers below it have the thing under another name (redirect), and a file may say that its
// bytes are below it (metacopy).
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "model/layer.hpp"
#include "rootfs/tree.hpp"

namespace meridian::rootfs {

struct StackedLayer {
  std::shared_ptr<const Tree> tree;
  model::MarkerDialect dialect = model::MarkerDialect::kNone;
};

/// What the mount of a stack obeys. As the kernel does without options; userxattr
/// (model::MarkerDialect::kKernelUser) always refuses both, whatever stands here.
struct OverlayOptions {
  bool follow_redirects = true;  // off: redirect_dir=nofollow
  bool metacopy = false;
};

/// Where something stands: a layer (0: bottom), and its path there, which a redirect may make
/// another than the merged one.
struct Place {
  std::size_t layer = 0;
  RootfsPath path;
  bool operator==(const Place&) const = default;
};

/// What shows at a merged path. `places`, top first: of a directory all that are merged; of a
/// metacopy file itself and the file that has its bytes; of anything else one.
struct Merged {
  Stat stat;
  std::vector<Place> places;
};

/// nullopt: nothing shows. kRefused and kCorrupt where the kernel would list the name and refuse to
/// look at it: a redirect or metacopy that the mount does not follow, metacopy without bytes.
Result<std::optional<Merged>> look_up(const std::vector<StackedLayer>& layers,
                                      const OverlayOptions& options, const Merged& directory,
                                      std::string_view name);

}  // namespace meridian::rootfs
