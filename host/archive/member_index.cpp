// SPDX-License-Identifier: Apache-2.0
//
// member_index.cpp: a walk over 512-byte headers (POSIX ustar and pax, GNU, old tar). Where writers
// and readers differ it reads as Go's archive/tar does, for the engines are written with that.
#include "archive/member_index.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "base/escape.hpp"
#include "base/limits.hpp"
#include "base/read_file.hpp"

namespace meridian::archive {
namespace {

constexpr std::uint64_t kBlock = 512;

/// One header block; the fields of POSIX.1-2017, pax, "ustar Interchange Format".
class Header {
 public:
  char* data() { return bytes_.data(); }
  bool is_zero() const { return all().find_first_not_of('\0') == std::string_view::npos; }
  char type() const { return bytes_[156]; }
  /// A field up to its first NUL.
  std::string_view text(std::size_t offset, std::size_t length) const {
    const std::string_view field = all().substr(offset, length);
    return field.substr(0, field.find('\0'));
  }
  std::string path() const {
    const std::string_view name = text(0, 100);
    // GNU's magic is "ustar  "; it keeps times where ustar keeps the prefix.
    const std::string_view prefix =
        all().substr(257, 6) == std::string_view("ustar\0", 6) ? text(345, 155) : "";
    if (prefix.empty()) return std::string(name);
    return std::string(prefix).append("/").append(name);
  }
  std::string_view link() const { return text(157, 100); }
  /// nullopt when it is no number, negative or past 63 bits.
  std::optional<std::uint64_t> size() const { return number(124, 12); }
  bool checksum_matches() const;

 private:
  std::string_view all() const { return {bytes_.data(), bytes_.size()}; }
  std::optional<std::uint64_t> number(std::size_t offset, std::size_t length) const;

  std::array<char, kBlock> bytes_{};
};

std::optional<std::uint64_t> Header::number(std::size_t offset, std::size_t length) const {
  std::string_view field = all().substr(offset, length);
  std::uint64_t value = 0;
  if (const auto first = static_cast<unsigned char>(field[0]); (first & 0x80u) != 0) {
    // Base-256 (GNU, star): bit 7 marks it, bit 6 is the sign.
    if ((first & 0x40u) != 0) return std::nullopt;
    value = first & 0x3fu;
    for (const char byte : field.substr(1)) {
      if (value >> 55 != 0) return std::nullopt;
      value = value << 8 | static_cast<unsigned char>(byte);
    }
    return value;
  }
  constexpr std::string_view kPadding(" \0", 2);
  field.remove_prefix(std::min(field.find_first_not_of(kPadding), field.size()));
  field = field.substr(0, field.find('\0'));
  while (!field.empty() && field.back() == ' ') field.remove_suffix(1);
  for (const char digit : field) {
    if (digit < '0' || digit > '7') return std::nullopt;
    value = value << 3 | static_cast<std::uint64_t>(digit - '0');  // at most 12 digits, 36 bits
  }
  return value;
}

bool Header::checksum_matches() const {
  std::int64_t with_unsigned = 0;  // POSIX
  std::int64_t with_signed = 0;    // some old writers
  for (std::size_t i = 0; i < bytes_.size(); ++i) {
    const char byte = i >= 148 && i < 156 ? ' ' : bytes_[i];
    with_unsigned += static_cast<unsigned char>(byte);
    with_signed += static_cast<signed char>(byte);
  }
  const auto stored = number(148, 8);
  return stored && (static_cast<std::int64_t>(*stored) == with_unsigned ||
                    static_cast<std::int64_t>(*stored) == with_signed);
}

/// What extended headers said of the next member.
struct Pending {
  std::optional<std::string> pax_path, pax_link;
  std::optional<std::string> gnu_path, gnu_link;
  std::optional<std::uint64_t> size;
  bool sparse = false;
};

/// Records "LENGTH KEY=VALUE\n"; false when they are not that.
bool read_pax(std::string_view text, Pending& pending) {
  while (!text.empty()) {
    std::size_t length = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    const auto digits = static_cast<std::size_t>(end - text.data());
    if (error != std::errc() || length > text.size() || length < digits + 3) return false;
    if (text[digits] != ' ' || text[length - 1] != '\n') return false;
    const std::string_view record = text.substr(digits + 1, length - digits - 2);
    const std::size_t equals = record.find('=');
    if (equals == std::string_view::npos) return false;
    const std::string_view key = record.substr(0, equals);
    const std::string_view value = record.substr(equals + 1);
    // Go refuses such a name, libarchive ends it there.
    if ((key == "path" || key == "linkpath") && value.find('\0') != std::string_view::npos) {
      return false;
    }
    // An empty value takes back what a global header said: the same as none.
    if (key == "path" && !value.empty()) pending.pax_path = value;
    if (key == "linkpath" && !value.empty()) pending.pax_link = value;
    if (key.substr(0, 11) == "GNU.sparse.") pending.sparse = true;
    if (key == "size") {
      std::uint64_t size = 0;
      const auto parsed = std::from_chars(value.data(), value.data() + value.size(), size);
      if (parsed.ec != std::errc() || parsed.ptr != value.data() + value.size()) return false;
      pending.size = size;
    }
    text.remove_prefix(length);
  }
  return true;
}

TarType member_type(char type, std::string_view path) {
  switch (type) {
    case '1':
      return TarType::kHardlink;
    case '2':
      return TarType::kSymlink;
    case '3':
      return TarType::kCharDevice;
    case '4':
      return TarType::kBlockDevice;
    case '5':
      return TarType::kDirectory;
    case '6':
      return TarType::kFifo;
    default:  // POSIX: an unknown type is a regular file; before POSIX a directory ended in '/'
      return !path.empty() && path.back() == '/' && (type == '0' || type == '\0')
                 ? TarType::kDirectory
                 : TarType::kRegular;
  }
}

class Indexer {
 public:
  Indexer(int fd, std::uint64_t size, std::string_view name, std::atomic<std::uint64_t>* progress)
      : fd_(fd), size_(size), name_(name), progress_(progress) {}

