// SPDX-License-Identifier: Apache-2.0
//
// keys.hpp: the names of rows: everything that what they hold depends on.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lane/plugin_set.hpp"
#include "model/layer.hpp"
#include "plugin/catalog.hpp"
#include "plugin/target_view.hpp"
#include "scan/cache/database.hpp"
#include "scan/plan.hpp"
#include "scan/results.hpp"
#include "scan/seal.hpp"

namespace meridian::scan {

/// Parts to a key, each with its length, so that no two lists of parts read alike. Under the key of
/// the cache: rows of another one are not found.
class KeyMaker {
 public:
  KeyMaker(const Seal& seal, std::string_view kind) : seal_(seal) { add(kind); }
  KeyMaker& add(std::string_view part);
  KeyMaker& add(const CacheKey& part);
  CacheKey make() const { return seal_.mac(text_); }

 private:
  const Seal& seal_;
  std::string text_;
};

/// What a result depends on besides plugins and content.
struct Circumstances {
  std::string program;               // program_identity(): every build may see other things
  std::vector<std::string> exclude;  // globs, as given
};

/// Which build is running: the linker's build id; without one the digest of the program's file.
Result<std::string> program_identity();

/// A plugin of a scan, and whether what it says of a layer depends on the layer alone.
struct PluginIdentity {
  std::string id;    // of the plugin
  std::string text;  // all that it depends on: library, manifest, rules, options, sandbox
  bool is_pure = false;
};

/// `options`: validated, with defaults. `sandbox`: the level that this environment allows.
PluginIdentity identity_of(const plugin::Bundle& bundle, std::string_view options,
                           std::string_view sandbox);

/// Of a layer by what was seen of it without reading: `witness` is its store's.
CacheKey layer_key(const Seal& seal, const Circumstances& circumstances, const model::Layer& layer,
                   const std::string& witness);

/// What a layer is to those that ask for results: its diffID if its bytes were hashed and are that,
/// in whatever store; else what its store says, with the witness, so that only the same layer of
/// the same store has it. What packed bytes decode to is the word of who decoded them, so it is
/// said of those stored bytes alone, whose hash is the host's own. "": neither; nothing of it is
/// kept.
std::string content_name(const model::Layer& layer, const std::optional<std::string>& decoded,
                         const std::optional<std::string>& stored, const std::string& witness);

/// `layer` too is shown to plugins: what made it, its size as stored.
CacheKey layer_output_key(const Seal& seal, const Circumstances& circumstances,
                          const PluginIdentity& plugin, const std::string& content,
                          const model::Layer& layer);

/// `contents`: of the image's layers, bottom first. `model`: the image as plugins see it.
/// `facts`: a digest of those that the plugin reads, "" if it reads none.
CacheKey image_output_key(const Seal& seal, const Circumstances& circumstances,
                          const PluginIdentity& plugin, const std::vector<std::string>& contents,
                          const std::string& model, const std::string& facts);

CacheKey sightings_key(const Seal& seal, const Circumstances& circumstances,
                       const std::vector<std::string>& contents);

/// Digest of an image as plugins see it: names, config, history, layers.
std::string model_digest(const model::Image& image);

/// Digest of the facts that plugin `reader` may read: its own, and others' under a schema id.
/// Whatever order they were said in.
std::string facts_digest(std::size_t reader, const PlannedTarget& target,
                         const std::vector<LayerResult>& results, const lane::PluginSet& set);

}  // namespace meridian::scan
