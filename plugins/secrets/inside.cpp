// SPDX-License-Identifier: Apache-2.0
#include "inside.hpp"

#include <algorithm>
#include <utility>

#include "sqlite_text.hpp"
#include "zip.hpp"

namespace meridian::secrets {

namespace {

constexpr std::size_t kHead = 512;            // decides what a part is; a tar is known by byte 257
constexpr std::size_t kMaxField = 256;        // of a field: members' names are foreign
constexpr std::uint64_t kPiece = 256u << 10;  // bytes of UTF-16 read at once

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

// A jar with a start script in front of it.
bool starts_itself(std::string_view path, std::string_view head) {
  return head.substr(0, 2) == "#!" &&
         (ends_with(path, ".jar") || ends_with(path, ".war") || ends_with(path, ".ear"));
}

// "app.log.1" of "app.log.1.gz".
std::string_view without_suffix(std::string_view name) {
  return ends_with(name, ".gz") ? name.substr(0, name.size() - 3) : name;
}

// Names of members are bytes of anybody's making, a field is text.
std::string printable(std::string_view name) {
  std::string text;
  for (const char letter : name.substr(0, kMaxField)) {
    text += letter >= 0x20 && letter < 0x7f ? letter : '?';
  }
  return text;
}

}  // namespace

std::vector<std::string> archive_magic() { return {"\x1f\x8b\x08", "PK\x03\x04"}; }

std::vector<std::string> encoded_magic() {
  return {std::string("SQLite format 3\0", 16), "\xff\xfe", "\xfe\xff"};
}

// One member, or the file itself where it is UTF-16.
struct Inside::Part {
  std::string path = {};
  std::string field = {};
  std::string head = {};  // until it is chosen what this is
  bool chosen = false;
  bool told = false;  // a gap
  std::optional<Utf16Decoder> utf16 = {};
  std::optional<TextSearch> text = {};
  std::optional<std::string> whole = {};  // of an archive or a database
  bool too_large = false;
};

Inside::Inside(const Judge& judge, Scratch& scratch, Found found, Gap gap)
    : judge_(judge), scratch_(scratch), found_(std::move(found)), gap_(std::move(gap)) {}

Inside::~Inside() = default;

void Inside::search(std::string_view path, ByteReader& file) {
  path_ = path;
  member_.clear();
  gaps_ = 0;
  depth_ = 0;
  budget_ = std::min(kMaxUnpacked, std::max(kFreeOfRatio, file.size() * kMaxRatio));
  const auto head = file.read(0, kHead);
  if (!head) return tell({}, head.error());
  if (Utf16Decoder::of(*head)) {
    begin({});
    part_->field = "utf-16";
    for (std::uint64_t at = 0; at < file.size();) {
      const auto bytes = file.read(at, kPiece);
      if (!bytes) tell({}, bytes.error());
      if (!bytes || bytes->empty()) break;
      at += bytes->size();
      add(*bytes);
    }
    return end();
  }
  open(*head, file);
}

void Inside::open(std::string_view head, ByteReader& file) {
  const Packing packing = packing_of(head);
  const bool is_database = is_sqlite(head);
  const bool is_started = starts_itself(path_, head);
  if (packing == Packing::kNone && !is_database && !is_started) return;
  const std::uint64_t most = is_database ? kMaxDatabase : kMaxPacked;
  Result<void> read;
  if (file.size() > most) {
    read = Error(ErrorCode::kLimit,
                 std::to_string(file.size()) + " bytes, packed; limit " + std::to_string(most));
  } else if (is_database) {
    auto bytes = file.read(0, file.size());
    if (bytes) {
      read = read_tables(*std::move(bytes), budget_, *this);
    } else {
      read = std::move(bytes).error();
    }
  } else if (is_started) {
    auto is_read = read_zip(file, budget_, *this);
    if (!is_read) {
      read = std::move(is_read).error();
    } else if (!*is_read) {
      read = Error(ErrorCode::kUnsupported, "no zip that can be read behind its start script");
    }
  } else {
    read = read_members(file, packing, budget_, *this);
  }
  if (!read) tell({}, read.error());
}

void Inside::begin(std::string_view name) {
  part_ = std::make_unique<Part>();
  part_->path = name.empty() ? std::string(without_suffix(path_)) : path_ + '/' + std::string(name);
  const std::string inner = printable(member_ + std::string(name));
  part_->field = inner.empty() ? "unpacked" : "member:" + inner;
}

// What it is, by its first bytes.
void Inside::choose(Part& part) {
  part.chosen = true;
  const std::string head = std::exchange(part.head, {});
  if (packing_of(head) != Packing::kNone || is_sqlite(head) || starts_itself(part.path, head)) {
    part.whole.emplace();
  } else {
    part.utf16 = Utf16Decoder::of(head);
    const bool binary = !part.utf16 && head.find('\0') != std::string::npos;
    part.text.emplace(judge_, scratch_, Place{part.path, binary, 0},
                      [this, &part](const Located& at) { found_(part.field, at); });
  }
  feed(part, head);
}

void Inside::feed(Part& part, std::string_view bytes) {
  if (part.whole) {
    part.too_large = part.too_large || bytes.size() > kMaxNested - part.whole->size();
    if (!part.too_large) part.whole->append(bytes);
    return;
  }
  const auto searched =
      part.utf16 ? part.text->add(part.utf16->decode(bytes)) : part.text->add(bytes);
  if (!searched && !std::exchange(part.told, true)) tell(part.field, searched.error());
}

void Inside::add(std::string_view bytes) {
  Part& part = *part_;
  if (part.chosen) return feed(part, bytes);
  const std::size_t wanted = std::min(kHead - part.head.size(), bytes.size());
  part.head.append(bytes.substr(0, wanted));
  if (part.head.size() == kHead) choose(part);
  if (bytes.size() > wanted) feed(part, bytes.substr(wanted));
}

void Inside::end() {
  const std::unique_ptr<Part> part = std::move(part_);
  if (!part->chosen) choose(*part);
  if (part->text) {
    const auto searched = part->text->finish();
    if (!searched && !part->told) tell(part->field, searched.error());
    return;
  }
  if (part->too_large || depth_ == kMaxDepth) {
    return tell(part->field,
                Error(ErrorCode::kLimit, part->too_large ? "too large an archive inside of one"
                                                         : "archives inside of archives"));
  }
  const std::string path = std::exchange(path_, part->path);
  const std::string_view inner = part->field;
  const std::size_t colon = inner.find(':');
  std::string member =
      colon == std::string_view::npos ? std::string() : std::string(inner.substr(colon + 1)) + '!';
  member_.swap(member);
  ++depth_;
  MemoryReader bytes(*part->whole);
  open(std::string_view(*part->whole).substr(0, kHead), bytes);
  --depth_;
  member_.swap(member);
  path_ = path;
}

void Inside::damaged(std::string_view name, const Error& why) {
  tell(name.empty() ? std::string() : "member:" + printable(member_ + std::string(name)), why);
}

void Inside::tell(std::string_view name, const Error& why) {
  if (++gaps_ > kMaxGaps) return;
  gap_(name.empty() ? why : Error(why).in(name));
}

}  // namespace meridian::secrets
