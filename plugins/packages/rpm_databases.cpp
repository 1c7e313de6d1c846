// SPDX-License-Identifier: Apache-2.0
#include <sqlite3.h>

#include <memory>
#include <string>
#include <utility>

#include "byte_order.hpp"
#include "rpm.hpp"

namespace meridian::packages {
namespace {

void add_header(Collector& out, std::string_view blob, const std::string& where) {
  auto package = parse_rpm_header(blob);
  if (!package) return out.problem(std::move(package).error().in(where));
  if (*package) out.add(std::move(**package));
}

struct Close {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

/// Of SQLite's machine, between two looks; a real database takes some hundred thousand in all.
constexpr int kStepsAtOnce = 1'000'000;
constexpr int kMostLooks = 200;
int count_looks(void* looks) { return ++*static_cast<int*>(looks) > kMostLooks ? 1 : 0; }

Error sqlite_error(sqlite3* database) {
  return Error(ErrorCode::kCorrupt, std::string("SQLite: ") + sqlite3_errmsg(database));
}

}  // namespace

Parsed parse_rpm_sqlite(std::string_view bytes) {
  constexpr std::string_view kMagic("SQLite format 3\0", 16);
  constexpr std::size_t kHeader = 100, kWriteVersion = 18, kReadVersion = 19;
  if (bytes.size() < kHeader || bytes.substr(0, kMagic.size()) != kMagic) {
    return failed(ErrorCode::kCorrupt, "is no SQLite database");
  }
  // rpm leaves it in the mode with a write-ahead log, which SQLite does not open from memory. The
  // mode is two bytes of the header; what the file holds is the same.
  std::string copy(bytes);
  copy[kWriteVersion] = copy[kReadVersion] = 1;
  sqlite3* raw = nullptr;
  const int opened = sqlite3_open_v2(":memory:", &raw, SQLITE_OPEN_READWRITE, nullptr);
  const std::unique_ptr<sqlite3, Close> database(raw);
  if (opened != SQLITE_OK) return failed(ErrorCode::kMemory, "SQLite has no memory");
  // Of foreign bytes: no view, trigger or function of theirs runs.
  sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_limit(raw, SQLITE_LIMIT_LENGTH, static_cast<int>(kMaxRpmHeader));
  int looks = 0;
  sqlite3_progress_handler(raw, kStepsAtOnce, count_looks, &looks);
  auto* const data = reinterpret_cast<unsigned char*>(copy.data());
  const auto size = static_cast<sqlite3_int64>(copy.size());
  Collector out;
  if (sqlite3_deserialize(raw, "main", data, size, size, SQLITE_DESERIALIZE_READONLY) !=
      SQLITE_OK) {
    out.problem(sqlite_error(raw));
    return out.take();
  }
  // Else a cell that leads out of its page shows what was in memory there before.
  sqlite3_exec(raw, "PRAGMA cell_size_check = ON", nullptr, nullptr, nullptr);
  sqlite3_stmt* prepared = nullptr;
  if (sqlite3_prepare_v2(raw, "SELECT hnum, blob FROM Packages", -1, &prepared, nullptr) !=
      SQLITE_OK) {
    out.problem(sqlite_error(raw));
    return out.take();
  }
  const std::unique_ptr<sqlite3_stmt, Close> statement(prepared);
  // Rows may share pages of a forged file; together they are no larger than it.
  std::size_t left = bytes.size();
  while (out.has_room()) {
    const int step = sqlite3_step(prepared);
    if (step == SQLITE_DONE) break;
    if (step != SQLITE_ROW) {
      out.problem(sqlite_error(raw));
      break;
    }
    const auto* const blob = static_cast<const char*>(sqlite3_column_blob(prepared, 1));
    const auto blob_size = static_cast<std::size_t>(sqlite3_column_bytes(prepared, 1));
    if (blob_size > left) {
      out.problem(Error(ErrorCode::kCorrupt, "its rows are larger than the file"));
      break;
    }
    left -= blob_size;
    add_header(out, blob == nullptr ? std::string_view() : std::string_view(blob, blob_size),
               "row " + std::to_string(sqlite3_column_int64(prepared, 0)));
  }
  return out.take();
}

Parsed parse_rpm_ndb(std::string_view bytes) {
  constexpr std::uint32_t kMagic = 0x506d7052;  // "RpmP"
  constexpr std::uint32_t kSlot = 0x746f6c53;   // "Slot"
  constexpr std::uint32_t kBlob = 0x53626c42;   // "BlbS"
  constexpr std::uint64_t kPage = 4096, kSlotSize = 16, kBlock = 16, kFirstSlot = 32;
  const Numbers numbers(bytes, Order::kLittle);
  if (numbers.u32(0) != kMagic) return failed(ErrorCode::kCorrupt, "is no rpm database (ndb)");
  if (numbers.u32(4) != 0) {
    return failed(ErrorCode::kUnsupported, "ndb version " + std::to_string(numbers.u32(4)));
  }
  const std::uint64_t slots_end = std::uint64_t{numbers.u32(12)} * kPage;
  if (slots_end == 0 || !numbers.has(0, slots_end))
    return failed(ErrorCode::kCorrupt, "ndb: its slots are cut off");
  Collector out;
  std::uint64_t left = bytes.size();
  for (std::uint64_t slot = kFirstSlot; slot + kSlotSize <= slots_end && out.has_room();
       slot += kSlotSize) {
    const std::uint32_t index = numbers.u32(slot + 4);
    const std::uint64_t offset = std::uint64_t{numbers.u32(slot + 8)} * kBlock;
    const std::string where = "package " + std::to_string(index);
    if (numbers.u32(slot) != kSlot) {
      out.problem(Error(ErrorCode::kCorrupt, "ndb: a slot without its magic"));
      break;
    }
    if (index == 0 || offset == 0) continue;  // free
    const std::uint64_t size = numbers.u32(offset + 12);
    if (numbers.u32(offset) != kBlob || numbers.u32(offset + 4) != index ||
        !numbers.has(offset + kBlock, size) || size > left) {
      out.problem(Error(ErrorCode::kCorrupt, "ndb: its blob is damaged").in(where));
      continue;
    }
    left -= size;
    add_header(out, numbers.bytes(offset + kBlock, size), where);
  }
  return out.take();
}

namespace {

/// Berkeley DB's hash access method (db_page.h), every page once, in order.
class HashPages {
 public:
  static constexpr std::uint32_t kMagic = 0x00061561;
  HashPages(std::string_view bytes, Order order) : numbers_(bytes, order), order_(order) {}

