// SPDX-License-Identifier: Apache-2.0
#include "content_test.hpp"

#include <algorithm>

#include "version.hpp"

namespace meridian::known_artifacts {
namespace {

bool is_of_version(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
         c == '-' || c == '_' || c == '+' || c == '~';
}

/// All letters there that a version may have.
std::string_view run_at(std::string_view text) {
  std::size_t end = 0;
  while (end < std::min(text.size(), kMaxVersion) && is_of_version(text[end])) ++end;
  return text.substr(0, end);
}

/// Without what ends a sentence; empty: it does not begin as a version.
std::string_view version_of(std::string_view run) {
  while (!run.empty() && !(run.back() >= '0' && run.back() <= '9') &&
         !(run.back() >= 'a' && run.back() <= 'z') && !(run.back() >= 'A' && run.back() <= 'Z')) {
    run.remove_suffix(1);
  }
  return !run.empty() && run[0] >= '0' && run[0] <= '9' ? run : std::string_view();
}

}  // namespace

bool is_in(const std::vector<VersionRange>& ranges, std::string_view version) {
  return std::any_of(ranges.begin(), ranges.end(), [version](const VersionRange& range) {
    return (range.from.empty() || compare_versions(version, range.from) >= 0) &&
           compare_versions(version, range.before) < 0;
  });
}

ContentSearch::ContentSearch(const ContentTest& test)
    : test_(test), contained_(test.contains.size()), lacking_(test.lacks.size()) {}

void ContentSearch::feed(std::string_view piece, bool is_last) {
  const auto look = [piece](const std::vector<std::string>& needles, std::vector<bool>& found) {
    for (std::size_t i = 0; i < needles.size(); ++i) {
      if (!found[i]) found[i] = piece.find(needles[i]) != std::string_view::npos;
    }
  };
  look(test_.contains, contained_);
  look(test_.lacks, lacking_);
  if (!test_.version) return;
  const std::string& after = test_.version->after;
  for (std::size_t at = piece.find(after); at != std::string_view::npos;
       at = piece.find(after, at + 1)) {
    const std::string_view run = run_at(piece.substr(at + after.size()));
    // One at the end of a piece may be cut; the whole of it comes with the next.
    const bool is_whole = is_last || at + after.size() + run.size() < piece.size();
    const std::string_view found = version_of(run);
    if (found.empty() || !is_whole) continue;
    if (version_.empty() || compare_versions(found, version_) > 0) version_ = found;
  }
}

bool ContentSearch::holds() const {
  const auto is_set = [](bool found) { return found; };
  return std::all_of(contained_.begin(), contained_.end(), is_set) &&
         std::none_of(lacking_.begin(), lacking_.end(), is_set) &&
         (!test_.version || (!version_.empty() && is_in(test_.version->ranges, version_)));
}

}  // namespace meridian::known_artifacts
