// SPDX-License-Identifier: Apache-2.0
//
// snapshot.hpp: what a worker is given of the model, as bytes for a sealed memfd
// (base/sealed_file.hpp): a target, its processes, the facts that its plugins may read.
//
// Encoding is wire.hpp's. decode() and friends are kCorrupt with the place of the mistake.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/content_check.hpp"
#include "model/image_config.hpp"
#include "model/layer.hpp"
#include "model/privileges.hpp"
#include "model/process.hpp"
#include "plugin/target_view.hpp"

namespace meridian::lane {

/// Bytes of each of the three. An engine's record and spec are under limits::kMaxMetadataFile, a
/// container's processes under kMaxProcessBytes; the facts of a target with hundreds of layers
/// could have more, and are then not given.
inline constexpr std::uint64_t kMaxSnapshot = 1ull << 30;

/// plugin::TargetFacts, with the values that those refer to.
struct TargetModel {
  meridian_target_kind kind = MERIDIAN_TARGET_IMAGE;
  std::string id;
  std::vector<std::string> names;
  std::string state;
  std::string image_id;
  model::ImageConfig config;
  std::vector<std::string> image_env;
  std::map<std::string, std::string> image_labels;
  std::vector<model::Layer> layers;
  std::string spec_json;
  std::string spec_origin;
  std::optional<model::Privileges> privileges;
  std::string created;
  std::string platform;
  std::string image_name;
  std::optional<model::KernelBoundary> isolation;
  std::vector<model::KernelBoundary> handlers;
  bool has_processes = false;  // somebody can be asked for them
  bool has_content = false;    // ... whether layers are still what was unpacked

  /// `facts` is complete (describe()).
  static TargetModel of(const plugin::TargetFacts& facts);
  static Result<TargetModel> decode(std::string_view bytes);
  std::string encode() const;
  /// Refers to this. Whom to ask for processes is the caller's to set.
  plugin::TargetFacts facts() const;
};

std::string encode_content(const model::ContentCheck& check);
/// Of one that is unknown the reason is there.
Result<model::ContentCheck> decode_content(std::string_view bytes);

std::string encode_processes(const model::ProcessList& list);
/// Of a list that was not seen the first gap says why, so there is one.
Result<model::ProcessList> decode_processes(std::string_view bytes);

/// `facts[i]`: what plugin i may read; one that several may read is written once. kLimit past
/// kMaxSnapshot.
Result<std::string> encode_facts(const std::vector<std::vector<plugin::FactView>>& facts);

class FactsSnapshot {
 public:
  /// One list for each of `plugins`.
  static Result<FactsSnapshot> decode(std::string bytes, std::size_t plugins);
  /// Lives as long as this.
  const std::vector<std::vector<plugin::FactView>>& facts() const { return facts_; }

 private:
  FactsSnapshot() = default;
  std::unique_ptr<const std::string> bytes_;
  std::vector<std::vector<plugin::FactView>> facts_;
};

}  // namespace meridian::lane
