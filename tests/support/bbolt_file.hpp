// SPDX-License-Identifier: Apache-2.0
//
// bbolt_file.hpp: a bbolt database made in code: right by default, wrong where a test says so.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace meridian::testing_support {

/// A number as bbolt stores it, least significant byte first.
template <typename Number>
std::string stored(Number value) {
  std::string bytes;
  for (std::size_t i = 0; i < sizeof(Number); ++i) {
    bytes += static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i));
  }
  return bytes;
}

/// A bucket of keys, values and buckets, in any order.
struct BboltTree {
  std::map<std::string, std::string> values = {};
  std::map<std::string, BboltTree> buckets = {};
};

class BboltFile {
 public:
  struct Item {
    std::string key;
    std::string value;
    std::uint32_t flags = 0;  // 1: a bucket
  };
  static constexpr std::uint16_t kBranch = 1;
  static constexpr std::uint16_t kLeaf = 2;
  static constexpr std::uint16_t kFreelist = 16;

  explicit BboltFile(std::size_t page_size = 1024)
      : page_size_(page_size), pages_(2 * page_size, '\0') {}

  static Item value(std::string key, std::string text) { return {std::move(key), std::move(text)}; }
  static Item bucket(std::string key, std::uint64_t page) {
    return {std::move(key), stored(page) + stored<std::uint64_t>(7), 1};
  }
  static Item inline_bucket(std::string key, const std::vector<Item>& items) {
    return {std::move(key), std::string(16, '\0') + page(0, kLeaf, leaf_body(items), items.size()),
            1};
  }

  std::uint64_t next_page() const { return pages_.size() / page_size_; }
  std::uint64_t leaf(const std::vector<Item>& items) {
    return add(kLeaf, leaf_body(items), items.size());
  }
  std::uint64_t branch(const std::vector<std::pair<std::string, std::uint64_t>>& children) {
    std::string head, data;
    for (const auto& [key, child] : children) {
      const std::size_t left = 16 * children.size() - head.size();
      head += stored(static_cast<std::uint32_t>(left + data.size())) +
              stored(static_cast<std::uint32_t>(key.size())) + stored(child);
      data += key;
    }
    return add(kBranch, head + data, children.size());
  }
  /// Any page, with as much overflow as it needs.
  std::uint64_t add(std::uint16_t flags, const std::string& body, std::size_t count) {
    const std::uint64_t id = next_page();
    const auto overflow = static_cast<std::uint32_t>((16 + body.size() - 1) / page_size_);
    std::string bytes = page(id, flags, body, count, overflow);
    bytes.resize((overflow + std::size_t{1}) * page_size_, '\0');
    pages_ += bytes;
    return id;
  }
  /// As the library would: small buckets inline, `fanout` items a leaf, a branch over more.
  std::uint64_t add(const BboltTree& tree, std::size_t fanout = 8) {
    std::map<std::string, Item> items;
    for (const auto& [key, text] : tree.values) items[key] = value(key, text);
    for (const auto& [key, child] : tree.buckets) {
      items[key] = child.buckets.empty() && child.values.size() < 4
                       ? inline_of(key, child)
                       : bucket(key, add(child, fanout));
    }
    std::vector<std::pair<std::string, std::uint64_t>> leaves;
    std::vector<Item> some;
    for (auto& [key, item] : items) {
      some.push_back(std::move(item));
      if (some.size() == fanout) {
        const std::string first = some.front().key;
        leaves.emplace_back(first, leaf(std::exchange(some, {})));
      }
    }
    if (!some.empty() || leaves.empty()) {
      const std::string first = some.empty() ? "" : some.front().key;
      leaves.emplace_back(first, leaf(some));
    }
    return leaves.size() == 1 ? leaves[0].second : branch(leaves);
  }

  std::string meta(std::uint64_t page_id, std::uint64_t root, std::uint64_t transaction) const {
    const std::string checked = stored<std::uint32_t>(0xED0CDAED) + stored<std::uint32_t>(2) +
                                stored(static_cast<std::uint32_t>(page_size_)) +
                                stored<std::uint32_t>(0) + stored(root) + stored<std::uint64_t>(0) +
                                stored(~std::uint64_t{0}) + stored(next_page()) +
                                stored(transaction);
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : checked) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return page(page_id, 4, checked + stored(hash), 0);
  }
  /// With both metas; the one of an even transaction is page 0.
  std::string finish(std::uint64_t root, std::uint64_t transaction = 8) const {
    std::string file = pages_;
    put(file, transaction % 2, meta(transaction % 2, root, transaction));
    put(file, (transaction + 1) % 2, meta((transaction + 1) % 2, root, transaction - 1));
    return file;
  }
  void put(std::string& file, std::uint64_t page_id, const std::string& bytes) const {
    file.replace(static_cast<std::size_t>(page_id) * page_size_, bytes.size(), bytes);
  }
  /// Where byte `offset` of a page is.
  std::size_t at(std::uint64_t page_id, std::size_t offset) const {
    return static_cast<std::size_t>(page_id) * page_size_ + offset;
  }

 private:
  static std::string page(std::uint64_t id, std::uint16_t flags, const std::string& body,
                          std::size_t count, std::uint32_t overflow = 0) {
    return stored(id) + stored(flags) + stored(static_cast<std::uint16_t>(count)) +
           stored(overflow) + body;
  }
  static std::string leaf_body(const std::vector<Item>& items) {
    std::string head, data;
    for (const Item& item : items) {
      const std::size_t left = 16 * items.size() - head.size();
      head += stored(item.flags) + stored(static_cast<std::uint32_t>(left + data.size())) +
              stored(static_cast<std::uint32_t>(item.key.size())) +
              stored(static_cast<std::uint32_t>(item.value.size()));
      data += item.key + item.value;
    }
    return head + data;
  }
  static Item inline_of(const std::string& key, const BboltTree& tree) {
    std::vector<Item> items;
    for (const auto& [name, text] : tree.values) items.push_back(value(name, text));
    return inline_bucket(key, items);
  }

  std::size_t page_size_;
  std::string pages_;
};

}  // namespace meridian::testing_support
