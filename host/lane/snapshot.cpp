// SPDX-License-Identifier: Apache-2.0
#include "lane/snapshot.hpp"

#include <unordered_map>
#include <utility>

#include "lane/snapshot_values.hpp"

namespace meridian::lane {

TargetModel TargetModel::of(const plugin::TargetFacts& facts) {
  TargetModel model;
  model.kind = facts.kind;
  model.id = facts.id;
  model.names = facts.names;
  model.state = facts.state;
  model.image_id = facts.image_id;
  model.config = *facts.config;
  model.image_env = facts.image_env;
  model.image_labels = facts.image_labels;
  model.layers = *facts.layers;
  model.spec_json = facts.spec_json;
  model.spec_origin = facts.spec_origin;
  if (facts.privileges != nullptr) model.privileges = *facts.privileges;
  model.created = facts.created;
  model.platform = facts.platform;
  model.image_name = facts.image_name;
  if (facts.isolation != nullptr) model.isolation = *facts.isolation;
  if (facts.handlers != nullptr) model.handlers = *facts.handlers;
  model.has_processes = static_cast<bool>(facts.processes);
  model.has_content = static_cast<bool>(facts.check_content);
  return model;
}

std::string TargetModel::encode() const { return lane::encode(*this); }

Result<TargetModel> TargetModel::decode(std::string_view bytes) {
  MERIDIAN_TRY(TargetModel model, lane::decode<TargetModel>(bytes));
  if (model.kind > MERIDIAN_TARGET_HOST) {
    return Error(ErrorCode::kCorrupt, "target of kind " + std::to_string(model.kind));
  }
  return model;
}

plugin::TargetFacts TargetModel::facts() const {
  plugin::TargetFacts facts;
  facts.kind = kind;
  facts.id = id;
  facts.names = names;
  facts.state = state;
  facts.image_id = image_id;
  facts.config = &config;
  facts.image_env = image_env;
  facts.image_labels = image_labels;
  facts.layers = &layers;
  facts.spec_json = spec_json;
  facts.spec_origin = spec_origin;
  if (privileges) facts.privileges = &*privileges;
  facts.created = created;
  facts.platform = platform;
  facts.image_name = image_name;
  if (isolation) facts.isolation = &*isolation;
  facts.handlers = &handlers;
  return facts;
}

std::string encode_content(const model::ContentCheck& check) { return encode(check); }

Result<model::ContentCheck> decode_content(std::string_view bytes) {
  MERIDIAN_TRY(model::ContentCheck check, decode<model::ContentCheck>(bytes));
  if (check.state == model::ContentState::kUnknown && !check.reason) {
    return Error(ErrorCode::kCorrupt, "a layer was not compared, and nothing says why");
  }
  return check;
}

std::string encode_processes(const model::ProcessList& list) { return encode(list); }

Result<model::ProcessList> decode_processes(std::string_view bytes) {
  MERIDIAN_TRY(model::ProcessList list, decode<model::ProcessList>(bytes));
  if (!list.seen && list.gaps.empty()) {
    return Error(ErrorCode::kCorrupt, "processes were not seen, and nothing says why");
  }
  return list;
}

namespace {

/// Facts, and for each plugin the numbers of those that it may read.
struct FactTable {
  std::vector<plugin::FactView> facts;
  std::vector<std::vector<std::uint32_t>> readers;
};

/// Equal, also in where the texts stand.
bool is_same(const plugin::FactView& one, const plugin::FactView& other) {
  const auto same = [](std::string_view a, std::string_view b) {
    return a.data() == b.data() && a.size() == b.size();
  };
  return one.layer_index == other.layer_index && one.visible == other.visible &&
         same(one.plugin, other.plugin) && same(one.key, other.key) && same(one.path, other.path) &&
         same(one.value, other.value);
}

}  // namespace

template <typename Archive>
void fields(Archive& archive, Of<Archive, plugin::FactView>& value) {
  archive(value.layer_index, value.visible, value.plugin, value.key, value.path, value.value);
}

template <typename Archive>
void fields(Archive& archive, Of<Archive, FactTable>& value) {
  archive(value.facts, value.readers);
}

Result<std::string> encode_facts(const std::vector<std::vector<plugin::FactView>>& facts) {
  FactTable table;
  std::unordered_map<const char*, std::vector<std::uint32_t>> at;  // by place of the key
  std::uint64_t bytes = 0;
  for (const auto& list : facts) {
    auto& numbers = table.readers.emplace_back();
    for (const plugin::FactView& fact : list) {
      auto& known = at[fact.key.data()];
      auto number = static_cast<std::uint32_t>(table.facts.size());
      for (const std::uint32_t one : known) {
        if (is_same(table.facts[one], fact)) number = one;
      }
      if (number == table.facts.size()) {
        known.push_back(number);
        table.facts.push_back(fact);
        bytes += 21 + fact.plugin.size() + fact.key.size() + fact.path.size() + fact.value.size();
      }
      numbers.push_back(number);
      bytes += sizeof number;
      if (bytes > kMaxSnapshot) {
        return Error(ErrorCode::kLimit, "the facts of a target's layers have more than " +
                                            std::to_string(kMaxSnapshot) + " bytes");
      }
    }
  }
  return encode(table);
}

Result<FactsSnapshot> FactsSnapshot::decode(std::string bytes, std::size_t plugins) {
  FactsSnapshot snapshot;
  snapshot.bytes_ = std::make_unique<const std::string>(std::move(bytes));
  MERIDIAN_TRY(const FactTable table, lane::decode<FactTable>(*snapshot.bytes_));
  if (table.readers.size() != plugins) {
    return Error(ErrorCode::kCorrupt, "facts for " + std::to_string(table.readers.size()) +
                                          " plugins of " + std::to_string(plugins));
  }
  for (const auto& numbers : table.readers) {
    auto& list = snapshot.facts_.emplace_back();
    list.reserve(numbers.size());
    for (const std::uint32_t number : numbers) {
      if (number >= table.facts.size()) {
        return Error(ErrorCode::kCorrupt, "fact " + std::to_string(number) + " of " +
                                              std::to_string(table.facts.size()));
      }
      list.push_back(table.facts[number]);
    }
  }
  return snapshot;
}

}  // namespace meridian::lane
