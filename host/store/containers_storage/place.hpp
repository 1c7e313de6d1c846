// SPDX-License-Identifier: Apache-2.0
//
// place.hpp: where containers/storage keeps things: the folders of one graph root and driver.
//
// Facts: containers/storage, store.go, drivers/overlay/overlay.go, drivers/vfs/driver.go.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/host_path.hpp"
#include "model/inventory.hpp"
#include "rootfs/host_root.hpp"
#include "store/home_users.hpp"

namespace meridian::store::containers_storage {

inline constexpr const char* kPodman = "podman";  // buildah's and skopeo's as well
inline constexpr const char* kCrio = "cri-o";

struct Place {
  model::HostPath root;  // graphroot
  model::HostPath run;   // runroot
  std::string driver;    // "overlay", "vfs"
  std::string found_by;
  std::vector<model::HostPath> additional;  // more graph roots (imagestore first); same driver
  std::string engine = kPodman;             // whose place it was announced as

  /// ROOT/DRIVER-WHAT, of this root or of an additional one.
  model::HostPath folder(const model::HostPath& of, const char* what) const {
    return of / (driver + "-" + what);
  }
  bool whole_trees() const { return driver == "vfs"; }
  /// The tree of a layer's files.
  model::HostPath tree(const model::HostPath& of, const std::string& layer) const {
    return whole_trees() ? of / "vfs/dir" / layer : of / driver / layer / "diff";
  }
  model::HostPath tar_split(const model::HostPath& of, const std::string& layer) const {
    return folder(of, "layers") / (layer + ".tar-split.gz");
  }
};

/// What was announced: a graph root with its run root and additional stores, whatever drivers.
struct AnnouncedRoot {
  std::string root, run;
  std::string found_by;
  std::vector<std::string> additional = {};
  std::string image_store = {};  // where images are if not in `root`; empty: there
  std::string rootless = {};     // of a storage.conf: where users' roots are, with variables
  std::string engine = kPodman;
};

/// Of /etc/containers/storage.conf (or the distribution's in /usr/share), what is in storage.conf.d
/// beside them, crio.conf and crio.conf.d, the usual places, and the same of the users in
/// /etc/passwd. What is there and cannot be read is a problem, and so is a variable in a path that
/// only a user's session knows.
std::vector<AnnouncedRoot> announced_roots(const rootfs::HostRoot& host,
                                           std::vector<model::Problem>& problems);

/// One for each driver that has something in that root. kNotFound: none has.
Result<std::vector<Place>> places_of(const rootfs::HostRoot& host, const AnnouncedRoot& announced);

/// CRI-O's table of runtimes: what stands behind a pod's handler.
struct CrioRuntime {
  std::string path;    // of the program; empty: the handler's name
  std::string type;    // "oci" (also empty), "vm": a shim of containerd's kind, "pod"
  std::string config;  // of a vm
  std::string source;  // the file that says so
};
using CrioRuntimes = std::map<std::string, CrioRuntime>;
/// Of crio.conf and crio.conf.d, in that order; what cannot be read is a problem.
CrioRuntimes crio_runtimes(const rootfs::HostRoot& host, std::vector<model::Problem>& problems);
/// One file's. Any text: kCorrupt.
Result<CrioRuntimes> parse_crio_runtimes(std::string_view toml);

/// graphroot, runroot, imagestore, rootless_storage_path and additionalimagestores of a
/// storage.conf; root and runroot of a crio.conf. As they stand there. Any text: kCorrupt.
Result<AnnouncedRoot> parse_storage_conf(std::string_view toml);

/// A path with $HOME, $USER and $UID (or ${HOME}, ...) as they are for that user; nullopt: it has
/// another variable.
std::optional<std::string> expand_path(std::string_view path, const HomeUser& user);

}  // namespace meridian::store::containers_storage
