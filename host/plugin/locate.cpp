// SPDX-License-Identifier: Apache-2.0
#include "plugin/locate.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "plugin/expression_widths.hpp"
#include "plugin/printable_runs.hpp"

namespace meridian::plugin {
namespace {

/// Starts tried against the forward scan. The first one holds unless alternatives differ in the
/// assertions at their edges.
constexpr std::size_t kMaxStartsTried = 8;
/// Seen behind the longest match, so that \b and a final newline before "$" are judged right.
constexpr std::uint64_t kLookAhead = 2;

class Search {
 public:
  Search(const LocatedExpression& expression, const LocatedExpression::Databases& databases,
         ContentWindow& window, Scratch& scratch, const OnMatch& on_match)
      : expression_(expression),
        databases_(databases),
        window_(window),
        scratch_(scratch),
        on_match_(on_match) {}

  Result<std::string> run(MatchEnds& ends) {
    if (ends.cut()) leave_out("more than " + std::to_string(limits::kMaxMatchEnds) + " ends");
    for (const MatchEnds::Run& run : ends.runs()) {
      std::uint64_t end = std::max(run.first, position_ + 1);
      for (; end <= run.last && !stopped_; end = std::max(end, position_) + 1)
        MERIDIAN_CHECK(at_end(end));
      if (stopped_) break;
    }
    return left_out_;
  }

 private:
  void leave_out(std::string what) {
    if (left_out_.empty()) left_out_ = std::move(what);
  }

  Result<void> at_end(std::uint64_t end) {
    const std::uint64_t lowest = std::max(position_, end - std::min(end, expression_.reach()));
    MERIDIAN_CHECK(find_starts(lowest, end));
    if (starts_.empty()) return no_start(lowest, end);
    if (matches_ == limits::kMaxMatchesPerFile) {
      leave_out("more than " + std::to_string(limits::kMaxMatchesPerFile) + " matches");
      stopped_ = true;
      return {};
    }
    MERIDIAN_TRY(const Span span, extend(end));
    ++matches_;
    last_start_ = span.begin;
    position_ = span.end;
    MERIDIAN_TRY(const bool more, on_match_(span.begin, span.end));
    stopped_ = !more;
    return {};
  }

  /// Either the match overlaps the one before it, or it is longer than we look.
  Result<void> no_start(std::uint64_t lowest, std::uint64_t end) {
    const bool overlaps =
        lowest == position_ && position_ > 0 && end - last_start_ <= limits::kMaxMatch;
    if (!overlaps)
      leave_out("a match that ends at offset " + std::to_string(end) + " does not begin in the " +
                std::to_string(expression_.reach()) + " bytes before");
    futile_ += end - lowest;
    if (futile_ > limits::kMaxFutileSearch) {
      leave_out("too many overlapping candidates, from offset " + std::to_string(end));
      stopped_ = true;
    }
    return {};
  }

  /// Fills starts_, rising, with offsets in [lowest, end) where a match that ends at `end` begins.
  Result<void> find_starts(std::uint64_t lowest, std::uint64_t end) {
    starts_.clear();
    const std::uint64_t seen_from = lowest - std::min<std::uint64_t>(lowest, kLookAhead);
    // Room for the context of the match in the same read.
    const std::uint64_t from = seen_from - std::min<std::uint64_t>(seen_from, limits::kMaxContext);
    MERIDIAN_TRY(auto bytes, window_.bytes(from, end));
    bytes.remove_prefix(seen_from - from);
    reversed_.resize(bytes.size());
    std::reverse_copy(bytes.begin(), bytes.end(), reversed_.begin());
    const auto on_start = [&](std::uint64_t length) {
      if (length > 0 && length <= end - lowest) starts_.push_back(end - length);
    };
    MERIDIAN_CHECK(scan_ends(databases_.backward.get(), scratch_,
                             std::string_view(reversed_.data(), reversed_.size()), on_start));
    std::sort(starts_.begin(), starts_.end());
    return {};
  }

  struct Span {
    std::uint64_t begin = 0, end = 0;
  };

  /// The leftmost start that holds forwards too, and the longest match from there.
  Result<Span> extend(std::uint64_t end) {
    const std::size_t tried = std::min(starts_.size(), kMaxStartsTried);
    for (std::size_t i = 0; i < tried; ++i) {
      const std::uint64_t begin = starts_[i];
      const std::uint64_t reach = expression_.reach();
      MERIDIAN_TRY(const auto bytes, window_.bytes(begin, begin + reach + kLookAhead));
      bool confirmed = false, cut = false;
      std::uint64_t longest = end - begin;
      const auto on_end = [&](std::uint64_t length) {
        confirmed = confirmed || length == end - begin;
        if (length <= reach) longest = std::max(longest, length);
        cut = cut || length > limits::kMaxMatch;
      };
      MERIDIAN_CHECK(scan_ends(databases_.forward.get(), scratch_, bytes, on_end));
      if (!confirmed) continue;
      if (cut)
        leave_out("the match at offset " + std::to_string(begin) + " was cut at " +
                  std::to_string(limits::kMaxMatch) + " bytes");
      return Span{begin, begin + longest};
    }
    return Span{starts_.front(), end};
  }

