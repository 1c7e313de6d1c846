// SPDX-License-Identifier: Apache-2.0
//
// matcher_pass.hpp: the shared pass over a file's bytes: which expression ends where. Private to
// the matcher.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "plugin/matcher_tables.hpp"

namespace meridian::plugin {

/// The databases of MatcherTables, in this order wherever there is one of each.
enum SharedKind : std::size_t { kWide, kNarrow, kRuns, kBinary, kUnbounded, kSharedKinds };

/// What is looked for in a file.
struct PassChoice {
  std::vector<std::uint32_t> expressions;
  std::array<bool, kSharedKinds> databases{};
};

/// Which expressions are wanted in this file, and where they ended.
class EndCollector {
 public:
  explicit EndCollector(std::size_t expressions) : wanted_in_(expressions), ends_(expressions) {}

  void forget_ends();
  void want_only(const std::vector<std::uint32_t>& expressions);
  bool nothing() const { return touched_.empty(); }
  const std::vector<std::uint32_t>& touched() const { return touched_; }
  MatchEnds& ends(std::uint32_t id) { return ends_[id]; }
  /// Ends that follow those that are here.
  void append(std::uint32_t id, MatchEnds& more);

  /// Where in the file the text begins that is searched next.
  void begin_at(std::uint64_t offset) { begin_ = offset; }
  /// Ends up to `after` and behind `until` are not taken.
  void take_between(std::uint64_t after, std::uint64_t until) { after_ = after, until_ = until; }
  /// For Hyperscan; `self` is a collector.
  static int event(unsigned id, unsigned long long, unsigned long long to, unsigned, void* self);

 private:
  std::uint64_t choice_ = 0, begin_ = 0, after_ = 0, until_ = ~std::uint64_t{0};
  std::vector<std::uint64_t> wanted_in_;  // number of the last choice that wants it
  std::vector<MatchEnds> ends_;
  std::vector<std::uint32_t> touched_;
};

/// Of one thread.
class Pass {
 public:
  explicit Pass(const MatcherTables& tables);
  /// Scratch for whole files, so that scanning one allocates none.
  Result<void> prepare();

  /// From now on.
  void choose(const PassChoice& choice);
  /// A file in one piece.
  Result<void> whole(std::string_view text);
  /// A file, or part of one, in pieces: begin, feed ..., end. `end_of_file`: what the end of the
  /// text makes a match is one.
  Result<void> begin();
  Result<void> feed(std::string_view piece, std::uint64_t offset);
  enum class EndOfFile { kNo, kYes };
  Result<void> end(EndOfFile end_of_file);

  EndCollector& collector() { return collector_; }
  Scratch& scratch() { return scratch_; }

 private:
  struct CloseStream {
    void operator()(hs_stream_t* stream) const {
      hs_close_stream(stream, nullptr, nullptr, nullptr);
    }
  };
  /// One database over the file that is being read.
  struct Search {
    const SharedDatabase* database = nullptr;
    bool in_runs = false;  // in printable runs alone
    bool on = false;
    std::unique_ptr<hs_stream_t, CloseStream> stream = nullptr;
    std::uint64_t begin = 0;  // of the stream's first byte in the file
    bool open = false;        // it has bytes; in runs: of one that reached the piece's end
  };
  Result<void> begin(Search& search);
  Result<void> whole(const Search& search, std::string_view text);
  Result<void> feed_runs(Search& search, std::string_view piece, std::uint64_t offset);
  Result<void> scan_block(const Search& search, std::string_view text, std::uint64_t offset);
  Result<void> scan_stream(const Search& search, std::string_view text);
  Result<void> end_stream(const Search& search);

  Scratch scratch_;
  std::array<Search, kSharedKinds> searches_;
  EndCollector collector_;
};

}  // namespace meridian::plugin
