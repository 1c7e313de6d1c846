// SPDX-License-Identifier: Apache-2.0
//
// plan.hpp: the least that a scan in a container needs, line by line, each with its reason. What a
// renderer writes (render.hpp) is this and nothing else.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "meridian/result.hpp"

namespace meridian::deploy {

/// What costs a capability and is therefore asked for by name, by the user or by a plugin's
/// manifest (needs.privileges).
enum class Feature { kOpaqueDirectories, kProcesses };

const char* to_text(Feature feature);  // "opaque-directories", "processes"
std::optional<Feature> feature_of(const std::string& name);

/// Of a chosen plugin, as its manifest declares it.
struct PluginNeeds {
  std::string id;
  std::uint64_t memory = 0;   // bytes; 0: not said
  std::uint64_t scratch = 0;  // bytes
  std::uint32_t threads = 0;
  std::vector<std::string> privileges;  // names of features
  bool data = false;                    // it asks for a database
};

enum class Kind { kDaemonSet, kJob, kCronJob };

struct Request {
  std::string version;  // of Meridian
  std::string image;
  std::vector<PluginNeeds> plugins;         // at least one
  std::vector<std::string> plugin_folders;  // absolute, on the host; none: those of the image
  std::vector<std::string> only;            // ids for --plugin; none: all
  std::vector<Feature> features;
  std::optional<std::uint64_t> memory;  // bytes; else from the plugins' needs
  std::uint32_t milli_cpus = 2000;
  std::string report;  // a folder of the host for the report; empty: standard output
  std::string keep;    // a folder of the host for cache and quarantine; empty: nothing is kept
  std::string data;    // the host's folder of imported databases, for plugins that ask for one
  Kind kind = Kind::kJob;
  std::string schedule = "17 3 * * *";   // of a CronJob
  std::uint64_t every_seconds = 86'400;  // of a DaemonSet
};

/// Why a line is there, and what is lost when it is not. `name` is unique in a plan.
struct Reason {
  std::string name;
  std::string why;
  std::string without;
};

struct Mount {
  enum class Type { kBind, kMemory };
  Reason reason;
  Type type = Type::kBind;
  std::string source;  // of kBind: absolute, on the host
  std::string target;
  bool read_only = true;
  bool follows_host = false;  // mounts that come later on the host come here too (rslave)
  std::uint64_t bytes = 0;    // of kMemory
};

struct Capability {
  Reason reason;
  std::string name;  // without CAP_
};

struct Plan {
  std::string version;
  std::string image;
  std::vector<std::string> arguments;  // after `meridian`
  std::vector<std::pair<std::string, std::string>> environment;
  std::vector<Capability> capabilities;
  std::vector<Mount> mounts;
  bool writes = false;       // some folder is writable, and the seccomp profile allows for that
  std::uint64_t memory = 0;  // bytes, whole MiB
  std::uint32_t milli_cpus = 0;
  std::uint32_t processes = 0;
  Kind kind = Kind::kJob;
  std::string schedule;
  std::uint64_t every_seconds = 0;
};

/// kInvalid names the value: an image name that is none, a folder that is not absolute or no UTF-8
/// text, a privilege that no feature stands for, a limit that is too small.
Result<Plan> make_plan(const Request& request);

}  // namespace meridian::deploy
