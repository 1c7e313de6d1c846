// SPDX-License-Identifier: Apache-2.0
#include "plugin/expression.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>
#include <vector>

#include "base/limits.hpp"

namespace meridian::plugin {
namespace {

/// One piece of an expression in four spellings; the edge ones are for the place where a scan
/// begins.
struct Piece {
  std::string forward, backward, forward_edge, backward_edge;
  bool zero_width = false;
};

struct Flags {
  bool caseless = false, caseless_said = false;
  bool dot_all = false;
  bool multiline = false;
};

/// An open group.
struct Group {
  Flags flags;
  std::vector<Piece> branches;  // finished ones
  std::vector<Piece> items;     // of the branch being read
};

Piece concatenate(const std::vector<Piece>& items) {
  Piece all;
  bool edge = true;
  for (const Piece& item : items) {
    all.forward += item.forward;
    all.forward_edge += edge ? item.forward_edge : item.forward;
    edge = edge && item.zero_width;
  }
  edge = true;
  for (auto item = items.rbegin(); item != items.rend(); ++item) {
    all.backward += item->backward;
    all.backward_edge += edge ? item->backward_edge : item->backward;
    edge = edge && item->zero_width;
  }
  return all;
}

Piece close(Group& group) {
  group.branches.push_back(concatenate(group.items));
  Piece all{"(?:", "(?:", "(?:", "(?:"};
  const char* bar = "";
  for (const Piece& branch : group.branches) {
    all.forward.append(bar).append(branch.forward);
    all.backward.append(bar).append(branch.backward);
    all.forward_edge.append(bar).append(branch.forward_edge);
    all.backward_edge.append(bar).append(branch.backward_edge);
    bar = "|";
  }
  for (auto* text : {&all.forward, &all.backward, &all.forward_edge, &all.backward_edge})
    text->push_back(')');
  return all;
}

bool prints(char c) { return c >= 0x20 && c <= 0x7e; }

/// "\d", "\w", "\." and the like.
bool printable_escape(char c) {
  return c == 'd' || c == 'w' || std::ispunct(static_cast<unsigned char>(c)) != 0;
}

/// One byte of text, as an expression writes it. A range between printable ends is printable.
bool printable_leaf(std::string_view atom) {
  if (atom.size() == 1) return atom != "." && prints(atom[0]);
  if (atom[0] == '\\') return atom.size() == 2 && printable_escape(atom[1]);
  if (atom[1] == '^') return false;
  for (std::size_t i = 1; i + 1 < atom.size(); ++i) {
    if (atom[i] == '\\' ? !printable_escape(atom[++i]) : !prints(atom[i])) return false;
    if (atom[i] == '[') return false;  // perhaps [:name:]
  }
  return true;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) { groups_.emplace_back(); }

  Result<Directions> read() {
    while (at_ < text_.size()) MERIDIAN_CHECK(step());
    if (groups_.size() != 1) return bad("a group that is not closed");
    const Piece all = close(groups_.front());
    return Directions{"\\A" + all.forward_edge, "\\A" + all.backward_edge, printable_};
  }

 private:
  Error bad(std::string_view what) const {
    return Error(ErrorCode::kInvalid,
                 std::string(what) + " at offset " + std::to_string(at_) + " is not supported");
  }
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  Flags& flags() { return groups_.back().flags; }
  std::vector<Piece>& items() { return groups_.back().items; }

  Result<void> step() {
    switch (peek()) {
      case '(':
        return open_group();
      case ')':
        return close_group();
      case '|':
        groups_.back().branches.push_back(concatenate(items()));
        items().clear();
        ++at_;
        return {};
      case '^':
        ++at_;
        return start_assertion(flags().multiline);
      case '$':
        ++at_;
        return end_assertion(flags().multiline ? "(?m:$)" : "$");
      case '[':
        return character_class();
      case '\\':
        return escape();
      default:
        return leaf(1);
    }
  }

  /// An assertion that looks backwards. Embedded ones are refused by the compiler, so forward
  /// leaves it out wherever it stands: the backward scan has checked it.
  Result<void> start_assertion(bool multiline) {
    const std::string mirrored = multiline ? "(?m:$)" : "\\z";
    return assertion({"", mirrored, "", mirrored});
  }
  Result<void> end_assertion(const std::string& text) { return assertion({text, "", text, ""}); }
  Result<void> word_assertion(const std::string& text) { return assertion({text, text, "", ""}); }

  Result<void> assertion(Piece piece) {
    printable_ = false;
    if (auto repeat = quantifier(); !repeat.empty()) return bad("a repeated assertion");
    piece.zero_width = true;
    items().push_back(std::move(piece));
    return {};
  }

  /// The next `length` bytes match one byte of text.
  Result<void> leaf(std::size_t length) {
    std::string atom(text_.substr(at_, length));
    printable_ = printable_ && printable_leaf(atom);
    at_ += length;
    std::string on = flags().dot_all ? "s" : "";
    if (flags().caseless_said) on += flags().caseless ? "i" : "-i";
    if (!on.empty()) atom = "(?" + on + ":" + atom + ")";
    push({atom, atom, atom, atom});
    return {};
  }

  void push(Piece piece) {
    if (const std::string repeat = quantifier(); !repeat.empty()) {
      piece.forward += repeat;
      piece.backward += repeat;
      piece.forward_edge = piece.forward;
      piece.backward_edge = piece.backward;
    }
    items().push_back(std::move(piece));
  }

