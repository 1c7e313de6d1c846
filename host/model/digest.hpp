// SPDX-License-Identifier: Apache-2.0
//
// digest.hpp: the names of content. Three types that do not convert into each other, because the
// field confuses them: what is stored, what it unpacks to, and a stack of those.
#pragma once

#include <compare>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "meridian/result.hpp"

namespace meridian::model {

/// "sha256:<64 hex>" or "sha512:<128 hex>", checked: its hex() may become a path component.
/// (OCI image-spec, descriptor.md, "Digests".)
template <typename Tag>
class ContentName {
 public:
  static Result<ContentName> parse(std::string_view text);
  /// From 64 hexadecimal digits, as engines name files.
  static Result<ContentName> from_hex(std::string_view digits);

  const std::string& text() const { return text_; }
  std::string_view hex() const { return std::string_view(text_).substr(text_.find(':') + 1); }

  auto operator<=>(const ContentName&) const = default;

 private:
  explicit ContentName(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

/// Hash of stored bytes, compressed as they are: a blob, a config, a manifest.
using Digest = ContentName<struct DigestTag>;
/// Hash of a layer's uncompressed tar.
using DiffId = ContentName<struct DiffIdTag>;
/// Name of a stack of layers up to here (OCI image-spec, config.md, "Layer ChainID").
using ChainId = ContentName<struct ChainIdTag>;

/// The SHA-256 of these bytes.
Digest digest_of(std::string_view bytes);

/// ChainID of the stack; `diff_ids` is bottom first and not empty.
ChainId chain_id(std::span<const DiffId> diff_ids);
/// ChainID of every stack from the bottom up, the whole last.
std::vector<ChainId> chain_ids(std::span<const DiffId> diff_ids);

}  // namespace meridian::model
