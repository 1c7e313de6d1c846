// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <iterator>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/escape.hpp"
#include "store/containerd/announced.hpp"
#include "store/containerd/containerd_store.hpp"
#include "store/containers_storage/storage_store.hpp"
#include "store/docker/announced_roots.hpp"
#include "store/docker/data_root.hpp"
#include "store/docker/engine_version.hpp"
#include "store/docker/image_stores.hpp"
#include "store/ignite/ignite_store.hpp"
#include "store/store.hpp"

namespace meridian::store {
namespace {

using model::HostPath;

/// Whether its absence is worth a line.
enum class Announced { kCertain, kPossible };

class Finder {
 public:
  Finder(const rootfs::HostRoot& host, archive::Unpacker& unpacker)
      : host_(host), unpacker_(unpacker) {}

  void look_at(const std::string& root, const std::string& found_by, Announced by,
               const DaemonSettings& daemon);
  /// With what is announced of the same folder, where the user does not say it.
  containerd::AnnouncedRoot as_announced(const StoreSpec& spec,
                                         std::vector<containerd::AnnouncedRoot> announced) const;
  containers_storage::AnnouncedRoot as_announced(
      const StoreSpec& spec, std::vector<containers_storage::AnnouncedRoot> announced) const;
  /// After all of Docker's: what is Docker's there is left to them.
  void look_at_containerd(const containerd::AnnouncedRoot& one, Announced by);
  void look_at_storage(const containers_storage::AnnouncedRoot& one, Announced by);
  void look_at_ignite(const std::string& root, const std::string& found_by, Announced by);
  /// What is announced of the same folder as `root`.
  DaemonSettings settings_of(const std::string& root,
                             const std::vector<AnnouncedRoot>& announced) const;
  void problem(Error error, std::string path) {
    out_.problems.push_back({std::move(error), std::move(path), {}, model::kNoStore});
  }
  void add(std::vector<model::Problem> problems) {
    std::move(problems.begin(), problems.end(), std::back_inserter(out_.problems));
  }
  void looked_at(std::string place) { out_.looked_at.push_back(std::move(place)); }
  Discovery take() { return std::move(out_); }

 private:
  using Place = std::pair<dev_t, ino_t>;
  std::optional<Place> place_of(const HostPath& path) const;
  template <typename Root>
  Root same_folder(const std::string& folder, std::vector<Root> announced) const;
  void add(const HostPath& path, const std::string& found_by, const DaemonSettings& daemon);

