// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstring>
#include <type_traits>

#include "base/limits.hpp"
#include "plugin/matcher_ranges.hpp"

namespace meridian::plugin {
namespace {

/// A file with NUL in its first bytes is binary; magic is no longer than this.
constexpr std::size_t kHead = 512;
static_assert(limits::kMaxMagic <= kHead);
/// Files up to this size are read at once: a second read costs more than the bytes.
constexpr std::uint64_t kReadWhole = 16 << 10;

class ContentScanner final : public Matcher::Scanner {
 public:
  ContentScanner(const MatcherTables& tables, std::size_t chunk, std::uint64_t range)
      : tables_(tables),
        chunk_(chunk),
        range_(range),
        pass_(tables),
        collector_(pass_.collector()) {}

  Result<void> prepare() {
    MERIDIAN_CHECK(pass_.prepare());
    buffer_.resize(std::max(chunk_, kHead));
    return {};
  }

  Result<ScanOutcome> scan(rootfs::Content& content, const Wanted& wanted,
                           const std::function<bool(const Hit&)>& on_hit,
                           unsigned searchers) override {
    ScanOutcome outcome;
    content_ = &content;
    have_ = 0;
    is_whole_ = at_end_ = false;
    if (!needs_bytes(wanted)) {
      outcome.files = wanted.files;
      return outcome;
    }
    MERIDIAN_CHECK(fill(content.size() > kReadWhole ? kHead : buffer_.size()));
    is_whole_ = at_end_;
    const std::string_view head = buffered().substr(0, kHead);
    for (const SubscriptionRef ref : wanted.files)
      if (tables_.filter_of_file(ref).starts_right(head)) outcome.files.push_back(ref);
    const bool binary = std::memchr(head.data(), 0, head.size()) != nullptr;
    choose_patterns(wanted, head, binary);
    file_size_ = have_;
    if (!chosen_->live.empty()) {
      MERIDIAN_CHECK(search(searchers));
      if (!collector_.nothing()) MERIDIAN_CHECK(report(outcome, on_hit));
    }
    outcome.bytes_read += file_size_;
    return outcome;
  }

  std::optional<std::string_view> held() const override {
    return is_whole_ ? std::optional(buffered()) : std::nullopt;
  }

 private:
  /// What is looked for in a file, made of what is wanted and of its first bytes.
  struct Chosen {
    std::vector<SubscriptionRef> from;  // wanted
    bool binary = false, by_magic = false;
    std::vector<SubscriptionRef> live;  // of them, what is right for these bytes
    PassChoice choice;                  // of live

    /// Whether it is the same for another file. Hundreds of references: compared as bytes.
    bool answers(const std::vector<SubscriptionRef>& patterns, bool is_binary) const {
      static_assert(std::has_unique_object_representations_v<SubscriptionRef>);
      return !by_magic && binary == is_binary && patterns.size() == from.size() &&
             (patterns.empty() || std::memcmp(patterns.data(), from.data(),
                                              patterns.size() * sizeof(SubscriptionRef)) == 0);
    }
  };

  bool needs_bytes(const Wanted& wanted) const {
    return !wanted.patterns.empty() ||
           std::any_of(wanted.files.begin(), wanted.files.end(), [this](SubscriptionRef ref) {
             return !tables_.filter_of_file(ref).magic.empty();
           });
  }

  std::string_view buffered() const { return {buffer_.data(), have_}; }

  /// Reads on until `size` bytes are held or the file ends.
  Result<void> fill(std::size_t size) {
    if (at_end_ || have_ >= size) return {};
    MERIDIAN_TRY(const std::size_t got,
                 content_->read(have_, buffer_.data() + have_, size - have_));
    at_end_ = got < size - have_;
    have_ += got;
    return {};
  }

  void choose_patterns(const Wanted& wanted, std::string_view head, bool binary) {
    collector_.forget_ends();
    // Most files are wanted by the same patterns as one of the few before, text or not.
    if (chosen_->answers(wanted.patterns, binary)) return;
    const auto known = std::find_if(known_.begin(), known_.end(), [&](const Chosen& one) {
      return one.answers(wanted.patterns, binary);
    });
    if (known == known_.end()) {
      chosen_ = &known_[next_++ % known_.size()];
      choose_anew(wanted, head, binary);
    } else {
      chosen_ = &*known;
    }
    pass_.choose(chosen_->choice);
  }

  void choose_anew(const Wanted& wanted, std::string_view head, bool binary) {
    Chosen& made = *chosen_;
    made.from = wanted.patterns;
    made.binary = binary;
    made.by_magic = false;
    made.live.clear();
    made.choice.expressions.clear();
    made.choice.databases = {};
    for (const SubscriptionRef ref : wanted.patterns) {
      const PatternTarget& target = tables_.pattern(ref);
      made.by_magic = made.by_magic || target.magic;
      if (binary && !target.binary) continue;
      if (target.magic && !tables_.filters[target.filter].starts_right(head)) continue;
      made.live.push_back(ref);
      made.choice.expressions.push_back(target.expression);
      const auto part = target.narrow ? kNarrow : kWide;
      const auto among_binary = target.runs ? kRuns : tables_.all_binary ? part : kBinary;
      made.choice.databases[binary ? among_binary : part] = true;
    }
  }

