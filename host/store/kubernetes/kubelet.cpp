// SPDX-License-Identifier: Apache-2.0
#include "store/kubernetes/kubelet.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "model/json.hpp"
#include "store/kubernetes/yaml.hpp"
#include "store/procfs/daemons.hpp"

namespace meridian::store::kubernetes {
namespace {

using model::HostPath;
using model::Json;

constexpr const char* kRootDir = "rootDir";
constexpr const char* kConfig = "config";
constexpr const char* kStaticPods = "staticPodPath";

/// A setting as the file and as the command line name it; the file's is a path of members.
struct Key {
  const char *file, *flag;
};
constexpr std::array kKeys = {Key{kRootDir, "root-dir"},
                              Key{kConfig, "config"},
                              Key{kStaticPods, "pod-manifest-path"},
                              Key{"address", "address"},
                              Key{"authentication.anonymous.enabled", "anonymous-auth"},
                              Key{"authentication.webhook.enabled", "authentication-token-webhook"},
                              Key{"authentication.x509.clientCAFile", "client-ca-file"},
                              Key{"authorization.mode", "authorization-mode"},
                              Key{"cgroupDriver", "cgroup-driver"},
                              Key{"containerRuntimeEndpoint", "container-runtime-endpoint"},
                              Key{"podPidsLimit", "pod-max-pids"},
                              Key{"protectKernelDefaults", "protect-kernel-defaults"},
                              Key{"readOnlyPort", "read-only-port"},
                              Key{"rotateCertificates", "rotate-certificates"},
                              Key{"seccompDefault", "seccomp-default"}};

struct Flavour {
  const char *name, *root, *config, *manifests, *flags;
};
constexpr const char* kKubeletRoot = "/var/lib/kubelet";
constexpr std::array kFlavours = {
    Flavour{"k3s", kKubeletRoot, "", "/var/lib/rancher/k3s/agent/pod-manifests", ""},
    Flavour{"RKE2", kKubeletRoot, "", "/var/lib/rancher/rke2/agent/pod-manifests", ""},
    Flavour{"MicroK8s", "/var/snap/microk8s/common/var/lib/kubelet", "", "",
            "/var/snap/microk8s/current/args/kubelet"},
    Flavour{"default location", kKubeletRoot, "/var/lib/kubelet/config.yaml",
            "/etc/kubernetes/manifests", "/var/lib/kubelet/kubeadm-flags.env"}};

std::optional<std::vector<std::string>> kubelet_words(const std::vector<std::string>& command) {
  if (command.empty()) return std::nullopt;
  const std::string_view path = command.front();
  if (path.substr(path.rfind('/') + 1) != "kubelet") return std::nullopt;
  return std::vector<std::string>(command.begin() + 1, command.end());
}

/// Scalars as people write them; lists and objects are none.
std::optional<std::string> word_of(const Json& object, std::string_view key) {
  if (!object.has(key)) return std::nullopt;
  if (const auto text = object.text(key)) return *text;
  if (const auto flag = object.flag(key)) return *flag ? "true" : "false";
  if (const auto number = object.integer(key); number && *number) return std::to_string(**number);
  return std::nullopt;
}

class Finder {
 public:
  Finder(const rootfs::HostRoot& host, std::vector<std::string>& looked_at,
         std::vector<model::Problem>& problems)
      : host_(host), looked_at_(looked_at), problems_(problems) {}

  std::vector<model::Kubelet> run();

 private:
  void add(const std::string& found_by, Settings settings);
  void add_running();
  void add_flavour(const Flavour& one);
  /// What may not be looked at is a problem.
  bool exists(const std::string& path);
  /// Its text; nullopt: there is none, or a problem.
  std::optional<std::string> read(const std::string& path);

