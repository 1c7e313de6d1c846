// SPDX-License-Identifier: Apache-2.0
#include "words.hpp"

#include <unordered_set>
#include <utility>

namespace meridian::weak_password {

Words::Words(std::string_view list, std::vector<std::string> own) {
  std::unordered_set<std::string> seen;
  const auto add = [&](std::string word) {
    if (word.empty() || word.size() > kMaxWord || !seen.insert(word).second) return;
    words_.push_back(std::move(word));
  };
  for (std::string& word : own) add(std::move(word));
  own_ = words_.size();
  while (!list.empty()) {
    const std::size_t end = list.find('\n');
    std::string_view line = list.substr(0, end);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    add(std::string(line));
    list.remove_prefix(end == std::string_view::npos ? list.size() : end + 1);
  }
}

std::vector<std::string> variants(std::string_view user) {
  std::vector<std::string> words{""};
  if (user.empty() || user.size() > kMaxWord / 2) return words;
  const std::string name(user);
  std::string upper_first = name;
  if (name[0] >= 'a' && name[0] <= 'z') upper_first[0] = static_cast<char>(name[0] - 'a' + 'A');
  words.push_back(name);
  for (const char* const tail :
       {"123", "1", "1234", "12345", "123456", "!", "@123", "123!", "@1234", "01", "2024", "2025",
        "2026", "@2024", "@2025", "pass", "password", "pwd"}) {
    words.push_back(name + tail);
  }
  if (upper_first != name) {
    words.push_back(upper_first);
    for (const char* const tail : {"123", "1", "123!", "@123", "!", "2024", "2025", "2026"})
      words.push_back(upper_first + tail);
  }
  words.emplace_back(name.rbegin(), name.rend());
  words.push_back(name + name);
  return words;
}

}  // namespace meridian::weak_password
