// SPDX-License-Identifier: Apache-2.0
#include "store/bbolt/page.hpp"

#include <bit>
#include <string>

namespace meridian::store::bbolt {
namespace {

constexpr std::size_t kHeaderBytes = 16;
constexpr std::size_t kElementBytes = 16;
constexpr std::size_t kBucketBytes = 16;
constexpr std::size_t kChecked = 56;  // bytes of a meta before its checksum
constexpr std::uint32_t kMagic = 0xED0CDAED;
constexpr std::uint32_t kMagicReversed = 0xEDDA0CED;
constexpr std::uint32_t kVersion = 2;
constexpr std::uint16_t kBranch = 1;
constexpr std::uint16_t kLeaf = 2;
constexpr std::uint32_t kBucketFlag = 1;
constexpr std::size_t kMinPage = 1 << 10;   // where bbolt begins to look for the second meta
constexpr std::size_t kMaxPage = 16 << 20;  // and where it ends
constexpr std::size_t kMaxKey = 32768;      // bbolt's MaxKeySize

/// The caller has checked that the bytes are there.
template <typename Number>
Number number(std::string_view bytes, std::size_t at) {
  Number value = 0;
  for (std::size_t i = sizeof(Number); i > 0; --i) {
    value = static_cast<Number>((std::uint64_t{value} << 8) |
                                static_cast<unsigned char>(bytes[at + i - 1]));
  }
  return value;
}

std::uint64_t fnv1a(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

Error corrupt(std::string message) { return {ErrorCode::kCorrupt, std::move(message)}; }

Result<Meta> parse_meta(std::string_view file, std::size_t at) {
  if (file.size() < kMetaBytes || at > file.size() - kMetaBytes) {
    return corrupt("the file ends before it");
  }
  const std::string_view meta = file.substr(at + kHeaderBytes, kMetaBytes - kHeaderBytes);
  const auto magic = number<std::uint32_t>(meta, 0);
  if (magic == kMagicReversed) {
    return Error(ErrorCode::kUnsupported, "written by a big-endian machine");
  }
  if (magic != kMagic) return corrupt("it does not begin as one");
  if (number<std::uint64_t>(meta, kChecked) != fnv1a(meta.substr(0, kChecked))) {
    return corrupt("its checksum is wrong");
  }
  const auto version = number<std::uint32_t>(meta, 4);
  if (version != kVersion) {
    return Error(ErrorCode::kUnsupported, "format version " + std::to_string(version));
  }
  Meta out;
  out.page_size = number<std::uint32_t>(meta, 8);
  out.root = number<std::uint64_t>(meta, 16);
  out.high_water = number<std::uint64_t>(meta, 40);
  out.transaction = number<std::uint64_t>(meta, 48);
  if (!std::has_single_bit(out.page_size) || out.page_size < kMinPage || out.page_size > kMaxPage) {
    return corrupt("pages of " + std::to_string(out.page_size) + " bytes");
  }
  return out;
}

/// The second meta, when the first cannot say where.
Result<Meta> search_second(std::string_view file) {
  for (std::size_t at = kMinPage; at <= kMaxPage; at *= 2) {
    auto meta = parse_meta(file, at);
    if (meta && meta->page_size == at) return meta;
  }
  return corrupt("none at any page size");
}

}  // namespace

Result<Meta> find_meta(std::string_view file) {
  auto first = parse_meta(file, 0);
  auto second = first ? parse_meta(file, first->page_size) : search_second(file);
  if (first && second && first->page_size != second->page_size) {
    return corrupt("its metas say pages of " + std::to_string(first->page_size) + " and " +
                   std::to_string(second->page_size) + " bytes");
  }
  if (first && second) return first->transaction > second->transaction ? first : second;
  if (first) return first;
  if (second) return second;
  return Error(first.error().code(), "no valid meta: page 0: " + first.error().message() +
                                         ", page 1: " + second.error().message());
}

Result<Header> parse_header(std::string_view page) {
  if (page.size() < kHeaderBytes) {
    return corrupt(std::to_string(page.size()) + " bytes are no page");
  }
  Header header;
  header.id = number<std::uint64_t>(page, 0);
  const auto flags = number<std::uint16_t>(page, 8);
  header.count = number<std::uint16_t>(page, 10);
  header.overflow = number<std::uint32_t>(page, 12);
  if (flags != kBranch && flags != kLeaf) {
    return corrupt("neither branch nor leaf (flags " + std::to_string(flags) + ")");
  }
  header.is_branch = flags == kBranch;
  return header;
}

Elements::Elements(const Header& header, std::string_view page)
    : header_(header), page_(page), data_(kHeaderBytes + header.count * kElementBytes) {}

Result<Elements> Elements::of(const Header& header, std::string_view page) {
  const std::size_t room = (page.size() - kHeaderBytes) / kElementBytes;
  if (header.count > room) {
    return corrupt(std::to_string(header.count) + " elements, there is room for " +
                   std::to_string(room));
  }
  return Elements(header, page);
}

std::optional<Result<Element>> Elements::next() {
  if (index_ == header_.count) return std::nullopt;
  auto next = element(kHeaderBytes + index_ * kElementBytes);
  if (!next) next = std::move(next).error().in("element " + std::to_string(index_));
  ++index_;
  return next;
}

// A branch element is {position, key size, child}, a leaf's {flags, position, key size, value
// size}; positions count from the element itself.
Result<Element> Elements::element(std::size_t at) {
  Element out;
  const std::size_t position_at = header_.is_branch ? at : at + 4;
  const std::uint64_t begin = at + std::uint64_t{number<std::uint32_t>(page_, position_at)};
  const std::uint64_t key_size = number<std::uint32_t>(page_, position_at + 4);
  const std::uint64_t value_size =
      header_.is_branch ? 0 : number<std::uint32_t>(page_, position_at + 8);
  if (key_size == 0) return corrupt("has no key");
  if (key_size > kMaxKey) return corrupt("a key of " + std::to_string(key_size) + " bytes");
  if (begin + key_size + value_size > page_.size()) {
    return corrupt("ends " + std::to_string(begin + key_size + value_size - page_.size()) +
                   " bytes behind its page");
  }
  if (begin < data_) return corrupt("overlaps what stands before it");
  data_ = begin + key_size + value_size;
  out.key = page_.substr(begin, key_size);
  if (header_.is_branch) {
    out.child = number<std::uint64_t>(page_, at + 8);
  } else {
    out.value = page_.substr(begin + key_size, value_size);
    out.is_bucket = (number<std::uint32_t>(page_, at) & kBucketFlag) != 0;
  }
  return out;
}

Result<BucketValue> parse_bucket(std::string_view value) {
  if (value.size() < kBucketBytes) {
    return corrupt("a bucket of " + std::to_string(value.size()) + " bytes");
  }
  BucketValue out;
  out.root = number<std::uint64_t>(value, 0);
  if (out.root == 0) out.inline_page = value.substr(kBucketBytes);
  return out;
}

}  // namespace meridian::store::bbolt
