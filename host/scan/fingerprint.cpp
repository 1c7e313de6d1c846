// SPDX-License-Identifier: Apache-2.0
#include "scan/fingerprint.hpp"

#include "base/sha256.hpp"

namespace meridian::scan {

namespace {

std::string place_of(const finding::RawFinding& finding) {
  return finding.path.empty() ? "field:" + finding.field : "path:" + finding.path;
}

/// Length first, so that no two lists of parts read alike.
void append(std::string& text, std::string_view part) {
  text += std::to_string(part.size());
  text += ':';
  text += part;
}

}  // namespace

void SecretOrdinals::add(std::string_view plugin, const finding::RawFinding& finding, int layer) {
  const Place place{plugin, finding.rule, place_of(finding), redacted(finding)};
  const First at{layer, finding.offset, secret_size(finding)};
  const auto [entry, is_new] = places_[place].emplace(secret_identity(finding, seal_), at);
  if (!is_new && at < entry->second) entry->second = at;
}

std::size_t SecretOrdinals::number(std::string_view plugin,
                                   const finding::RawFinding& finding) const {
  const auto place =
      places_.find({std::string(plugin), finding.rule, place_of(finding), redacted(finding)});
  if (place == places_.end()) return 0;
  const auto mine = place->second.find(secret_identity(finding, seal_));
  if (mine == place->second.end()) return 0;
  std::size_t before = 0;
  for (const auto& [value, at] : place->second) {
    if (std::tie(at, value) < std::tie(mine->second, mine->first)) ++before;
  }
  return before;
}

std::string fingerprint(std::string_view plugin, const finding::RawFinding& finding,
                        const SecretOrdinals& ordinals) {
  std::string text;
  append(text, "meridian.fingerprint/1");
  append(text, plugin);
  append(text, finding.rule);
  append(text, place_of(finding));
  if (finding.has_secret()) {
    append(text, "secret");
    append(text, redacted(finding));
    append(text, std::to_string(ordinals.number(plugin, finding)));
  } else if (!finding.evidence.empty()) {
    append(text, "evidence");
    append(text, finding.evidence);
  } else {
    append(text, "message");
    append(text, finding.detail.empty() ? finding.message : finding.detail);
  }
  return base::sha256_hex(text).substr(0, 32);
}

}  // namespace meridian::scan
