// SPDX-License-Identifier: Apache-2.0
//
// tricks.hpp: databases that lie, by name of the trick; also the corpus of fuzz_bbolt.
#pragma once

#include <string>
#include <vector>

#include "support/bbolt_file.hpp"

namespace meridian::testing_support {

struct BboltTrick {
  std::string name;
  std::string file;
  /// What a reader says of it, somewhere; empty: it is in order.
  std::string reason;
  /// The bucket "good" with its key "a" stays readable.
  bool good_stays = true;
};

/// A root with bucket "good" {a: 1}, and beside it whatever `items` says.
inline std::string beside_good(BboltFile& file, std::vector<BboltFile::Item> items) {
  items.push_back(BboltFile::inline_bucket("good", {BboltFile::value("a", "1")}));
  std::sort(items.begin(), items.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
  return file.finish(file.leaf(items));
}

inline void patch(std::string& file, std::size_t at, const std::string& bytes) {
  file.replace(at, bytes.size(), bytes);
}

inline void add_meta_tricks(std::vector<BboltTrick>& out) {
  using File = BboltFile;
  const auto plain = [] {
    File file;
    return beside_good(file, {});
  };
  out.push_back({"plain", plain(), ""});
  std::string bytes = plain();
  patch(bytes, 16 + 48, "X");
  out.push_back({"meta0-checksum", bytes, ""});
  patch(bytes, 1024 + 16 + 48, "X");
  out.push_back({"metas-damaged-both", bytes, "checksum", false});
  bytes = plain();
  patch(bytes, 16, stored<std::uint32_t>(0xEDDA0CED));
  patch(bytes, 1024 + 16, stored<std::uint32_t>(0xEDDA0CED));
  out.push_back({"big-endian", bytes, "big-endian", false});
  out.push_back({"empty", "", "ends before", false});
  out.push_back({"cut-in-meta", plain().substr(0, 70), "ends before", false});
  out.push_back({"cut-before-root", plain().substr(0, 2048), "behind the end", false});
  File file;
  out.push_back({"root-is-meta", file.finish(1), "not one of the", false});
  out.push_back({"root-is-zero", file.finish(0), "cannot be the root", false});
  out.push_back({"root-behind-high-water", file.finish(2), "not one of the", false});
}

inline void add_page_tricks(std::vector<BboltTrick>& out) {
  using File = BboltFile;
  {
    File file;
    const auto own = file.next_page();
    file.branch({{"a", own}, {"b", own}});
    out.push_back(
        {"branch-of-itself", beside_good(file, {File::bucket("x", own)}), "has been read"});
  }
  {
    File file;
    const auto root = file.next_page() + 1;
    file.leaf({File::value("k", "v")});
    out.push_back(
        {"bucket-is-its-parent", beside_good(file, {File::bucket("x", root)}), "has been read"});
  }
  {
    File file;
    const auto shared = file.leaf({File::value("k", "v")});
    out.push_back({"page-of-two-buckets",
                   beside_good(file, {File::bucket("x", shared), File::bucket("y", shared)}),
                   "has been read"});
  }
  {
    File file;
    const auto greedy = file.leaf({File::value("k", "v")});
    const auto other = file.leaf({File::value("k", "v")});
    std::string bytes = beside_good(
        file, {File::bucket("a", other), File::bucket("x", greedy), File::bucket("y", greedy)});
    patch(bytes, file.at(greedy, 12), stored<std::uint32_t>(1));
    out.push_back({"overflow-over-another", bytes, "has been read"});
  }
  {
    File file;
    const auto leaf = file.leaf({File::value("k", "v")});
    std::string bytes = beside_good(file, {File::bucket("x", leaf)});
    patch(bytes, file.at(leaf, 12), stored<std::uint32_t>(0xFFFFFFFF));
    out.push_back({"overflow-behind-file", bytes, "more pages"});
    bytes = beside_good(file, {File::bucket("x", leaf)});
    patch(bytes, file.at(leaf, 0), stored<std::uint64_t>(77));
    out.push_back({"page-of-other-number", bytes, "calls itself 77"});
    bytes = beside_good(file, {File::bucket("x", leaf)});
    patch(bytes, file.at(leaf, 10), stored<std::uint16_t>(0xFFFF));
    out.push_back({"count-huge", bytes, "there is room for 63"});
  }
  {
    File file;
    const auto freelist = file.add(File::kFreelist, "", 0);
    out.push_back({"bucket-is-freelist", beside_good(file, {File::bucket("x", freelist)}),
                   "neither branch nor leaf"});
  }
  {
    File file;
    out.push_back({"bucket-is-meta", beside_good(file, {File::bucket("x", 1)}), "not one of the"});
  }
  {
    File file;
    out.push_back({"branch-empty", beside_good(file, {File::bucket("x", file.branch({}))}),
                   "without children"});
  }
  {
    File file;
    auto page = file.leaf({File::value("k", "v")});
    for (int i = 0; i < 40; ++i) page = file.branch({{"k", page}});
    out.push_back(
        {"branches-deep", beside_good(file, {File::bucket("x", page)}), "branches above it"});
  }
  {
    File file;
    auto page = file.leaf({File::value("k", "v")});
    for (int i = 0; i < 40; ++i) page = file.leaf({File::bucket("b", page)});
    out.push_back(
        {"buckets-deep", beside_good(file, {File::bucket("x", page)}), "buckets in one another"});
  }
}

inline void add_element_tricks(std::vector<BboltTrick>& out) {
  using File = BboltFile;
  const auto with_leaf = [](std::size_t at, const std::string& bytes) {
    File file;
    const auto leaf = file.leaf({File::value("k1", "v1"), File::value("k2", "v2")});
    std::string all = beside_good(file, {File::bucket("x", leaf)});
    patch(all, file.at(leaf, 16 + at), bytes);
    return all;
  };
  out.push_back({"element-outside", with_leaf(4, stored<std::uint32_t>(5000)), "behind its page"});
  out.push_back({"element-position-wraps", with_leaf(4, stored<std::uint32_t>(0xFFFFFFF0)),
                 "behind its page"});
  out.push_back(
      {"value-size-wraps", with_leaf(12, stored<std::uint32_t>(0xFFFFFFFF)), "behind its page"});
  out.push_back({"key-huge", with_leaf(8, stored<std::uint32_t>(40000)), "a key of 40000"});
  out.push_back({"key-empty", with_leaf(8, stored<std::uint32_t>(0)), "no key"});
  out.push_back({"element-is-header", with_leaf(4, stored<std::uint32_t>(0)), "overlaps"});
  out.push_back({"elements-overlap", with_leaf(16 + 4, stored<std::uint32_t>(16)), "overlaps"});
  File file;
  const auto unordered = file.leaf({File::value("b", "1"), File::value("a", "2")});
  out.push_back(
      {"keys-unordered", beside_good(file, {File::bucket("x", unordered)}), "out of order"});
  File twice;
  const auto again = twice.leaf({File::value("a", "1"), File::value("a", "2")});
  out.push_back({"key-twice", beside_good(twice, {File::bucket("x", again)}), "out of order"});
  File leaves;
  const auto first = leaves.leaf({File::value("m", "1")});
  const auto second = leaves.leaf({File::value("c", "2")});
  const auto both = leaves.branch({{"a", first}, {"n", second}});
  out.push_back(
      {"leaves-unordered", beside_good(leaves, {File::bucket("x", both)}), "out of order"});
  File branches;
  const auto left = branches.leaf({File::value("a", "1")});
  const auto right = branches.leaf({File::value("b", "2")});
  const auto crossed = branches.branch({{"b", left}, {"a", right}});
  out.push_back(
      {"branch-unordered", beside_good(branches, {File::bucket("x", crossed)}), "out of order"});
}

inline void add_inline_tricks(std::vector<BboltTrick>& out) {
  using File = BboltFile;
  const auto with_inline = [](std::size_t at, const std::string& bytes) {
    File file;
    File::Item item = File::inline_bucket("x", {File::value("k", "v")});
    patch(item.value, at, bytes);
    return beside_good(file, {item});
  };
  out.push_back({"inline-count", with_inline(16 + 10, stored<std::uint16_t>(900)), "room for 1"});
  out.push_back({"inline-branch", with_inline(16 + 8, stored<std::uint16_t>(1)), "is a branch"});
  out.push_back(
      {"inline-outside", with_inline(32 + 4, stored<std::uint32_t>(900)), "behind its page"});
  File file;
  out.push_back({"inline-short", beside_good(file, {{"x", std::string(20, '\0'), 1}}),
                 "4 bytes are no page"});
  File tiny;
  out.push_back({"bucket-short", beside_good(tiny, {{"x", "123", 1}}), "a bucket of 3 bytes"});
  File nested;
  File::Item inner = File::value("k", "v");
  for (int i = 0; i < 12; ++i) inner = File::inline_bucket("x", {inner});
  out.push_back({"inline-in-inline", beside_good(nested, {inner}), ""});
  File large;
  out.push_back({"overflow", beside_good(large, {File::value("x", std::string(5000, 'x'))}), ""});
}

inline std::vector<BboltTrick> bbolt_tricks() {
  std::vector<BboltTrick> out;
  add_meta_tricks(out);
  add_page_tricks(out);
  add_element_tricks(out);
  add_inline_tricks(out);
  return out;
}

}  // namespace meridian::testing_support
