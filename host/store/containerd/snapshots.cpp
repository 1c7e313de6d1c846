// SPDX-License-Identifier: Apache-2.0
#include "store/containerd/snapshots.hpp"

#include <algorithm>
#include <utility>

#include "base/escape.hpp"
#include "store/containerd/encoding.hpp"

namespace meridian::store::containerd {

Result<Snapshots> Snapshots::open(const rootfs::HostRoot& host, const model::HostPath& folder) {
  MERIDIAN_TRY(bbolt::Database database, bbolt::Database::open(host, file(folder)));
  return Snapshots(std::move(database));
}

Result<Snapshots> Snapshots::parse(std::string file) {
  MERIDIAN_TRY(bbolt::Database database, bbolt::Database::parse(std::move(file)));
  return Snapshots(std::move(database));
}

Result<Snapshot> Snapshots::find(std::string_view name) const {
  const auto shown = [name] { return "snapshot '" + base::escape(name) + "'"; };
  auto bucket = database_.root().bucket("v1");
  if (bucket) bucket = bucket->bucket("snapshots");
  if (bucket) bucket = bucket->bucket(name);
  if (!bucket) return Error(ErrorCode::kNotFound, shown() + " is not there");
  const auto id = parse_uvarint(bucket->get("id").value_or(""));
  if (!id) return Error(ErrorCode::kCorrupt, shown() + " has no id");
  Snapshot out;
  out.id = *id;
  const auto parent = bucket->get("parent");
  if (!parent && bucket->is_damaged()) {  // it would seem to stand on nothing
    return Error(ErrorCode::kCorrupt, shown() + " is damaged and may have lost its parent");
  }
  out.parent = parent.value_or("");
  const auto size = parse_varint(bucket->get("size").value_or(""));
  out.size = static_cast<std::uint64_t>(std::max<std::int64_t>(size.value_or(0), 0));
  return out;
}

std::string_view snapshot_key(std::string_view name) {
  const auto first = name.find('/');
  const auto second = first == std::string_view::npos ? first : name.find('/', first + 1);
  return second == std::string_view::npos ? name : name.substr(second + 1);
}

}  // namespace meridian::store::containerd
