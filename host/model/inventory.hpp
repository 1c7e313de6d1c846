// SPDX-License-Identifier: Apache-2.0
//
// inventory.hpp: what the stores hold: runtimes, images, containers. Values, no handles.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/digest.hpp"
#include "model/host_path.hpp"
#include "model/image_config.hpp"
#include "model/kernel_boundary.hpp"
#include "model/layer.hpp"
#include "model/privileges.hpp"

namespace meridian::model {

/// One engine instance found, or one archive given.
struct Runtime {
  std::string kind;          // docker, docker-archive, dir, ...
  std::string root;          // data root or archive path, as the user would write it
  std::string driver;        // overlay2, ...; may be empty
  std::string found_by;      // "default location", "/etc/docker/daemon.json: data-root", "--store"
  std::string version = {};  // of the engine; may be empty
  std::string name_space = {};  // of containerd; each is a store of its own
};

/// Where else the same object lives.
struct Presence {
  std::size_t store = 0;
  std::string id;                  // as that store names it
  std::vector<std::string> names;  // sorted
};

struct Image {
  std::string id;  // "sha256:..." of the config; "dir:/path" for a plain root file system
  std::optional<Digest> config_digest;
  std::vector<std::string> names;  // repo:tag and repo@digest, sorted; may be empty (dangling)
  ImageConfig config;
  std::vector<Layer> layers;  // bottom first, one for each of config.diff_ids; some may be missing
  std::uint64_t size = 0;
  std::string parent;         // id of the image that it was built on here; empty: none is known
  std::string last_tagged;    // RFC 3339; empty: the engine does not say
  bool intermediate = false;  // a build step that the engine's own list hides
  std::vector<Presence> present_in;
};

enum class ContainerState {
  kCreated,
  kRunning,
  kPaused,
  kRestarting,
  kRemoving,
  kExited,
  kDead,
  kUnknown,  // what says so is there and could not be read, which is a problem
};
const char* to_text(ContainerState state);

/// What the host's procfs says of a container that the engine recorded as running.
enum class Liveness {
  kNotRunning,  // not recorded as running: nothing to check
  kVerified,    // the recorded process is there, started when the runtime says it was
  kAlive,       // a process with that number is there; no start time is recorded
  kStale,       // it is gone, or the number belongs to another process by now
  kUnverified,  // no procfs below the host root, or no process is recorded
};
const char* to_text(Liveness liveness);  // "not-running", "verified", ...

/// How it runs or ended, as recorded.
struct RunState {
  Liveness liveness = Liveness::kNotRunning;
  std::int64_t pid = 0;                     // in the host's pid namespace; 0: none
  std::optional<std::uint64_t> start_time;  // clock ticks since boot, of that process
  std::int64_t exit_code = 0;
  bool oom_killed = false;
  std::int64_t restart_count = 0;
  std::string started, finished;  // RFC 3339; "0001-01-01T00:00:00Z": never
  std::string error;              // why it could not start
  std::string health;             // "healthy", "unhealthy", "starting"; empty: no check
};

/// Something mounted over the root file system; listed, not scanned.
struct Mount {
  std::string type;    // bind, volume, tmpfs, npipe, ...
  std::string name;    // of a volume
  std::string driver;  // of a volume
  std::string source;  // path on the host; empty for tmpfs
  std::string destination;
  std::string mode;  // options as the user gave them: "ro,z"; of a tmpfs "size=64k"
  bool writable = true;
  std::string propagation;
};

/// Where a container's OCI runtime spec is from.
enum class SpecOrigin {
  kNone,
  kRecorded,     // the bundle's config.json: what it was started with
  kSynthesised,  // from what the engine stored: what it would be started with
};
const char* to_text(SpecOrigin origin);  // "", "recorded", "synthesised"

/// The Kubernetes pod that a container belongs to, as its runtime interface (CRI) recorded it.
struct Pod {
  std::string sandbox;  // id of the container that holds the pod's namespaces; empty: not known
  std::string name, name_space, uid;
  std::string handler;  // of its RuntimeClass, as recorded; empty: the engine's default
};

struct Container {
  std::string id;    // as the engine names it
  std::string name;  // without Docker's leading '/'
  std::string image_id;
  std::string image_name;                          // what the user typed
  ContainerState state = ContainerState::kExited;  // as recorded
  RunState run;
  std::string created;
  ImageConfig config;  // env, cmd, ... as the container has them; raw is the engine's record
  std::string host_config_json;  // the engine's record of what it was given of its host; or empty
  std::optional<Digest> image_manifest;  // of the platform it runs, where the engine keeps one
  KernelBoundary boundary;
  /// What its engine could run containers with, for all of them the same; null: not known. Last,
  /// with no name of the engine's, sandboxes that are installed and that it was not told of.
  std::shared_ptr<const std::vector<KernelBoundary>> handlers;
  std::optional<Pod> pod;
  std::string cgroup;  // absolute, of one whose id may be any word; empty: cgroups name its id
  std::vector<std::string> image_env;
  std::map<std::string, std::string> image_labels;
  std::vector<Layer> layers;  // image layers, init, writable
  std::vector<Mount> mounts;  // by destination
  /// Files that the engine made and mounts: /etc/hosts, ... -> path on the host.
  std::map<std::string, std::string> engine_files;
  std::string spec_json;  // an OCI runtime spec, or empty
  SpecOrigin spec_origin = SpecOrigin::kNone;
  std::optional<Privileges> privileges;  // of the spec; nullopt: there is none
  std::vector<Presence> present_in;
};

/// The state for people: "running", ...; "stale": recorded as running, and its process is gone.
const char* state_text(const Container& container);

/// Of a problem met while looking for stores.
inline constexpr std::size_t kNoStore = static_cast<std::size_t>(-1);

/// Something that could not be read while looking for objects; becomes a Gap.
struct Problem {
  Error error;
  std::string path;       // the file that it is about
  std::string object;     // id of the image or container concerned; empty: the store itself
  std::size_t store = 0;  // index, or kNoStore
};

/// The machine itself. It has no layers.
struct Host {
  std::string id;  // "host:NAME"
  std::vector<std::string> names;
  ImageConfig config;  // raw: the node as meridian.node/1
  std::vector<Layer> layers = {};
};

struct Inventory {
  std::optional<Host> host;       // where it was asked for
  std::vector<Runtime> runtimes;  // index = Layer::store
  std::vector<Image> images;
  std::vector<Container> containers;
  std::vector<Problem> problems;
};

}  // namespace meridian::model
