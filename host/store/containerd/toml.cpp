// SPDX-License-Identifier: Apache-2.0
#include "store/containerd/toml.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace meridian::store::containerd {
namespace {

constexpr std::size_t kMaxNesting = 64;  // brackets in brackets; real files have two
constexpr std::size_t kMaxParts = 64;    // of a key; real ones have six. Each entry has its table's

bool is_bare(char byte) {
  return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
         (byte >= '0' && byte <= '9') || byte == '_' || byte == '-';
}

void append_utf8(std::string& out, std::uint32_t point) {
  const auto add = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (point < 0x80) return add(point);
  if (point < 0x800) {
    add(0xC0 | (point >> 6));
  } else if (point < 0x10000) {
    add(0xE0 | (point >> 12));
    add(0x80 | ((point >> 6) & 0x3F));
  } else {
    add(0xF0 | (point >> 18));
    add(0x80 | ((point >> 12) & 0x3F));
    add(0x80 | ((point >> 6) & 0x3F));
  }
  add(0x80 | (point & 0x3F));
}

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  Result<std::vector<TomlEntry>> read();

 private:
  bool at_end() const { return at_ == text_.size(); }
  bool sees(std::string_view what) const { return text_.substr(at_, what.size()) == what; }
  bool take(std::string_view what) {
    if (!sees(what)) return false;
    at_ += what.size();
    return true;
  }
  char next() {
    if (text_[at_] == '\n') ++line_;
    return text_[at_++];
  }
  Error wrong(const std::string& what) const {
    return {ErrorCode::kCorrupt, "line " + std::to_string(line_) + ": " + what};
  }
  void skip_space() {
    while (!at_end() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }
  bool skip_newline() {
    if (!sees("\n") && !sees("\r\n")) return false;
    at_ += sees("\n") ? 1 : 2;
    ++line_;
    return true;
  }
  void skip_comment() {
    if (!sees("#")) return;
    while (!at_end() && text_[at_] != '\n') ++at_;
  }
  /// White space, comments and ends of lines.
  void skip_blank() {
    do {
      skip_space();
      skip_comment();
    } while (skip_newline());
  }
  Result<void> end_line();
  Result<std::vector<std::string>> key();
  Result<std::vector<std::string>> header();
  Result<void> value(TomlEntry& entry);
  Result<void> nested(TomlEntry& entry);
  Result<void> bracket(std::string& open, char byte);
  Result<std::string> scalar();
  bool sees_string() const { return sees("\"") || sees("'"); }
  Result<std::string> string();
  Result<std::string> long_string(char quote);
  Result<void> escape(std::string& out, bool is_long);
  Result<void> code_point(std::string& out, std::size_t digits);

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
};

Result<void> Scanner::end_line() {
  skip_space();
  skip_comment();
  if (at_end() || skip_newline()) return {};
  return wrong("there is more than one value");
}

Result<void> Scanner::code_point(std::string& out, std::size_t digits) {
  std::uint32_t point = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    const char byte = at_end() ? '\0' : text_[at_];
    const auto lower = byte >= 'A' && byte <= 'F' ? static_cast<char>(byte - 'A' + 'a') : byte;
    const auto digit = kDigits.find(lower);
    if (digit == std::string_view::npos) return wrong("an escape lacks digits");
    point = (point << 4) | static_cast<std::uint32_t>(digit);
    ++at_;
  }
  if (point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) {
    return wrong("an escape is no character");
  }
  append_utf8(out, point);
  return {};
}

/// After the backslash.
Result<void> Scanner::escape(std::string& out, bool is_long) {
  constexpr std::string_view kNames = "btnfr\"\\";
  constexpr std::string_view kBytes = "\b\t\n\f\r\"\\";
  if (at_end()) return wrong("a string does not end");
  if (take("u")) return code_point(out, 4);
  if (take("U")) return code_point(out, 8);
  if (const auto name = kNames.find(text_[at_]); name != std::string_view::npos) {
    ++at_;
    out += kBytes[name];
    return {};
  }
  // The end of a line, and all white space after it, is left out.
  skip_space();
  if (!is_long || !skip_newline()) return wrong("an unknown escape");
  do {
    skip_space();
  } while (skip_newline());
  return {};
}

/// After the three quotes. Two more of them may stand before the last three.
Result<std::string> Scanner::long_string(char quote) {
  const std::string end(3, quote);
  std::string out;
  skip_newline();
  while (!at_end()) {
    if (take(end)) {
      for (int i = 0; i < 2 && !at_end() && text_[at_] == quote; ++i) out += next();
      return out;
    }
    const char byte = next();
    if (byte != '\\' || quote == '\'') {
      out += byte;
    } else {
      MERIDIAN_CHECK(escape(out, true));
    }
  }
  return wrong("a string does not end");
}

