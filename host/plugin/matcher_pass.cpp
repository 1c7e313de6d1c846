// SPDX-License-Identifier: Apache-2.0
#include "plugin/matcher_pass.hpp"

#include "plugin/printable_runs.hpp"

namespace meridian::plugin {

void EndCollector::forget_ends() {
  for (const std::uint32_t id : touched_) ends_[id].clear();
  touched_.clear();
}

void EndCollector::want_only(const std::vector<std::uint32_t>& expressions) {
  ++choice_;
  for (const std::uint32_t id : expressions) wanted_in_[id] = choice_;
}

void EndCollector::append(std::uint32_t id, MatchEnds& more) {
  if (ends_[id].empty()) touched_.push_back(id);
  ends_[id].append(more);
}

int EndCollector::event(unsigned id, unsigned long long, unsigned long long to, unsigned,
                        void* self) {
  auto& collector = *static_cast<EndCollector*>(self);
  const std::uint64_t end = collector.begin_ + to;
  if (collector.wanted_in_[id] != collector.choice_) return 0;
  if (end <= collector.after_ || end > collector.until_) return 0;
  if (collector.ends_[id].empty()) collector.touched_.push_back(id);
  collector.ends_[id].add(end);
  return 0;
}

Pass::Pass(const MatcherTables& tables) : collector_(tables.expressions.size()) {
  searches_[kWide].database = &tables.wide;
  searches_[kNarrow].database = &tables.narrow;
  searches_[kRuns].database = &tables.runs;
  searches_[kRuns].in_runs = true;
  searches_[kBinary].database = &tables.binary;
  searches_[kUnbounded].database = &tables.unbounded;
}

Result<void> Pass::prepare() {
  for (const Search& search : searches_) {
    if (search.database->block == nullptr) continue;
    MERIDIAN_CHECK(scratch_.fit(search.database->block.get()));
  }
  return {};
}

void Pass::choose(const PassChoice& choice) {
  collector_.want_only(choice.expressions);
  for (std::size_t kind = 0; kind < kSharedKinds; ++kind)
    searches_[kind].on = choice.databases[kind];
}

Result<void> Pass::whole(std::string_view text) {
  for (const Search& search : searches_)
    if (search.on) MERIDIAN_CHECK(whole(search, text));
  return {};
}

Result<void> Pass::whole(const Search& search, std::string_view text) {
  if (!search.in_runs) return scan_block(search, text, 0);
  for (RunSpan run; !(run = next_printable(text, run.end)).empty();)
    MERIDIAN_CHECK(scan_block(search, text.substr(run.begin, run.end - run.begin), run.begin));
  return {};
}

Result<void> Pass::begin() {
  for (Search& search : searches_)
    if (search.on) MERIDIAN_CHECK(begin(search));
  return {};
}

Result<void> Pass::begin(Search& search) {
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

Result<void> Pass::feed(std::string_view piece, std::uint64_t offset) {
  for (Search& search : searches_) {
    if (!search.on) continue;
    if (search.in_runs) {
      MERIDIAN_CHECK(feed_runs(search, piece, offset));
      continue;
    }
    if (!search.open) search.begin = offset;
    search.open = true;
    MERIDIAN_CHECK(scan_stream(search, piece));
  }
  return {};
}

/// The printable runs of a piece. Only one that goes on in the next needs the stream.
Result<void> Pass::feed_runs(Search& search, std::string_view piece, std::uint64_t offset) {
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

Result<void> Pass::end(EndOfFile end_of_file) {
  if (end_of_file == EndOfFile::kNo) return {};  // begin() makes it new
  for (const Search& search : searches_)
    if (search.on) MERIDIAN_CHECK(end_stream(search));
  return {};
}

/// Text that begins at `offset` of the file, by itself.
Result<void> Pass::scan_block(const Search& search, std::string_view text, std::uint64_t offset) {
  collector_.begin_at(offset);
  return check_scan(hs_scan(search.database->block.get(), text.data(),
                            static_cast<unsigned>(text.size()), 0, scratch_.get(),
                            &EndCollector::event, &collector_));
}

/// The next text of what the stream has seen.
Result<void> Pass::scan_stream(const Search& search, std::string_view text) {
  collector_.begin_at(search.begin);
  return check_scan(hs_scan_stream(search.stream.get(), text.data(),
                                   static_cast<unsigned>(text.size()), 0, scratch_.get(),
                                   &EndCollector::event, &collector_));
}

/// With what only the end of the text makes a match; the stream is new then.
Result<void> Pass::end_stream(const Search& search) {
  collector_.begin_at(search.begin);
  return check_scan(
      hs_reset_stream(search.stream.get(), 0, scratch_.get(), &EndCollector::event, &collector_));
}

}  // namespace meridian::plugin