  Parsed parse() {
    constexpr std::uint64_t kVersion = 16, kPageSize = 20, kEncryption = 24, kType = 25;
    constexpr std::uint8_t kHashMeta = 8;
    page_size_ = numbers_.u32(kPageSize);
    const std::uint32_t version = numbers_.u32(kVersion);
    if (byte(kType) != kHashMeta || page_size_ < 512 || page_size_ > (64 << 10) ||
        (page_size_ & (page_size_ - 1)) != 0) {
      return failed(ErrorCode::kCorrupt, "Berkeley DB: its first page is damaged");
    }
    if (byte(kEncryption) != 0 || version < 8 || version > 10) {
      return failed(ErrorCode::kUnsupported,
                    "Berkeley DB: encrypted, or hash version " + std::to_string(version));
    }
    const std::uint64_t pages = (numbers_.size() + page_size_ - 1) / page_size_;
    left_ = numbers_.size();
    for (std::uint64_t page = 1; page < pages && out_.has_room(); ++page) add_page(page);
    return out_.take();
  }

 private:
  static constexpr std::uint64_t kPageHeader = 26;

  std::uint8_t byte(std::uint64_t offset) const {
    const std::string_view one = numbers_.bytes(offset, 1);
    return one.empty() ? 0 : static_cast<std::uint8_t>(one[0]);
  }