Result<std::string> Scanner::string() {
  const char quote = next();
  const std::string two(2, quote);
  if (take(two)) return long_string(quote);
  std::string out;
  while (!at_end() && text_[at_] != '\n') {
    const char byte = next();
    if (byte == quote) return out;
    if (byte != '\\' || quote == '\'') {
      out += byte;
    } else {
      MERIDIAN_CHECK(escape(out, false));
    }
  }
  return wrong("a string does not end");
}

Result<std::vector<std::string>> Scanner::key() {
  std::vector<std::string> parts;
  do {
    skip_space();
    if (sees("\"\"\"") || sees("'''")) return wrong("a key of several lines");
    if (sees_string()) {
      MERIDIAN_TRY(std::string part, string());
      parts.push_back(std::move(part));
    } else {
      const auto begin = at_;
      while (!at_end() && is_bare(text_[at_])) ++at_;
      if (at_ == begin) return wrong("there is no key");
      parts.emplace_back(text_.substr(begin, at_ - begin));
    }
    skip_space();
    if (parts.size() > kMaxParts) {
      return Error(ErrorCode::kLimit, "line " + std::to_string(line_) + ": a key of more than " +
                                          std::to_string(kMaxParts) + " parts");
    }
  } while (take("."));
  return parts;
}

/// After the first bracket.
Result<std::vector<std::string>> Scanner::header() {
  const bool many = take("[");
  MERIDIAN_TRY(std::vector<std::string> table, key());
  if (!take(many ? "]]" : "]")) return wrong("the name of a table does not end");
  if (many) table.emplace_back();
  MERIDIAN_CHECK(end_line());
  return table;
}

/// A number, a truth value, a date.
Result<std::string> Scanner::scalar() {
  const auto begin = at_;
  constexpr std::string_view kEnds = ",]}#=\n\r\"'[{";
  while (!at_end() && kEnds.find(text_[at_]) == std::string_view::npos) ++at_;
  const std::string_view written = text_.substr(begin, at_ - begin);
  const auto first = written.find_first_not_of(" \t");
  if (first == std::string_view::npos) return wrong("there is no value");
  return std::string(written.substr(first, written.find_last_not_of(" \t") + 1 - first));
}

Result<void> Scanner::bracket(std::string& open, char byte) {
  if (byte == '[' || byte == '{') {
    if (open.size() == kMaxNesting) {
      return Error(ErrorCode::kLimit, "line " + std::to_string(line_) + ": more than " +
                                          std::to_string(kMaxNesting) + " brackets in each other");
    }
    open += byte;
    return {};
  }
  if (open.back() != (byte == ']' ? '[' : '{')) return wrong("brackets do not match");
  open.pop_back();
  return {};
}

/// An array or an inline table, from its bracket on.
Result<void> Scanner::nested(TomlEntry& entry) {
  std::string open;
  bool only_texts = sees("[");
  do {
    skip_blank();
    if (at_end()) return wrong("a bracket does not end");
    if (sees_string()) {
      MERIDIAN_TRY(std::string text, string());
      if (only_texts) entry.texts.push_back(std::move(text));
    } else if (constexpr std::string_view kBrackets = "[]{}";
               kBrackets.find(text_[at_]) != std::string_view::npos) {
      MERIDIAN_CHECK(bracket(open, next()));
      only_texts = only_texts && open.size() <= 1;
    } else if (!take(",") && !take("=")) {
      MERIDIAN_CHECK(scalar());
      only_texts = false;
    }
  } while (!open.empty());
  if (only_texts) {
    entry.kind = TomlEntry::Kind::kTexts;
  } else {
    entry.texts.clear();
  }
  return {};
}

Result<void> Scanner::value(TomlEntry& entry) {
  if (sees("[") || sees("{")) return nested(entry);
  if (!sees_string()) {
    MERIDIAN_TRY(entry.text, scalar());
    return {};
  }
  MERIDIAN_TRY(entry.text, string());
  entry.kind = TomlEntry::Kind::kText;
  return {};
}

Result<std::vector<TomlEntry>> Scanner::read() {
  std::vector<TomlEntry> entries;
  std::vector<std::string> table;
  for (skip_blank(); !at_end(); skip_blank()) {
    if (take("[")) {
      MERIDIAN_TRY(table, header());
      continue;
    }
    TomlEntry entry;
    entry.line = line_;
    MERIDIAN_TRY(const std::vector<std::string> name, key());
    if (!take("=")) return wrong("a key has no value");
    skip_space();
    MERIDIAN_CHECK(value(entry));
    MERIDIAN_CHECK(end_line());
    entry.path = table;
    entry.path.insert(entry.path.end(), name.begin(), name.end());
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace

Result<std::vector<TomlEntry>> parse_toml(std::string_view text) { return Scanner(text).read(); }

}  // namespace meridian::store::containerd