  const LocatedExpression& expression_;
  const LocatedExpression::Databases& databases_;
  ContentWindow& window_;
  Scratch& scratch_;
  const OnMatch& on_match_;
  std::vector<std::uint64_t> starts_;
  std::vector<char> reversed_;
  std::string left_out_;
  std::uint64_t position_ = 0;    // where the next match may begin
  std::uint64_t last_start_ = 0;  // of the match before
  std::uint64_t futile_ = 0;
  std::size_t matches_ = 0;
  bool stopped_ = false;
};

}  // namespace

void MatchEnds::add(std::uint64_t end) {
  if (!runs_.empty()) {
    Run& last = runs_.back();
    if (end == last.last + 1) {
      last.last = end;
      return;
    }
    if (end >= last.first && end <= last.last) return;
    if (end < last.first) sorted_ = false;
  }
  if (runs_.empty()) sorted_ = true;
  if (runs_.size() == limits::kMaxMatchEnds) {
    cut_ = true;
    return;
  }
  runs_.push_back({end, end});
}

void MatchEnds::append(MatchEnds& more) {
  static_cast<void>(runs());  // in order
  for (const Run& run : more.runs()) {
    if (!runs_.empty() && run.first == runs_.back().last + 1) {
      runs_.back().last = run.last;
    } else if (runs_.size() == limits::kMaxMatchEnds) {
      cut_ = true;
    } else {
      runs_.push_back(run);
    }
  }
  cut_ = cut_ || more.cut_;
}

const std::vector<MatchEnds::Run>& MatchEnds::runs() {
  if (!sorted_) {
    std::sort(runs_.begin(), runs_.end(),
              [](const Run& a, const Run& b) { return a.first < b.first; });
    sorted_ = true;
  }
  return runs_;
}

Result<std::unique_ptr<LocatedExpression>> LocatedExpression::create(std::string text,
                                                                     bool caseless) {
  if (text.size() > limits::kMaxExpression)
    return bad_expression(text, "longer than " + std::to_string(limits::kMaxExpression) + " bytes");
  if (text.find('\0') != std::string::npos) return bad_expression(text, "a NUL byte; write \\x00");
  MERIDIAN_TRY(const Width width, ExpressionWidths::known().of(text, caseless));
  if (width.min == 0) return bad_expression(text, "can match nothing at all");
  if (width.min > limits::kMaxMatch)
    return bad_expression(text, "matches at least " + std::to_string(width.min) +
                                    " bytes, more than " + std::to_string(limits::kMaxMatch));
  auto turned = directions(text);
  if (!turned) return bad_expression(text, turned.error().message());
  std::unique_ptr<LocatedExpression> made(new LocatedExpression);
  made->text_ = std::move(text);
  made->caseless_ = caseless;
  made->bounded_ = !width.unbounded && width.max <= limits::kMaxMatch;
  made->reach_ = made->bounded_ ? width.max : limits::kMaxMatch;
  made->directions_ = *std::move(turned);
  made->in_printable_runs_ = made->directions_.printable && width.min >= kShortestRun;
  return made;
}

Result<const LocatedExpression::Databases*> LocatedExpression::databases() const {
  std::call_once(compiled_, [this] {
    auto forward = compile_database({{0, directions_.forward.c_str(), caseless_}}, HS_MODE_BLOCK);
    auto backward = compile_database({{0, directions_.backward.c_str(), caseless_}}, HS_MODE_BLOCK);
    if (!forward) {
      databases_ = std::move(forward).error();
    } else if (!backward) {
      databases_ = std::move(backward).error();
    } else {
      databases_ = Databases{*std::move(forward), *std::move(backward)};
    }
  });
  if (!databases_) return databases_.error();
  return &*databases_;
}

Result<std::string> locate(const LocatedExpression& expression, MatchEnds& ends,
                           ContentWindow& window, Scratch& scratch, const OnMatch& on_match) {
  MERIDIAN_TRY(const auto* const databases, expression.databases());
  MERIDIAN_CHECK(scratch.fit(databases->forward.get()));
  MERIDIAN_CHECK(scratch.fit(databases->backward.get()));
  return Search(expression, *databases, window, scratch, on_match).run(ends);
}

}  // namespace meridian::plugin
