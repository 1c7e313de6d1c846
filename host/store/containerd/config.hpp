// SPDX-License-Identifier: Apache-2.0
//
// config.hpp: what containerd's config.toml says of where it keeps its data and listens.
//
// Facts: containerd, cmd/containerd/server/config. Imported files come after the one that names
// them, and what they say wins.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "meridian/result.hpp"
#include "model/inventory.hpp"
#include "rootfs/host_root.hpp"

namespace meridian::store::containerd {

/// The system's.
inline constexpr const char* kConfigFile = "/etc/containerd/config.toml";

/// A runtime that its Kubernetes plugin (CRI) was told of: the name is what RuntimeClasses call it.
struct CriHandler {
  std::string type;    // runtime_type: of the shim
  std::string binary;  // options: BinaryName
  std::string config;  // options: ConfigPath
  bool operator==(const CriHandler&) const = default;
};
using CriHandlers = std::map<std::string, CriHandler>;

/// As containerd takes them where no file says otherwise.
struct Config {
  std::string root = "/var/lib/containerd";
  std::string state = "/run/containerd";
  std::string address = "/run/containerd/containerd.sock";
  CriHandlers handlers = {};  // without the plugin's own "runc"
  std::string default_handler = "runc";
};

/// One file; empty: it does not say.
struct ConfigFile {
  std::string root;
  std::string state;
  std::string address;               // of its socket
  std::vector<std::string> imports;  // paths, patterns
  CriHandlers handlers = {};
  std::string default_handler = {};
};
/// Any text. kCorrupt with the line, kLimit.
Result<ConfigFile> parse_config(std::string_view toml);

/// `file` and what it imports; `otherwise` where they do not say. No such file is the default; what
/// cannot be read is a problem.
Config read_config(const rootfs::HostRoot& host, const model::HostPath& file,
                   std::vector<model::Problem>& problems, Config otherwise = {});

}  // namespace meridian::store::containerd
