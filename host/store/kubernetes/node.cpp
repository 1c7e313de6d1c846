// SPDX-License-Identifier: Apache-2.0
#include "store/kubernetes/node.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "base/limits.hpp"
#include "store/kubernetes/cni.hpp"
#include "store/kubernetes/kubelet.hpp"
#include "store/kubernetes/manifests.hpp"
#include "store/kubernetes/yaml.hpp"

namespace meridian::store::kubernetes {
namespace {

using model::HostPath;
using model::KubernetesPod;

/// Folders in folders of manifests; k3s has one level.
constexpr int kManifestDepth = 4;
/// Files of one folder of manifests; a large cluster's add-ons have some hundred.
constexpr std::size_t kMaxManifestFiles = 10'000;
constexpr std::string_view kVolumes = "/volumes/kubernetes.io~";

constexpr const char* kServerManifests[] = {"/var/lib/rancher/k3s/server/manifests",
                                            "/var/lib/rancher/rke2/server/manifests"};
constexpr const char* kCniFolders[] = {"/etc/cni/net.d", "/var/lib/rancher/k3s/agent/etc/cni/net.d",
                                       "/var/snap/microk8s/current/args/cni-network"};

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

/// A pod's own folder is called by its uid: a UUID, or for a static pod the 32 digits of a hash.
bool is_uid(std::string_view text) {
  return text.size() >= 32 && text.size() <= 36 &&
         text.find_first_not_of("0123456789abcdef-") == std::string_view::npos;
}
bool is_static_uid(std::string_view text) {
  return text.size() == 32 && text.find('-') == std::string_view::npos;
}

class Node {
 public:
  explicit Node(const rootfs::HostRoot& host) : host_(host) {}

  void add_containers(const std::vector<model::Container>& containers);
  void add_kubelets();
  void add_networks();
  /// Of `root`; what they say stands under `shown`.
  void add_manifests(const rootfs::HostRoot& root, const HostPath& folder, const std::string& shown,
                     bool are_static, int depth = 0);
  NodeLook take();

 private:
  void problem(Error error, std::string path) {
    look_.problems.push_back({std::move(error), std::move(path), {}, model::kNoStore});
  }
  std::vector<rootfs::DirEntry> list(const rootfs::HostRoot& root, const HostPath& folder,
                                     const std::string& shown);
  KubernetesPod& pod(const std::string& key);
  void add_pod_folder(const HostPath& folder, const std::string& uid);
  void add_manifest(const rootfs::HostRoot& root, const HostPath& file, const std::string& shown,
                    bool are_static);
  void add_static_pod(ManifestPod manifest, const std::string& file);

