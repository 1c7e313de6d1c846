// SPDX-License-Identifier: Apache-2.0
#include "zip.hpp"

#include <isa-l/crc.h>
#include <sys/stat.h>

#include <algorithm>
#include <optional>
#include <string>

namespace meridian::secrets {

namespace {

constexpr std::uint64_t kEndSize = 22, kLocatorSize = 20, kEnd64Size = 56;
constexpr std::uint64_t kRecordSize = 46, kLocalSize = 30;
constexpr std::uint64_t kMaxComment = 0xffff;
constexpr std::uint16_t kStored = 0, kDeflate = 8;
constexpr std::uint16_t kEncrypted = 1;
constexpr std::uint16_t kZip64Field = 1;
constexpr std::uint32_t kIn64 = 0xffffffff;  // stands in a field of 64 bits elsewhere

std::uint64_t number(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = size; i-- > 0;) {
    value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  }
  return value;
}

struct Directory {
  std::uint64_t begin = 0, size = 0;
  std::uint64_t base = 0;  // what the offsets in it count from
};

struct Member {
  std::string name = {};
  std::uint16_t flags = 0, method = 0;
  std::uint32_t crc = 0, attributes = 0;
  std::uint64_t packed = 0, size = 0, header = 0;

  bool is_file() const {
    // Of Unix in the upper half, where the writer's system has such.
    const std::uint32_t type = attributes >> 16 & S_IFMT;
    return (name.empty() || name.back() != '/') && (type == 0 || type == S_IFREG);
  }
};

/// Where the record of the end begins: the last one whose comment fits behind it.
Result<std::optional<std::uint64_t>> find_end(Window& source) {
  const std::uint64_t size = source.size();
  if (size < kEndSize) return std::nullopt;
  const std::uint64_t from = size - std::min(size, kEndSize + kMaxComment);
  MERIDIAN_TRY(const auto tail, source.at(from, size - from));
  std::size_t at = tail.size() < kEndSize ? std::string_view::npos : tail.size() - kEndSize;
  for (; at != std::string_view::npos; --at) {
    at = tail.rfind("PK\5\6", at);
    if (at == std::string_view::npos) break;
    if (number(tail, at + 20, 2) <= tail.size() - at - kEndSize) return from + at;
    if (at == 0) break;
  }
  return std::nullopt;
}

/// Empty: what stands there is no directory of one file.
Result<std::optional<Directory>> find_directory(Window& source) {
  MERIDIAN_TRY(const auto end, find_end(source));
  if (!end) return std::nullopt;
  MERIDIAN_TRY(const auto record, source.at(*end, kEndSize));
  if (record.size() < kEndSize) return std::nullopt;
  Directory found;
  found.size = number(record, 12, 4);
  std::uint64_t offset = number(record, 16, 4);
  std::uint64_t behind = *end;
  const bool in_64 = number(record, 10, 2) == 0xffff || found.size == kIn64 || offset == kIn64;
  if (in_64 && *end >= kLocatorSize + kEnd64Size) {
    MERIDIAN_TRY(const auto locator, source.at(*end - kLocatorSize, kLocatorSize));
    if (locator.substr(0, 4) == "PK\6\7") {
      // Where it is usually; its place in the locator does not count bytes in front of the file.
      const std::uint64_t usual = *end - kLocatorSize - kEnd64Size;
      MERIDIAN_TRY(const auto large, source.at(usual, kEnd64Size));
      if (large.size() < kEnd64Size || large.substr(0, 4) != "PK\6\6") return std::nullopt;
      found.size = number(large, 40, 8);
      offset = number(large, 48, 8);
      behind = usual;
    }
  }
  if (found.size > behind || offset > behind - found.size) return std::nullopt;
  found.begin = behind - found.size;
  found.base = found.begin - offset;
  return found;
}

/// The field of 64 bits for each of the three that says it stands there, in this order.
void take_zip64(std::string_view extra, Member& member) {
  while (extra.size() >= 4) {
    const std::uint64_t id = number(extra, 0, 2), size = number(extra, 2, 2);
    if (size > extra.size() - 4) return;
    std::string_view field = extra.substr(4, static_cast<std::size_t>(size));
    extra.remove_prefix(4 + static_cast<std::size_t>(size));
    if (id != kZip64Field) continue;
    for (std::uint64_t* const value : {&member.size, &member.packed, &member.header}) {
      if (*value != kIn64) continue;
      if (field.size() < 8) return;
      *value = number(field, 0, 8);
      field.remove_prefix(8);
    }
    return;
  }
}

/// The record at `at`, which moves on. False: none is there.
Result<bool> read_record(Window& source, const Directory& directory, std::uint64_t& at,
                         Member& member) {
  const std::uint64_t end = directory.begin + directory.size;
  if (end - at < kRecordSize) return false;
  MERIDIAN_TRY(auto record, source.at(at, kRecordSize));
  if (record.size() < kRecordSize || record.substr(0, 4) != "PK\1\2") return false;
  const std::uint64_t name = number(record, 28, 2), extra = number(record, 30, 2),
                      comment = number(record, 32, 2);
  const std::uint64_t whole = kRecordSize + name + extra + comment;
  if (whole > end - at) return false;
  MERIDIAN_TRY(record, source.at(at, whole));
  if (record.size() < whole) return false;
  member.flags = static_cast<std::uint16_t>(number(record, 8, 2));
  member.method = static_cast<std::uint16_t>(number(record, 10, 2));
  member.crc = static_cast<std::uint32_t>(number(record, 16, 4));
  member.packed = number(record, 20, 4);
  member.size = number(record, 24, 4);
  member.attributes = static_cast<std::uint32_t>(number(record, 38, 4));
  member.header = number(record, 42, 4);
  member.name.assign(record.substr(kRecordSize, static_cast<std::size_t>(name)));
  take_zip64(
      record.substr(static_cast<std::size_t>(kRecordSize + name), static_cast<std::size_t>(extra)),
      member);
  at += whole;
  return true;
}

class ZipReader {
 public:
  ZipReader(Window& source, std::uint64_t& budget, MemberSink& sink)
      : source_(source), inflater_(source), budget_(budget), sink_(sink) {}