  /// The shared pass over every byte.
  Result<void> search(unsigned searchers) {
    lines_.clear();
    if (searchers > 0 && content_->size() >= 2 * range_) {
      const RangeJob job{tables_, chosen_->choice, *content_,
                         range_,  buffer_.size(),  !chosen_->binary};
      MERIDIAN_TRY(const bool all, search_ranges(job, searchers, collector_, lines_));
      if (all) {
        file_size_ = content_->size();
        window_.show(*content_, file_size_);
        return {};
      }
    }
    MERIDIAN_CHECK(fill(buffer_.size()));
    file_size_ = have_;
    is_whole_ = at_end_;
    if (is_whole_ && have_ <= chunk_) {
      MERIDIAN_CHECK(pass_.whole(buffered()));
    } else {
      MERIDIAN_CHECK(search_in_pieces());
    }
    if (is_whole_) {
      window_.show(buffered());
    } else {
      window_.show(*content_, file_size_);
    }
    return {};
  }

  Result<void> search_in_pieces() {
    MERIDIAN_CHECK(pass_.begin());
    MERIDIAN_CHECK(feed(buffered(), 0));
    while (!at_end_) {
      MERIDIAN_TRY(const std::size_t got,
                   content_->read(file_size_, buffer_.data(), buffer_.size()));
      at_end_ = got < buffer_.size();
      MERIDIAN_CHECK(feed({buffer_.data(), got}, file_size_));
      file_size_ += got;
    }
    return pass_.end(Pass::EndOfFile::kYes);
  }

  Result<void> feed(std::string_view bytes, std::uint64_t offset) {
    // Lines of a binary file are counted if something is found in it.
    if (!chosen_->binary) lines_.add(bytes);
    while (!bytes.empty()) {
      const auto piece = bytes.substr(0, chunk_);
      MERIDIAN_CHECK(pass_.feed(piece, offset));
      bytes.remove_prefix(piece.size());
      offset += piece.size();
    }
    return {};
  }

  /// Locates what the pass saw and hands it on.
  Result<void> report(ScanOutcome& outcome, const std::function<bool(const Hit&)>& on_hit) {
    bool stopped = false;
    for (const SubscriptionRef ref : chosen_->live) {
      const PatternTarget& target = tables_.pattern(ref);
      const LocatedExpression& expression = *tables_.expressions[target.expression];
      MatchEnds& ends = collector_.ends(target.expression);
      if (ends.empty()) continue;
      if (auto usable = expression.databases(); !usable) {
        outcome.limits.emplace_back(ref, "cannot be located: " + usable.error().message());
        continue;
      }
      const auto on_match = [&](std::uint64_t begin, std::uint64_t end) -> Result<bool> {
        MERIDIAN_TRY(const Hit hit, hit_at(ref, target.context, begin, end));
        stopped = !on_hit(hit);
        return !stopped;
      };
      MERIDIAN_TRY(auto left_out, locate(expression, ends, window_, pass_.scratch(), on_match));
      if (!left_out.empty()) outcome.limits.emplace_back(ref, std::move(left_out));
      if (stopped) break;
    }
    outcome.bytes_read += window_.bytes_read();
    return {};
  }

  Result<Hit> hit_at(SubscriptionRef ref, std::uint64_t context, std::uint64_t begin,
                     std::uint64_t end) {
    MERIDIAN_TRY(const auto place, lines_.at(begin, window_));
    const std::uint64_t before = std::min(begin, context);
    MERIDIAN_TRY(const auto bytes, window_.bytes(begin - before, end + context));
    Hit hit;
    hit.pattern = ref;
    hit.offset = begin;
    hit.before = bytes.substr(0, before);
    hit.bytes = bytes.substr(before, end - begin);
    hit.after = bytes.substr(before + (end - begin));
    hit.line = place.line;
    hit.column = place.column;
    return hit;
  }

  const MatcherTables& tables_;
  const std::size_t chunk_;
  const std::uint64_t range_;
  Pass pass_;
  EndCollector& collector_;
  ContentWindow window_;
  LineTable lines_;
  std::array<Chosen, 4> known_;
  std::size_t next_ = 0;            // among known_
  Chosen* chosen_ = known_.data();  // of this file
  rootfs::Content* content_ = nullptr;
  std::vector<char> buffer_;
  std::size_t have_ = 0;         // bytes at the start of buffer_
  std::uint64_t file_size_ = 0;  // bytes read so far
  bool at_end_ = false;
  bool is_whole_ = false;  // all of the file is in buffer_
};

}  // namespace

Result<std::unique_ptr<Matcher::Scanner>> make_scanner(const MatcherTables& tables,
                                                       std::size_t chunk, std::uint64_t range) {
  if (chunk == 0) return Error(ErrorCode::kInvalid, "pattern matcher: pieces of 0 bytes");
  auto scanner = std::make_unique<ContentScanner>(tables, chunk, range);
  MERIDIAN_CHECK(scanner->prepare());
  return std::unique_ptr<Matcher::Scanner>(std::move(scanner));
}

}  // namespace meridian::plugin
