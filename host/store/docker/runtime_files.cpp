// SPDX-License-Identifier: Apache-2.0
#include "store/docker/runtime_files.hpp"

#include <algorithm>

#include "base/limits.hpp"

namespace meridian::store {
namespace {

using model::HostPath;

constexpr const char* kDefaultExecRoot = "/run/docker";
constexpr const char* kSystemContainerd = "/run/containerd";
constexpr const char* kTasks = "io.containerd.runtime.v2.task";

constexpr std::string_view kStatePrefix = "runtime-";
constexpr std::size_t kMaxRuntimes = 100;  // a daemon has a handful

}  // namespace

RuntimeFiles::RuntimeFiles(const rootfs::HostRoot& host, std::vector<std::string> exec_roots,
                           std::string_view remapped)
    : host_(host), namespaces_{"moby"} {
  if (!remapped.empty()) namespaces_.push_back("moby-" + std::string(remapped));
  exec_roots.emplace_back(kDefaultExecRoot);
  for (const std::string& root : exec_roots) {
    auto path = HostPath::parse(root);
    if (!path) continue;
    if (std::find(exec_roots_.begin(), exec_roots_.end(), *path) == exec_roots_.end()) {
      exec_roots_.push_back(*std::move(path));
    }
  }
  for (const HostPath& root : exec_roots_) {
    const auto entries = host.list(root);
    if (!entries) continue;
    for (const rootfs::DirEntry& entry : *entries) {
      if (entry.name.compare(0, kStatePrefix.size(), kStatePrefix) != 0) continue;
      if (state_roots_.size() < kMaxRuntimes) state_roots_.push_back(root / entry.name);
    }
  }
}

Result<std::optional<std::string>> RuntimeFiles::first_of(const std::vector<HostPath>& places,
                                                          std::string& file) const {
  for (const HostPath& place : places) {
    auto text = host_.read_file(place, limits::kMaxMetadataFile);
    if (!text && text.error().code() == ErrorCode::kNotFound) continue;
    file = place.text();
    if (!text) return std::move(text).error();
    return std::optional(*std::move(text));
  }
  return std::optional<std::string>();
}

Result<std::optional<std::string>> RuntimeFiles::spec(const std::string& id,
                                                      std::string& file) const {
  std::vector<HostPath> places;
  for (const std::string& space : namespaces_) {
    for (const HostPath& root : exec_roots_) {
      places.push_back(root / "containerd/daemon" / kTasks / space / id / "config.json");
    }
    places.push_back(*HostPath::parse(kSystemContainerd) / kTasks / space / id / "config.json");
  }
  return first_of(places, file);
}

Result<std::optional<std::string>> RuntimeFiles::state(const std::string& id,
                                                       std::string& file) const {
  std::vector<HostPath> places;
  for (const std::string& space : namespaces_) {
    for (const HostPath& root : state_roots_) {
      places.push_back(root / space / id / "state.json");
      places.push_back(root / space / id / "status");
    }
  }
  return first_of(places, file);
}

std::vector<HostPath> RuntimeFiles::state_folders() const {
  std::vector<HostPath> folders;
  for (const std::string& space : namespaces_) {
    for (const HostPath& root : state_roots_) folders.push_back(root / space);
  }
  return folders;
}

std::string exec_root_of(std::string_view sandbox_key) {
  constexpr std::string_view kFolder = "/netns/";
  const auto at = sandbox_key.rfind(kFolder);
  if (at == std::string_view::npos || at == 0 || sandbox_key[0] != '/') return {};
  return std::string(sandbox_key.substr(0, at));
}

}  // namespace meridian::store