  /// The error is the archive's: a bound. What is wrong with the member is told.
  Result<void> read(const Directory& directory, const Member& member) {
    auto begin = data_of(directory, member);
    if (!begin) {
      sink_.damaged(member.name, begin.error());
      return {};
    }
    sink_.begin(member.name);
    crc_ = 0;
    size_ = 0;
    const auto read = member.method == kStored ? copy(*begin, *begin + member.packed)
                                               : inflate(*begin, *begin + member.packed);
    const bool is_spent = !read && read.error().code() == ErrorCode::kLimit;
    if (!read && !is_spent) sink_.damaged(member.name, read.error());
    if (read && (crc_ != member.crc || size_ != member.size)) {
      sink_.damaged(member.name, Error(ErrorCode::kCorrupt,
                                       "a checksum or size that is not its "
                                       "content's"));
    }
    sink_.end();
    if (is_spent) return read.error();
    return {};
  }

 private:
  Result<std::uint64_t> data_of(const Directory& directory, const Member& member) {
    if ((member.flags & kEncrypted) != 0) return Error(ErrorCode::kUnsupported, "is encrypted");
    const auto outside = [] { return Error(ErrorCode::kCorrupt, "lies outside of the file"); };
    const std::uint64_t size = source_.size();
    if (member.header > size - directory.base) return outside();
    const std::uint64_t at = directory.base + member.header;
    MERIDIAN_TRY(const auto header, source_.at(at, kLocalSize));
    if (header.size() < kLocalSize || header.substr(0, 4) != "PK\3\4") {
      return Error(ErrorCode::kCorrupt, "no header where the directory says");
    }
    const std::uint64_t begin = at + kLocalSize + number(header, 26, 2) + number(header, 28, 2);
    if (begin > size || member.packed > size - begin) return outside();
    return begin;
  }

  Result<void> give(std::string_view bytes) {
    MERIDIAN_CHECK(spend(bytes.size(), budget_));
    crc_ =
        ::crc32_gzip_refl(crc_, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    size_ += bytes.size();
    sink_.add(bytes);
    return {};
  }

  Result<void> copy(std::uint64_t at, std::uint64_t end) {
    while (at < end) {
      MERIDIAN_TRY(auto bytes, source_.at(at, 1));
      bytes = bytes.substr(0, static_cast<std::size_t>(
                                  std::min<std::uint64_t>(end - at, std::uint64_t{bytes.size()})));
      if (bytes.empty()) return Error(ErrorCode::kCorrupt, "cut short");
      at += bytes.size();
      MERIDIAN_CHECK(give(bytes));
    }
    return {};
  }

  Result<void> inflate(std::uint64_t begin, std::uint64_t end) {
    inflater_.begin_raw(begin, end);
    while (true) {
      MERIDIAN_TRY(const auto piece, inflater_.next());
      if (piece.empty()) return {};
      MERIDIAN_CHECK(give(piece));
    }
  }

  Window& source_;
  Inflater inflater_;
  std::uint64_t& budget_;
  MemberSink& sink_;
  std::uint32_t crc_ = 0;
  std::uint64_t size_ = 0;
};

}  // namespace

Result<bool> read_zip(ByteReader& source, std::uint64_t& budget, MemberSink& sink) {
  // The directory and what it tells of lie apart: each has its window.
  Window records(source), data(source);
  MERIDIAN_TRY(const auto directory, find_directory(records));
  if (!directory) return false;
  const auto each = [&](const auto& visit) -> Result<bool> {
    Member member;
    std::uint64_t at = directory->begin;
    // Not by their number: of more than 65535 some writers tell the rest of a division.
    for (std::size_t number = 0; at < directory->begin + directory->size; ++number) {
      if (number == kMaxMembers) {
        return Error(ErrorCode::kLimit, "more than " + std::to_string(kMaxMembers) + " members");
      }
      MERIDIAN_TRY(const bool is_there, read_record(records, *directory, at, member));
      if (!is_there) return false;
      MERIDIAN_TRY(const bool go_on, visit(member));
      if (!go_on) return false;
    }
    return true;
  };
  const auto is_usual = [](const Member& member) -> Result<bool> {
    return member.method == kStored || member.method == kDeflate ||
           (member.flags & kEncrypted) != 0;
  };
  const auto first = each(is_usual);
  if (!first && first.error().code() != ErrorCode::kLimit) return first.error();
  if (first && !*first) return false;
  ZipReader reader(data, budget, sink);
  return each([&](const Member& member) -> Result<bool> {
    if (member.is_file()) MERIDIAN_CHECK(reader.read(*directory, member));
    return true;
  });
}

}  // namespace meridian::secrets
