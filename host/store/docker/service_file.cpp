// SPDX-License-Identifier: Apache-2.0
#include "store/docker/service_file.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

namespace meridian::store {
namespace {

constexpr std::string_view kSpace = " \t\r";

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_';
  });
}

/// Takes one line, and what a backslash at its end continues.
std::string take_line(std::string_view& text) {
  std::string line;
  for (;;) {
    const auto end = text.find('\n');
    std::string_view part = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (!part.empty() && part.back() == '\r') part.remove_suffix(1);
    const bool goes_on = !part.empty() && part.back() == '\\' && !text.empty();
    if (goes_on) part.remove_suffix(1);
    line += part;
    if (!goes_on) return line;
    line += ' ';
  }
}

/// "NAME=VALUE".
std::optional<std::pair<std::string, std::string>> assignment(std::string_view word) {
  const auto equals = word.find('=');
  if (equals == std::string_view::npos || !is_name(word.substr(0, equals))) return std::nullopt;
  return std::pair(std::string(word.substr(0, equals)), std::string(word.substr(equals + 1)));
}

}  // namespace

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool inside = false;  // of a word
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' && quote != '\'' && i + 1 < text.size()) {
      word += text[++i];
      inside = true;
    } else if (quote != 0) {
      if (c == quote) {
        quote = 0;
      } else {
        word += c;
      }
    } else if (c == '"' || c == '\'') {
      quote = c;
      inside = true;
    } else if (kSpace.find(c) != std::string_view::npos || c == '\n') {
      if (inside) words.push_back(std::exchange(word, {}));
      inside = false;
    } else {
      word += c;
      inside = true;
    }
  }
  if (inside) words.push_back(std::move(word));
  return words;
}

std::map<std::string, std::string> parse_assignments(std::string_view text) {
  std::map<std::string, std::string> out;
  while (!text.empty()) {
    const std::string whole = take_line(text);
    std::string_view line = trimmed(whole);
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    constexpr std::string_view kExport = "export ";
    if (line.substr(0, kExport.size()) == kExport) line = trimmed(line.substr(kExport.size()));
    const auto equals = line.find('=');
    if (equals == std::string_view::npos || !is_name(line.substr(0, equals))) continue;
    // A value is one word to a shell, and all of the line to systemd.
    std::string value;
    for (const std::string& word : split_words(line.substr(equals + 1))) {
      if (word[0] == '#') break;
      value += (value.empty() ? "" : " ") + word;
    }
    out[std::string(line.substr(0, equals))] = std::move(value);
  }
  return out;
}

void ServiceFile::add(std::string_view text) {
  bool in_service = false;
  while (!text.empty()) {
    const std::string whole = take_line(text);
    const std::string_view line = trimmed(whole);
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    if (line[0] == '[') {
      in_service = line == "[Service]";
      continue;
    }
    const auto equals = line.find('=');
    if (!in_service || equals == std::string_view::npos) continue;
    take(trimmed(line.substr(0, equals)), trimmed(line.substr(equals + 1)));
  }
}

void ServiceFile::take(std::string_view key, std::string_view value) {
  if (key == "ExecStart") {
    if (value.empty()) {
      lines_.clear();
    } else {
      lines_.emplace_back(value);
    }
  } else if (key == "Environment") {
    if (value.empty()) environment_.clear();
    for (const std::string& word : split_words(value)) {
      if (auto one = assignment(word)) environment_[one->first] = std::move(one->second);
    }
  } else if (key == "EnvironmentFile") {
    if (value.empty()) {
      files_.clear();
    } else {
      files_.emplace_back(value[0] == '-' ? trimmed(value.substr(1)) : value);
    }
  }
}

void ServiceFile::set(const std::map<std::string, std::string>& assignments) {
  for (const auto& [name, value] : assignments) environment_[name] = value;
}

const std::string& ServiceFile::value_of(std::string_view name) const {
  static const std::string kNothing;
  const auto found = environment_.find(name);
  return found == environment_.end() ? kNothing : found->second;
}

std::string ServiceFile::expand(std::string_view word) const {
  std::string out;
  while (!word.empty()) {
    const auto begin = word.find("${");
    const auto end = begin == std::string_view::npos ? begin : word.find('}', begin);
    out += word.substr(0, end == std::string_view::npos ? word.size() : begin);
    if (end == std::string_view::npos) break;
    out += value_of(word.substr(begin + 2, end - begin - 2));
    word.remove_prefix(end + 1);
  }
  return out;
}

std::vector<std::vector<std::string>> ServiceFile::commands() const {
  std::vector<std::vector<std::string>> commands;
  for (const std::string& line : lines_) {
    const auto begin = line.find_first_not_of("@-:+!|");
    std::vector<std::string> words;
    for (const std::string& word : split_words(
             std::string_view(line).substr(begin == std::string::npos ? line.size() : begin))) {
      // Alone, $NAME becomes words; ${NAME} stays one.
      if (word.size() > 1 && word[0] == '$' && is_name(std::string_view(word).substr(1))) {
        const auto more = split_words(value_of(std::string_view(word).substr(1)));
        words.insert(words.end(), more.begin(), more.end());
      } else {
        words.push_back(expand(word));
      }
    }
    if (!words.empty()) commands.push_back(std::move(words));
  }
  return commands;
}

}  // namespace meridian::store
