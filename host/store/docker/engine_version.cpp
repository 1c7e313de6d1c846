// SPDX-License-Identifier: Apache-2.0
#include "store/docker/engine_version.hpp"

#include <algorithm>
#include <array>

#include "base/limits.hpp"

namespace meridian::store {
namespace {

/// Debian's, Docker's own, Microsoft's.
constexpr std::array<std::string_view, 3> kPackages = {"docker.io", "docker-ce", "moby-engine"};

/// The value of "KEY: VALUE" at the start of a line.
std::string_view field(std::string_view paragraph, std::string_view key) {
  while (!paragraph.empty()) {
    const std::string_view line = paragraph.substr(0, paragraph.find('\n'));
    paragraph.remove_prefix(std::min(line.size() + 1, paragraph.size()));
    if (line.substr(0, key.size()) == key && line.substr(key.size(), 2) == ": ") {
      return line.substr(key.size() + 2);
    }
  }
  return {};
}

}  // namespace

std::string dockerd_of_dpkg(std::string_view status) {
  while (!status.empty()) {
    const auto end = status.find("\n\n");
    const std::string_view paragraph = status.substr(0, end);
    status.remove_prefix(end == std::string_view::npos ? status.size() : end + 2);
    const std::string_view package = field(paragraph, "Package");
    if (std::find(kPackages.begin(), kPackages.end(), package) == kPackages.end()) continue;
    if (field(paragraph, "Status") != "install ok installed") continue;
    return std::string(field(paragraph, "Version")) + " (" + std::string(package) + ")";
  }
  return {};
}

std::string installed_dockerd(const rootfs::HostRoot& host) {
  const auto status =
      host.read_file(*model::HostPath::parse("/var/lib/dpkg/status"), limits::kMaxMetadataFile);
  return status ? dockerd_of_dpkg(*status) : std::string();
}

}  // namespace meridian::store
