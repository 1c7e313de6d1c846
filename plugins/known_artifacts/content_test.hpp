// SPDX-License-Identifier: Apache-2.0
//
// content_test.hpp: what a rule says of a file's bytes, and the search for it, piece by piece.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace meridian::known_artifacts {

/// Versions from `from` (empty: any) up to but not `before`.
struct VersionRange {
  std::string from, before;
};

/// Of the versions that stand behind `after` the newest is in one of the ranges.
struct VersionTest {
  std::string after;
  std::vector<VersionRange> ranges;
};

/// Every condition given must hold.
struct ContentTest {
  std::vector<std::string> contains, lacks;
  std::optional<VersionTest> version;
  bool asks() const { return !contains.empty() || !lacks.empty() || version; }
  /// Of something that is not there at all.
  bool holds_of_nothing() const { return contains.empty() && !version; }
};

constexpr std::size_t kMaxNeedle = 256;  // bytes of one of its texts
constexpr std::size_t kMaxVersion = 64;  // bytes of a version; what is longer is cut
constexpr std::size_t kSearchOverlap = kMaxNeedle + kMaxVersion + 1;

/// `version` is in one of them.
bool is_in(const std::vector<VersionRange>& ranges, std::string_view version);

class ContentSearch {
 public:
  /// `test` outlives it.
  explicit ContentSearch(const ContentTest& test);
  /// The next piece, which begins with the last kSearchOverlap bytes of the one before.
  void feed(std::string_view piece, bool is_last);
  bool holds() const;
  const std::string& version() const { return version_; }  // the newest; empty: none

 private:
  const ContentTest& test_;
  std::vector<bool> contained_, lacking_;
  std::string version_;
};

}  // namespace meridian::known_artifacts
