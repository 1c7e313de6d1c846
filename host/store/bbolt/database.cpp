// SPDX-License-Identifier: Apache-2.0
#include "store/bbolt/database.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "base/escape.hpp"
#include "base/limits.hpp"
#include "base/system_error.hpp"
#include "rootfs/file_content.hpp"
#include "store/bbolt/copy.hpp"
#include "store/bbolt/page.hpp"

namespace meridian::store::bbolt {

struct Node {
  std::vector<Entry> entries;
  std::string_view key;      // in its parent
  std::uint32_t parent = 0;  // the root: itself
  std::uint32_t nesting = 0;
  bool damaged = false;
};

struct Contents {
  std::string file;
  std::uint64_t transaction = 0;
  std::vector<Node> nodes;  // the root first, parents before children
  std::vector<Damage> damages;
};

namespace {

const Entry* find(std::span<const Entry> entries, std::string_view key) {
  const auto found =
      std::lower_bound(entries.begin(), entries.end(), key,
                       [](const Entry& entry, std::string_view k) { return entry.key < k; });
  return found == entries.end() || found->key != key ? nullptr : &*found;
}

// Of one key in a message.
constexpr std::size_t kShownKey = 256;

class Reader {
 public:
  Reader(Contents& contents, const Meta& meta)
      : contents_(contents), meta_(meta), file_(contents.file) {}

  void read();

 private:
  /// A page still to be read, of the bucket at hand.
  struct Pending {
    PageId page = 0;
    std::size_t depth = 0;
  };
  /// Where a bucket's elements are, once it is its turn.
  struct Place {
    BucketValue value;
    PageId page = 0;  // that holds an inline bucket, for messages
  };

  void read_bucket(std::uint32_t bucket, const Place& place);
  void read_page(std::uint32_t bucket, const Pending& pending);
  void add_children(std::uint32_t bucket, Elements elements, const Pending& pending);
  void add_entries(std::uint32_t bucket, Elements elements, PageId page);
  Result<void> add_bucket(std::uint32_t parent, const Element& element, PageId page);
  Result<std::string_view> claim(PageId page);
  PageId pages() const { return file_.size() / meta_.page_size; }
  std::string path(std::uint32_t bucket) const;
  void damage(std::uint32_t bucket, PageId page, Error error);
  bool is_full() const { return entries_ >= limits::kMaxBboltEntries; }