  const rootfs::HostRoot& host_;
  archive::Unpacker& unpacker_;
  Discovery out_;
  std::set<Place> roots_;
  std::set<Place> containerds_;          // those that have been read, or belong to a Docker
  std::set<std::string> docker_spaces_;  // namespaces that a Docker's stores read
  std::optional<std::string> version_;
};

std::optional<Finder::Place> Finder::place_of(const HostPath& path) const {
  const auto place = host_.find(path);
  struct stat st {};
  if (!place || ::fstat(place->get(), &st) != 0) return std::nullopt;
  return Place(st.st_dev, st.st_ino);
}

DaemonSettings Finder::settings_of(const std::string& root,
                                   const std::vector<AnnouncedRoot>& announced) const {
  const auto path = HostPath::parse(root);
  const auto place = path ? place_of(*path) : std::nullopt;
  if (!place) return {};
  for (const AnnouncedRoot& one : announced) {
    const auto other = HostPath::parse(one.path);
    if (other && place_of(*other) == place) return one.daemon;
  }
  return {};
}

void Finder::add(const HostPath& path, const std::string& found_by, const DaemonSettings& daemon) {
  // It may have been reached before, by another name.
  if (const auto place = place_of(path); place && !roots_.insert(*place).second) return;
  if (const auto own = place_of(path / "containerd/daemon")) containerds_.insert(*own);
  const std::string& space = daemon.containerd_namespace;
  docker_spaces_.insert({space.empty() ? "moby" : space, "plugins.moby"});
  if (!version_) version_ = installed_dockerd(host_);
  for (auto& store :
       open_image_stores(host_, unpacker_, {path, found_by, daemon, *version_}, out_.problems)) {
    out_.stores.push_back(std::move(store));
  }
}

void Finder::look_at(const std::string& root, const std::string& found_by, Announced by,
                     const DaemonSettings& daemon) {
  looked_at(root + " (" + found_by + ")");
  auto path = HostPath::parse(root);
  if (!path) return problem(std::move(path).error(), root);
  const auto remapped = remapped_roots(host_, *path);
  auto here = check_data_root(host_, *path);
  if (here) add(*path, found_by, daemon);
  for (const HostPath& inner : remapped) add(inner, found_by + ", userns-remap", daemon);
  if (here || !remapped.empty()) return;
  // Docker need not be installed; but a place that the user names or a daemon uses, or one that
  // cannot be looked at, is worth a line.
  if (by == Announced::kCertain || here.error().code() != ErrorCode::kNotFound) {
    problem(std::move(here).error().in("store docker=" + base::escape(root)), root);
  }
}

/// The one of the same folder, or nothing.
template <typename Root>
Root Finder::same_folder(const std::string& folder, std::vector<Root> announced) const {
  const auto path = HostPath::parse(folder);
  const auto place = path ? place_of(*path) : std::nullopt;
  for (Root& one : announced) {
    const auto other = HostPath::parse(one.root);
    if (place && other && place_of(*other) == place) return std::move(one);
  }
  return {};
}

containers_storage::AnnouncedRoot Finder::as_announced(
    const StoreSpec& spec, std::vector<containers_storage::AnnouncedRoot> announced) const {
  auto said = same_folder(spec.root, std::move(announced));
  said.root = spec.root;
  if (!spec.state.empty()) said.run = spec.state;
  said.found_by = "--store";
  return said;
}

containerd::AnnouncedRoot Finder::as_announced(
    const StoreSpec& spec, std::vector<containerd::AnnouncedRoot> announced) const {
  auto said = same_folder(spec.root, std::move(announced));
  said.root = spec.root;
  if (!spec.state.empty()) said.state = spec.state;
  said.found_by = "--store";
  return said;
}

void Finder::look_at_containerd(const containerd::AnnouncedRoot& one, Announced by) {
  looked_at(one.root + " (containerd: " + one.found_by + ")");
  auto root = HostPath::parse(one.root);
  auto state = HostPath::parse(one.state.empty() ? "/run/containerd" : one.state);
  if (!root || !state) return problem(Error(root ? state.error() : root.error()), one.root);
  if (const auto place = place_of(*root); place && !containerds_.insert(*place).second) return;
  auto stores = containerd::open_namespaces(
      host_, unpacker_, {*root, *std::move(state), one.found_by, {}, one.config}, docker_spaces_,
      out_.problems);
  if (stores) {
    std::move(stores->begin(), stores->end(), std::back_inserter(out_.stores));
  } else if (by == Announced::kCertain || stores.error().code() != ErrorCode::kNotFound) {
    problem(std::move(stores).error().in("store containerd=" + base::escape(one.root)),
            containerd::Metadata::file(*root).text());
  }
}

void Finder::look_at_storage(const containers_storage::AnnouncedRoot& one, Announced by) {
  looked_at(one.root + " (" + one.engine + ": " + one.found_by + ")");
  auto path = HostPath::parse(one.root);
  if (!path) return problem(std::move(path).error(), one.root);
  if (const auto place = place_of(*path); place && !roots_.insert(*place).second) return;
  auto places = containers_storage::places_of(host_, one);
  if (places) {
    for (containers_storage::Place& place : *places) {
      out_.stores.push_back(
          std::make_unique<containers_storage::StorageStore>(host_, unpacker_, std::move(place)));
    }
  } else if (by == Announced::kCertain || places.error().code() != ErrorCode::kNotFound) {
    problem(std::move(places).error().in("store containers-storage=" + base::escape(one.root)),
            one.root);
  }
}

void Finder::look_at_ignite(const std::string& root, const std::string& found_by, Announced by) {
  looked_at(root + " (ignite: " + found_by + ")");
  auto path = HostPath::parse(root);
  if (!path) return problem(std::move(path).error(), root);
  if (const auto place = place_of(*path); place && !roots_.insert(*place).second) return;
  auto store = ignite::IgniteStore::open(host_, *path, found_by);
  if (store) {
    out_.stores.push_back(*std::move(store));
  } else if (by == Announced::kCertain || store.error().code() != ErrorCode::kNotFound) {
    problem(std::move(store).error().in("store ignite=" + base::escape(root)), root);
  }
}

}  // namespace

Discovery discover(const rootfs::HostRoot& root, archive::Unpacker& unpacker,
                   const std::vector<StoreSpec>& specs, DiscoverMode mode) {
  const bool everything = mode == DiscoverMode::kEverything;
  Finder finder(root, unpacker);
  std::vector<model::Problem> problems;
  const std::vector<AnnouncedRoot> announced = announced_roots(root, problems);
  for (const StoreSpec& spec : specs) {
    auto checked = StoreSpec::parse(spec.kind + "=" + spec.root);
    if (!checked) {
      finder.problem(std::move(checked).error(), spec.root);
    } else if (spec.kind == "docker") {
      DaemonSettings daemon = finder.settings_of(spec.root, announced);
      if (!spec.state.empty()) daemon.exec_root = spec.state;
      finder.look_at(spec.root, "--store", Announced::kCertain, daemon);
    }
  }
  if (everything) {
    finder.add(std::exchange(problems, {}));
    for (const AnnouncedRoot& one : announced) {
      finder.look_at(one.path, one.found_by,
                     one.in_use ? Announced::kCertain : Announced::kPossible, one.daemon);
    }
    finder.looked_at("~/.local/share/docker of the users in /etc/passwd (rootless)");
  }
  problems.clear();
  const auto roots = containerd::announced_roots(root, problems);
  const auto storages = containers_storage::announced_roots(root, problems);
  for (const StoreSpec& spec : specs) {
    if (spec.kind == "containerd") {
      finder.look_at_containerd(finder.as_announced(spec, roots), Announced::kCertain);
    } else if (spec.kind == "containers-storage") {
      finder.look_at_storage(finder.as_announced(spec, storages), Announced::kCertain);
    } else if (spec.kind == "ignite") {
      finder.look_at_ignite(spec.root, "--store", Announced::kCertain);
    }
  }
  if (!everything) return finder.take();
  finder.add(std::move(problems));
  for (const containerd::AnnouncedRoot& one : roots) {
    finder.look_at_containerd(one, one.in_use ? Announced::kCertain : Announced::kPossible);
  }
  for (const containers_storage::AnnouncedRoot& one : storages) {
    finder.look_at_storage(one, Announced::kPossible);
  }
  finder.look_at_ignite(ignite::kRoot, "default location", Announced::kPossible);
  return finder.take();
}

}  // namespace meridian::store
