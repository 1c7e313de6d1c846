// SPDX-License-Identifier: Apache-2.0
//
// search.hpp: guesses at the passwords of accounts, within a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "hash.hpp"
#include "words.hpp"

namespace meridian::weak_password {

struct Account {
  std::string user = {};  // or the setting that holds the password
  Hash hash = {};
};

enum class Source { kNothing, kName, kOwnWord, kList };

struct Guessed {
  std::size_t account = 0;
  Source source = Source::kList;
  std::size_t rank = 0;  // of a word, from 1
  std::string password = {};
};

struct Unfinished {
  std::size_t account = 0;
  std::size_t tried = 0, total = 0;
};

struct SearchResult {
  std::vector<Guessed> guessed;        // by account
  std::vector<Unfinished> unfinished;  // where time ran out
};

/// The cheapest schemes first; among accounts of one cost the most common word is tried on each
/// before the next one.
SearchResult search(std::span<const Account> accounts, const Words& words,
                    std::chrono::milliseconds budget, const std::function<bool()>& cancelled,
                    Guesser& guesser);

}  // namespace meridian::weak_password
