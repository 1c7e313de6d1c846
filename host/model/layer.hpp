// SPDX-License-Identifier: Apache-2.0
//
// layer.hpp: one change set of an image or container.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "model/digest.hpp"

namespace meridian::model {

/// How deletions are written in this layer. Set by the store that knows how the engine mounts it,
/// never guessed from content: markers of another dialect are ordinary files.
enum class MarkerDialect {
  kNone,           // a plain root file system: no markers at all
  kKernelTrusted,  // overlayfs: character device 0:0, trusted.overlay.*
  kKernelUser,     // overlayfs with userxattr: character device 0:0, user.overlay.*
  kFuseOverlayfs,  // .wh. files and character device 0:0, user.fuseoverlayfs.*
  kTar,            // .wh.NAME and .wh..wh..opq (OCI image-spec, layer.md, "Whiteouts")
};

enum class LayerKind { kImage, kInit, kWritable, kDirectory };

/// How far the identity is checked; see architecture.md, "How a scan flows", 3.
enum class LayerIdentity {
  kVerified,  // we hashed the bytes and they are diff_id
  kRecorded,  // the store says diff_id
  kLocal,     // a name inside this store only
};

const char* to_text(LayerKind kind);          // "image", "init", "writable", "directory"
const char* to_text(LayerIdentity identity);  // "verified", "recorded", "local"

struct Layer {
  /// Unique in its store; with `store` it names the tree to open. Shown in reports where there is
  /// no diffID.
  std::string id;
  std::size_t store = 0;  // index of the store in the inventory
  std::optional<DiffId> diff_id;
  std::optional<Digest> digest;  // of the stored blob, where there is one
  LayerKind kind = LayerKind::kImage;
  LayerIdentity identity = LayerIdentity::kLocal;
  MarkerDialect dialect = MarkerDialect::kNone;
  std::uint64_t size = 0;  // bytes of regular files as the store says; 0: not known
  std::string created_by;  // the history step that made it
  /// Named by the store and not to be had: it keeps its place in the stack, and opening it fails.
  bool missing = false;

  /// Two layers with equal keys have equal content: the unit of work.
  std::string key() const;
  /// For reports: the diffID, else the id.
  const std::string& name() const { return diff_id ? diff_id->text() : id; }
};

}  // namespace meridian::model
