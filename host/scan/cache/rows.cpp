// SPDX-License-Identifier: Apache-2.0
#include "scan/cache/rows.hpp"

#include <algorithm>

#include "model/digest.hpp"
#include "plugin/acceptance.hpp"

namespace meridian::scan {

namespace {

/// Of facts, times the secrets that they are searched for: a second or so. Who says more is asked
/// again each time.
constexpr std::uint64_t kMaxSearch = 1ull << 30;
constexpr std::size_t kMacBytes = 32;
/// Form of a redacted secret: a few characters, escaped, and eight asterisks.
constexpr std::size_t kMaxForm = 64;

/// Follows from the bytes of the layer or target, or from the plugin's rules and databases, which
/// its key names: looking again would say it again. The rest is of the moment: a privilege, a limit
/// of time or memory, a file that could not be read.
bool is_of_content(finding::GapKind kind) {
  return kind == finding::GapKind::kCorrupt || kind == finding::GapKind::kUnsupported ||
         kind == finding::GapKind::kLimit || kind == finding::GapKind::kMissingData;
}

bool has_secret(const std::vector<finding::RawFact>& facts, const Scrubber& secrets) {
  return std::any_of(facts.begin(), facts.end(), [&](const finding::RawFact& fact) {
    return secrets.scrub(fact.value) != fact.value || secrets.scrub(fact.path) != fact.path;
  });
}

KeptFinding without_value(const finding::RawFinding& found, const Seal& seal) {
  KeptFinding kept;
  kept.finding = found;
  kept.finding.secret.clear();
  kept.finding.sealed.reset();
  if (!found.has_secret()) return kept;
  Scrubber own(&seal);
  own.add(found);
  kept.finding.message = own.scrub(found.message);
  kept.finding.evidence.clear();  // of a secret none is shown
  kept.finding.detail = own.scrub(found.detail);
  kept.finding.remediation = own.scrub(found.remediation);
  const finding::SealedSecret sealed = found.sealed ? *found.sealed : seal.seal(found.secret);
  kept.secret = KeptSecret{sealed.form, sealed.size, sealed.mac};
  return kept;
}

bool is_digest(const std::optional<std::string>& text) {
  return !text || model::Digest::parse(*text).has_value();
}

}  // namespace

std::optional<KeptOutput> keep(const finding::UnitOutput& output, const Scrubber& secrets,
                               const Seal& seal) {
  if (output.result != finding::UnitResult::kDone || output.broke) return std::nullopt;
  if (!std::all_of(output.gaps.begin(), output.gaps.end(),
                   [](const finding::Gap& gap) { return is_of_content(gap.kind); })) {
    return std::nullopt;
  }
  std::uint64_t bytes = 0;
  for (const finding::RawFact& fact : output.facts) bytes += fact.value.size() + fact.path.size();
  if (secrets.size() > 0 && bytes > kMaxSearch / secrets.size()) return std::nullopt;
  if (has_secret(output.facts, secrets)) return std::nullopt;
  KeptOutput kept;
  kept.files = output.files;
  kept.bytes = output.bytes;
  kept.facts = output.facts;
  kept.gaps = output.gaps;
  for (const finding::RawFinding& found : output.findings) {
    kept.findings.push_back(without_value(found, seal));
  }
  return kept;
}

std::optional<finding::UnitOutput> recall(KeptOutput kept, const plugin::PluginFacts& plugin) {
  plugin::AcceptedOutput accepted(plugin);
  const std::size_t gaps = kept.gaps.size();
  bool good = true;
  for (KeptFinding& found : kept.findings) {
    good = good && found.finding.secret.empty();
    if (found.secret) {
      good = good && found.secret->mac.size() == kMacBytes && found.secret->form.size() <= kMaxForm;
      found.finding.sealed = finding::SealedSecret{
          std::move(found.secret->form), found.secret->size, std::move(found.secret->mac)};
    }
    good = good && accepted.finding(std::move(found.finding)) == plugin::Verdict::kTaken;
  }
  for (finding::RawFact& fact : kept.facts) {
    good = good && accepted.fact(std::move(fact)) == plugin::Verdict::kTaken;
  }
  for (finding::Gap& gap : kept.gaps) {
    good =
        good && is_of_content(gap.kind) && accepted.gap(std::move(gap)) == plugin::Verdict::kTaken;
  }
  accepted.count(kept.files, kept.bytes, 0, 0);
  finding::UnitOutput output = accepted.take();
  if (!good || output.gaps.size() != gaps) return std::nullopt;
  return output;
}

KeptLayer keep(const LayerResult& layer) {
  KeptLayer kept;
  kept.decoded_digest = layer.decoded_digest;
  kept.stored_digest = layer.stored_digest;
  kept.files = layer.files;
  kept.bytes = layer.bytes;
  for (const rootfs::Redirect& redirect : layer.redirects) {
    kept.redirects.emplace_back(redirect.path, redirect.to);
  }
  return kept;
}

std::optional<LayerResult> recall(KeptLayer kept) {
  if (!is_digest(kept.decoded_digest) || !is_digest(kept.stored_digest) ||
      kept.redirects.size() > rootfs::MergedNames::kMaxRedirects) {
    return std::nullopt;
  }
  LayerResult layer;
  layer.end = UnitEnd::kDone;
  layer.cached = true;
  layer.decoded_digest = std::move(kept.decoded_digest);
  layer.stored_digest = std::move(kept.stored_digest);
  layer.files = kept.files;
  layer.bytes = kept.bytes;
  for (auto& [path, to] : kept.redirects)
    layer.redirects.push_back({std::move(path), std::move(to)});
  return layer;
}

}  // namespace meridian::scan
