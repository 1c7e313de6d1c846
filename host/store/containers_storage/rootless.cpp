// SPDX-License-Identifier: Apache-2.0
#include "store/containers_storage/rootless.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>

#include "base/limits.hpp"
#include "store/home_users.hpp"

namespace meridian::store::containers_storage {
namespace {

using Mappings = std::vector<model::SpecIdMapping>;

constexpr std::size_t kMostRanges = 340;  // user_namespaces(7)

std::optional<std::uint32_t> number_of(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string_view next_part(std::string_view& rest, char separator) {
  const std::string_view part = rest.substr(0, rest.find(separator));
  rest.remove_prefix(std::min(part.size() + 1, rest.size()));
  return part;
}

std::optional<std::uint32_t> outside(const Mappings& mappings, std::uint32_t id) {
  for (const model::SpecIdMapping& one : mappings) {
    if (id >= one.container_id && id - one.container_id < one.size) {
      return one.host_id + (id - one.container_id);
    }
  }
  return std::nullopt;
}

/// A namespace in the user's own: what its mappings call the host's is the outer one's.
Mappings both(const Mappings& outer, const Mappings& inner) {
  Mappings out;
  for (const model::SpecIdMapping& one : inner) {
    // Pieces of `one`, each in one range of the outer.
    for (const model::SpecIdMapping& range : outer) {
      const std::uint64_t begin = std::max<std::uint64_t>(one.host_id, range.container_id);
      const std::uint64_t end = std::min<std::uint64_t>(
          std::uint64_t{one.host_id} + one.size, std::uint64_t{range.container_id} + range.size);
      if (begin >= end) continue;
      model::SpecIdMapping piece;
      piece.container_id = static_cast<std::uint32_t>(one.container_id + (begin - one.host_id));
      piece.host_id = static_cast<std::uint32_t>(range.host_id + (begin - range.container_id));
      piece.size = end - begin;
      out.push_back(piece);
      if (out.size() == kMostRanges) return out;
    }
  }
  return out;
}

}  // namespace

std::vector<model::SpecIdMapping> rootless_mappings(std::string_view subordinate,
                                                    const std::string& name, std::uint32_t id) {
  Mappings out = {{}};
  out[0].host_id = id;
  out[0].size = 1;
  std::uint32_t next = 1;
  while (!subordinate.empty() && out.size() < kMostRanges) {
    std::string_view line = next_part(subordinate, '\n');
    const std::string_view owner = next_part(line, ':');
    if (owner.empty() || (owner != name && owner != std::to_string(id))) continue;
    const auto first = number_of(next_part(line, ':'));
    const auto size = number_of(line);
    if (!first || !size || *size == 0) continue;
    constexpr std::uint32_t kLast = std::numeric_limits<std::uint32_t>::max();
    if (*size > kLast - next || *size > kLast - *first) break;
    model::SpecIdMapping range;
    range.container_id = next;
    range.host_id = *first;
    range.size = *size;
    out.push_back(range);
    next += *size;
  }
  return out;
}

RootlessIds rootless_ids(const rootfs::HostRoot& host, const model::HostPath& root) {
  struct stat st {};
  const auto folder = host.find(root);
  if (!folder || ::fstat(folder->get(), &st) != 0 || st.st_uid == 0) return {};
  std::string name;
  std::vector<model::Problem> said_elsewhere;
  for (const HomeUser& user : home_users(host, said_elsewhere)) {
    if (user.number == std::to_string(st.st_uid)) name = user.name;
  }
  RootlessIds out;
  const std::array files = {std::pair(&out.uids, "/etc/subuid"),
                            std::pair(&out.gids, "/etc/subgid")};
  for (const auto& [mappings, file] : files) {
    const auto text = host.read_file(*model::HostPath::parse(file), limits::kMaxMetadataFile);
    const std::uint32_t own = mappings == &out.uids ? st.st_uid : st.st_gid;
    *mappings = rootless_mappings(text ? *text : std::string(), name, own);
  }
  return out;
}

void put_inside(const RootlessIds& ids, model::Privileges& privileges) {
  if (ids.uids.empty()) return;
  const bool has_own = !privileges.uid_mappings.empty();
  privileges.uid_mappings = has_own ? both(ids.uids, privileges.uid_mappings) : ids.uids;
  privileges.gid_mappings =
      privileges.gid_mappings.empty() ? ids.gids : both(ids.gids, privileges.gid_mappings);
  privileges.host_uid = std::nullopt;
  if (const auto user = outside(privileges.uid_mappings, privileges.uid)) {
    privileges.host_uid = *user;
  }
  for (model::NamespacePrivilege& one : privileges.namespaces) {
    if (one.type == "user" && one.sharing == model::Sharing::kHost) {
      one.sharing = model::Sharing::kPrivate;
    }
  }
}

}  // namespace meridian::store::containers_storage
