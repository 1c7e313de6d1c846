// SPDX-License-Identifier: Apache-2.0
//
// fuzz_matcher_chunks.cpp: matches, and what is said to be left out (a match longer than
// kMaxMatch), do not depend on how the file is cut into pieces, nor on ranges. The first two bytes
// are the size of the pieces, and whether the rest, which is the file, lies on the border of two
// ranges.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "plugin/matcher.hpp"

namespace {

using namespace meridian;
using namespace meridian::plugin;

class Text final : public rootfs::Content {
 public:
  explicit Text(std::string_view text) : text_(text) {}
  std::uint64_t size() const override { return text_.size(); }
  Result<std::size_t> read(std::uint64_t offset, void* buffer, std::size_t capacity) override {
    const auto part = text_.substr(std::min<std::uint64_t>(offset, text_.size()), capacity);
    std::memcpy(buffer, part.data(), part.size());
    return part.size();
  }
  std::unique_ptr<rootfs::Content> another() override { return std::make_unique<Text>(text_); }

 private:
  std::string_view text_;
};

/// The last two say the same: of binary files the first is looked for in printable runs, the
/// second, as "\x61" is not understood there, in every byte.
constexpr std::array kExpressions{
    "a+b",
    "\\bkey\\s*=\\s*\\w{3,20}\\b",
    "(?m)^x.*$",
    "[a-z]{3,}",
    "(?:ab|b)?c",
    "B[^E]*E",
    "\\w{0,5}(?:tok|sec)\\w{0,5}\\s*[:=]\\s*[\"'][^\"'\\n]{2,50}[\"']",
    "z$",
    "^a",
    "\\B=\\b",
    "[a-z]{3,}[0-9a-z=]{20}",
    "[\\x61-z]{3,}[0-9a-z=]{20}"};
constexpr std::uint32_t kEverywhere = kExpressions.size() - 1, kInRuns = kEverywhere - 1;

const Matcher& matcher() {
  static const auto made = [] {
    static Subscriptions wishes;
    for (std::uint32_t i = 0; i < kExpressions.size(); ++i) {
      PatternSubscription pattern;
      pattern.expression = kExpressions.at(i);
      pattern.binary = i % 3 == 0 || i >= kInRuns;
      pattern.context = 10;
      wishes.patterns.push_back(pattern);
    }
    auto compiled = Matcher::compile({&wishes});
    if (!compiled) std::abort();
    return *std::move(compiled);
  }();
  return *made;
}

using Found = std::tuple<SubscriptionRef, std::uint64_t, std::string, std::string, std::string,
                         std::uint64_t, std::uint64_t>;

/// Line and column of every byte.
std::vector<std::pair<std::uint64_t, std::uint64_t>> places_of(std::string_view text) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> places;
  std::uint64_t line = 1, column = 1;
  for (const char c : text) {
    places.emplace_back(line, column++);
    if (c == '\n') ++line, column = 1;
  }
  return places;
}

/// Offsets and texts.
std::vector<std::pair<std::uint64_t, std::string>> of_pattern(const std::vector<Found>& all,
                                                              std::uint32_t index) {
  std::vector<std::pair<std::uint64_t, std::string>> some;
  for (const Found& one : all)
    if (std::get<0>(one).index == index) some.emplace_back(std::get<1>(one), std::get<2>(one));
  return some;
}

constexpr std::uint64_t kRange = 64 << 10;

struct Search {
  std::vector<Found> all;
  std::vector<std::pair<SubscriptionRef, std::string>> limits;
  bool operator==(const Search&) const = default;
};

Search found(std::string_view text, std::size_t chunk, unsigned searchers = 0) {
  auto scanner = matcher().make_scanner(chunk, kRange);
  if (!scanner) std::abort();
  rootfs::Stat stat;
  stat.size = 1;
  const Wanted wanted = matcher().wants("file", stat);
  const auto places = places_of(text);
  std::vector<Found> all;
  Text content(text);
  const auto on_hit = [&](const Hit& hit) {
    // What every match promises, whatever the pieces.
    if (hit.bytes != text.substr(hit.offset, hit.bytes.size())) std::abort();
    if (hit.line != places[hit.offset].first || hit.column != places[hit.offset].second)
      std::abort();
    all.emplace_back(hit.pattern, hit.offset, hit.bytes, hit.before, hit.after, hit.line,
                     hit.column);
    return true;
  };
  const auto outcome = (*scanner)->scan(content, wanted, on_hit, searchers);
  if (!outcome) std::abort();
  if (of_pattern(all, kInRuns) != of_pattern(all, kEverywhere)) std::abort();
  return {std::move(all), std::move(outcome->limits)};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kWhole = 8192;
  if (size < 2 || size > kWhole) return 0;
  const std::size_t chunk = 1 + data[0] + 256u * (data[1] % 8);
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  if (data[1] >= 128) {
    std::string filler(kRange - text.size() / 2, '.');
    if (data[1] % 2 == 1) filler.front() = '\0';  // a binary file
    const std::string all = filler + std::string(text) + filler;
    if (found(all, kRange, 1) != found(all, 4 * kRange)) std::abort();
    return 0;
  }
  const Search whole = found(text, kWhole);
  if (!whole.limits.empty() || found(text, chunk) != whole) std::abort();
  return 0;
}
