// SPDX-License-Identifier: Apache-2.0
#include "plugin/matcher_ranges.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <new>
#include <optional>
#include <thread>
#include <utility>

#include "base/limits.hpp"
#include "base/system_error.hpp"

namespace meridian::plugin {
namespace {

/// Seen behind a range, so that \b and (?m:$) at its last byte are judged right.
constexpr std::uint64_t kLookAhead = 2;

/// Runs of ends of all ranges and expressions, 16 bytes each; who has more is searched by one,
/// whose limits are those of a file.
constexpr std::size_t kMostRuns = 4 * limits::kMaxMatchEnds;

/// What was found in a range; the first part is the whole file, for what needs it.
struct Part {
  std::vector<std::pair<std::uint32_t, MatchEnds>> ends;
  LineTable lines;
};

class RangedSearch {
 public:
  explicit RangedSearch(const RangeJob& job) : job_(job), size_(job.content.size()) {
    for (const std::uint32_t id : job.choice.expressions) {
      const LocatedExpression& expression = *job.tables.expressions[id];
      (expression.bounded() ? bounded_ : unbounded_).expressions.push_back(id);
      if (expression.bounded()) lead_ = std::max(lead_, expression.reach());
    }
    bounded_.databases = job.choice.databases;
    unbounded_.databases[kUnbounded] = true;
    parts_.resize(1 + static_cast<std::size_t>((size_ + job.range - 1) / job.range));
  }

  Result<bool> run(unsigned searchers, EndCollector& ends, LineTable& lines) {
    std::vector<std::unique_ptr<rootfs::Content>> contents;
    for (std::size_t i = 0; i < std::min<std::size_t>(searchers, parts_.size() - 1); ++i) {
      auto content = job_.content.another();
      if (content == nullptr) break;
      contents.push_back(std::move(content));
    }
    if (contents.empty()) return false;
    std::vector<std::thread> threads;
    threads.reserve(contents.size());  // nothing may throw while one runs
    for (const auto& content : contents) {
      auto started = base::seam("a searching thread", [&] {
        return std::thread([this, &content] { search(*content); });
      });
      if (!started) break;
      threads.push_back(*std::move(started));
    }
    search(job_.content);
    for (std::thread& thread : threads) thread.join();
    if (error_) return *std::move(error_);
    if (undivided_.load()) return false;
    for (Part& part : parts_) {
      for (auto& [id, found] : part.ends) ends.append(id, found);
      if (job_.count_lines && &part != &parts_.front()) lines.append(part.lines);
    }
    return true;
  }

 private:
  /// Takes parts until none is left. Who has no memory to begin with leaves them to the others.
  void search(rootfs::Content& content) {
    bool has_begun = false;
    const auto thrown = base::seam("searching", [&] {
      Pass pass(job_.tables);
      std::vector<char> buffer(job_.piece);
      if (auto ready = pass.prepare(); !ready) throw std::bad_alloc();
      has_begun = true;
      for (std::size_t i = 0; (i = next_.fetch_add(1)) < parts_.size();)
        if (auto done = part(i, content, pass, buffer); !done) fail(i, std::move(done).error());
      return true;
    });
    if (!thrown && (has_begun || &content == &job_.content)) fail(0, thrown.error());
  }

  void fail(std::size_t part, Error error) {
    const std::lock_guard lock(mutex_);
    next_.store(parts_.size());
    if (error_ && failed_ <= part) return;
    failed_ = part;
    error_ = std::move(error);
  }

  Result<void> part(std::size_t number, rootfs::Content& content, Pass& pass,
                    std::vector<char>& buffer) {
    const bool is_whole = number == 0;
    if (is_whole && unbounded_.expressions.empty()) return {};
    const std::uint64_t begin = is_whole ? 0 : (number - 1) * job_.range;
    const std::uint64_t end = is_whole ? size_ : std::min(size_, begin + job_.range);
    Part& part = parts_[number];
    part.lines.clear(begin);
    pass.choose(is_whole ? unbounded_ : bounded_);
    pass.collector().forget_ends();
    pass.collector().take_between(begin, end);
    MERIDIAN_CHECK(pass.begin());
    const std::uint64_t until = std::min(size_, end + kLookAhead);
    for (std::uint64_t offset = begin - std::min(begin, lead_); offset < until;) {
      const std::size_t want =
          static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), until - offset));
      MERIDIAN_TRY(const std::size_t got, content.read(offset, buffer.data(), want));
      if (got == 0) return leave_to_one();
      const std::string_view piece(buffer.data(), got);
      MERIDIAN_CHECK(pass.feed(piece, offset));
      if (job_.count_lines && !is_whole) part.lines.add(within(piece, offset, begin, end));
      offset += got;
    }
    MERIDIAN_CHECK(pass.end(end == size_ ? Pass::EndOfFile::kYes : Pass::EndOfFile::kNo));
    std::size_t runs = 0;
    for (const std::uint32_t id : pass.collector().touched()) {
      part.ends.emplace_back(id, std::exchange(pass.collector().ends(id), {}));
      runs += part.ends.back().second.runs().size();
    }
    if (runs_.fetch_add(runs) + runs > kMostRuns) return leave_to_one();
    return {};
  }

  Result<void> leave_to_one() {
    undivided_.store(true);
    next_.store(parts_.size());
    return {};
  }

  /// Of a piece that begins at `offset`, what lies in [begin, end).
  static std::string_view within(std::string_view piece, std::uint64_t offset, std::uint64_t begin,
                                 std::uint64_t end) {
    const std::uint64_t before = begin - std::min(begin, offset);
    if (before >= piece.size()) return {};
    piece.remove_prefix(static_cast<std::size_t>(before));
    return piece.substr(0, static_cast<std::size_t>(end - (offset + before)));
  }

  const RangeJob& job_;
  const std::uint64_t size_;
  std::uint64_t lead_ = 0;  // the longest match of bounded_
  PassChoice bounded_, unbounded_;
  std::vector<Part> parts_;  // each written by the thread that took it
  std::atomic<std::size_t> next_{0};
  std::atomic<std::size_t> runs_{0};
  std::atomic<bool> undivided_{false};
  std::mutex mutex_;  // guards what is below
  std::optional<Error> error_;
  std::size_t failed_ = 0;
};

}  // namespace

Result<bool> search_ranges(const RangeJob& job, unsigned searchers, EndCollector& ends,
                           LineTable& lines) {
  return RangedSearch(job).run(searchers, ends, lines);
}

}  // namespace meridian::plugin