  Result<std::vector<Member>> run();

 private:
  /// False at the end of the archive.
  Result<bool> read_header(Header& header);
  Result<void> take_extended(char type, std::uint64_t size);
  Result<void> take_member(const Header& header, std::uint64_t size);
  void skip(std::uint64_t size);
  Error error(ErrorCode code, std::string_view what) const {
    return Error(code, base::escape(name_) + ": tar header at byte " + std::to_string(header_at_) +
                           ": " + std::string(what));
  }

  int fd_;
  std::uint64_t size_;
  std::string name_;
  std::atomic<std::uint64_t>* progress_;
  std::uint64_t at_ = 0;
  std::uint64_t header_at_ = 0;
  Pending pending_;
  bool has_pending_ = false;
  std::uint64_t names_ = 0;  // bytes of names and links
  std::vector<Member> members_;
};

Result<std::vector<Member>> Indexer::run() {
  Header header;
  for (;;) {
    MERIDIAN_TRY(const bool more, read_header(header));
    if (!more) break;
    const auto size = header.size();
    if (!header.checksum_matches()) return error(ErrorCode::kCorrupt, "wrong checksum");
    if (!size) return error(ErrorCode::kCorrupt, "the size is no number");
    switch (header.type()) {
      case 'x':
      case 'X':  // Solaris
      case 'g':
      case 'L':
      case 'K':
        MERIDIAN_CHECK(take_extended(header.type(), *size));
        break;
      default:
        MERIDIAN_CHECK(take_member(header, *size));
    }
  }
  if (has_pending_) return error(ErrorCode::kCorrupt, "ends after an extended header");
  return std::move(members_);
}

Result<bool> Indexer::read_header(Header& header) {
  if (progress_ != nullptr) progress_->fetch_add(1, std::memory_order_relaxed);
  header_at_ = at_;
  // Writers may leave out the closing zero blocks; an end between members is an end.
  if (at_ >= size_) return false;
  if (size_ - at_ < kBlock) return error(ErrorCode::kCorrupt, "cut short");
  MERIDIAN_TRY(const std::size_t got, base::read_at(fd_, at_, header.data(), kBlock, name_));
  if (got != kBlock) return error(ErrorCode::kCorrupt, "cut short");
  at_ += kBlock;
  if (!header.is_zero()) return true;
  if (size_ - at_ < kBlock) return false;
  MERIDIAN_TRY(const std::size_t second, base::read_at(fd_, at_, header.data(), kBlock, name_));
  // Members behind a lone zero block are seen by some readers only: not ours to guess.
  if (second == kBlock && !header.is_zero()) {
    return error(ErrorCode::kCorrupt, "a zero block and then more members");
  }
  return false;
}

Result<void> Indexer::take_extended(char type, std::uint64_t size) {
  if (size > limits::kMaxTarHeader) {
    return error(ErrorCode::kLimit, "extended header of " + std::to_string(size) + " bytes");
  }
  if (size > size_ - at_) return error(ErrorCode::kCorrupt, "cut short in an extended header");
  std::string text(static_cast<std::size_t>(size), '\0');
  MERIDIAN_TRY(const std::size_t got, base::read_at(fd_, at_, text.data(), text.size(), name_));
  if (got != text.size()) return error(ErrorCode::kCorrupt, "cut short in an extended header");
  skip(size);
  if (type == 'g') return {};  // holds for all members, so it names none; writers put comments here
  has_pending_ = true;
  if (type == 'L' || type == 'K') {
    text.resize(std::min(text.find('\0'), text.size()));
    (type == 'L' ? pending_.gnu_path : pending_.gnu_link) = std::move(text);
  } else if (!read_pax(text, pending_)) {
    return error(ErrorCode::kCorrupt, "malformed pax records");
  }
  return {};
}

Result<void> Indexer::take_member(const Header& header, std::uint64_t size) {
  Pending pending = std::exchange(pending_, Pending());
  has_pending_ = false;
  Member member;
  member.path = pending.gnu_path   ? std::move(*pending.gnu_path)
                : pending.pax_path ? std::move(*pending.pax_path)
                                   : header.path();
  member.type = member_type(header.type(), member.path);
  if (member.type == TarType::kSymlink || member.type == TarType::kHardlink) {
    member.link = pending.gnu_link   ? std::move(*pending.gnu_link)
                  : pending.pax_link ? std::move(*pending.pax_link)
                                     : std::string(header.link());
  }
  // libarchive makes an empty file of it; nobody can unpack one.
  if (member.type == TarType::kHardlink && member.link.empty()) {
    return error(ErrorCode::kCorrupt,
                 "member '" + base::escape(member.path) + "' is a hard link to nothing");
  }
  if (header.type() == 'S' || pending.sparse) {
    return error(ErrorCode::kUnsupported, "sparse member '" + base::escape(member.path) + "'");
  }
  // The other types have no content, whatever their size says.
  if (member.type == TarType::kRegular) member.size = pending.size.value_or(size);
  member.offset = at_;
  if (member.size > size_ - at_) {
    return error(ErrorCode::kCorrupt, "member '" + base::escape(member.path) +
                                          "' is cut short: " + std::to_string(size_ - at_) +
                                          " of " + std::to_string(member.size) + " bytes");
  }
  names_ += member.path.size() + member.link.size();
  if (names_ > limits::kMaxMemberNames) {
    return error(ErrorCode::kLimit,
                 "names of more than " + std::to_string(limits::kMaxMemberNames) + " bytes");
  }
  if (members_.size() >= limits::kMaxMembers) {
    return error(ErrorCode::kLimit,
                 "more than " + std::to_string(limits::kMaxMembers) + " members");
  }
  skip(member.size);
  members_.push_back(std::move(member));
  return {};
}

void Indexer::skip(std::uint64_t size) {
  // `size` fits in the file; the padding after the last member may be missing.
  const std::uint64_t padded = size + (kBlock - size % kBlock) % kBlock;
  at_ = std::min(at_ + padded, size_);
}

}  // namespace

Result<std::vector<Member>> index_members(int fd, std::uint64_t size, std::string_view name,
                                          std::atomic<std::uint64_t>* progress) {
  return Indexer(fd, size, name, progress).run();
}

}  // namespace meridian::archive
