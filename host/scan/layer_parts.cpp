// SPDX-License-Identifier: Apache-2.0
#include "scan/layer_parts.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

#include "base/limits.hpp"
#include "plugin/acceptance.hpp"

namespace meridian::scan {

namespace {

template <typename T>
void append(std::vector<T>& all, std::vector<T> more) {
  if (all.empty()) {
    all = std::move(more);
  } else {
    all.insert(all.end(), std::make_move_iterator(more.begin()),
               std::make_move_iterator(more.end()));
  }
}

/// unit_begin and unit_end, which each part has of its own.
constexpr std::uint64_t kCallsOfAUnit = 2;

/// What one plugin said in all parts, against the bounds of acceptance.hpp. By half of them is
/// sure: nothing that is dropped is as large.
class Amount {
 public:
  void add(const finding::UnitOutput& output) {
    findings_ += output.findings.size();
    facts_ += output.facts.size();
    gaps_ += output.gaps.size();
    for (const auto& finding : output.findings) finding_bytes_ += plugin::bytes_of(finding);
    for (const auto& fact : output.facts) fact_bytes_ += plugin::bytes_of(fact);
  }
  bool may_be_cut() const {
    return findings_ > limits::kMaxFindingsPerUnit / 2 ||
           finding_bytes_ > plugin::kMaxFindingBytesPerUnit / 2 ||
           facts_ > limits::kMaxFactsPerUnit / 2 ||
           fact_bytes_ > limits::kMaxFactBytesPerUnit / 2 || gaps_ > limits::kMaxGapsPerUnit / 2;
  }

 private:
  std::size_t findings_ = 0, finding_bytes_ = 0, facts_ = 0, fact_bytes_ = 0, gaps_ = 0;
};

/// Perhaps one of the whole layer: which entries it keeps out depends on their order.
bool has_limit(const finding::UnitOutput& output) {
  return std::any_of(output.gaps.begin(), output.gaps.end(),
                     [](const finding::Gap& gap) { return gap.kind == finding::GapKind::kLimit; });
}

}  // namespace

bool may_be_divided(const lane::PluginSet& set, const lane::LeftOut& left_out) {
  for (std::uint32_t i = 0; i < set.plugins.size(); ++i) {
    if (set.plugins[i]->subscriptions.layer_done && !left_out.contains(i)) return false;
  }
  return true;
}

bool shows_division(const std::vector<LayerResult>& parts, const lane::LeftOut& left_out) {
  std::uint64_t bytes = 0;
  std::vector<Amount> amounts;
  for (const LayerResult& part : parts) {
    bytes += part.bytes;
    if (part.end != UnitEnd::kDone || !part.redirects.empty()) return true;
    amounts.resize(std::max(amounts.size(), part.outputs.size()));
    for (std::uint32_t i = 0; i < part.outputs.size(); ++i) {
      if (left_out.contains(i)) continue;
      const finding::UnitOutput& output = part.outputs[i];
      if (output.result == finding::UnitResult::kError || has_limit(output)) return true;
      amounts[i].add(output);
    }
  }
  return bytes > limits::kMaxLayerBytes ||
         std::any_of(amounts.begin(), amounts.end(),
                     [](const Amount& amount) { return amount.may_be_cut(); });
}

void add_outputs(std::vector<finding::UnitOutput>& all, std::vector<finding::UnitOutput> more,
                 const lane::LeftOut& left_out) {
  if (all.empty()) {
    all = std::move(more);
    return;
  }
  for (std::uint32_t i = 0; i < std::min(all.size(), more.size()); ++i) {
    if (left_out.contains(i)) continue;
    finding::UnitOutput& whole = all[i];
    finding::UnitOutput& part = more[i];
    if (whole.result == finding::UnitResult::kDone && part.result != whole.result) {
      whole.result = part.result;
      whole.reason = std::move(part.reason);
      whole.error_kind = part.error_kind;
    }
    whole.broke = whole.broke || part.broke;
    append(whole.findings, std::move(part.findings));
    append(whole.facts, std::move(part.facts));
    append(whole.gaps, std::move(part.gaps));
    whole.files += part.files;
    whole.bytes += part.bytes;
    whole.calls += part.calls - std::min(part.calls, kCallsOfAUnit);
    whole.microseconds += part.microseconds;
  }
}

LayerResult join_parts(std::vector<LayerResult> parts, const lane::LeftOut& left_out) {
  LayerResult whole = std::move(parts.front());
  for (auto part = parts.begin() + 1; part != parts.end(); ++part) {
    if (whole.end == UnitEnd::kDone) whole.end = part->end;
    if (!whole.failure) whole.failure = std::move(part->failure);
    add_outputs(whole.outputs, std::move(part->outputs), left_out);
    append(whole.redirects, std::move(part->redirects));
    whole.files += part->files;
    whole.opened += part->opened;
    whole.bytes += part->bytes;
    whole.bytes_read += part->bytes_read;
  }
  if (whole.end == UnitEnd::kInterrupted) whole.tree.reset();
  return whole;
}

}  // namespace meridian::scan