  void damaged(std::uint64_t page, const char* what) {
    out_.problem(
        Error(ErrorCode::kCorrupt, "Berkeley DB: page " + std::to_string(page) + ": " + what));
  }

  void add_page(std::uint64_t page) {
    constexpr std::uint8_t kHashUnsorted = 2, kHash = 13;
    const std::uint64_t start = page * page_size_;
    const std::uint8_t type = byte(start + 25);
    if (type != kHashUnsorted && type != kHash) return;
    if (!numbers_.has(start, page_size_)) return damaged(page, "is cut off");
    const std::uint64_t count = numbers_.u16(start + 20);
    if (kPageHeader + count * 2 > page_size_) return damaged(page, "too many entries");
    // Keys and values in turn, each in front of the one before it, from the page's end.
    for (std::uint64_t i = 0; i + 1 < count; i += 2) {
      const std::string_view key = on_page(start, i);
      const std::string_view value = on_page(start, i + 1);
      if (key.empty() || value.empty()) {
        damaged(page, "an entry is outside of it");
        continue;
      }
      add_pair(page, key, value);
    }
  }

  std::string_view on_page(std::uint64_t start, std::uint64_t i) const {
    const std::uint64_t at = numbers_.u16(start + kPageHeader + i * 2);
    const std::uint64_t end = i == 0 ? page_size_ : numbers_.u16(start + kPageHeader + (i - 1) * 2);
    if (at < kPageHeader || at >= end || end > page_size_) return {};
    return numbers_.bytes(start + at, end - at);
  }

  void add_pair(std::uint64_t page, std::string_view key, std::string_view value) {
    constexpr char kInPage = 1, kOffPage = 3;
    // Number 0 is the counter of numbers.
    if (key[0] == kInPage && key.size() == 5 && key.substr(1) == std::string_view("\0\0\0\0", 4)) {
      return;
    }
    const std::string where = "page " + std::to_string(page);
    if (value[0] == kInPage) return add_header(out_, value.substr(1), where);
    if (value[0] != kOffPage || value.size() < 12) return damaged(page, "an entry of another kind");
    const Numbers item(value, order_);
    if (auto blob = off_page(item.u32(4), item.u32(8))) {
      add_header(out_, *blob, where);
    } else {
      damaged(page, "the pages that an entry names do not hold it");
    }
  }

  /// A chain of overflow pages; each holds a byte of it at least, so it ends.
  std::optional<std::string> off_page(std::uint64_t page, std::uint64_t size) {
    constexpr std::uint8_t kOverflow = 7;
    if (size > left_) return std::nullopt;
    left_ -= size;
    std::string blob;
    while (blob.size() < size) {
      const std::uint64_t start = page * page_size_;
      const std::uint64_t length = numbers_.u16(start + 22);
      if (page == 0 || byte(start + 25) != kOverflow || length == 0 ||
          length > page_size_ - kPageHeader || !numbers_.has(start + kPageHeader, length)) {
        return std::nullopt;
      }
      blob += numbers_.bytes(start + kPageHeader, length);
      page = numbers_.u32(start + 16);
    }
    blob.resize(static_cast<std::size_t>(size));
    return blob;
  }

  Numbers numbers_;
  Order order_;
  std::uint64_t page_size_ = 0;
  std::uint64_t left_ = 0;  // bytes of all headers together: no more than the file has
  Collector out_;
};

}  // namespace

Parsed parse_rpm_bdb(std::string_view bytes) {
  constexpr std::uint64_t kMagicAt = 12;
  for (const Order order : {Order::kLittle, Order::kBig}) {
    if (Numbers(bytes, order).u32(kMagicAt) != HashPages::kMagic) continue;
    return HashPages(bytes, order).parse();
  }
  return failed(ErrorCode::kCorrupt, "is no Berkeley DB hash");
}

}  // namespace meridian::packages
