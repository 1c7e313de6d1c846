// SPDX-License-Identifier: Apache-2.0
//
// fuzz_glob.cpp: a glob, '\n', a text: the same answer as a table filled without any shortcut.
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "plugin/path_filter.hpp"

namespace {

/// Only for globs without '[' and '\'. table[j]: the rest of the glob matches text from j on.
bool table_match(std::string_view glob, std::string_view text) {
  std::vector<char> after(text.size() + 1, 0);
  after[text.size()] = 1;
  while (!glob.empty()) {
    // The last token; a run of two or more stars is one.
    std::size_t begin = glob.size() - 1;
    const bool parts_end =
        glob.back() == '/' && glob.size() >= 3 && glob.substr(glob.size() - 3, 2) == "**";
    if (parts_end) --begin;
    if (glob[begin] == '*')
      while (begin > 0 && glob[begin - 1] == '*') --begin;
    const std::string_view token = glob.substr(begin);
    const bool part_begins = begin == 0 || glob[begin - 1] == '/';
    if (parts_end && !part_begins) {  // "a**/": the slash stands alone
      begin = glob.size() - 1;
    }
    const bool parts = parts_end && part_begins;
    const bool crosses = !parts && token.size() >= 2 && glob[begin] == '*';
    std::vector<char> now(text.size() + 1, 0);
    bool slash_ahead = false;  // behind some '/' further on the rest matches
    for (std::size_t j = text.size() + 1; j-- > 0;) {
      const bool more = j < text.size();
      const char c = more ? text[j] : '\0';
      if (more && c == '/' && after[j + 1]) slash_ahead = true;
      if (parts) {
        now[j] = after[j] || slash_ahead;
      } else if (crosses) {
        now[j] = after[j] || (more && now[j + 1]);
      } else if (glob[begin] == '*') {
        now[j] = after[j] || (more && c != '/' && now[j + 1]);
      } else if (glob[begin] == '?') {
        now[j] = more && c != '/' && after[j + 1];
      } else {
        now[j] = more && c == glob[begin] && after[j + 1];
      }
    }
    after.swap(now);
    glob = glob.substr(0, begin);
  }
  return after[0] != 0;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t line = input.find('\n');
  if (line == std::string_view::npos || size > 4096) return 0;
  const auto pattern = input.substr(0, line);
  const auto text = input.substr(line + 1);
  const auto glob = meridian::plugin::Glob::parse(pattern);
  if (!glob) return 0;
  const bool matched = glob->matches(text);
  if (pattern.find_first_of("[\\") != std::string_view::npos) return 0;
  if (matched != table_match(pattern, text)) std::abort();
  return 0;
}
