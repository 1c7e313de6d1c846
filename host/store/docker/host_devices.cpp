// SPDX-License-Identifier: Apache-2.0
#include "store/docker/host_devices.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace meridian::store {
namespace {

using model::HostPath;
using model::SpecDevice;
using rootfs::EntryType;

// A /dev has a few hundred nodes, three folders deep.
constexpr std::size_t kMaxNodes = 10'000;
constexpr std::size_t kMaxFolders = 1'000;

// What runc's and containerd's walks of /dev leave out.
constexpr std::array<std::string_view, 7> kSkippedFolders = {
    "pts", "shm", "fd", "mqueue", ".lxc", ".lxd-mounts", ".udev"};

std::optional<SpecDevice> node_of(const struct stat& st) {
  SpecDevice device;
  if (S_ISBLK(st.st_mode)) device.type = "b";
  if (S_ISCHR(st.st_mode)) device.type = "c";
  if (S_ISFIFO(st.st_mode)) device.type = "p";
  if (device.type.empty()) return std::nullopt;
  device.major = major(st.st_rdev);
  device.minor = minor(st.st_rdev);
  device.file_mode = st.st_mode & 07777U;
  device.uid = st.st_uid;
  device.gid = st.st_gid;
  return device;
}

std::optional<SpecDevice> node_at(const rootfs::HostRoot& host, const HostPath& path) {
  const auto place = host.find(path);
  struct stat st {};
  if (!place || ::fstat(place->get(), &st) != 0) return std::nullopt;
  return node_of(st);
}

enum class Which { kAll, kForPrivileged };

bool is_skipped(const rootfs::DirEntry& entry, Which which) {
  if (which == Which::kAll) return false;
  if (entry.type == EntryType::kDirectory) {
    return std::find(kSkippedFolders.begin(), kSkippedFolders.end(), entry.name) !=
           kSkippedFolders.end();
  }
  return entry.name == "console" || entry.type == EntryType::kFifo;
}

/// Depth first in the order of names, links not followed. With a stack of its own: how deep the
/// folder is is not ours to say.
std::vector<SpecDevice> nodes_below(const rootfs::HostRoot& host, const HostPath& root,
                                    Which which) {
  std::vector<SpecDevice> nodes;
  std::vector<std::pair<std::string, EntryType>> pending = {{"", EntryType::kDirectory}};
  std::size_t folders = 0;
  while (!pending.empty() && nodes.size() < kMaxNodes) {
    const auto [path, type] = std::move(pending.back());
    pending.pop_back();
    const HostPath place = path.empty() ? root : root / std::string_view(path).substr(1);
    if (type == EntryType::kDirectory) {
      const auto entries = host.list(place);
      if (!entries || ++folders > kMaxFolders) continue;
      for (auto entry = entries->rbegin(); entry != entries->rend(); ++entry) {
        if (is_skipped(*entry, which) || entry->type == EntryType::kSymlink) continue;
        pending.emplace_back(path + "/" + entry->name, entry->type);
      }
    } else if (type == EntryType::kCharDevice || type == EntryType::kBlockDevice ||
               type == EntryType::kFifo) {
      auto node = node_at(host, place);
      if (!node) continue;
      node->path = path;
      nodes.push_back(*std::move(node));
    }
  }
  return nodes;
}

}  // namespace

std::vector<SpecDevice> devices_at(const rootfs::HostRoot& host, const std::string& path) {
  const auto place = HostPath::parse(path);
  if (!place) return {};
  if (auto node = node_at(host, *place)) return {*std::move(node)};
  return nodes_below(host, *place, Which::kAll);
}

std::vector<SpecDevice> privileged_devices(const rootfs::HostRoot& host) {
  auto nodes = nodes_below(host, *HostPath::parse("/dev"), Which::kForPrivileged);
  for (SpecDevice& node : nodes) node.path.insert(0, "/dev");
  return nodes;
}

}  // namespace meridian::store
