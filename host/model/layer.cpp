// SPDX-License-Identifier: Apache-2.0
#include "model/layer.hpp"

namespace meridian::model {

const char* to_text(LayerKind kind) {
  switch (kind) {
    case LayerKind::kImage:
      return "image";
    case LayerKind::kInit:
      return "init";
    case LayerKind::kWritable:
      return "writable";
    case LayerKind::kDirectory:
      return "directory";
  }
  return "";
}

const char* to_text(LayerIdentity identity) {
  switch (identity) {
    case LayerIdentity::kVerified:
      return "verified";
    case LayerIdentity::kRecorded:
      return "recorded";
    case LayerIdentity::kLocal:
      return "local";
  }
  return "";
}

std::string Layer::key() const {
  // A diffID and a store-local id are different kinds of name: they must not meet.
  const bool by_content = identity != LayerIdentity::kLocal && kind == LayerKind::kImage && diff_id;
  return std::to_string(store) + (by_content ? " diff " + diff_id->text() : " id " + id);
}

}  // namespace meridian::model
