// SPDX-License-Identifier: Apache-2.0
#include "zip_directory.hpp"

#include <algorithm>

#include "byte_order.hpp"
#include "inflate.hpp"

namespace meridian::packages {
namespace {

constexpr std::uint32_t kEnd = 0x06054b50, kEnd64 = 0x06064b50, kLocator64 = 0x07064b50,
                        kEntry = 0x02014b50, kLocal = 0x04034b50;
constexpr std::uint64_t kEndSize = 22, kLocatorSize = 20, kEnd64Size = 56, kEntrySize = 46,
                        kLocalSize = 30, kMaxComment = 0xffff;

/// Where the directory lies, by its own count, and how far the archive is moved.
struct Place {
  std::uint64_t offset = 0, size = 0, start = 0;
};

Result<Place> find_directory(const ByteSource& source) {
  const std::uint64_t tail_size = std::min(source.size(), kEndSize + kMaxComment + kLocatorSize);
  const std::uint64_t tail_at = source.size() - tail_size;
  MERIDIAN_TRY(const std::string tail, source.read(tail_at, tail_size));
  const Numbers numbers(tail, Order::kLittle);
  if (tail.size() < kEndSize) return Error(ErrorCode::kCorrupt, "is no zip file");
  for (std::uint64_t at = tail.size() - kEndSize + 1; at-- > 0;) {
    if (numbers.u32(at) != kEnd || at + kEndSize + numbers.u16(at + 20) > tail.size()) continue;
    Place place{numbers.u32(at + 16), numbers.u32(at + 12), 0};
    std::uint64_t directory_end = tail_at + at;
    if (place.offset == 0xffffffffu || place.size == 0xffffffffu) {
      if (at < kLocatorSize || numbers.u32(at - kLocatorSize) != kLocator64) {
        return Error(ErrorCode::kCorrupt, "zip64: its locator is not there");
      }
      const std::uint64_t end64 = numbers.u64(at - kLocatorSize + 8);
      MERIDIAN_TRY(const std::string record, source.read(end64, kEnd64Size));
      const Numbers fields(record, Order::kLittle);
      if (fields.u32(0) != kEnd64) return Error(ErrorCode::kCorrupt, "zip64: its end is damaged");
      place.size = fields.u64(40);
      place.offset = fields.u64(48);
      directory_end = end64;
    }
    if (place.size > directory_end || place.offset > directory_end - place.size) {
      return Error(ErrorCode::kCorrupt, "its directory is outside of it");
    }
    place.start = directory_end - place.size - place.offset;
    return place;
  }
  return Error(ErrorCode::kCorrupt, "is no zip file, or it is cut off");
}

/// Sizes and offset of a member that stand in its extra field, in this order, where the field of 32
/// bits is full of ones.
void read_zip64(const Numbers& extra, ZipDirectory::Member& member) {
  for (std::uint64_t at = 0; extra.has(at, 4);) {
    const std::uint64_t size = extra.u16(at + 2);
    if (extra.u16(at) == 1) {
      std::uint64_t value = at + 4;
      for (std::uint64_t* field : {&member.size, &member.packed, &member.offset}) {
        if (*field != 0xffffffffu || !extra.has(value, 8)) continue;
        *field = extra.u64(value);
        value += 8;
      }
      return;
    }
    at += 4 + size;
  }
}

}  // namespace

Result<ZipDirectory> ZipDirectory::read(const ByteSource& source) {
  MERIDIAN_TRY(const Place place, find_directory(source));
  if (place.size > kMaxDirectory) {
    return Error(ErrorCode::kLimit, "its directory has " + std::to_string(place.size) + " bytes");
  }
  MERIDIAN_TRY(const std::string bytes, source.read(place.start + place.offset, place.size));
  const Numbers numbers(bytes, Order::kLittle);
  ZipDirectory directory(source);
  directory.start_ = place.start;
  for (std::uint64_t at = 0; at < bytes.size();) {
    const std::uint64_t name = numbers.u16(at + 28), extra = numbers.u16(at + 30),
                        comment = numbers.u16(at + 32);
    if (numbers.u32(at) != kEntry || !numbers.has(at, kEntrySize + name + extra + comment)) {
      return Error(ErrorCode::kCorrupt, "its directory is damaged");
    }
    Member member;
    member.encrypted = (numbers.u16(at + 8) & 1) != 0;
    member.method = numbers.u16(at + 10);
    member.packed = numbers.u32(at + 20);
    member.size = numbers.u32(at + 24);
    member.offset = numbers.u32(at + 42);
    member.name = numbers.bytes(at + kEntrySize, name);
    read_zip64(Numbers(numbers.bytes(at + kEntrySize + name, extra), Order::kLittle), member);
    directory.members_.push_back(std::move(member));
    at += kEntrySize + name + extra + comment;
  }
  return directory;
}

Result<std::string> ZipDirectory::content(const Member& member, std::uint64_t limit) const {
  constexpr std::uint16_t kStored = 0, kDeflated = 8;
  if (member.encrypted || (member.method != kStored && member.method != kDeflated)) {
    return Error(ErrorCode::kUnsupported,
                 member.encrypted ? "is encrypted" : "method " + std::to_string(member.method));
  }
  if (member.packed > limit || member.size > limit) {
    return Error(ErrorCode::kLimit, std::to_string(std::max(member.packed, member.size)) +
                                        " bytes, limit " + std::to_string(limit));
  }
  const std::uint64_t header_at = start_ + member.offset;
  MERIDIAN_TRY(const std::string header, source_.read(header_at, kLocalSize));
  const Numbers numbers(header, Order::kLittle);
  if (numbers.u32(0) != kLocal || header.size() != kLocalSize) {
    return Error(ErrorCode::kCorrupt, "its local header is damaged");
  }
  const std::uint64_t data = header_at + kLocalSize + numbers.u16(26) + numbers.u16(28);
  MERIDIAN_TRY(std::string packed, source_.read(data, member.packed));
  if (packed.size() != member.packed) return Error(ErrorCode::kCorrupt, "is cut off");
  if (member.method == kStored) return packed;
  return inflate(packed, limit, Wrapping::kNone);
}

}  // namespace meridian::packages