  std::string quantifier() {
    const std::size_t begin = at_;
    const char first = peek();
    if (first == '*' || first == '+' || first == '?') {
      ++at_;
    } else if (const std::size_t length = braces(); length > 0) {
      at_ += length;
    } else {
      return {};
    }
    if (peek() == '?') ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  /// Length of "{n}", "{n,}" or "{n,m}" here; 0: a literal brace.
  std::size_t braces() const {
    if (peek() != '{' || !digit(peek(1))) return 0;
    std::size_t i = 1;
    while (digit(peek(i))) ++i;
    if (peek(i) == ',') ++i;
    while (digit(peek(i))) ++i;
    return peek(i) == '}' ? i + 1 : 0;
  }

  static bool digit(char c) { return c >= '0' && c <= '9'; }

  Result<void> character_class() {
    std::size_t i = 1;
    if (peek(i) == '^') ++i;
    if (peek(i) == ']') ++i;
    for (; at_ + i < text_.size(); ++i) {
      const char c = peek(i);
      if (c == ']') return leaf(i + 1);
      if (c == '\\') {
        ++i;
        if (peek(i) == 'Q' || peek(i) == 'E') return bad("\\Q or \\E");
      } else if (c == '[' && peek(i + 1) == ':') {
        const std::size_t end = text_.find(":]", at_ + i + 2);
        if (end != std::string_view::npos && posix_name(at_ + i + 2, end)) i = end + 1 - at_;
      }
    }
    return bad("a class that is not closed");
  }
  bool posix_name(std::size_t begin, std::size_t end) const {
    for (std::size_t i = begin; i < end; ++i)
      if (text_[i] != '^' && !std::islower(static_cast<unsigned char>(text_[i]))) return false;
    return true;
  }

  Result<void> escape() {
    const char c = peek(1);
    if (c == 'b' || c == 'B') {
      at_ += 2;
      return word_assertion(c == 'b' ? "\\b" : "\\B");
    }
    if (c == 'A') {
      at_ += 2;
      return start_assertion(false);
    }
    if (c == 'z' || c == 'Z') {
      at_ += 2;
      return end_assertion(c == 'z' ? "\\z" : "\\Z");
    }
    if (std::string_view("123456789QEGKRXgku").find(c) != std::string_view::npos)
      return bad(std::string("\\") + c);
    return leaf(escape_length(c));
  }

  std::size_t escape_length(char c) const {
    const auto to_brace = [this] {
      const std::size_t end = text_.find('}', at_ + 2);
      return end == std::string_view::npos ? text_.size() - at_ : end + 1 - at_;
    };
    std::size_t length = 2;
    if ((c == 'x' || c == 'o' || c == 'p' || c == 'P') && peek(2) == '{') return to_brace();
    if (c == 'x') {
      while (length < 4 && std::isxdigit(static_cast<unsigned char>(peek(length)))) ++length;
    } else if (c == '0') {
      while (length < 4 && peek(length) >= '0' && peek(length) <= '7') ++length;
    } else if (c == 'p' || c == 'P' || c == 'c') {
      length = 3;
    }
    return std::min(length, text_.size() - at_);
  }

  Result<void> open_group() {
    if (groups_.size() > limits::kMaxGroupDepth) return bad("a group nested this deep");
    if (peek(1) == '*') return bad("(*");
    Group group{flags(), {}, {}};
    if (peek(1) != '?') {
      at_ += 1;
    } else if (peek(2) == ':') {
      at_ += 3;
    } else if (peek(2) == '#') {
      const std::size_t end = text_.find(')', at_);
      if (end == std::string_view::npos) return bad("a comment that is not closed");
      at_ = end + 1;
      return {};
    } else if (const auto name = group_name()) {
      at_ += *name;
    } else {
      bool scoped = false;
      MERIDIAN_CHECK(group_flags(group.flags, scoped));
      if (!scoped) {
        flags() = group.flags;
        return {};
      }
    }
    groups_.push_back(std::move(group));
    return {};
  }

  /// Length of "(?<name>", "(?P<name>" or "(?'name'" here.
  std::optional<std::size_t> group_name() const {
    std::size_t i = peek(2) == 'P' ? 3 : 2;
    const char open = peek(i);
    const char next = peek(i + 1);
    if ((open != '<' && open != '\'') || next == '=' || next == '!') return std::nullopt;
    const std::size_t end = text_.find(open == '<' ? '>' : '\'', at_ + i + 1);
    if (end == std::string_view::npos) return std::nullopt;
    return end + 1 - at_;
  }

  /// "(?i)" or "(?i-s:".
  Result<void> group_flags(Flags& set, bool& scoped) {
    bool on = true;
    for (std::size_t i = 2;; ++i) {
      const char c = peek(i);
      if (c == '-') {
        on = false;
      } else if (c == 'i') {
        set.caseless = on;
        set.caseless_said = true;
      } else if (c == 's') {
        set.dot_all = on;
      } else if (c == 'm') {
        set.multiline = on;
      } else if (c == ')' || c == ':') {
        scoped = c == ':';
        at_ += i + 1;
        return {};
      } else {
        return bad("(?" + std::string(1, c));
      }
    }
  }

  Result<void> close_group() {
    if (groups_.size() == 1) return bad("a closing parenthesis");
    Piece whole = close(groups_.back());
    groups_.pop_back();
    ++at_;
    push(std::move(whole));
    return {};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool printable_ = true;  // so far
  std::vector<Group> groups_;
};

}  // namespace

Result<Directions> directions(std::string_view expression) { return Reader(expression).read(); }

}  // namespace meridian::plugin
