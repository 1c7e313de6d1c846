// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstring>

#include "base/limits.hpp"
#include "plugin/matcher_tables.hpp"
#include "plugin/printable_runs.hpp"

namespace meridian::plugin {
namespace {

/// A file with NUL in its first bytes is binary; magic is no longer than this.
constexpr std::size_t kHead = 512;
static_assert(limits::kMaxMagic <= kHead);
/// Files up to this size are read at once: a second read costs more than the bytes.
constexpr std::uint64_t kReadWhole = 16 << 10;

struct CloseStream {
  void operator()(hs_stream_t* stream) const { hs_close_stream(stream, nullptr, nullptr, nullptr); }
};

/// Which expressions are wanted in this file, and where they ended.
class EndCollector {
 public:
  explicit EndCollector(std::size_t expressions) : wanted_in_(expressions), ends_(expressions) {}

  void start_file() {
    for (const std::uint32_t id : touched_) ends_[id].clear();
    touched_.clear();
  }
  void want_nothing() { ++choice_; }
  void want(std::uint32_t id) { wanted_in_[id] = choice_; }
  bool nothing() const { return touched_.empty(); }
  MatchEnds& ends(std::uint32_t id) { return ends_[id]; }
  /// Where in the file the text begins that is searched next.
  void begin_at(std::uint64_t offset) { begin_ = offset; }

  static int event(unsigned id, unsigned long long, unsigned long long to, unsigned, void* self) {
    static_cast<EndCollector*>(self)->add(id, to);
    return 0;
  }

 private:
  void add(std::uint32_t id, std::uint64_t end) {
    if (wanted_in_[id] != choice_) return;
    if (ends_[id].empty()) touched_.push_back(id);
    ends_[id].add(begin_ + end);
  }

  std::uint64_t choice_ = 0, begin_ = 0;
  std::vector<std::uint64_t> wanted_in_;  // number of the last choice that wants it
  std::vector<MatchEnds> ends_;
  std::vector<std::uint32_t> touched_;
};

class ContentScanner final : public Matcher::Scanner {
 public:
  ContentScanner(const MatcherTables& tables, std::size_t chunk)
      : tables_(tables), chunk_(chunk), collector_(tables.expressions.size()) {}

  /// Scratch for whole files, so that scanning one allocates none.
  Result<void> prepare() {
    for (const Search& search : searches_) {
      if (search.database->block == nullptr) continue;
      MERIDIAN_CHECK(scratch_.fit(search.database->block.get()));
    }
    buffer_.resize(std::max(chunk_, kHead));
    return {};
  }

  Result<ScanOutcome> scan(rootfs::Content& content, const Wanted& wanted,
                           const std::function<bool(const Hit&)>& on_hit) override {
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
    if (!live_.empty()) {
      MERIDIAN_CHECK(pass());
      if (!collector_.nothing()) MERIDIAN_CHECK(report(outcome, on_hit));
    }
    outcome.bytes_read += file_size_;
    return outcome;
  }

  std::optional<std::string_view> held() const override {
    return is_whole_ ? std::optional(buffered()) : std::nullopt;
  }

 private:
  /// One database over the file that is being read.
  struct Search {
    const SharedDatabase* database;
    bool in_runs = false;  // in printable runs alone
    bool on = false;
    std::unique_ptr<hs_stream_t, CloseStream> stream = nullptr;
    std::uint64_t begin = 0;  // of the stream's first byte in the file
    bool open = false;        // a run reached the end of the piece before
  };
  enum { kWide, kNarrow, kRuns, kBinary };

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
    collector_.start_file();
    // Most files are wanted by the same patterns as the one before.
    if (!by_magic_ && binary == for_binary_ && wanted.patterns == chosen_from_) return;
    chosen_from_ = wanted.patterns;
    for_binary_ = binary;
    by_magic_ = false;
    live_.clear();
    collector_.want_nothing();
    for (Search& search : searches_) search.on = false;
    for (const SubscriptionRef ref : wanted.patterns) {
      const PatternTarget& target = tables_.pattern(ref);
      by_magic_ = by_magic_ || target.magic;
      if (binary && !target.binary) continue;
      if (target.magic && !tables_.filters[target.filter].starts_right(head)) continue;
      live_.push_back(ref);
      collector_.want(target.expression);
      const auto part = target.narrow ? kNarrow : kWide;
      const auto among_binary = target.runs ? kRuns : tables_.all_binary ? part : kBinary;
      searches_[binary ? among_binary : part].on = true;
    }
  }

  /// The shared pass over every byte.
  Result<void> pass() {
    lines_.clear();
    MERIDIAN_CHECK(fill(buffer_.size()));
    file_size_ = have_;
    is_whole_ = at_end_;
    if (is_whole_ && have_ <= chunk_) {
      for (const Search& search : searches_)
        if (search.on) MERIDIAN_CHECK(pass_whole(search));
    } else {
      MERIDIAN_CHECK(pass_in_pieces());
    }
    if (is_whole_) {
      window_.show(buffered());
    } else {
      window_.show(*content_, file_size_);
    }
    return {};
  }

  Result<void> pass_whole(const Search& search) {
    if (!search.in_runs) return scan_block(search, buffered(), 0);
    for (RunSpan run; !(run = next_printable(buffered(), run.end)).empty();)
      MERIDIAN_CHECK(
          scan_block(search, buffered().substr(run.begin, run.end - run.begin), run.begin));
    return {};
  }

