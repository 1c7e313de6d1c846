// SPDX-License-Identifier: Apache-2.0
//
// manifest.hpp: plugin.json: who a plugin is, what it needs, how it is configured.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "finding/severity.hpp"
#include "meridian/result.hpp"

namespace meridian::plugin {

struct ManifestRule {
  std::string id;
  std::string title;
  finding::Severity severity = finding::Severity::kUnknown;
  std::string help;
  auto operator<=>(const ManifestRule&) const = default;
};

/// Words of "needs.privileges".
namespace privilege {
/// What the host shows a plugin, and pays for with a capability: CAP_SYS_ADMIN, CAP_SYS_PTRACE.
inline constexpr const char* kOpaqueDirectories = "opaque-directories";
inline constexpr const char* kProcesses = "processes";
/// Of the container itself, as are names of capabilities ("CAP_NET_RAW"). A sandbox leaves a plugin
/// none of them, so only --isolation none makes use of them.
inline constexpr const char* kHostNetwork = "host-network";
inline constexpr const char* kHostPid = "host-pid";
inline constexpr const char* kNetwork = "network";
}  // namespace privilege

/// A database that the user imports (`meridian data import`): the file NAME.db of the data folder.
struct ManifestData {
  std::string name;    // as an id of a rule
  std::string schema;  // what is in it: "meridian.vulnerabilities/1"
  auto operator<=>(const ManifestData&) const = default;
};

struct Needs {
  std::uint64_t memory = 0;            // bytes; 0: not said
  std::uint64_t seconds_per_file = 0;  // 0: not said
  std::uint64_t scratch = 0;           // bytes of private disk
  std::uint32_t threads = 0;
  bool jit = false;
  std::vector<std::string> privileges;  // of namespace privilege, or names of capabilities
  std::vector<std::string> plugins;     // ids of those whose facts it reads: chosen with it
  bool pure_layer_function = true;      // layer results depend on the layer alone: cacheable
};

struct Manifest {
  std::string id;       // reverse-DNS
  std::string version;  // semantic
  std::string summary;
  std::string licence;
  std::string library;  // file name of the one .so, no '/'
  std::vector<ManifestRule> rules;
  std::vector<ManifestData> data;  // sorted by name
  std::string
      configuration;  // JSON Schema (draft 7) of an object, as JSON text; "" takes no option
  Needs needs;

  /// kCorrupt with the key and what is wrong; an unknown top-level key is refused by name, so that
  /// a misspelt one is not ignored. Bounded by limits::kMaxManifest, kMaxJsonDepth.
  static Result<Manifest> parse(std::string_view json);
};

/// The options of `plugin` after validation: `settings` is a JSON object ({} for none) with what
/// the user set; the result has defaults filled in. kInvalid names the key, the plugin and the
/// accepted keys.
Result<std::string> configure(const Manifest& manifest, std::string_view settings);
/// One "KEY=VALUE" of `--set ID.KEY=VALUE`, typed by the schema, as a JSON object with that key.
Result<std::string> typed_setting(const Manifest& manifest, std::string_view key,
                                  std::string_view value);

}  // namespace meridian::plugin
