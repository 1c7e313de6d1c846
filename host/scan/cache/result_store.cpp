// SPDX-License-Identifier: Apache-2.0
#include "scan/cache/result_store.hpp"

namespace meridian::scan {

namespace {

/// Of the key and the payload, in front of the payload.
std::string mac_of(const Seal& seal, const CacheKey& key, std::string_view payload) {
  std::string bytes = "row";
  bytes.append(key.begin(), key.end());
  bytes.append(payload);
  const base::Sha256Bytes mac = seal.mac(bytes);
  return {mac.begin(), mac.end()};
}

}  // namespace

Result<std::unique_ptr<ResultStore>> ResultStore::open(const std::string& folder,
                                                       const base::Log& log,
                                                       std::uint64_t max_bytes) {
  std::unique_ptr<ResultStore> store(new ResultStore());
  MERIDIAN_TRY(auto opened, CacheFolder::open(folder));
  store->folder_ = std::make_unique<const CacheFolder>(std::move(opened));
  MERIDIAN_TRY(const auto held, store->folder_->lock());
  MERIDIAN_TRY(std::string key, store->folder_->key());
  store->seal_ = std::make_shared<const Seal>(std::move(key));
  MERIDIAN_TRY(store->database_, CacheDatabase::open(*store->folder_, log, max_bytes));
  return store;
}

std::string ResultStore::sealed(const Seal& seal, const CacheKey& key, const std::string& payload) {
  return mac_of(seal, key, payload) + payload;
}

std::optional<std::string> ResultStore::unsealed(const CacheKey& key,
                                                 std::optional<std::string> row) const {
  constexpr std::size_t kMac = std::tuple_size_v<base::Sha256Bytes>;
  if (!row || row->size() < kMac) return std::nullopt;
  const std::string mac = mac_of(*seal_, key, std::string_view(*row).substr(kMac));
  if (row->compare(0, kMac, mac) != 0) return std::nullopt;
  row->erase(0, kMac);
  return row;
}

}  // namespace meridian::scan
