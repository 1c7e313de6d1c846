// SPDX-License-Identifier: Apache-2.0
#include "store/collection.hpp"

#include "support/catch.hpp"

using namespace meridian;
using namespace meridian::store;
using Names = std::vector<std::string>;

namespace {

/// Yields what it was given.
class GivenStore final : public Store {
 public:
  explicit GivenStore(std::vector<model::Image> images) : images_(std::move(images)) {}
  const model::Runtime& runtime() const override { return runtime_; }
  void read(std::size_t index, model::Inventory& out) override {
    for (model::Image& image : images_) {
      for (auto& layer : image.layers) layer.store = index;
      image.present_in = {{index, image.id, image.names}};
      out.images.push_back(image);
    }
  }
  Result<std::shared_ptr<const rootfs::Tree>> open_layer(const model::Layer&) const override {
    return Error(ErrorCode::kNotFound, "none here");
  }

 private:
  model::Runtime runtime_{"given", "/given", "", "test"};
  std::vector<model::Image> images_;
};

model::Image image(const std::string& text, Names names, std::size_t layers = 1) {
  model::Image out;
  out.config_digest = model::digest_of(text);
  out.id = out.config_digest->text();
  out.names = std::move(names);
  out.layers.resize(layers);
  return out;
}

Collection collect(std::vector<model::Image> first, std::vector<model::Image> second) {
  std::vector<std::unique_ptr<Store>> stores;
  stores.push_back(std::make_unique<GivenStore>(std::move(first)));
  stores.push_back(std::make_unique<GivenStore>(std::move(second)));
  return Collection(std::move(stores));
}

}  // namespace

TEST_CASE("collection: one image in two stores is one target of the first") {
  const auto all = collect({image("x", {"b:1"})}, {image("x", {"a:1", "b:1"})});
  REQUIRE(all.inventory().images.size() == 1);
  const auto& merged = all.inventory().images[0];
  CHECK(merged.names == Names{"a:1", "b:1"});
  CHECK(merged.layers[0].store == 0);
  REQUIRE(merged.present_in.size() == 2);
  CHECK(merged.present_in[0].names == Names{"b:1"});
  CHECK(merged.present_in[1].store == 1);
  CHECK(all.inventory().runtimes.size() == 2);
}

TEST_CASE("collection: layers come from the store that has more of them") {
  auto lost = image("x", {}, 2);
  lost.layers[1].missing = true;
  const auto all = collect({lost}, {image("x", {}, 2)});
  CHECK(all.inventory().images.at(0).layers.size() == 2);
  CHECK(all.inventory().images.at(0).layers[0].store == 1);
}

TEST_CASE("collection: another platform, or a config that is not its digest, is another image") {
  auto arm = image("x", {});
  arm.config.platform.architecture = "arm64";
  auto unproven = image("x", {});
  unproven.config_digest.reset();
  CHECK(collect({image("x", {})}, {arm, unproven}).inventory().images.size() == 3);
}

TEST_CASE("collection: a build step in one store that another one names is no build step") {
  auto step = image("x", {});
  step.intermediate = true;
  CHECK_FALSE(collect({step}, {image("x", {"a:1"})}).inventory().images.at(0).intermediate);
}

TEST_CASE("collection: images by first name, whatever store they come from") {
  const auto all =
      collect({image("1", {"c:1"}), image("2", {"a:1"})}, {image("3", {"b:1", "z:1"})});
  Names order;
  for (const auto& each : all.inventory().images) order.push_back(each.names.front());
  CHECK(order == Names{"a:1", "b:1", "c:1"});
}

TEST_CASE("collection: a layer of no store is refused") {
  model::Layer layer;
  layer.store = 7;
  CHECK(collect({}, {}).open_layer(layer).error().code() == ErrorCode::kInvalid);
}