  Contents& contents_;
  Meta meta_;
  std::string_view file_;
  // What has been given out, first page -> the one behind the last. One look-up in it tells whether
  // a page is there, however many pages of overflow each claims.
  std::map<PageId, PageId> claimed_;
  std::vector<Place> places_;   // by bucket
  std::vector<Pending> stack_;  // the next page last
  std::size_t entries_ = 0;
  std::size_t unlisted_ = 0;
};

std::string Reader::path(std::uint32_t bucket) const {
  std::string path;
  for (; bucket != 0; bucket = contents_.nodes[bucket].parent) {
    const std::string_view key = contents_.nodes[bucket].key.substr(0, kShownKey);
    path.insert(0, path.empty() ? "" : "/").insert(0, base::escape(key));
  }
  return path;
}

void Reader::damage(std::uint32_t bucket, PageId page, Error error) {
  contents_.nodes[bucket].damaged = true;
  if (contents_.damages.size() >= limits::kMaxBboltDamages) {
    ++unlisted_;
    return;
  }
  contents_.damages.push_back({path(bucket), std::move(error).in("page " + std::to_string(page))});
}

/// The bytes of a page with its overflow. No byte is given out twice, so a file that leads in
/// circles ends.
Result<std::string_view> Reader::claim(PageId page) {
  const auto corrupt = [](std::string why) { return Error(ErrorCode::kCorrupt, std::move(why)); };
  if (page < kFirstPage || page >= meta_.high_water) {
    return corrupt("not one of the " + std::to_string(meta_.high_water) + " pages in use");
  }
  if (page >= pages()) return corrupt("behind the end of the file");
  const std::string_view bytes = file_.substr(page * meta_.page_size);
  MERIDIAN_TRY(const Header header, parse_header(bytes.substr(0, meta_.page_size)));
  if (header.id != page) return corrupt("calls itself " + std::to_string(header.id));
  const PageId left = std::min(meta_.high_water, pages()) - page;
  if (header.overflow >= left) {
    return corrupt("with " + std::to_string(header.overflow) + " more pages, " +
                   std::to_string(left - 1) + " follow");
  }
  const PageId count = PageId{header.overflow} + 1;
  const auto behind = claimed_.lower_bound(page + count);
  if (behind != claimed_.begin() && std::prev(behind)->second > page) {
    return corrupt("has been read, for another place");
  }
  claimed_.emplace_hint(behind, page, page + count);
  return bytes.substr(0, count * meta_.page_size);
}

Result<void> Reader::add_bucket(std::uint32_t parent, const Element& element, PageId page) {
  const std::uint32_t nesting = contents_.nodes[parent].nesting + 1;
  if (nesting > limits::kMaxBboltNesting) {
    return Error(ErrorCode::kLimit, "more than " + std::to_string(limits::kMaxBboltNesting) +
                                        " buckets in one another");
  }
  MERIDIAN_TRY(const BucketValue value, parse_bucket(element.value));
  const auto index = static_cast<std::uint32_t>(contents_.nodes.size());
  contents_.nodes.push_back({{}, element.key, parent, nesting, false});
  places_.push_back({value, page});
  contents_.nodes[parent].entries.push_back({element.key, {}, index});
  return {};
}

void Reader::add_entries(std::uint32_t bucket, Elements elements, PageId page) {
  while (auto element = elements.next()) {
    if (!*element) {
      damage(bucket, page, std::move(*element).error());
      continue;
    }
    if (is_full()) {
      return damage(
          bucket, page,
          Error(ErrorCode::kLimit, "more than " + std::to_string(limits::kMaxBboltEntries) +
                                       " keys, the rest is not read"));
    }
    const std::vector<Entry>& entries = contents_.nodes[bucket].entries;
    const std::string_view key = (*element)->key;
    const auto shown = [key] { return "'" + base::escape(key.substr(0, kShownKey)) + "'"; };
    if (!entries.empty() && key <= entries.back().key) {
      damage(bucket, page, Error(ErrorCode::kCorrupt, "key " + shown() + " is out of order"));
      continue;
    }
    ++entries_;
    if (!(*element)->is_bucket) {
      contents_.nodes[bucket].entries.push_back({key, (*element)->value});
      continue;
    }
    if (auto added = add_bucket(bucket, **element, page); !added) {
      damage(bucket, page, std::move(added).error().in("key " + shown()));
    }
  }
}

void Reader::add_children(std::uint32_t bucket, Elements elements, const Pending& pending) {
  const std::size_t first = stack_.size();
  std::string_view last;
  while (auto element = elements.next()) {
    if (!*element) {
      damage(bucket, pending.page, std::move(*element).error());
      continue;
    }
    // Of wrong keys here nothing is lost: what the leaves say is what counts.
    if ((*element)->key <= last) {
      damage(bucket, pending.page, Error(ErrorCode::kCorrupt, "keys of a branch out of order"));
    }
    last = (*element)->key;
    stack_.push_back({(*element)->child, pending.depth + 1});
  }
  if (stack_.size() == first) {
    damage(bucket, pending.page, Error(ErrorCode::kCorrupt, "a branch without children"));
  }
  std::reverse(stack_.begin() + static_cast<std::ptrdiff_t>(first), stack_.end());
}

void Reader::read_page(std::uint32_t bucket, const Pending& pending) {
  if (pending.depth > limits::kMaxBboltDepth) {
    return damage(bucket, pending.page,
                  Error(ErrorCode::kLimit, "more than " + std::to_string(limits::kMaxBboltDepth) +
                                               " branches above it"));
  }
  auto bytes = claim(pending.page);
  if (!bytes) return damage(bucket, pending.page, std::move(bytes).error());
  const auto header = parse_header(*bytes);
  auto elements = Elements::of(*header, *bytes);
  if (!elements) return damage(bucket, pending.page, std::move(elements).error());
  if (header->is_branch) return add_children(bucket, *elements, pending);
  add_entries(bucket, *elements, pending.page);
}

void Reader::read_bucket(std::uint32_t bucket, const Place& place) {
  if (place.value.root != 0) {
    stack_.push_back({place.value.root, 0});
    while (!stack_.empty()) {
      const Pending next = stack_.back();
      stack_.pop_back();
      read_page(bucket, next);
    }
    return;
  }
  const auto inline_damage = [&](Error error) {
    damage(bucket, place.page, std::move(error).in("inline bucket"));
  };
  auto header = parse_header(place.value.inline_page);
  if (!header) return inline_damage(std::move(header).error());
  if (header->is_branch) return inline_damage(Error(ErrorCode::kCorrupt, "is a branch"));
  auto elements = Elements::of(*header, place.value.inline_page);
  if (!elements) return inline_damage(std::move(elements).error());
  add_entries(bucket, *elements, place.page);
}

void Reader::read() {
  contents_.transaction = meta_.transaction;
  contents_.nodes.emplace_back();
  places_.push_back({{meta_.root, {}}, 0});
  if (meta_.root == 0) {
    damage(0, 0, Error(ErrorCode::kCorrupt, "a meta cannot be the root's page"));
    return;
  }
  for (std::uint32_t bucket = 0; bucket < contents_.nodes.size(); ++bucket) {
    read_bucket(bucket, Place(places_[bucket]));
  }
  if (unlisted_ > 0) {
    contents_.damages.push_back(
        {"", Error(ErrorCode::kLimit, std::to_string(unlisted_) + " more like these")});
  }
}

}  // namespace

std::span<const Entry> Bucket::entries() const { return contents_->nodes[index_].entries; }

bool Bucket::is_damaged() const { return contents_->nodes[index_].damaged; }

std::optional<std::string_view> Bucket::get(std::string_view key) const {
  const Entry* const entry = find(entries(), key);
  if (entry == nullptr || entry->is_bucket()) return std::nullopt;
  return entry->value;
}

std::optional<Bucket> Bucket::bucket(std::string_view key) const {
  const Entry* const entry = find(entries(), key);
  return entry == nullptr ? std::nullopt : bucket(*entry);
}

std::optional<Bucket> Bucket::bucket(const Entry& entry) const {
  if (!entry.is_bucket()) return std::nullopt;
  return Bucket(contents_, entry.bucket);
}

Database::Database(std::unique_ptr<const Contents> contents) : contents_(std::move(contents)) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

Result<Database> Database::parse(std::string file) {
  MERIDIAN_TRY(const Meta meta, find_meta(file));
  auto contents = std::make_unique<Contents>();
  contents->file = std::move(file);
  Reader(*contents, meta).read();
  return Database(std::move(contents));
}

Result<Database> Database::open(const rootfs::HostRoot& host, const model::HostPath& path) {
  MERIDIAN_TRY(base::UniqueFd file, host.open_file(path));
  struct stat st {};
  if (::fstat(file.get(), &st) != 0) return base::system_error(errno, path.text());
  const auto content =
      rootfs::file_content(std::move(file), static_cast<std::uint64_t>(st.st_size), path.text());
  MERIDIAN_TRY(std::string copy, copy_still(*content));
  return parse(std::move(copy));
}

Bucket Database::root() const { return {contents_.get(), 0}; }

std::uint64_t Database::transaction() const { return contents_->transaction; }

const std::vector<Damage>& Database::damages() const { return contents_->damages; }

}  // namespace meridian::store::bbolt
