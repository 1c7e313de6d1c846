// SPDX-License-Identifier: Apache-2.0
//
// daemon_settings.hpp: where a dockerd keeps its files, as its command line and daemon.json say.
//
// Pure: texts in, values out. Keys and flags are those of moby's daemon/config (28) and the older
// spellings (`graph`, `-g`).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "meridian/result.hpp"

namespace meridian::store {

/// A runtime that the daemon was told of (`runtimes`, --add-runtime).
struct RuntimeHandler {
  std::string program;                      // `path`, or BinaryName of the options
  std::string shim;                         // `runtimeType`
  std::string config;                       // ConfigPath of the options
  std::vector<std::string> arguments = {};  // `runtimeArgs`
  bool operator==(const RuntimeHandler&) const = default;
};

/// Empty: not given.
struct DaemonSettings {
  std::string data_root;
  std::string exec_root;
  std::string config_file;         // of flags only
  std::string containerd_address;  // the socket of a containerd that the daemon does not run itself
  std::string containerd_namespace;
  std::string default_handler = {};
  std::map<std::string, RuntimeHandler> handlers = {};

  /// Takes from `weaker` what is not given here.
  void fill_from(const DaemonSettings& weaker);
  bool operator==(const DaemonSettings&) const = default;
};

/// Of daemon.json. kCorrupt if it is no object or a value has another type.
Result<DaemonSettings> parse_daemon_json(std::string_view json);

/// Of the words after the program's name: "--data-root=/x", "--data-root /x", "-g /x". The last of
/// each counts, as for dockerd.
DaemonSettings settings_of_flags(const std::vector<std::string>& words);

/// The words after the program's name if the first one names dockerd ("/usr/bin/dockerd",
/// "dockerd-rootless.sh", and the old "docker daemon"); nullopt: another program.
std::optional<std::vector<std::string>> daemon_words(const std::vector<std::string>& command);

}  // namespace meridian::store
