// SPDX-License-Identifier: Apache-2.0
//
// maven_order.cpp: Maven's order. A version is a list of numbers, words and lists: "-", and each
// change between digits and letters, begins a list within the list.
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "orders.hpp"

namespace meridian::vulnerabilities {
namespace {

/// Nested at most as deep as the version is long.
struct Item {
  enum class Kind { kNumber, kWord, kList };
  Kind kind = Kind::kList;
  std::string text;  // digits, or a word in its usual form
  std::vector<std::unique_ptr<Item>> items;
};
using Kind = Item::Kind;

constexpr std::array<std::string_view, 7> kWords = {"alpha",    "beta", "milestone", "rc",
                                                    "snapshot", "",     "sp"};
constexpr std::size_t kRelease = 5;  // of them

std::string usual_form(std::string word, bool is_before_digit) {
  if (is_before_digit && word.size() == 1) {
    if (word[0] == 'a') return "alpha";
    if (word[0] == 'b') return "beta";
    if (word[0] == 'm') return "milestone";
  }
  if (word == "ga" || word == "final" || word == "release") return "";
  return word == "cr" ? "rc" : word;
}

std::size_t rank(const std::string& word) {
  return static_cast<std::size_t>(std::find(kWords.begin(), kWords.end(), word) - kWords.begin());
}

bool is_null(const Item& item) {
  switch (item.kind) {
    case Kind::kNumber:
      return compare_numbers(item.text, "") == 0;
    case Kind::kWord:
      return item.text.empty();
    case Kind::kList:
      break;
  }
  return item.items.empty();
}

/// Takes off what says nothing: zeros and releases at the end, also in front of lists at the end.
void normalise(Item& list) {
  for (std::size_t i = list.items.size(); i-- > 0;) {
    if (is_null(*list.items[i])) {
      list.items.erase(list.items.begin() + static_cast<std::ptrdiff_t>(i));
    } else if (list.items[i]->kind != Kind::kList) {
      break;
    }
  }
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {
    std::transform(text_.begin(), text_.end(), text_.begin(), to_lower);
    lists_.push_back(&root_);
  }

  Item read() {
    for (std::size_t at = 0; at < text_.size(); ++at) {
      const char c = text_[at];
      if (c == '.' || c == '-') {
        if (at == start_) {
          add(Kind::kNumber, "0");
        } else {
          add_part(at);
        }
        start_ = at + 1;
        if (c == '-') begin_list();
      } else if (is_digit(c) != is_digits_ && at > start_) {
        change(at);
        is_digits_ = is_digit(c);
      } else {
        is_digits_ = is_digit(c);
      }
    }
    if (text_.size() > start_) {
      if (!is_digits_ && !lists_.back()->items.empty()) begin_list();
      add_part(text_.size());
    }
    for (auto list = lists_.rbegin(); list != lists_.rend(); ++list) normalise(**list);
    return std::move(root_);
  }

 private:
  void add(Kind kind, std::string text) {
    auto item = std::make_unique<Item>();
    item->kind = kind;
    item->text = std::move(text);
    lists_.back()->items.push_back(std::move(item));
  }
  void add_part(std::size_t end) {
    std::string part = text_.substr(start_, end - start_);
    if (is_digits_) {
      add(Kind::kNumber, std::move(part));
    } else {
      add(Kind::kWord, usual_form(std::move(part), false));
    }
  }
  void begin_list() {
    add(Kind::kList, "");
    lists_.push_back(lists_.back()->items.back().get());
  }
  /// From letters to digits or back: the part ends here.
  void change(std::size_t at) {
    if (is_digits_) {
      add_part(at);
    } else {
      if (!lists_.back()->items.empty()) begin_list();
      add(Kind::kWord, usual_form(text_.substr(start_, at - start_), true));
    }
    start_ = at;
    begin_list();
  }

  std::string text_;
  Item root_;
  std::vector<Item*> lists_;  // that are open, the outer first
  std::size_t start_ = 0;     // of the part
  bool is_digits_ = false;
};

int compare_words(const std::string& a, const std::string& b) {
  const std::size_t one = rank(a), other = rank(b);
  if (one != other) return one < other ? -1 : 1;
  return one < kWords.size() ? 0 : sign(a.compare(b));
}

int compare_items(const Item* a, const Item* b);

int compare_with_nothing(const Item& item) {
  switch (item.kind) {
    case Kind::kNumber:
      return is_null(item) ? 0 : 1;
    case Kind::kWord:
      return compare_words(item.text, std::string(kWords[kRelease]));
    case Kind::kList:
      break;
  }
  for (const auto& one : item.items) {
    const int order = compare_with_nothing(*one);
    if (order != 0) return order;
  }
  return 0;
}

int compare_lists(const Item& a, const Item& b) {
  for (std::size_t i = 0; i < std::max(a.items.size(), b.items.size()); ++i) {
    const int order = compare_items(i < a.items.size() ? a.items[i].get() : nullptr,
                                    i < b.items.size() ? b.items[i].get() : nullptr);
    if (order != 0) return order;
  }
  return 0;
}

/// nullptr: there is nothing there.
int compare_items(const Item* a, const Item* b) {
  if (a == nullptr) return b == nullptr ? 0 : -compare_with_nothing(*b);
  if (b == nullptr) return compare_with_nothing(*a);
  // Words before lists before numbers.
  const auto order_of = [](Kind kind) {
    return kind == Kind::kWord ? 0 : kind == Kind::kList ? 1 : 2;
  };
  if (a->kind != b->kind) return order_of(a->kind) < order_of(b->kind) ? -1 : 1;
  if (a->kind == Kind::kNumber) return compare_numbers(a->text, b->text);
  return a->kind == Kind::kWord ? compare_words(a->text, b->text) : compare_lists(*a, *b);
}

}  // namespace

/// Every text is a version there.
std::optional<int> compare_maven(std::string_view a, std::string_view b) {
  const Item one = Reader(a).read(), other = Reader(b).read();
  return compare_lists(one, other);
}

}  // namespace meridian::vulnerabilities
