// SPDX-License-Identifier: Apache-2.0
#include "model/layer.hpp"

#include "support/catch.hpp"

using namespace meridian::model;

namespace {

Layer layer(LayerIdentity identity, LayerKind kind, const std::string& id, std::size_t store) {
  Layer out;
  out.id = id;
  out.store = store;
  out.diff_id = *DiffId::from_hex(std::string(64, 'd'));
  out.kind = kind;
  out.identity = identity;
  return out;
}

}  // namespace

TEST_CASE("layer: two folders with one recorded diffID are one unit of work in their store") {
  const auto a = layer(LayerIdentity::kRecorded, LayerKind::kImage, "a", 0);
  CHECK(a.key() == layer(LayerIdentity::kRecorded, LayerKind::kImage, "b", 0).key());
  CHECK(a.key() != layer(LayerIdentity::kRecorded, LayerKind::kImage, "a", 1).key());
}

TEST_CASE("layer: a local one is itself only, whatever it claims") {
  const auto a = layer(LayerIdentity::kLocal, LayerKind::kImage, "a", 0);
  CHECK(a.key() != layer(LayerIdentity::kLocal, LayerKind::kImage, "b", 0).key());
  CHECK(a.key() != layer(LayerIdentity::kRecorded, LayerKind::kImage, "a", 0).key());
  CHECK(layer(LayerIdentity::kRecorded, LayerKind::kWritable, "a", 0).key() !=
        layer(LayerIdentity::kRecorded, LayerKind::kWritable, "b", 0).key());
  auto imitation = a;
  imitation.diff_id.reset();
  imitation.id = "diff sha256:" + std::string(64, 'd');
  CHECK(imitation.key() != layer(LayerIdentity::kRecorded, LayerKind::kImage, "a", 0).key());
}
