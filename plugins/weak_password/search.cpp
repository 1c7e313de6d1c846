// SPDX-License-Identifier: Apache-2.0
#include "search.hpp"

#include <algorithm>
#include <utility>

namespace meridian::weak_password {
namespace {

using Clock = std::chrono::steady_clock;

/// Guesses at one account so far.
class Attempt {
 public:
  Attempt(std::size_t index, const Account& account)
      : index_(index), account_(&account), variants_(variants(account.user)) {}

  std::size_t total(const Words& words) const { return variants_.size() + words.size(); }

  /// True: it was the password, or no word is left.
  bool next(const Words& words, Guesser& guesser, SearchResult& result) {
    const std::size_t i = tried_++;
    const bool is_variant = i < variants_.size();
    const std::string& word = is_variant ? variants_[i] : words[i - variants_.size()];
    if (guesser.matches(account_->hash, word)) {
      const std::size_t rank = is_variant ? 0 : i - variants_.size();
      const Source source = word.empty()         ? Source::kNothing
                            : is_variant         ? Source::kName
                            : words.is_own(rank) ? Source::kOwnWord
                                                 : Source::kList;
      result.guessed.push_back({index_, source, is_variant ? 0 : rank + 1, word});
      return true;
    }
    return tried_ == total(words);
  }
  Unfinished unfinished(const Words& words) const { return {index_, tried_, total(words)}; }

 private:
  std::size_t index_;
  const Account* account_;
  std::vector<std::string> variants_;
  std::size_t tried_ = 0;
};

}  // namespace

SearchResult search(std::span<const Account> accounts, const Words& words,
                    std::chrono::milliseconds budget, const std::function<bool()>& cancelled,
                    Guesser& guesser) {
  const auto deadline = Clock::now() + budget;
  std::vector<std::pair<double, std::size_t>> order;
  for (std::size_t i = 0; i < accounts.size(); ++i)
    order.emplace_back(guess_cost(accounts[i].hash), i);
  std::sort(order.begin(), order.end());

  SearchResult result;
  bool is_late = false;
  for (auto begin = order.begin(); begin != order.end();) {
    const auto end =
        std::find_if(begin, order.end(), [&](const auto& one) { return one.first > begin->first; });
    std::vector<Attempt> open;
    for (auto one = begin; one != end; ++one) open.emplace_back(one->second, accounts[one->second]);
    // The clock costs as much as a cheap guess.
    constexpr double kBetweenLooks = 2000;
    double since_look = kBetweenLooks;
    const double cost = std::max(begin->first, 0.05);
    while (!open.empty() && !is_late) {
      for (std::size_t i = 0; i < open.size() && !is_late;) {
        if ((since_look += cost) >= kBetweenLooks) {
          since_look = 0;
          is_late = Clock::now() >= deadline || cancelled();
          if (is_late) break;
        }
        if (open[i].next(words, guesser, result)) {
          open.erase(open.begin() + static_cast<std::ptrdiff_t>(i));
        } else {
          ++i;
        }
      }
    }
    for (const Attempt& one : open) result.unfinished.push_back(one.unfinished(words));
    begin = end;
  }
  std::sort(result.guessed.begin(), result.guessed.end(),
            [](const Guessed& a, const Guessed& b) { return a.account < b.account; });
  std::sort(result.unfinished.begin(), result.unfinished.end(),
            [](const Unfinished& a, const Unfinished& b) { return a.account < b.account; });
  return result;
}

}  // namespace meridian::weak_password
