// SPDX-License-Identifier: Apache-2.0
#include "scan/seal.hpp"

#include <set>

#include "base/hmac.hpp"
#include "scan/redaction.hpp"

namespace meridian::scan {

namespace {

std::string text_of(const base::Sha256Bytes& bytes) { return {bytes.begin(), bytes.end()}; }

/// The beginning of the value, as far as its redacted form shows it as it is.
std::string_view head_of(const finding::SealedSecret& secret) {
  const std::string_view form = secret.form;
  const std::size_t stars = form.find_last_not_of('*') + 1;
  const std::string_view head = form.substr(0, stars);
  return head.find('\\') == std::string_view::npos ? head : std::string_view();
}

}  // namespace

base::Sha256Bytes Seal::mac(std::string_view bytes) const { return base::hmac_sha256(key_, bytes); }

finding::SealedSecret Seal::seal(std::string_view secret) const {
  return {redact(secret), secret.size(), text_of(mac(secret))};
}

std::string Seal::scrub(std::string text, const finding::SealedSecret& secret) const {
  if (secret.size < kShortestScrubbed) return text;
  const std::string_view head = head_of(secret);
  for (std::size_t at = 0; (at = text.find(head, at)) != std::string::npos;) {
    if (text.size() - at < secret.size) break;
    const std::string_view candidate = std::string_view(text).substr(at, secret.size);
    if (redact(candidate) != secret.form || text_of(mac(candidate)) != secret.mac) {
      ++at;
      continue;
    }
    text.replace(at, secret.size, secret.form);
    at += secret.form.size();
  }
  return text;
}

std::string redacted(const finding::RawFinding& finding) {
  return finding.sealed ? finding.sealed->form : redact(finding.secret);
}

std::string secret_identity(const finding::RawFinding& finding, const Seal* seal) {
  if (finding.sealed) return finding.sealed->mac;
  if (finding.secret.empty() || seal == nullptr) return finding.secret;
  return text_of(seal->mac(finding.secret));
}

std::size_t secret_size(const finding::RawFinding& finding) {
  return finding.sealed ? static_cast<std::size_t>(finding.sealed->size) : finding.secret.size();
}

void Scrubber::add(const finding::RawFinding& finding) {
  if (finding.has_secret()) secrets_.push_back(&finding);
}

std::string Scrubber::scrub(std::string text) const {
  for (const finding::RawFinding* const finding : secrets_) {
    text = finding->sealed ? seal_->scrub(std::move(text), *finding->sealed)
                           : scan::scrub(std::move(text), {finding->secret});
  }
  return text;
}

std::string Scrubber::identity() const {
  if (seal_ == nullptr) return "";
  std::set<std::string> macs;
  for (const finding::RawFinding* const finding : secrets_) {
    macs.insert(secret_identity(*finding, seal_));
  }
  base::Sha256 hash;
  for (const std::string& mac : macs) hash.update(mac);
  return text_of(hash.finish());
}

}  // namespace meridian::scan
