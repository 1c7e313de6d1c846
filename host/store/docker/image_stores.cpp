// SPDX-License-Identifier: Apache-2.0
#include "store/docker/image_stores.hpp"

#include <algorithm>
#include <utility>

#include "base/escape.hpp"
#include "store/containerd/config.hpp"
#include "store/docker/containerd_image_store.hpp"
#include "store/docker/docker_store.hpp"

namespace meridian::store {
namespace {

using containerd::Metadata;
using model::HostPath;

constexpr const char* kNamespace = "moby";
constexpr std::string_view kBuildKit = "containerd-";  // and the snapshotter

/// One that cannot be looked into may hold something: its store then says so.
bool is_empty(const rootfs::HostRoot& host, const HostPath& folder) {
  const auto entries = host.list(folder);
  return entries ? entries->empty() : entries.error().code() == ErrorCode::kNotFound;
}

/// Those that hold something; else the one that the daemon likely started with. None where there is
/// no folder of them; where it cannot be looked into the usual one, which says what it misses.
std::vector<std::string> graph_drivers(const rootfs::HostRoot& host, const HostPath& data_root,
                                       std::vector<model::Problem>& problems) {
  const HostPath images = data_root / "image";
  auto entries = host.list(images);
  std::vector<std::string> used;
  if (!entries && entries.error().code() != ErrorCode::kNotFound) {
    problems.push_back({std::move(entries).error().in("which storage drivers have images"),
                        images.text(),
                        {},
                        model::kNoStore});
    return {"overlay2"};
  }
  if (!entries || entries->empty()) return used;
  bool overlay2 = false;
  for (const rootfs::DirEntry& entry : *entries) {
    const HostPath database = images / entry.name;
    overlay2 = overlay2 || entry.name == "overlay2";
    if (!is_empty(host, database / "imagedb/content/sha256") ||
        !is_empty(host, database / "layerdb/mounts")) {
      used.push_back(entry.name);
    }
  }
  if (used.empty()) used.push_back(overlay2 ? "overlay2" : entries->front().name);
  return used;
}

std::vector<std::unique_ptr<Store>> open_graph_stores(const rootfs::HostRoot& host,
                                                      archive::Unpacker& unpacker,
                                                      const DataRoot& root,
                                                      const std::vector<std::string>& drivers,
                                                      ContainerShare share) {
  std::vector<std::unique_ptr<Store>> stores;
  for (const std::string& driver : drivers) {
    DriverShare own{share, drivers, stores.empty()};
    std::erase(own.others, driver);
    stores.push_back(std::make_unique<DockerStore>(host, unpacker, root, driver, std::move(own)));
  }
  return stores;
}

/// dockerd makes rootfs/ for its first container and BuildKit's folder when it starts.
bool has_image_store(const rootfs::HostRoot& host, const HostPath& data_root) {
  if (host.exists(data_root / "rootfs")) return true;
  const auto folders = host.list(data_root / "buildkit");
  return folders && std::any_of(folders->begin(), folders->end(), [](const auto& folder) {
           return folder.name.substr(0, kBuildKit.size()) == kBuildKit;
         });
}

struct Candidate {
  HostPath root;
  Result<Metadata> metadata;
};

class Containerds {
 public:
  Containerds(const rootfs::HostRoot& host, const DataRoot& data_root,
              std::vector<model::Problem>& problems)
      : host_(host), problems_(problems), data_root_(data_root.path), daemon_(data_root.daemon) {
    if (daemon_.containerd_namespace.empty()) daemon_.containerd_namespace = kNamespace;
    add(data_root_ / "containerd/daemon");
  }
  /// The system's. If the daemon was told another one, whose files nothing tells: false, and said.
  bool add_system();
  /// Those that have a database.
  std::vector<Candidate> take() { return std::move(found_); }
  const std::string& looked_at() const { return looked_at_; }

 private:
  void add(HostPath root) {
    looked_at_ += (looked_at_.empty() ? "" : ", ") + base::escape(root.text());
    auto metadata = Metadata::open(host_, root, daemon_.containerd_namespace);
    if (!metadata && metadata.error().code() == ErrorCode::kNotFound) return;
    found_.push_back({std::move(root), std::move(metadata)});
  }

  const rootfs::HostRoot& host_;
  std::vector<model::Problem>& problems_;
  HostPath data_root_;
  DaemonSettings daemon_;
  std::vector<Candidate> found_;
  std::string looked_at_;
};

bool Containerds::add_system() {
  const HostPath file = *HostPath::parse(containerd::kConfigFile);
  const containerd::Config config = containerd::read_config(host_, file, problems_);
  const std::string& address = daemon_.containerd_address;
  if (!address.empty() && address != config.address) {
    problems_.push_back(
        {Error(ErrorCode::kUnsupported, "images of the containerd at " + base::escape(address) +
                                            ", which no configuration names, are not read"),
         data_root_.text(),
         {},
         model::kNoStore});
    return false;
  }
  auto root = HostPath::parse(config.root);
  if (root) {
    add(*std::move(root));
  } else {
    problems_.push_back({std::move(root).error().in("root"), file.text(), {}, model::kNoStore});
  }
  return true;
}

}  // namespace

std::vector<std::unique_ptr<Store>> open_image_stores(const rootfs::HostRoot& host,
                                                      archive::Unpacker& unpacker,
                                                      const DataRoot& root,
                                                      std::vector<model::Problem>& problems) {
  std::vector<std::string> drivers = graph_drivers(host, root.path, problems);
  const bool graph = !drivers.empty();
  const bool image_store = !graph || has_image_store(host, root.path);
  Containerds containerds(host, root, problems);
  const bool told = image_store && !containerds.add_system();
  std::vector<Candidate> found = containerds.take();
  const auto has_nothing = [](const Candidate& candidate) {
    return candidate.metadata && candidate.metadata->is_empty();
  };
  // A containerd that only runs containers has neither images nor snapshots; but one of them may
  // belong to a data root that has not got any yet.
  const bool none = found.empty();
  const bool all_empty = std::all_of(found.begin(), found.end(), has_nothing);
  if (all_empty && !graph && found.size() > 1) found.erase(found.begin() + 1, found.end());
  if (!all_empty || graph) std::erase_if(found, has_nothing);
  // The first one lists the containers, which an unreadable one could say nothing of.
  std::stable_partition(found.begin(), found.end(),
                        [](const Candidate& candidate) { return candidate.metadata.has_value(); });

  std::vector<std::unique_ptr<Store>> stores;
  if (graph || found.empty()) {
    if (!graph) drivers.emplace_back("overlay2");
    stores = open_graph_stores(host, unpacker, root, drivers,
                               found.empty() ? ContainerShare::kAll : ContainerShare::kOwn);
  }
  ContainerShare share = graph ? ContainerShare::kOwn : ContainerShare::kAll;
  for (Candidate& candidate : found) {
    stores.push_back(std::make_unique<ContainerdImageStore>(
        host, unpacker, ContainerdImageStore::Place{root, std::move(candidate.root)},
        std::move(candidate.metadata), share));
    share = ContainerShare::kNone;  // one of several lists the containers
  }
  if (none && image_store && !told) {
    problems.push_back({Error(ErrorCode::kUnsupported,
                              "images of a containerd image store are not read: no database of "
                              "containerd is in " +
                                  containerds.looked_at()),
                        root.path.text(),
                        {},
                        model::kNoStore});
  }
  return stores;
}

}  // namespace meridian::store
