// SPDX-License-Identifier: Apache-2.0
#include "model/layer.hpp"

namespace meridian::model {

std::string Layer::key() const {
  // A diffID and a store-local id are different kinds of name: they must not meet.
  const bool by_content = identity != LayerIdentity::kLocal && kind == LayerKind::kImage && diff_id;
  return std::to_string(store) + (by_content ? " diff " + diff_id->text() : " id " + id);
}

}  // namespace meridian::model
