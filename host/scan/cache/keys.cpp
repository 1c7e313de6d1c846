// SPDX-License-Identifier: Apache-2.0
#include "scan/cache/keys.hpp"

#include <algorithm>
#include <tuple>

#include "base/build_id.hpp"
#include "base/limits.hpp"
#include "base/read_file.hpp"
#include "lane/snapshot.hpp"
#include "scan/target_unit.hpp"

namespace meridian::scan {

namespace {

void append(std::string& text, std::string_view part) {
  text += std::to_string(part.size());
  text += ':';
  text += part;
}

KeyMaker under(const Seal& seal, std::string_view kind, const Circumstances& circumstances) {
  KeyMaker key(seal, kind);
  key.add(circumstances.program);
  key.add(std::to_string(circumstances.exclude.size()));
  for (const std::string& glob : circumstances.exclude) key.add(glob);
  return key;
}

void add_contents(KeyMaker& key, const std::vector<std::string>& contents) {
  key.add(std::to_string(contents.size()));
  for (const std::string& content : contents) key.add(content);
}

std::string text_of(model::MarkerDialect dialect) {
  return std::to_string(static_cast<int>(dialect));
}

}  // namespace

KeyMaker& KeyMaker::add(std::string_view part) {
  append(text_, part);
  return *this;
}

Result<std::string> program_identity() {
  if (const std::string id = base::build_id(); !id.empty()) return "build " + id;
  constexpr const char* kProgram = "/proc/self/exe";
  MERIDIAN_TRY(const base::UniqueFd file, base::open_own_file(kProgram));
  base::Sha256 hash;
  std::string chunk(limits::kChunk, '\0');
  for (std::uint64_t at = 0; true;) {
    MERIDIAN_TRY(const std::size_t got,
                 base::read_at(file.get(), at, chunk.data(), chunk.size(), kProgram));
    if (got == 0) return "sha256:" + base::to_hex(hash.finish());
    hash.update(std::string_view(chunk).substr(0, got));
    at += got;
  }
}

PluginIdentity identity_of(const plugin::Bundle& bundle, std::string_view options,
                           std::string_view sandbox) {
  PluginIdentity identity;
  identity.id = bundle.manifest.id;
  identity.is_pure = bundle.manifest.needs.pure_layer_function;
  for (const std::string_view part :
       {std::string_view(bundle.manifest.id), std::string_view(bundle.digest),
        std::string_view(bundle.manifest_json), std::string_view(bundle.rules_digest), options,
        sandbox}) {
    append(identity.text, part);
  }
  return identity;
}

CacheKey layer_key(const Seal& seal, const Circumstances& circumstances, const model::Layer& layer,
                   const std::string& witness) {
  KeyMaker key = under(seal, "layer", circumstances);
  return key.add(layer.diff_id ? layer.diff_id->text() : "")
      .add(text_of(layer.dialect))
      .add(witness)
      .make();
}

std::string content_name(const model::Layer& layer, const std::optional<std::string>& decoded,
                         const std::optional<std::string>& stored, const std::string& witness) {
  if (layer.kind != model::LayerKind::kImage || !layer.diff_id) return "";
  std::string name;
  if (decoded) {
    if (*decoded != layer.diff_id->text()) return "";
    append(name, "verified");
    append(name, stored.value_or(""));
  } else {
    if (layer.identity != model::LayerIdentity::kRecorded) return "";
    append(name, "recorded");
    append(name, witness);
  }
  append(name, layer.diff_id->text());
  append(name, text_of(layer.dialect));
  return name;
}

CacheKey layer_output_key(const Seal& seal, const Circumstances& circumstances,
                          const PluginIdentity& plugin, const std::string& content,
                          const model::Layer& layer) {
  KeyMaker key = under(seal, "layer output", circumstances);
  key.add(plugin.text).add(content).add(layer.created_by).add(std::to_string(layer.size));
  return key.make();
}

CacheKey image_output_key(const Seal& seal, const Circumstances& circumstances,
                          const PluginIdentity& plugin, const std::vector<std::string>& contents,
                          const std::string& model, const std::string& facts) {
  KeyMaker key = under(seal, "image output", circumstances);
  key.add(plugin.text).add(model).add(facts);
  add_contents(key, contents);
  return key.make();
}

CacheKey sightings_key(const Seal& seal, const Circumstances& circumstances,
                       const std::vector<std::string>& contents) {
  KeyMaker key = under(seal, "sightings", circumstances);
  add_contents(key, contents);
  return key.make();
}

std::string model_digest(const model::Image& image) {
  lane::TargetModel model = lane::TargetModel::of(plugin::describe(image));
  // The number of its store among this scan's, which no plugin sees.
  for (model::Layer& layer : model.layers) layer.store = 0;
  return base::sha256_hex(model.encode());
}

std::string facts_digest(std::size_t reader, const PlannedTarget& target,
                         const std::vector<LayerResult>& results, const lane::PluginSet& set) {
  using View = std::tuple<std::size_t, std::string_view, std::string_view, std::string_view,
                          std::string_view>;
  std::vector<View> facts;
  for (std::size_t layer = 0; layer < target.units.size(); ++layer) {
    const LayerResult& result = results[target.units[layer]];
    for (std::size_t writer = 0; writer < result.outputs.size(); ++writer) {
      for (const finding::RawFact& fact : result.outputs[writer].facts) {
        if (writer != reader && !is_schema_id(fact.key)) continue;
        facts.emplace_back(layer, set.plugins[writer]->id, fact.path, fact.key, fact.value);
      }
    }
  }
  std::sort(facts.begin(), facts.end());
  base::Sha256 hash;
  for (const auto& [layer, writer, path, key, value] : facts) {
    std::string head = std::to_string(layer) + " ";
    for (const std::string_view part : {writer, path, key}) append(head, part);
    head += std::to_string(value.size()) + ":";
    hash.update(head);
    hash.update(value);
  }
  return base::to_hex(hash.finish());
}

}  // namespace meridian::scan