  /// Text that begins at `offset` of the file, by itself.
  Result<void> scan_block(const Search& search, std::string_view text, std::uint64_t offset) {
    collector_.begin_at(offset);
    return check_scan(hs_scan(search.database->block.get(), text.data(),
                              static_cast<unsigned>(text.size()), 0, scratch_.get(),
                              &EndCollector::event, &collector_));
  }

  /// The next text of what the stream has seen.
  Result<void> scan_stream(const Search& search, std::string_view text) {
    collector_.begin_at(search.begin);
    return check_scan(hs_scan_stream(search.stream.get(), text.data(),
                                     static_cast<unsigned>(text.size()), 0, scratch_.get(),
                                     &EndCollector::event, &collector_));
  }

  /// What only the end of the text makes a match; the stream is new then.
  Result<void> end_stream(const Search& search) {
    collector_.begin_at(search.begin);
    return check_scan(
        hs_reset_stream(search.stream.get(), 0, scratch_.get(), &EndCollector::event, &collector_));
  }

  Result<void> pass_in_pieces() {
    for (Search& search : searches_) MERIDIAN_CHECK(begin(search));
    MERIDIAN_CHECK(feed(buffered(), 0));
    while (!at_end_) {
      MERIDIAN_TRY(const std::size_t got,
                   content_->read(file_size_, buffer_.data(), buffer_.size()));
      at_end_ = got < buffer_.size();
      MERIDIAN_CHECK(feed({buffer_.data(), got}, file_size_));
      file_size_ += got;
    }
    for (const Search& search : searches_)
      if (search.on) MERIDIAN_CHECK(end_stream(search));
    return {};
  }

  Result<void> begin(Search& search) {
    if (!search.on) return {};
    search.begin = 0;
    search.open = false;
    // A file that ended with an error left it in the middle.
    if (search.stream != nullptr)
      return check_scan(hs_reset_stream(search.stream.get(), 0, nullptr, nullptr, nullptr));
    MERIDIAN_TRY(const hs_database_t* const pieces, search.database->stream->get());
    MERIDIAN_CHECK(scratch_.fit(pieces));
    hs_stream_t* opened = nullptr;
    MERIDIAN_CHECK(check_scan(hs_open_stream(pieces, 0, &opened)));
    search.stream.reset(opened);
    return {};
  }

  Result<void> feed(std::string_view bytes, std::uint64_t offset) {
    // Lines of a binary file are counted if something is found in it.
    if (!for_binary_) lines_.add(bytes);
    while (!bytes.empty()) {
      const auto piece = bytes.substr(0, chunk_);
      for (Search& search : searches_)
        if (search.on)
          MERIDIAN_CHECK(search.in_runs ? feed_runs(search, piece, offset)
                                        : scan_stream(search, piece));
      bytes.remove_prefix(piece.size());
      offset += piece.size();
    }
    return {};
  }

  /// The printable runs of a piece. Only one that goes on in the next needs the stream.
  Result<void> feed_runs(Search& search, std::string_view piece, std::uint64_t offset) {
    RunSpan run;
    if (search.open) {
      while (run.end < piece.size() && is_printable(piece[run.end])) ++run.end;
      MERIDIAN_CHECK(scan_stream(search, piece.substr(0, run.end)));
      search.open = run.end == piece.size();
      if (!search.open) MERIDIAN_CHECK(end_stream(search));
    }
    while (!(run = next_printable(piece, run.end)).empty()) {
      const auto text = piece.substr(run.begin, run.end - run.begin);
      search.open = run.end == piece.size();
      if (search.open) {
        search.begin = offset + run.begin;
        MERIDIAN_CHECK(scan_stream(search, text));
      } else {
        MERIDIAN_CHECK(scan_block(search, text, offset + run.begin));
      }
    }
    return {};
  }

  /// Locates what the pass saw and hands it on.
  Result<void> report(ScanOutcome& outcome, const std::function<bool(const Hit&)>& on_hit) {
    bool stopped = false;
    for (const SubscriptionRef ref : live_) {
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
      MERIDIAN_TRY(auto left_out, locate(expression, ends, window_, scratch_, on_match));
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
  Scratch scratch_;
  std::array<Search, 4> searches_{
      {{&tables_.wide}, {&tables_.narrow}, {&tables_.runs, true}, {&tables_.binary}}};
  EndCollector collector_;
  ContentWindow window_;
  LineTable lines_;
  std::vector<SubscriptionRef> live_;         // wanted, and right for these bytes
  std::vector<SubscriptionRef> chosen_from_;  // the wish that live_ was made of
  bool for_binary_ = false, by_magic_ = false;
  rootfs::Content* content_ = nullptr;
  std::vector<char> buffer_;
  std::size_t have_ = 0;         // bytes at the start of buffer_
  std::uint64_t file_size_ = 0;  // bytes read so far
  bool at_end_ = false;
  bool is_whole_ = false;  // all of the file is in buffer_
};

}  // namespace

Result<std::unique_ptr<Matcher::Scanner>> make_scanner(const MatcherTables& tables,
                                                       std::size_t chunk) {
  if (chunk == 0) return Error(ErrorCode::kInvalid, "pattern matcher: pieces of 0 bytes");
  auto scanner = std::make_unique<ContentScanner>(tables, chunk);
  MERIDIAN_CHECK(scanner->prepare());
  return std::unique_ptr<Matcher::Scanner>(std::move(scanner));
}

}  // namespace meridian::plugin
