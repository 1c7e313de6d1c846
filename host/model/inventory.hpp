// SPDX-License-Identifier: Apache-2.0
//
// inventory.hpp: what the stores hold: runtimes, images, containers. Values, no handles.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/digest.hpp"
#include "model/host_path.hpp"
#include "model/image_config.hpp"
#include "model/layer.hpp"

namespace meridian::model {

/// One engine instance found, or one archive given.
struct Runtime {
  std::string kind;      // docker, docker-archive, dir, ...
  std::string root;      // data root or archive path, as the user would write it
  std::string driver;    // overlay2, ...; may be empty
  std::string found_by;  // "default location", "/etc/docker/daemon.json: data-root", "--store"
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
  bool intermediate = false;  // a build step that the engine's own list hides
  std::vector<Presence> present_in;
};

enum class ContainerState { kCreated, kRunning, kPaused, kRestarting, kRemoving, kExited, kDead };
const char* to_text(ContainerState state);

struct Container {
  std::string id;    // as the engine names it
  std::string name;  // without Docker's leading '/'
  std::string image_id;
  std::string image_name;  // what the user typed
  ContainerState state = ContainerState::kExited;
  std::string created;
  ImageConfig config;  // env, cmd, ... as the container has them; raw is the engine's record
  std::vector<std::string> image_env;
  std::map<std::string, std::string> image_labels;
  std::vector<Layer> layers;                  // image layers, init, writable
  std::map<std::string, std::string> mounts;  // destination -> source, not scanned
  std::vector<Presence> present_in;
};

/// Of a problem met while looking for stores.
inline constexpr std::size_t kNoStore = static_cast<std::size_t>(-1);

/// Something that could not be read while looking for objects; becomes a Gap.
struct Problem {
  Error error;
  std::string path;       // the file that it is about
  std::string object;     // id of the image or container concerned; empty: the store itself
  std::size_t store = 0;  // index, or kNoStore
};

struct Inventory {
  std::vector<Runtime> runtimes;  // index = Layer::store
  std::vector<Image> images;
  std::vector<Container> containers;
  std::vector<Problem> problems;
};

}  // namespace meridian::model