  const rootfs::HostRoot& host_;
  std::vector<std::string>& looked_at_;
  std::vector<model::Problem>& problems_;
  std::vector<model::Kubelet> found_;
};

bool Finder::exists(const std::string& path) {
  const auto parsed = HostPath::parse(path);
  if (!parsed) return false;
  auto found = host_.find(*parsed);
  if (!found && found.error().code() != ErrorCode::kNotFound) {
    problems_.push_back({std::move(found).error(), path, {}, model::kNoStore});
    return false;
  }
  return found.has_value();
}

std::optional<std::string> Finder::read(const std::string& path) {
  const auto parsed = HostPath::parse(path);
  if (!parsed) return std::nullopt;
  auto text = host_.read_file(*parsed, kMaxYaml);
  if (text) return *std::move(text);
  if (text.error().code() != ErrorCode::kNotFound) {
    problems_.push_back({std::move(text).error(), path, {}, model::kNoStore});
  }
  return std::nullopt;
}

/// `settings` of its flags, which win over those of its file.
void Finder::add(const std::string& found_by, Settings settings) {
  model::Kubelet kubelet;
  kubelet.found_by = found_by;
  kubelet.config = settings[kConfig];
  if (const auto text = kubelet.config.empty() ? std::nullopt : read(kubelet.config)) {
    auto said = file_settings(*text);
    if (said) {
      settings.merge(*said);
    } else {
      problems_.push_back({std::move(said).error(), kubelet.config, {}, model::kNoStore});
    }
  }
  kubelet.root = settings[kRootDir].empty() ? kKubeletRoot : settings[kRootDir];
  kubelet.manifests = settings[kStaticPods];
  const bool known = std::any_of(found_.begin(), found_.end(), [&](const model::Kubelet& other) {
    return other.root == kubelet.root;
  });
  if (known) return;
  for (const Key& key : kKeys) {
    const std::string_view name = key.file;
    if (name == kRootDir || name == kConfig || name == kStaticPods) continue;
    const auto said = settings.find(std::string(name));
    if (said != settings.end()) kubelet.settings.push_back(*said);
  }
  found_.push_back(std::move(kubelet));
}

void Finder::add_running() {
  const DaemonProcesses found = find_daemons(host_, "kubelet", kubelet_words, problems_);
  for (const DaemonProcess& daemon : found.daemons) {
    Settings settings = flag_settings(daemon.words);
    if (settings[kRootDir].empty()) settings[kRootDir] = kKubeletRoot;
    // Paths of its own mount namespace.
    for (const char* const key : {kRootDir, kConfig, kStaticPods}) {
      if (settings[key].empty()) continue;
      settings[key] = found.place_of(daemon, settings[key]).value_or("");
    }
    add("kubelet, process " + std::to_string(daemon.pid), std::move(settings));
  }
}

void Finder::add_flavour(const Flavour& one) {
  looked_at_.push_back(std::string(*one.manifests != '\0' ? one.manifests : one.root) + " (" +
                       one.name + ")");
  const std::string root = one.root;
  if (!exists(*one.manifests != '\0' ? one.manifests : root) &&
      (*one.config == '\0' || !(exists(one.config) || exists(root + "/pods")))) {
    return;
  }
  Settings settings;
  if (const auto text = *one.flags == '\0' ? std::nullopt : read(one.flags)) {
    settings = flag_settings(flag_words(*text));
  }
  // What its own flags leave open; a path with a variable of its service is one of them.
  const auto usual = [&settings](const char* key, const char* value) {
    std::string& said = settings[key];
    if (said.empty() || said.find('$') != std::string::npos) said = value;
  };
  usual(kRootDir, one.root);
  usual(kConfig, one.config);
  add(one.name, std::move(settings));
  if (found_.empty() || found_.back().found_by != one.name) return;
  if (found_.back().manifests.empty() && exists(one.manifests)) {
    found_.back().manifests = one.manifests;
  }
}

std::vector<model::Kubelet> Finder::run() {
  add_running();
  for (const Flavour& one : kFlavours) add_flavour(one);
  return std::move(found_);
}

}  // namespace

Settings flag_settings(const std::vector<std::string>& words) {
  Settings settings;
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string_view word = words[i];
    if (word.substr(0, 2) != "--") continue;
    word.remove_prefix(2);
    const std::size_t equals = word.find('=');
    const std::string_view name = word.substr(0, equals);
    for (const Key& key : kKeys) {
      if (name != key.flag) continue;
      std::string value = "true";
      if (equals != std::string_view::npos) {
        value = word.substr(equals + 1);
      } else if (i + 1 < words.size() && words[i + 1].substr(0, 1) != "-") {
        value = words[++i];
      }
      settings[key.file] = std::move(value);
      break;
    }
  }
  return settings;
}

Result<Settings> file_settings(std::string_view yaml) {
  MERIDIAN_TRY(const auto documents, yaml_documents(yaml));
  Settings settings;
  if (documents.empty()) return settings;
  MERIDIAN_TRY(const Json root, Json::parse(documents.front()));
  if (!root.is_object()) return Error(ErrorCode::kCorrupt, "is no object");
  for (const Key& key : kKeys) {
    Json object = root;
    std::string_view path = key.file;
    for (std::size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.')) {
      MERIDIAN_TRY(object, object.object(path.substr(0, dot)));
      path.remove_prefix(dot + 1);
    }
    if (auto value = word_of(object, path)) settings[key.file] = *std::move(value);
  }
  return settings;
}

std::vector<std::string> flag_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  const auto end = [&] {
    // NAME="--first ...": what stands before the first flag is no word of it.
    const std::size_t dashes = word.find("--");
    if (dashes != std::string::npos && dashes > 0 && word.find('=') < dashes) word.erase(0, dashes);
    if (!word.empty()) words.push_back(std::exchange(word, {}));
  };
  bool comment = false;
  for (const char c : text) {
    if (c == '\n') comment = false;
    if (c == '#' && word.empty()) comment = true;
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      end();
    } else if (!comment && c != '"' && c != '\'') {
      word += c;
    }
  }
  end();
  return words;
}

std::vector<model::Kubelet> find_kubelets(const rootfs::HostRoot& host,
                                          std::vector<std::string>& looked_at,
                                          std::vector<model::Problem>& problems) {
  return Finder(host, looked_at, problems).run();
}

}  // namespace meridian::store::kubernetes