  const rootfs::HostRoot& host_;
  NodeLook look_;
  std::map<std::string, KubernetesPod> pods_;                   // by uid, or sandbox, or file
  std::vector<std::pair<std::string, std::string>> asked_for_;  // pod's key, its runtime class
  std::map<std::string, model::KernelBoundary> handlers_;       // of the pods' engines
  bool knows_handlers_ = false;
  std::size_t files_ = 0;
};

std::vector<rootfs::DirEntry> Node::list(const rootfs::HostRoot& root, const HostPath& folder,
                                         const std::string& shown) {
  auto entries = root.list(folder);
  if (entries) return *std::move(entries);
  if (entries.error().code() != ErrorCode::kNotFound) problem(std::move(entries).error(), shown);
  return {};
}

KubernetesPod& Node::pod(const std::string& key) {
  KubernetesPod& found = pods_[key];
  if (found.uid.empty() && is_uid(key)) found.uid = key;
  return found;
}

void Node::add_containers(const std::vector<model::Container>& containers) {
  for (const model::Container& one : containers) {
    if (!one.pod) continue;
    if (one.handlers != nullptr) {
      knows_handlers_ = true;
      for (const model::KernelBoundary& handler : *one.handlers) {
        handlers_.emplace(handler.handler, handler);
      }
    }
    const std::string& uid = one.pod->uid;
    KubernetesPod& in = pod(uid.empty() ? "sandbox " + one.pod->sandbox : uid);
    in.name = one.pod->name;
    in.name_space = one.pod->name_space;
    in.uid = uid;
    in.handler = one.pod->handler;
    if (one.id == one.pod->sandbox) {
      in.sources.insert(in.sources.begin(), "sandbox " + one.id);
      continue;
    }
    in.containers.push_back(
        {one.name.substr(one.name.rfind('/') + 1), one.image_name, one.id, state_text(one)});
  }
}

void Node::add_pod_folder(const HostPath& folder, const std::string& uid) {
  KubernetesPod& in = pod(uid);
  in.sources.push_back(folder.text());
  for (const rootfs::DirEntry& type :
       list(host_, folder / "volumes", (folder / "volumes").text())) {
    const HostPath of_type = folder / "volumes" / type.name;
    for (const rootfs::DirEntry& volume : list(host_, of_type, of_type.text())) {
      if (auto one = volume_of((of_type / volume.name).text())) {
        in.volumes.push_back(*std::move(one));
      }
    }
  }
  for (const rootfs::DirEntry& name :
       list(host_, folder / "containers", (folder / "containers").text())) {
    const bool known = std::any_of(in.containers.begin(), in.containers.end(),
                                   [&](const auto& one) { return one.name == name.name; });
    if (!known) in.containers.push_back({name.name, {}, {}, {}});
  }
}

void Node::add_kubelets() {
  look_.node.kubelets = find_kubelets(host_, look_.looked_at, look_.problems);
  for (const model::Kubelet& kubelet : look_.node.kubelets) {
    const auto root = HostPath::parse(kubelet.root);
    if (!root) {
      problem(Error(root.error()), kubelet.root);
      continue;
    }
    for (const rootfs::DirEntry& entry : list(host_, *root / "pods", (*root / "pods").text())) {
      if (is_uid(entry.name)) add_pod_folder(*root / "pods" / entry.name, entry.name);
    }
    if (kubelet.manifests.empty()) continue;
    const auto manifests = HostPath::parse(kubelet.manifests);
    if (manifests) add_manifests(host_, *manifests, kubelet.manifests, true);
  }
  for (const char* const folder : kServerManifests) {
    add_manifests(host_, *HostPath::parse(folder), folder, false);
  }
}

// At most kManifestDepth deep. NOLINTNEXTLINE(misc-no-recursion)
void Node::add_manifests(const rootfs::HostRoot& root, const HostPath& folder,
                         const std::string& shown, bool are_static, int depth) {
  for (const rootfs::DirEntry& entry : list(root, folder, shown)) {
    if (entry.name.empty() || entry.name.front() == '.') continue;
    const HostPath path = folder / entry.name;
    const std::string name = shown + "/" + entry.name;
    if (entry.type == rootfs::EntryType::kDirectory) {
      if (depth < kManifestDepth) {
        add_manifests(root, path, name, are_static, depth + 1);
      } else {
        problem(Error(ErrorCode::kLimit, "not looked into: more than " +
                                             std::to_string(kManifestDepth) + " folders deep"),
                name);
      }
    } else if (ends_with(entry.name, ".yaml") || ends_with(entry.name, ".yml") ||
               ends_with(entry.name, ".json")) {
      if (++files_ > kMaxManifestFiles) {
        if (files_ == kMaxManifestFiles + 1) {
          problem(Error(ErrorCode::kLimit, "more than " + std::to_string(kMaxManifestFiles) +
                                               " manifests: the rest is not read"),
                  name);
        }
        return;
      }
      add_manifest(root, path, name, are_static);
    }
  }
}

void Node::add_manifest(const rootfs::HostRoot& root, const HostPath& file,
                        const std::string& shown, bool are_static) {
  auto text = root.read_file(file, kMaxYaml);
  auto manifests = text ? parse_manifests(*text) : Result<Manifests>(std::move(text).error());
  if (!manifests) return problem(std::move(manifests).error(), shown);
  for (model::RuntimeClass& one : manifests->runtime_classes) {
    one.file = shown;
    if (const auto found = handlers_.find(one.handler); found != handlers_.end()) {
      one.state = found->second.state;
      one.kind = found->second.kind;
      one.runtime = found->second.runtime;
    } else if (knows_handlers_) {
      one.state = model::HandlerState::kNotConfigured;
    }
    look_.node.runtime_classes.push_back(std::move(one));
  }
  if (!are_static) return;  // of the cluster, they need not run here
  for (ManifestPod& one : manifests->pods) add_static_pod(std::move(one), shown);
}

/// The kubelet appends its node's name, which no file tells, and makes the uid of the manifest's
/// hash.
void Node::add_static_pod(ManifestPod manifest, const std::string& file) {
  KubernetesPod& said = manifest.pod;
  auto found = std::find_if(pods_.begin(), pods_.end(), [&said](const auto& entry) {
    const KubernetesPod& one = entry.second;
    return is_static_uid(one.uid) && one.name_space == said.name_space &&
           one.name.compare(0, said.name.size() + 1, said.name + "-") == 0;
  });
  if (found == pods_.end()) found = pods_.try_emplace("file " + file + " " + said.name).first;
  KubernetesPod& in = found->second;
  if (in.name.empty()) {
    in.name = said.name;
    in.name_space = said.name_space;
  }
  in.sources.push_back(file);
  in.host_network = said.host_network;
  in.host_pid = said.host_pid;
  in.host_ipc = said.host_ipc;
  in.service_account = said.service_account;
  for (model::PodVolume& volume : said.volumes) {
    const auto known = std::find_if(in.volumes.begin(), in.volumes.end(),
                                    [&](const auto& one) { return one.name == volume.name; });
    if (known == in.volumes.end()) {
      in.volumes.push_back(std::move(volume));
    } else {
      *known = std::move(volume);
    }
  }
  for (model::PodContainer& container : said.containers) {
    const auto known = std::find_if(in.containers.begin(), in.containers.end(),
                                    [&](const auto& one) { return one.name == container.name; });
    if (known == in.containers.end()) in.containers.push_back(std::move(container));
  }
  if (!manifest.runtime_class.empty())
    asked_for_.emplace_back(found->first, manifest.runtime_class);
}

void Node::add_networks() {
  for (const char* const folder : kCniFolders) {
    const HostPath path = *HostPath::parse(folder);
    for (const rootfs::DirEntry& entry : list(host_, path, folder)) {
      if (!ends_with(entry.name, ".conf") && !ends_with(entry.name, ".conflist") &&
          !ends_with(entry.name, ".json")) {
        continue;
      }
      const HostPath file = path / entry.name;
      auto text = host_.read_file(file, kMaxYaml);
      auto network = text ? parse_cni(*text) : Result<model::CniNetwork>(std::move(text).error());
      if (!network) {
        problem(std::move(network).error(), file.text());
        continue;
      }
      network->file = file.text();
      look_.node.networks.push_back(*std::move(network));
    }
  }
}

NodeLook Node::take() {
  auto& classes = look_.node.runtime_classes;
  std::sort(classes.begin(), classes.end(), [](const auto& a, const auto& b) {
    return std::tie(a.name, a.file) < std::tie(b.name, b.file);
  });
  for (const auto& [key, name] : asked_for_) pods_[key].runtime_classes.push_back(name);
  for (auto& [key, one] : pods_) {
    for (const model::RuntimeClass& runtime_class : classes) {
      const auto& names = one.runtime_classes;
      if (!one.handler.empty() && runtime_class.handler == one.handler &&
          std::find(names.begin(), names.end(), runtime_class.name) == names.end()) {
        one.runtime_classes.push_back(runtime_class.name);
      }
    }
    look_.node.pods.push_back(std::move(one));
  }
  std::stable_sort(
      look_.node.pods.begin(), look_.node.pods.end(), [](const auto& a, const auto& b) {
        return std::tie(a.name_space, a.name, a.uid) < std::tie(b.name_space, b.name, b.uid);
      });
  return std::move(look_);
}

}  // namespace

std::optional<model::PodVolume> volume_of(std::string_view host_path) {
  const std::size_t pods = host_path.find("/pods/");
  if (pods == std::string_view::npos) return std::nullopt;
  const std::string_view rest = host_path.substr(pods + 6);
  const std::string_view uid = rest.substr(0, rest.find('/'));
  if (!is_uid(uid)) return std::nullopt;
  std::string_view inside = rest.substr(uid.size());
  if (inside == "/etc-hosts") return model::PodVolume{"etc-hosts", "kubelet", ""};
  if (inside.substr(0, kVolumes.size()) != kVolumes) return std::nullopt;
  inside.remove_prefix(kVolumes.size());
  const std::size_t slash = inside.find('/');
  if (slash == 0 || slash == std::string_view::npos) return std::nullopt;
  const std::string_view name = inside.substr(slash + 1);
  if (name.empty()) return std::nullopt;
  return model::PodVolume{std::string(name.substr(0, name.find('/'))),
                          std::string(inside.substr(0, slash)), ""};
}

void name_volumes(std::vector<model::Container>& containers) {
  for (model::Container& container : containers) {
    for (model::Mount& mount : container.mounts) {
      auto volume = container.pod && mount.name.empty() ? volume_of(mount.source) : std::nullopt;
      if (!volume) continue;
      mount.name = std::move(volume->name);
      mount.driver = "kubernetes.io/" + volume->type;
    }
  }
}

NodeLook read_node(const rootfs::HostRoot& host, const std::vector<std::string>& manifests,
                   const std::vector<model::Container>& containers) {
  Node node(host);
  node.add_containers(containers);
  node.add_kubelets();
  NodeLook failed;
  std::vector<model::Problem> problems;
  for (const std::string& folder : manifests) {
    auto root = rootfs::HostRoot::open(folder);
    if (root) {
      node.add_manifests(**root, *HostPath::parse("/"), folder, false);
    } else {
      problems.push_back({std::move(root).error(), folder, {}, model::kNoStore});
    }
  }
  node.add_networks();
  NodeLook look = node.take();
  std::move(problems.begin(), problems.end(), std::back_inserter(look.problems));
  return look;
}

}  // namespace meridian::store::kubernetes
