// SPDX-License-Identifier: Apache-2.0
#include "scan/plan.hpp"

#include "support/catch.hpp"

using namespace meridian;

namespace {

model::Layer layer(const std::string& id, std::size_t store, const std::string& diff) {
  model::Layer made;
  made.id = id;
  made.store = store;
  made.diff_id = *model::DiffId::parse("sha256:" + std::string(64, diff[0]));
  made.identity = model::LayerIdentity::kRecorded;
  return made;
}

model::Image image(const std::string& name, std::vector<model::Layer> layers,
                   std::size_t store = 0) {
  model::Image made;
  made.id = "sha256:" + std::string(64, name[0]);
  made.names = {name + ":1"};
  made.layers = std::move(layers);
  made.present_in = {{store, made.id, made.names}};
  return made;
}

}  // namespace

TEST_CASE("plan: images that share a base share its unit", "[scan]") {
  model::Inventory inventory;
  inventory.images = {image("a", {layer("1", 0, "1"), layer("2", 0, "2")}),
                      image("b", {layer("1", 0, "1"), layer("3", 0, "3")})};
  const auto plan = scan::make_plan(inventory, {});
  REQUIRE(plan);
  CHECK(plan->units.size() == 3);
  CHECK(plan->targets[0].units[0] == plan->targets[1].units[0]);
}

TEST_CASE("plan: recorded layers of different stores are not the same layer", "[scan]") {
  model::Inventory inventory;
  inventory.images = {image("a", {layer("1", 0, "1")}), image("b", {layer("1", 1, "1")}, 1)};
  const auto plan = scan::make_plan(inventory, {});
  REQUIRE(plan);
  CHECK(plan->units.size() == 2);
}

TEST_CASE("plan: a name that means nothing is an error that says so", "[scan]") {
  model::Inventory inventory;
  inventory.images = {image("a", {})};
  const auto plan = scan::make_plan(inventory, {true, true, false, {{"zzz", std::nullopt, "zzz"}}});
  REQUIRE_FALSE(plan);
  CHECK(plan.error().code() == ErrorCode::kNotFound);
  CHECK(plan.error().message().find("zzz") != std::string::npos);
}

TEST_CASE("plan: of a platform, only its images; what says none is of each", "[scan]") {
  model::Inventory inventory;
  inventory.images = {image("a", {}), image("a", {}), image("a", {}), image("d", {})};
  inventory.images[0].config.platform = {"linux", "amd64", ""};
  inventory.images[1].config.platform = {"linux", "arm64", "v8"};
  inventory.images[2].config.platform = {"linux", "arm", "v7"};
  const auto indexes = [&](const char* platform, std::vector<scan::Wish> wishes) {
    scan::Selection selection;
    selection.wishes = std::move(wishes);
    selection.platform = *model::Platform::parse(platform);
    std::vector<std::size_t> out;
    const auto plan = scan::make_plan(inventory, selection);
    if (!plan) return out;
    for (const auto& target : plan->targets) out.push_back(target.index);
    return out;
  };
  using Indexes = std::vector<std::size_t>;
  CHECK(indexes("linux/amd64", {}) == Indexes{0, 3});
  CHECK(indexes("linux/arm64", {{"a:1", std::nullopt, "a:1"}}) == Indexes{1});
  CHECK(indexes("linux/arm/v6", {{"a:1", std::nullopt, "a:1"}}).empty());
  scan::Selection whole;
  whole.wishes = {{"", 0, "docker-archive:x.tar"}};
  whole.platform = *model::Platform::parse("linux/s390x");
  inventory.images.pop_back();
  const auto plan = scan::make_plan(inventory, whole);
  REQUIRE_FALSE(plan);
  CHECK(plan.error().message() ==
        "no such image or container: docker-archive:x.tar for linux/s390x");
}

TEST_CASE("plan: a transport's REF means only what that store holds", "[scan]") {
  model::Inventory inventory;
  inventory.images = {image("a", {}, 0), image("b", {}, 1)};
  const auto plan =
      scan::make_plan(inventory, {true, true, false, {{"", std::size_t{1}, "dir:/x"}}});
  REQUIRE(plan);
  REQUIRE(plan->targets.size() == 1);
  CHECK(plan->targets[0].index == 1);
  CHECK_FALSE(plan->everything);
  CHECK(plan->covers(1));
  CHECK_FALSE(plan->covers(0));
}

TEST_CASE("plan: build steps are hidden unless asked for", "[scan]") {
  model::Inventory inventory;
  inventory.images = {image("a", {}), image("b", {})};
  inventory.images[1].intermediate = true;
  CHECK(scan::make_plan(inventory, {})->targets.size() == 1);
  CHECK(scan::make_plan(inventory, {true, true, true, {}})->targets.size() == 2);
}
