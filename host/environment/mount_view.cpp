// SPDX-License-Identifier: Apache-2.0
#include "environment/mount_view.hpp"

#include <algorithm>
#include <unordered_map>

namespace meridian::environment {

namespace {

/// Of containers that run: merged views, their /dev/shm, their namespaces. Nobody looks in there.
bool belongs_to_container(const store::MountDetails& mount) {
  const std::string& point = mount.place.point;
  return mount.kind == "overlay" || mount.kind == "fuse.fuse-overlayfs" || mount.kind == "nsfs" ||
         point.find("/containers/") != std::string::npos;
}

/// Which mount lies in which.
class MountTree {
 public:
  explicit MountTree(const std::vector<store::MountDetails>& mounts) {
    for (const store::MountDetails& mount : mounts) {
      by_id_.emplace(mount.id, &mount);
      if (mount.id != mount.parent) by_parent_.emplace(mount.parent, &mount);
    }
  }
  /// No path leads to it any more: another is mounted at the same point on it, or on one that it
  /// lies in.
  bool is_covered(const store::MountDetails& mount) const;

 private:
  std::unordered_map<std::uint64_t, const store::MountDetails*> by_id_;
  std::unordered_multimap<std::uint64_t, const store::MountDetails*> by_parent_;
};

bool MountTree::is_covered(const store::MountDetails& mount) const {
  const store::MountDetails* here = &mount;
  const store::MountDetails* below = nullptr;  // the one on the way up
  // No more steps than there are mounts: a table that changes while it is read may have a circle.
  for (std::size_t step = 0; step < by_id_.size(); ++step) {
    const auto [first, last] = by_parent_.equal_range(here->id);
    const bool covered = std::any_of(first, last, [&](const auto& entry) {
      return entry.second != below && entry.second->place.point == here->place.point;
    });
    if (covered) return true;
    const auto parent = by_id_.find(here->parent);
    if (parent == by_id_.end() || parent->second == here) return false;
    below = here;
    here = parent->second;
  }
  return false;
}

}  // namespace

bool lies_in(std::string_view path, std::string_view folder) {
  if (folder == "/") return !path.empty() && path[0] == '/';
  if (path.substr(0, folder.size()) != folder) return false;
  return path.size() == folder.size() || path[folder.size()] == '/';
}

bool is_writable(const store::MountDetails& mount) {
  return !store::has_option(mount.options, "ro") && !store::has_option(mount.super_options, "ro");
}

const store::MountDetails* MountView::at(std::string_view point) const {
  const store::MountDetails* last = nullptr;
  for (const store::MountDetails& mount : seen_.mounts) {
    if (mount.place.point == point) last = &mount;
  }
  return last;
}

bool MountView::has_mounts_below() const {
  return std::any_of(seen_.mounts.begin(), seen_.mounts.end(), [this](const auto& mount) {
    return mount.place.point != seen_.root && lies_in(mount.place.point, seen_.root);
  });
}

bool MountView::is_judgeable() const {
  return seen_.container.inside && !seen_.container.is_gvisor && seen_.root != "/" &&
         !seen_.root.empty() && host_root() != nullptr;
}

std::vector<const store::MountDetails*> MountView::writable_below() const {
  const MountTree tree(seen_.mounts);
  std::vector<const store::MountDetails*> writable;
  for (const store::MountDetails& mount : seen_.mounts) {
    if (mount.place.point != seen_.root && lies_in(mount.place.point, seen_.root) &&
        is_writable(mount) && !tree.is_covered(mount)) {
      writable.push_back(&mount);
    }
  }
  return writable;
}

std::string MountView::own_point(std::string_view machine_point) const {
  return seen_.root + (machine_point == "/" ? "" : std::string(machine_point));
}

bool MountView::is_seen(const store::NamespaceMount& mount) const {
  const std::string point = own_point(mount.point);
  return std::any_of(seen_.mounts.begin(), seen_.mounts.end(), [&](const auto& own) {
    return own.place.point == point && own.place.device == mount.device;
  });
}

std::vector<std::string> MountView::unseen(std::string_view place, Where where) const {
  std::vector<std::string> points;
  if (!is_judgeable()) return points;
  for (const store::MountDetails& mount : seen_.machine_mounts) {
    const std::string& point = mount.place.point;
    if (point == "/") continue;
    const bool matters = where == Where::kCovers ? lies_in(place, point)
                                                 : point != place && lies_in(point, place) &&
                                                       !belongs_to_container(mount);
    if (matters && !is_seen(mount.place)) points.push_back(point);
  }
  std::sort(points.begin(), points.end());
  points.erase(std::unique(points.begin(), points.end()), points.end());
  return points;
}

}  // namespace meridian::environment
