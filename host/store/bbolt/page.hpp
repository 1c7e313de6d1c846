// SPDX-License-Identifier: Apache-2.0
//
// page.hpp: bytes of one page, as numbers, keys and values. Any bytes may be given.
//
// Facts: go.etcd.io/bbolt, internal/common/{page,meta,inode}.go.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "meridian/result.hpp"

namespace meridian::store::bbolt {

using PageId = std::uint64_t;

/// The first pages that a bucket may have; 0 and 1 are metas.
inline constexpr PageId kFirstPage = 2;
/// Bytes that find_meta() needs of a page.
inline constexpr std::size_t kMetaBytes = 80;

struct Meta {
  std::size_t page_size = 0;
  PageId root = 0;        // of the bucket that holds all others
  PageId high_water = 0;  // no page from here on is in use
  std::uint64_t transaction = 0;
  bool operator==(const Meta&) const = default;
};
/// The newer of the valid metas in the first bytes of a file. kCorrupt with what is wrong with
/// each; kUnsupported for other versions and the other byte order.
Result<Meta> find_meta(std::string_view file);

struct Header {
  PageId id = 0;
  bool is_branch = false;      // else a leaf
  std::uint16_t count = 0;     // elements
  std::uint32_t overflow = 0;  // pages that follow and belong to this one
};
/// Of a page of a bucket; kCorrupt for pages of other kinds.
Result<Header> parse_header(std::string_view page);

/// What stands behind a key.
struct Element {
  std::string_view key;
  std::string_view value;  // of a leaf
  PageId child = 0;        // of a branch
  bool is_bucket = false;  // value is a bucket's: parse_bucket()
};

/// The elements of a page with all its overflow, in order. Views point into `page`.
class Elements {
 public:
  /// kCorrupt if the page has no room for as many.
  static Result<Elements> of(const Header& header, std::string_view page);
  /// nullopt at the end. kCorrupt for one element that is outside of the page, overlaps the one
  /// before or has no key: the next may still be right.
  std::optional<Result<Element>> next();

 private:
  Elements(const Header& header, std::string_view page);
  Result<Element> element(std::size_t at);

  Header header_;
  std::string_view page_;
  std::size_t index_ = 0;
  std::uint64_t data_ = 0;  // where the next key may begin
};

/// A bucket as an element's value has it: either a page of the file, or `inline_page`.
struct BucketValue {
  PageId root = 0;
  std::string_view inline_page;
};
Result<BucketValue> parse_bucket(std::string_view value);

}  // namespace meridian::store::bbolt
