// SPDX-License-Identifier: Apache-2.0
#include "path_glob.hpp"

#include <algorithm>
#include <cstddef>

namespace meridian::secrets {

namespace {

// One step of the glob: how many of its bytes it takes, and which byte it accepts.
struct Step {
  std::size_t length = 1;
  bool accepts = false;
};

Step step_at(std::string_view glob, std::size_t i, char byte) {
  if (glob[i] == '?') return {1, byte != '/'};
  if (glob[i] == '\\' && i + 1 < glob.size()) return {2, glob[i + 1] == byte};
  if (glob[i] != '[') return {1, glob[i] == byte};
  std::size_t j = i + 1;
  const bool negated = j < glob.size() && (glob[j] == '!' || glob[j] == '^');
  if (negated) ++j;
  bool found = false;
  const std::size_t first = j;
  for (; j < glob.size() && (glob[j] != ']' || j == first); ++j) {
    if (j + 2 < glob.size() && glob[j + 1] == '-' && glob[j + 2] != ']') {
      found = found || (glob[j] <= byte && byte <= glob[j + 2]);
      j += 2;
    } else {
      found = found || glob[j] == byte;
    }
  }
  if (j >= glob.size()) return {1, byte == '['};  // never closed: an ordinary letter
  return {j + 1 - i, found != negated && byte != '/'};
}

}  // namespace

bool glob_matches(std::string_view glob, std::string_view path) {
  // Of a hundred globs for a path nearly all end in another letter.
  constexpr std::string_view kNoLetter = "*?]";
  if (!glob.empty() && !path.empty() && glob.back() != path.back() &&
      kNoLetter.find(glob.back()) == std::string_view::npos) {
    return false;
  }
  constexpr std::size_t kNone = std::string_view::npos;
  // Only the latest star of each kind needs to be tried again; "**" outlives a later "*".
  std::size_t star_glob = kNone, star_path = 0;
  std::size_t deep_glob = kNone, deep_path = 0;
  std::size_t g = 0, p = 0;
  while (true) {
    if (g < glob.size() && glob[g] == '*') {
      if (glob.substr(g, 2) == "**") {
        g += 2;
        // "**/" stands for nothing at all as well.
        if (g < glob.size() && glob[g] == '/' && (p == 0 || path[p - 1] == '/')) ++g;
        deep_glob = g;
        deep_path = p;
        star_glob = kNone;
      } else {
        star_glob = ++g;
        star_path = p;
      }
      continue;
    }
    if (p == path.size() && g == glob.size()) return true;
    if (p < path.size() && g < glob.size()) {
      const Step step = step_at(glob, g, path[p]);
      if (step.accepts) {
        g += step.length;
        ++p;
        continue;
      }
    }
    if (star_glob != kNone && star_path < path.size() && path[star_path] != '/') {
      g = star_glob;
      p = ++star_path;
    } else if (deep_glob != kNone && deep_path < path.size()) {
      g = deep_glob;
      p = ++deep_path;
      star_glob = kNone;
      // After "**/" a name starts only behind a slash.
      if (deep_glob > 0 && glob[deep_glob - 1] == '/') {
        while (p < path.size() && path[p - 1] != '/') p = ++deep_path;
      }
    } else {
      return false;
    }
  }
}

bool any_glob_matches(const std::vector<std::string>& globs, std::string_view path) {
  return std::any_of(globs.begin(), globs.end(),
                     [&](const std::string& glob) { return glob_matches(glob, path); });
}

}  // namespace meridian::secrets
