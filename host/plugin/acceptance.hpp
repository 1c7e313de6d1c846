// SPDX-License-Identifier: Apache-2.0
//
// acceptance.hpp: what the host believes of what a plugin says, wherever it runs: in this process
// by way of its sink (unit.cpp), in a worker by way of frames, and a worker may lie in all of it.
//
// What crosses a bound or is not what the interface promises is left out, and a gap says so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "finding/unit_output.hpp"
#include "plugin/manifest.hpp"
#include "plugin/plugin_facts.hpp"

namespace meridian::plugin {

/// Bytes of the texts of one unit's findings. Real ones have some hundred each; without it a
/// plugin could fill the host's memory with 20,000 of the largest.
inline constexpr std::size_t kMaxFindingBytesPerUnit = 256u << 20;
/// Why a unit failed: a path, escaped, and words.
inline constexpr std::size_t kMaxReason = 16 << 10;

/// Text for people: UTF-8, at most `limit` bytes. Fitting it again changes nothing.
std::string fit_text(std::string_view bytes, std::size_t limit);

/// As the bounds of a unit count them.
std::size_t bytes_of(const finding::RawFinding& raw);
std::size_t bytes_of(const finding::RawFact& fact);

enum class Verdict {
  kTaken,
  kLimit,    // past what a unit may say
  kRefused,  // never right: noted as a gap of kind protocol
};

/// What one plugin said about one unit, as far as it is accepted.
class AcceptedOutput {
 public:
  /// `plugin` outlives it.
  explicit AcceptedOutput(const PluginFacts& plugin) : plugin_(plugin) {}

  /// Its rule is declared and the texts keep their limits (message, field and remediation are
  /// UTF-8); an unknown severity becomes the rule's. A detail that is no JSON object with a string
  /// "kind" is left out, and the finding taken.
  Verdict finding(finding::RawFinding raw);
  Verdict fact(finding::RawFact fact);
  /// Texts are fitted; plugin, target and reproduce are the host's to say and emptied.
  Verdict gap(finding::Gap gap);
  /// A callback failed: the first reason stays.
  void failed(finding::GapKind kind, std::string_view reason);
  void count_call(std::uint64_t microseconds);
  void count_file(std::uint64_t bytes);
  /// What a worker counted, at its end.
  void count(std::uint64_t files, std::uint64_t bytes, std::uint64_t calls,
             std::uint64_t microseconds);

  const finding::UnitOutput& output() const { return output_; }
  /// Gives away the findings, facts and gaps; later ones are bounded together with them. The
  /// result and the counts are those of the whole unit so far.
  finding::UnitOutput take();

 private:
  Verdict refuse(const std::string& path, std::string message);
  void note_limit(bool& noted, const std::string& path, std::string message);

  const PluginFacts& plugin_;
  finding::UnitOutput output_;
  std::size_t findings_ = 0, finding_bytes_ = 0, facts_ = 0, fact_bytes_ = 0, gaps_ = 0;
  bool findings_full_ = false, facts_full_ = false;
};

/// kRefused: rules that differ from the manifest's. `declared` is sorted by id.
Result<void> check_rules(const std::vector<ManifestRule>& declared, const Manifest& manifest);

/// What a lane says that it has loaded is what it was given, within the bounds of subscribe().
/// kRefused, kLimit or kInvalid with what differs. Expressions are not compiled here.
Result<void> check_facts(const PluginFacts& facts, const Manifest& manifest,
                         std::string_view digest, std::string_view rules_digest);

}  // namespace meridian::plugin
