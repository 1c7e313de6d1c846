// SPDX-License-Identifier: Apache-2.0
//
// matcher.hpp: all subscriptions of all plugins as one matcher: one look at the path, one read of
// the file, one multi-pattern pass (Hyperscan).
//
// Two stages. The shared database has no start-of-match tracking (it refuses the usual shape of a
// secret and slows the rest); it says which pattern ends where. A hit is then located exactly by
// that pattern's own two small databases (locate.hpp), over a bounded window: of overlapping
// candidates the one that ends first, with its leftmost start and its longest end.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.hpp"
#include "meridian/result.hpp"
#include "plugin/loaded_plugin.hpp"
#include "rootfs/tree.hpp"

namespace meridian::plugin {

class DatabaseShelf;

/// Which plugin (index in the list given to compile) and which of its subscriptions (index in the
/// Subscriptions vectors, not the number).
struct SubscriptionRef {
  std::uint32_t plugin = 0;
  std::uint32_t index = 0;
  auto operator<=>(const SubscriptionRef&) const = default;
};

/// Subscriptions that may want a file once its bytes are seen; in order.
struct Wanted {
  std::vector<SubscriptionRef> files;
  std::vector<SubscriptionRef> patterns;
  bool nothing() const { return files.empty() && patterns.empty(); }
  bool operator==(const Wanted&) const = default;
};

/// One located match. Views into buffers of the Scanner; valid during the callback.
struct Hit {
  SubscriptionRef pattern;
  std::uint64_t offset = 0;
  std::string_view bytes, before, after;
  std::uint64_t line = 1, column = 1;
};

/// What the content decided.
struct ScanOutcome {
  std::vector<SubscriptionRef> files;  // `wanted.files` whose magic matched
  std::uint64_t bytes_read = 0;
  /// Patterns of which something in this file was left out, and what: more matches than
  /// limits::kMaxMatchesPerFile, a match longer than limits::kMaxMatch. A gap of that plugin each.
  std::vector<std::pair<SubscriptionRef, std::string>> limits;
};

class Matcher {
 public:
  /// kNames: for wants() alone, where others look into the files.
  enum class What { kNames, kEverything };
  /// kInvalid names plugin, subscription, expression and the compiler's words. With a `shelf` the
  /// databases for streams are made now as well, not by the first thread that meets a large file.
  static Result<std::unique_ptr<Matcher>> compile(const std::vector<const Subscriptions*>& plugins,
                                                  What what = What::kEverything,
                                                  DatabaseShelf* shelf = nullptr);
  /// One expression alone, parsed as subscribe() checks it: kInvalid with the parser's words. What
  /// only compiling shows (too large) is an error of compile().
  static Result<void> check(const PatternSubscription& pattern);
  /// Why the library that the system has may lose matches; "": nothing is known.
  static std::string flaw();
  ~Matcher();
  Matcher(const Matcher&) = delete;
  Matcher& operator=(const Matcher&) = delete;

  /// By path, name, mode and size: files that nobody wants are never opened. Equal choices are
  /// equal wishes: there are few different ones among the files of a layer. Empty: nobody. [any]
  using Choice = std::vector<std::uint32_t>;
  void choose(std::string_view path, const rootfs::Stat& stat, Choice& out) const;
  Wanted wanted(const Choice& choice) const;
  /// Both, for one file by itself.
  Wanted wants(std::string_view path, const rootfs::Stat& stat) const {
    Choice choice;
    choose(path, stat, choice);
    return wanted(choice);
  }

  /// Buffers and scratch space of one thread.
  class Scanner {
   public:
    virtual ~Scanner() = default;
    /// Reads `content` at most once from start to end (windows for located matches aside), and no
    /// further than anybody needs: 512 bytes when only magic or the NUL test decides (a file of at
    /// most 16 KiB is read whole: cheaper than a second read). `on_hit` gets matches grouped by
    /// subscription in the order of `wanted.patterns` (plugin, index), each group in order of
    /// offset; it returns false to stop the file. An error of reading ends the file without hits.
    /// A file of two ranges and more is searched with up to `searchers` threads beside this one, if
    /// its content allows; what is found is the same.
    virtual Result<ScanOutcome> scan(rootfs::Content& content, const Wanted& wanted,
                                     const std::function<bool(const Hit&)>& on_hit,
                                     unsigned searchers = 0) = 0;
    /// All bytes of the file that is, or was last, scanned, if they are at hand; until the next
    /// scan().
    virtual std::optional<std::string_view> held() const = 0;
  };
  /// The matcher, of kEverything, outlives it. Files of up to `chunk` bytes are scanned in one
  /// piece. `range`: a multiple of 64 KiB.
  Result<std::unique_ptr<Scanner>> make_scanner(std::size_t chunk = limits::kChunk,
                                                std::uint64_t range = limits::kRange) const;

 private:
  struct State;
  explicit Matcher(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace meridian::plugin
