// SPDX-License-Identifier: Apache-2.0
//
// scanned_text.hpp: a text in memory that counts its reads, and what the matcher found in it.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plugin/matcher.hpp"
#include "support/catch.hpp"

namespace scanned {

using namespace meridian;
using namespace meridian::plugin;

class Content final : public rootfs::Content {
 public:
  explicit Content(std::string text, std::optional<std::uint64_t> claimed = {})
      : text_(std::move(text)), claimed_(claimed.value_or(text_.size())), reads_(text_.size()) {}

  std::uint64_t size() const override { return claimed_; }
  Result<std::size_t> read(std::uint64_t offset, void* buffer, std::size_t capacity) override {
    ++calls_;
    if (fail_at_ && offset + capacity > *fail_at_)
      return Error(ErrorCode::kUnreadable, "input/output error");
    const std::size_t begin = std::min<std::size_t>(offset, text_.size());
    const std::size_t got = std::min(capacity, text_.size() - begin);
    std::memcpy(buffer, text_.data() + begin, got);
    for (std::size_t i = begin; i < begin + got; ++i) ++reads_[i];
    bytes_read_ += got;
    if (shrink_to_ && got < capacity) text_.resize(*shrink_to_);
    return got;
  }

  std::unique_ptr<rootfs::Content> another() override {
    auto same = std::make_unique<Content>(text_, claimed_);
    same->fail_at_ = fail_at_;
    return same;
  }

  void fail_at(std::uint64_t offset) { fail_at_ = offset; }
  void shrink_after_end_to(std::size_t size) { shrink_to_ = size; }
  std::uint64_t bytes_read() const { return bytes_read_; }
  int calls() const { return calls_; }
  int most_reads_of_a_byte() const { return *std::max_element(reads_.begin(), reads_.end()); }

 private:
  std::string text_;
  std::uint64_t claimed_;
  std::vector<int> reads_;
  std::optional<std::uint64_t> fail_at_;
  std::optional<std::size_t> shrink_to_;
  std::uint64_t bytes_read_ = 0;
  int calls_ = 0;
};

struct Found {
  SubscriptionRef pattern;
  std::uint64_t offset = 0;
  std::string bytes, before, after;
  std::uint64_t line = 0, column = 0;
  bool operator==(const Found&) const = default;
};

struct Run {
  std::vector<Found> hits;
  ScanOutcome outcome;
};

inline PatternSubscription literal(std::string expression) {
  PatternSubscription pattern;
  pattern.expression = std::move(expression);
  return pattern;
}

struct Ranges {
  std::uint64_t size = limits::kRange;
  unsigned searchers = 0;
};

inline Run scan(const Matcher& matcher, Content& content, const Wanted& wanted,
                std::size_t chunk = limits::kChunk, Ranges ranges = {}) {
  auto scanner = matcher.make_scanner(chunk, ranges.size);
  REQUIRE(scanner);
  Run run;
  const auto on_hit = [&](const Hit& hit) {
    run.hits.push_back({hit.pattern, hit.offset, std::string(hit.bytes), std::string(hit.before),
                        std::string(hit.after), hit.line, hit.column});
    return true;
  };
  auto outcome = (*scanner)->scan(content, wanted, on_hit, ranges.searchers);
  INFO((outcome ? std::string() : outcome.error().message()));
  REQUIRE(outcome);
  run.outcome = *std::move(outcome);
  return run;
}

/// Patterns without conditions, compiled once.
class Compiled {
 public:
  explicit Compiled(std::vector<PatternSubscription> patterns) {
    Subscriptions wishes;
    wishes.patterns = std::move(patterns);
    auto matcher = Matcher::compile({&wishes});
    INFO((matcher ? std::string() : matcher.error().message()));
    REQUIRE(matcher);
    matcher_ = *std::move(matcher);
    rootfs::Stat stat;
    stat.size = 1;
    wanted_ = matcher_->wants("file", stat);
  }
  Run scan(Content& content, std::size_t chunk = limits::kChunk, Ranges ranges = {}) const {
    return scanned::scan(*matcher_, content, wanted_, chunk, ranges);
  }
  Run scan(const std::string& text, std::size_t chunk = limits::kChunk) const {
    Content content(text);
    return scan(content, chunk);
  }

 private:
  std::unique_ptr<Matcher> matcher_;
  Wanted wanted_;
};

inline Run scan(std::vector<PatternSubscription> patterns, Content& content,
                std::size_t chunk = limits::kChunk) {
  return Compiled(std::move(patterns)).scan(content, chunk);
}

inline Run scan(std::vector<PatternSubscription> patterns, const std::string& text,
                std::size_t chunk = limits::kChunk) {
  return Compiled(std::move(patterns)).scan(text, chunk);
}

}  // namespace scanned
