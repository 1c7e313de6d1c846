// SPDX-License-Identifier: Apache-2.0
#include "store/docker/data_root.hpp"

#include <sys/stat.h>

#include <algorithm>

#include "base/escape.hpp"
#include "base/limits.hpp"

namespace meridian::store {
namespace {

using model::HostPath;

constexpr const char* kDaemonJson = "/etc/docker/daemon.json";
constexpr const char* kDefaultRoot = "/var/lib/docker";

bool has_image_database(const rootfs::HostRoot& host, const HostPath& path) {
  const HostPath images = path / "image";
  const auto drivers = host.list(images);
  if (!drivers) return false;
  return std::any_of(drivers->begin(), drivers->end(), [&](const rootfs::DirEntry& driver) {
    return host.exists(images / driver.name / "repositories.json") ||
           host.exists(images / driver.name / "imagedb");
  });
}

bool is_remap_name(std::string_view name) {  // "100000.100000"
  const auto digits = [](std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
  };
  const auto dot = name.find('.');
  return dot != std::string_view::npos && digits(name.substr(0, dot)) &&
         digits(name.substr(dot + 1));
}

Result<DaemonConfig> read_daemon_config(const rootfs::HostRoot& host) {
  MERIDIAN_TRY(const std::string text,
               host.read_file(*HostPath::parse(kDaemonJson), limits::kMaxMetadataFile));
  MERIDIAN_TRY(DaemonConfig config, parse_daemon_config(text));
  if (!config.data_root.empty()) MERIDIAN_CHECK(HostPath::parse(config.data_root));
  return config;
}

bool are_one(const rootfs::HostRoot& host, const HostPath& a, const HostPath& b) {
  const auto first = host.find(a);
  const auto second = host.find(b);
  struct stat one {};
  struct stat two {};
  if (!first || !second || ::fstat(first->get(), &one) != 0 || ::fstat(second->get(), &two) != 0) {
    return false;
  }
  return one.st_dev == two.st_dev && one.st_ino == two.st_ino;
}

}  // namespace

Result<void> check_data_root(const rootfs::HostRoot& host, const HostPath& path) {
  MERIDIAN_TRY(const auto entries, host.list(path));
  const auto has = [&](std::string_view name) {
    return std::any_of(entries.begin(), entries.end(),
                       [name](const rootfs::DirEntry& entry) { return entry.name == name; });
  };
  const bool known =
      has("engine-id") || host.exists(path / "containerd/daemon") || has_image_database(host, path);
  if (has("containers") && known) return {};
  return Error(ErrorCode::kNotFound, base::escape(path.text()) +
                                         ": is no data root of Docker: it lacks " +
                                         (known ? "containers/" : "an image database"));
}

std::vector<HostPath> remapped_roots(const rootfs::HostRoot& host, const HostPath& path) {
  std::vector<HostPath> roots;
  const auto entries = host.list(path);
  if (!entries) return roots;
  for (const rootfs::DirEntry& entry : *entries) {
    if (is_remap_name(entry.name) && check_data_root(host, path / entry.name)) {
      roots.push_back(path / entry.name);
    }
  }
  return roots;
}

std::vector<AnnouncedRoot> announced_roots(const rootfs::HostRoot& host,
                                           std::vector<model::Problem>& problems) {
  std::vector<AnnouncedRoot> roots;
  auto config = read_daemon_config(host);
  if (config && !config->data_root.empty()) {
    roots.push_back({std::move(config->data_root), std::string(kDaemonJson) + ": data-root"});
  } else if (!config && config.error().code() != ErrorCode::kNotFound) {
    problems.push_back({std::move(config).error(), kDaemonJson, {}, model::kNoStore});
  }
  roots.push_back({kDefaultRoot, "default location"});
  return roots;
}

DaemonConfig config_of(const rootfs::HostRoot& host, const HostPath& data_root) {
  auto config = read_daemon_config(host);
  if (!config) return {};
  const auto root = HostPath::parse(config->data_root.empty() ? kDefaultRoot : config->data_root);
  if (!root || !are_one(host, *root, data_root)) return {};
  return *std::move(config);
}

}  // namespace meridian::store
