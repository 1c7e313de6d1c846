// SPDX-License-Identifier: Apache-2.0
#include "lane/snapshot.hpp"

#include <catch2/catch.hpp>

#include "base/sealed_file.hpp"
#include "filler.hpp"
#include "lane/snapshot_values.hpp"

namespace meridian::lane {
namespace {

TargetModel filled_target() {
  auto model = Filler::filled<TargetModel>();
  model.kind = MERIDIAN_TARGET_CONTAINER;
  return model;
}

std::string texts_of(const std::vector<plugin::FactView>& facts) {
  std::string all;
  for (const plugin::FactView& fact : facts) {
    all.append(std::to_string(fact.layer_index)).append(fact.visible ? " visible " : " hidden ");
    for (const auto text : {fact.plugin, fact.key, fact.path, fact.value}) {
      all.append(text).append("|");
    }
  }
  return all;
}

}  // namespace

TEST_CASE("snapshot: a target comes back with every field") {
  const std::string bytes = filled_target().encode();
  const auto back = TargetModel::decode(bytes);
  REQUIRE(back);
  CHECK(back->encode() == bytes);
}

TEST_CASE("snapshot: a target's facts refer to the model, and make it again") {
  const TargetModel model = filled_target();
  plugin::TargetFacts facts = model.facts();
  CHECK(facts.config == &model.config);
  CHECK(facts.spec_json.data() == model.spec_json.data());
  CHECK_FALSE(facts.processes);
  facts.processes = [] { return model::ProcessList(); };
  facts.check_content = [](std::size_t) { return model::ContentCheck(); };
  CHECK(TargetModel::of(facts).encode() == model.encode());
  facts.privileges = nullptr;
  CHECK_FALSE(TargetModel::of(facts).privileges);
}

TEST_CASE("snapshot: cut short or of no kind, it is refused") {
  TargetModel model = filled_target();
  const std::string bytes = model.encode();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    if (TargetModel::decode(std::string_view(bytes).substr(0, size))) FAIL("at " << size);
  }
  model.kind = MERIDIAN_TARGET_HOST + 1;
  CHECK_FALSE(TargetModel::decode(model.encode()));
}

TEST_CASE("snapshot: processes") {
  auto list = Filler::filled<model::ProcessList>();
  list.seen = true;
  const std::string bytes = encode_processes(list);
  const auto back = decode_processes(bytes);
  REQUIRE(back);
  CHECK(encode_processes(*back) == bytes);
  CHECK(back->gaps.front().error.code() == ErrorCode::kPrivilege);

  model::ProcessList unseen;
  unseen.seen = false;
  CHECK_FALSE(decode_processes(encode_processes(unseen)));
  unseen.gaps.push_back({Error(ErrorCode::kPrivilege, "no procfs"), "", ""});
  CHECK(decode_processes(encode_processes(unseen)));
}

TEST_CASE("snapshot: what was found of a layer") {
  auto check = Filler::filled<model::ContentCheck>();
  check.state = model::ContentState::kChanged;
  const std::string bytes = encode_content(check);
  const auto back = decode_content(bytes);
  REQUIRE(back);
  CHECK(encode_content(*back) == bytes);
  CHECK(back->differences.size() == check.differences.size());

  model::ContentCheck unknown;
  unknown.state = model::ContentState::kUnknown;
  CHECK_FALSE(decode_content(encode_content(unknown)));
  unknown.reason = Error(ErrorCode::kMissingData, "no blob");
  CHECK(decode_content(encode_content(unknown)));
}

TEST_CASE("snapshot: facts, those of several readers once") {
  const std::string key = "a.b/1";
  const std::string value(1000, 'v');
  const plugin::FactView shared{3, true, "org.one", key, "etc/x", value};
  const plugin::FactView hidden{3, false, "org.one", key, "etc/x", value};
  const plugin::FactView own{0, true, "org.two", "own", "", ""};
  const std::vector<std::vector<plugin::FactView>> facts{{shared, hidden}, {}, {own, shared}};
  const auto bytes = encode_facts(facts);
  REQUIRE(bytes);
  CHECK(bytes->size() < 2 * value.size() + 300);
  auto back = FactsSnapshot::decode(*bytes, 3);
  REQUIRE(back);
  const FactsSnapshot moved = *std::move(back);
  REQUIRE(moved.facts().size() == 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(texts_of(moved.facts()[i]) == texts_of(facts[i]));

  CHECK_FALSE(FactsSnapshot::decode(*bytes, 2));
  for (std::size_t size = 0; size < bytes->size(); ++size) {
    if (FactsSnapshot::decode(bytes->substr(0, size), 3)) FAIL("at " << size);
  }
  std::string lies = *bytes;
  lies[lies.size() - 4] = 9;  // the last number: a fact that is not there
  const auto refused = FactsSnapshot::decode(lies, 3);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message() == "fact 9 of 3");
}

}  // namespace meridian::lane
