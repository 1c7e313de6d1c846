// SPDX-License-Identifier: Apache-2.0
#include "search.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "support/catch.hpp"

namespace meridian::weak_password {
namespace {

using std::chrono::milliseconds;

const auto kNever = [] { return false; };

Account account(std::string user, const std::string& password) {
  return {std::move(user), plain(password)};
}

}  // namespace

TEST_CASE("search: a name, an own word, a word of the list, none, and what nobody would guess") {
  Guesser guesser;
  const Words words("password\r\n\nletmein\n", {"Our-Company-1"});
  const std::vector<Account> accounts{account("root", "letmein"), account("app", "App2025"),
                                      account("a", "Our-Company-1"), account("b", ""),
                                      account("c", "x9!kk2,")};
  const auto result = search(accounts, words, milliseconds(60000), kNever, guesser);
  REQUIRE(result.guessed.size() == 4);
  CHECK(result.unfinished.empty());
  CHECK(result.guessed[0].source == Source::kList);
  CHECK(result.guessed[0].rank == 3);
  CHECK(result.guessed[1].source == Source::kName);
  CHECK(result.guessed[2].source == Source::kOwnWord);
  CHECK(result.guessed[3].source == Source::kNothing);
}

TEST_CASE("search: what was not tried in time is said, cheap schemes are tried before") {
  Guesser guesser;
  const Words words("one\ntwo\nthree\nfour\nmonkey\n", {});
  const auto slow =
      crypt_hash("$y$j9T$saltsaltsaltsalt$4NUKVhn0otNyW8dAGSq2lUpQXbSEhHEP4Yn50nGqPu9");
  REQUIRE(slow);
  const std::vector<Account> accounts{{"slow", *slow}, account("cheap", "monkey")};
  const auto result = search(accounts, words, milliseconds(100), kNever, guesser);
  REQUIRE(result.guessed.size() == 1);
  CHECK(result.guessed[0].account == 1);
  REQUIRE(result.unfinished.size() == 1);
  CHECK(result.unfinished[0].account == 0);
  CHECK(result.unfinished[0].total > words.size());
  CHECK(result.unfinished[0].tried < result.unfinished[0].total);
}

TEST_CASE("search: ends when the scan does") {
  Guesser guesser;
  const auto result = search(
      std::vector{account("a", "zzz")}, Words("a\nb\n", {}), milliseconds(60000),
      [] { return true; }, guesser);
  REQUIRE(result.unfinished.size() == 1);
  CHECK(result.unfinished[0].tried == 0);
}

TEST_CASE("words: the list that is shipped") {
  std::ifstream file(MERIDIAN_SOURCE_DIR "/plugins/weak_password/rules/words.txt");
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const Words words(text, {});
  CHECK(words.size() >= 2000);
  CHECK(words.size() ==
        static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')));  // none twice
}

}  // namespace meridian::weak_password
