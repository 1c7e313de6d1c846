// SPDX-License-Identifier: Apache-2.0
#include "store/docker/data_root.hpp"

#include <algorithm>

#include "base/escape.hpp"

namespace meridian::store {
namespace {

using model::HostPath;

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

}  // namespace meridian::store
