// SPDX-License-Identifier: Apache-2.0
//
// rows.hpp: what a cache keeps, as bytes and back (lane/wire.hpp). A row is foreign when it comes
// back: bounded, checked as a worker's words are, and not there if anything is wrong with it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "finding/unit_output.hpp"
#include "lane/wire.hpp"
#include "lane/wire_values.hpp"
#include "plugin/plugin_facts.hpp"
#include "scan/results.hpp"
#include "scan/seal.hpp"

namespace meridian::scan {

/// A layer that was walked to its end, whatever plugins said of it.
struct KeptLayer {
  std::optional<std::string> decoded_digest, stored_digest;
  std::uint64_t files = 0, bytes = 0;
  std::vector<std::pair<rootfs::RootfsPath, std::string>> redirects;
};

/// A finding without the value of its secret, which none of its texts has either.
struct KeptSecret {
  std::string form;
  std::uint64_t size = 0;
  std::string mac;
};
struct KeptFinding {
  finding::RawFinding finding;
  std::optional<KeptSecret> secret;
};

/// What one plugin said about one unit.
struct KeptOutput {
  std::uint64_t files = 0, bytes = 0;
  std::vector<KeptFinding> findings;
  std::vector<finding::RawFact> facts;
  std::vector<finding::Gap> gaps;
};

/// A plugin as it was when it last was loaded, so that it need not be.
struct KeptPlugin {
  plugin::PluginFacts facts;
  std::string sandbox;  // that its lane reached
};

/// Compiled patterns of a lane, as it gave them (lane::PatternKeep).
struct KeptPatterns {
  std::string bytes;
};

struct KeptSightings {
  std::map<std::pair<std::string, std::uint64_t>, std::vector<std::string>> shown;
  std::map<std::string, std::optional<std::uint64_t>> origins;
  std::string clean;
};

template <typename Archive>
void fields(Archive& archive, lane::Of<Archive, KeptLayer>& value) {
  archive(value.decoded_digest, value.stored_digest, value.files, value.bytes, value.redirects);
}
template <typename Archive>
void fields(Archive& archive, lane::Of<Archive, KeptSecret>& value) {
  archive(value.form, value.size, value.mac);
}
template <typename Archive>
void fields(Archive& archive, lane::Of<Archive, KeptFinding>& value) {
  archive(value.finding, value.secret);
}
template <typename Archive>
void fields(Archive& archive, lane::Of<Archive, KeptOutput>& value) {
  archive(value.files, value.bytes, value.findings, value.facts, value.gaps);
}
template <typename Archive>
void fields(Archive& archive, lane::Of<Archive, KeptPlugin>& value) {
  archive(value.facts, value.sandbox);
}
template <typename Archive>
void fields(Archive& archive, lane::Of<Archive, KeptPatterns>& value) {
  archive(value.bytes);
}
template <typename Archive>
void fields(Archive& archive, lane::Of<Archive, KeptSightings>& value) {
  archive(value.shown, value.origins, value.clean);
}

/// Nothing if it is not to be kept: it failed, something could not be looked at just then, or a
/// fact has one of the `secrets` of its unit in it.
std::optional<KeptOutput> keep(const finding::UnitOutput& output, const Scrubber& secrets,
                               const Seal& seal);
/// As `plugin` would have said it now; nothing if it would not. Nothing was called for it.
std::optional<finding::UnitOutput> recall(KeptOutput kept, const plugin::PluginFacts& plugin);

/// `layer` was walked to its end.
KeptLayer keep(const LayerResult& layer);
/// All but outputs and tree; nothing if it is no result of a walk.
std::optional<LayerResult> recall(KeptLayer kept);

}  // namespace meridian::scan
