// SPDX-License-Identifier: Apache-2.0
#include "model/digest.hpp"

#include <algorithm>

#include "base/escape.hpp"
#include "base/sha256.hpp"

namespace meridian::model {
namespace {

constexpr std::size_t kShownDigest = 100;  // of a foreign text in an error

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_content_name(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return false;
  const std::string_view algorithm = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  const std::size_t length = algorithm == "sha256" ? 64 : algorithm == "sha512" ? 128 : 0;
  return length != 0 && digits.size() == length && is_hex(digits);
}

}  // namespace

template <typename Tag>
Result<ContentName<Tag>> ContentName<Tag>::parse(std::string_view text) {
  if (is_content_name(text)) return ContentName(std::string(text));
  return Error(ErrorCode::kCorrupt, "'" + base::escape(text.substr(0, kShownDigest)) +
                                        "' is no sha256 or sha512 digest");
}

template <typename Tag>
Result<ContentName<Tag>> ContentName<Tag>::from_hex(std::string_view digits) {
  return parse("sha256:" + std::string(digits));
}

template class ContentName<DigestTag>;
template class ContentName<DiffIdTag>;
template class ContentName<ChainIdTag>;

Digest digest_of(std::string_view bytes) { return *Digest::from_hex(base::sha256_hex(bytes)); }

std::vector<ChainId> chain_ids(std::span<const DiffId> diff_ids) {
  std::vector<ChainId> chains;
  for (const DiffId& next : diff_ids) {
    chains.push_back(chains.empty() ? *ChainId::parse(next.text())
                                    : *ChainId::from_hex(base::sha256_hex(chains.back().text() +
                                                                          " " + next.text())));
  }
  return chains;
}

ChainId chain_id(std::span<const DiffId> diff_ids) { return chain_ids(diff_ids).back(); }

}  // namespace meridian::model
