// SPDX-License-Identifier: Apache-2.0
//
// text_search.hpp: a text of any length that comes in pieces, searched window by window.
//
// Why: what is unpacked from an archive is never there as a whole. Windows overlap by more than a
// rule may see on either side of its match, so no border hides a secret.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "judge.hpp"

namespace meridian::secrets {

/// A secret in such a text, and where its match begins.
struct Located {
  Hit hit = {};
  std::uint64_t line = 1, column = 1;  // bytes, from 1
  std::uint64_t offset = 0;
};

class TextSearch {
 public:
  using Found = std::function<void(const Located&)>;

  /// `place.path` must outlive it. Of `place.size` 0 stands for a size that nobody knows yet.
  TextSearch(const Judge& judge, Scratch& scratch, const Place& place, Found found);

  /// Errors of Matcher::find; the text goes on after one.
  Result<void> add(std::string_view bytes);
  Result<void> finish();

  static constexpr std::size_t kWindow = 256u << 10;  // bytes searched at once
  static constexpr std::size_t kAround = 8u << 10;    // of them, shown again with the next window

 private:
  Result<void> search(std::size_t to);
  void advance(std::size_t to);

  const Judge& judge_;
  Scratch& scratch_;
  const Place place_;
  const Found found_;
  std::string window_;
  std::size_t from_ = 0;     // matches that begin before it were told
  std::size_t counted_ = 0;  // newlines before it were counted
  std::uint64_t base_ = 0;   // offset of the window
  std::uint64_t line_ = 1, line_start_ = 0;
};

}  // namespace meridian::secrets
