// SPDX-License-Identifier: Apache-2.0
#include "store/containers_storage/containers.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "base/escape.hpp"
#include "model/oci_spec.hpp"
#include "store/containers_storage/engine_records.hpp"
#include "store/containers_storage/podman_state.hpp"
#include "store/containers_storage/rootless.hpp"
#include "store/kernel_boundary.hpp"
#include "store/procfs/liveness.hpp"
#include "store/sandbox_state.hpp"

namespace meridian::store::containers_storage {
namespace {

using model::Container;
using model::ContainerState;
using model::HostPath;

constexpr const char* kHandler = "io.kubernetes.cri-o.RuntimeHandler";

bool is_bind(const model::SpecMount& mount) {
  return mount.type == "bind" || mount.has_option("bind") || mount.has_option("rbind");
}

/// "kata" of /usr/bin/containerd-shim-kata-v2.
std::string vm_of(const std::string& program) {
  std::string name = program.substr(program.rfind('/') + 1);
  constexpr std::string_view kBegin = "containerd-shim-";
  if (name.compare(0, kBegin.size(), kBegin) == 0) name.erase(0, kBegin.size());
  if (name.size() > 3 && name.compare(name.size() - 3, 3, "-v2") == 0) name.resize(name.size() - 3);
  return name;
}

class Reader {
 public:
  Reader(EngineFiles& files, const Place& place, Layers& layers,
         const std::vector<model::Image>& images);

  /// Those that podman has and the storage does not: what was removed behind its back.
  std::vector<ContainerRecord> others(const std::vector<Container>& known) const;
  Container read(const ContainerRecord& record);
  bool has_crio() const { return has_crio_; }

 private:
  void problem(Error error, const HostPath& file) { files_.problem(std::move(error), file, id_); }
  HostPath userdata() const { return place_.folder(place_.root, "containers") / id_ / "userdata"; }
  /// Its text; nullopt: not there, or a problem.
  std::optional<std::string> text_of(const HostPath& file);
  void unread(const Error& error);
  EngineRecord engine_record(const ContainerRecord& record);
  EngineRecord podman_record(const PodmanRecord& known);
  EngineRecord crio_record(EngineRecord found);
  void add_image(const ContainerRecord& record, Container& out);
  void add_layers(const ContainerRecord& record, Container& out);
  void add_spec(const EngineRecord& record, Container& out);
  void add_mounts(const EngineRecord& record, const model::OciSpec& spec, Container& out) const;
  void add_boundary(const EngineRecord& record, Container& out);
  void add_pod(const EngineRecord& record, Container& out);
  void add_state(const EngineRecord& record, Container& out);
  /// Start time as the OCI runtime wrote it down: podman keeps none.
  std::optional<std::uint64_t> start_time(std::int64_t pid);

  EngineFiles& files_;
  const Place& place_;
  Layers& layers_;
  KernelBoundaries boundaries_;
  RootlessIds rootless_;
  std::map<std::string, const model::Image*> images_;
  PodmanState podman_;
  CrioRuntimes crio_;
  HostPath podman_file_;
  std::optional<Error> unread_;  // why not all of podman's database could be read
  bool has_crio_ = false;
  std::string id_;  // of the container at hand
};

Reader::Reader(EngineFiles& files, const Place& place, Layers& layers,
               const std::vector<model::Image>& images)
    : files_(files),
      place_(place),
      layers_(layers),
      boundaries_(files.host()),
      rootless_(rootless_ids(files.host(), place.root)),
      podman_file_(place.root) {
  for (const model::Image& image : images) images_.emplace(image.id, &image);
  std::vector<model::Problem> problems;
  crio_ = crio_runtimes(files.host(), problems);
  for (model::Problem& one : problems) {
    files.problem(std::move(one.error), *HostPath::parse(one.path), {});
  }
  auto state = read_podman_state(files.host(), place.root, place.run, podman_file_);
  if (state) {
    podman_ = *std::move(state);
    for (const Error& damage : podman_.damages) unread(damage);
  } else if (state.error().code() != ErrorCode::kNotFound) {
    unread(state.error());
  }
}

void Reader::unread(const Error& error) {
  files_.problem(Error(error), podman_file_, {});
  if (!unread_) unread_ = Error(error.code(), "podman's database could not be read whole");
}

std::vector<ContainerRecord> Reader::others(const std::vector<Container>& known) const {
  std::set<std::string, std::less<>> ids;
  for (const Container& one : known) ids.insert(one.id);
  std::vector<ContainerRecord> records;
  for (const auto& [id, record] : podman_.containers) {
    if (!is_id(id) || ids.count(id) != 0) continue;
    records.emplace_back().id = id;
  }
  return records;
}

std::optional<std::string> Reader::text_of(const HostPath& file) {
  auto text = files_.read(file);
  if (text) return *std::move(text);
  if (text.error().code() != ErrorCode::kNotFound) problem(std::move(text).error(), file);
  return std::nullopt;
}

EngineRecord Reader::crio_record(EngineRecord found) {
  const HostPath file = userdata() / "state.json";
  has_crio_ = true;
  if (const auto text = text_of(file)) {
    if (auto added = add_crio_state(*text, found); !added) {
      found.state = ContainerState::kUnknown;
      problem(std::move(added).error(), file);
    }
  }
  return found;
}

/// What cannot be read of it is a problem, and its state is not known.
EngineRecord Reader::podman_record(const PodmanRecord& known) {
  EngineRecord out;
  out.engine = "podman";
  auto config = parse_podman(known.config);
  if (config) {
    out = *std::move(config);
  } else {
    problem(std::move(config).error().in("its configuration"), podman_file_);
  }
  auto state = add_podman_state(known.state, out);
  if (!state) {
    problem(std::move(state).error().in("its state"), podman_file_);
  } else if (out.state == ContainerState::kUnknown) {
    problem(Error(ErrorCode::kCorrupt, "podman recorded no state of it"), podman_file_);
  }
  return out;
}

/// Podman's own database first, then what its user left in the storage's list.
EngineRecord Reader::engine_record(const ContainerRecord& record) {
  const auto known = podman_.containers.find(record.id);
  if (known != podman_.containers.end()) return podman_record(known->second);
  if (!record.metadata.empty()) {
    auto crio = parse_crio(record.metadata);
    if (crio && *crio) return crio_record(**std::move(crio));
    if (!crio) {
      problem(std::move(crio).error().in("metadata"),
              place_.folder(place_.root, "containers") / "containers.json");
    }
  }
  const HostPath file = userdata() / "buildah.json";
  if (const auto text = text_of(file)) {
    auto parsed = parse_buildah(*text);
    if (parsed) return *std::move(parsed);
    problem(std::move(parsed).error(), file);
  } else if (unread_) {
    problem(Error(*unread_).in("its name and state are not known"), podman_file_);
  }
  return {};
}

void Reader::add_image(const ContainerRecord& record, Container& out) {
  if (record.image.empty()) return;
  out.image_id = "sha256:" + record.image;
  const auto found = images_.find(out.image_id);
  if (found == images_.end()) return;
  const model::Image& image = *found->second;
  out.image_env = image.config.env;
  out.image_labels = image.config.labels;
  out.config.platform = image.config.platform;
}

// No init layer; the image may be gone, its layers are there as long as the container.
void Reader::add_layers(const ContainerRecord& record, Container& out) {
  if (record.layer.empty()) {
    return problem(Error(ErrorCode::kUnsupported, "its root file system is no layer of the store"),
                   place_.folder(place_.root, "containers") / "containers.json");
  }
  auto own = layers_.own(record.layer, id_);
  // A whole file system has those below in it.
  if (!place_.whole_trees()) {
    const auto image = images_.find(out.image_id);
    const std::string below = layers_.parent(record.layer);
    out.layers = layers_.stack(below, id_);
    const bool same = image != images_.end() && image->second->layers.size() == out.layers.size();
    for (std::size_t i = 0; same && i < out.layers.size(); ++i) {
      if (out.layers[i].id == image->second->layers[i].id) out.layers[i] = image->second->layers[i];
    }
  }
  if (own) out.layers.push_back(*std::move(own));
}

void Reader::add_mounts(const EngineRecord& record, const model::OciSpec& spec,
                        Container& out) const {
  const std::string made = "/" + place_.driver + "-containers/";
  const auto is_wanted = [&wanted = record.user_volumes](const model::SpecMount& mount) {
    return std::find(wanted.begin(), wanted.end(), mount.destination) != wanted.end();
  };
  for (const model::SpecMount& mount : spec.mounts) {
    const bool is_tmpfs = mount.type == "tmpfs" && is_wanted(mount);
    if (!is_tmpfs && !is_bind(mount)) continue;
    // Its own, or of one whose namespace it shares.
    if (mount.source.find(made) != std::string::npos &&
        mount.source.find("/userdata/") != std::string::npos) {
      out.engine_files[mount.destination] = mount.source;
      continue;
    }
    model::Mount listed;
    const auto volume = record.volumes.find(mount.destination);
    // Podman's own doing: the host's /dev/shm with the host's IPC namespace, the init of --init.
    if (record.engine == kPodman && volume == record.volumes.end() && !is_wanted(mount)) continue;
    listed.type = is_tmpfs ? "tmpfs" : volume == record.volumes.end() ? "bind" : "volume";
    if (volume != record.volumes.end()) listed.name = volume->second;
    if (!is_tmpfs) listed.source = mount.source;
    listed.destination = mount.destination;
    listed.writable = !mount.has_option("ro");
    for (const std::string& option : mount.options) {
      const bool names_propagation = option.find("shared") != std::string::npos ||
                                     option.find("slave") != std::string::npos ||
                                     option.find("private") != std::string::npos;
      if (names_propagation) listed.propagation = option;
      listed.mode += (listed.mode.empty() ? "" : ",") + option;
    }
    out.mounts.push_back(std::move(listed));
  }
  // One that was never started has its volumes in its own record alone.
  for (const auto& [destination, name] : record.volumes) {
    const auto is_there = [&at = destination](const auto& one) { return one.destination == at; };
    if (std::any_of(out.mounts.begin(), out.mounts.end(), is_there)) continue;
    model::Mount listed;
    listed.type = "volume";
    listed.name = name;
    listed.source = (place_.root / "volumes").text() + "/" + name + "/_data";
    listed.destination = destination;
    out.mounts.push_back(std::move(listed));
  }
  std::stable_sort(out.mounts.begin(), out.mounts.end(),
                   [](const auto& a, const auto& b) { return a.destination < b.destination; });
}

/// What it was started with, else what it would be started with.
void Reader::add_spec(const EngineRecord& record, Container& out) {
  HostPath file = userdata() / "config.json";
  auto text = text_of(file);
  const bool recorded = text.has_value();
  if (!text) {
    file = podman_file_;
    text = record.spec_json;
  }
  if (text->empty()) return;
  auto spec = model::OciSpec::parse(*text);
  if (!spec) return problem(std::move(spec).error().in("its runtime spec"), file);
  out.spec_json = *std::move(text);
  out.spec_origin = recorded ? model::SpecOrigin::kRecorded : model::SpecOrigin::kSynthesised;
  out.privileges = model::privileges_of(*spec);
  put_inside(rootless_, *out.privileges);
  for (model::NamespacePrivilege& one : out.privileges->namespaces) {
    if (const auto other = record.joined.find(one.type); other != record.joined.end()) {
      one.container = other->second;
    }
  }
  out.privileges->runtime_handler = record.runtime;
  out.config.env = spec->process.env;
  out.config.cmd = spec->process.args;
  out.config.working_dir = spec->process.cwd;
  if (!record.command.empty() || !record.entrypoint.empty()) out.config.cmd = record.command;
  const auto handler = spec->annotations.find(kHandler);
  if (out.pod && handler != spec->annotations.end()) {
    out.pod->handler = handler->second;
    out.privileges->runtime_handler = handler->second;
  }
  add_mounts(record, *spec, out);
}

void Reader::add_boundary(const EngineRecord& record, Container& out) {
  const std::string handler = out.pod ? out.pod->handler : "";
  if (record.runtime.empty() && handler.empty()) return;
  RuntimeClaim claim;
  claim.program = record.runtime;
  claim.handler = handler;
  if (!record.runtime.empty()) {
    claim.evidence.push_back(podman_file_.text() + ": runtime = " + base::escape(record.runtime));
  } else {
    claim.evidence.push_back((userdata() / "config.json").text() + ": " + kHandler + " = " +
                             base::escape(handler));
    const auto found = crio_.find(handler);
    claim.is_configured = found != crio_.end();
    claim.program = handler;  // CRI-O's rule where a table names no path
    if (claim.is_configured) {
      const CrioRuntime& one = found->second;
      if (!one.path.empty()) claim.program = one.path;
      claim.config = one.config;
      // Of a virtual machine the shim's name says whose: containerd-shim-kata-v2.
      if (one.type == "vm") claim.shim = "io.containerd." + vm_of(claim.program) + ".v2";
      claim.evidence.push_back(one.source + ": runtimes." + base::escape(handler) +
                               ": runtime_path = " + base::escape(one.path) +
                               ", runtime_type = " + base::escape(one.type));
    }
  }
  out.boundary = boundaries_.of(std::move(claim));
  add_state_evidence(files_.host(), {}, id_, out.pod ? out.pod->sandbox : id_, out.boundary);
}

void Reader::add_pod(const EngineRecord& record, Container& out) {
  if (record.pod) out.pod = record.pod;
  if (record.pod_id.empty()) return;
  model::Pod pod;
  pod.uid = record.pod_id;
  if (const auto found = podman_.pods.find(record.pod_id); found != podman_.pods.end()) {
    auto name = parse_pod_name(found->second);
    if (name) {
      pod.name = *std::move(name);
    } else {
      problem(std::move(name).error().in("pod " + base::escape(record.pod_id)), podman_file_);
    }
  }
  out.pod = std::move(pod);
}

std::optional<std::uint64_t> Reader::start_time(std::int64_t pid) {
  // A user's are beside his run root, in $XDG_RUNTIME_DIR.
  const std::string run = place_.run.text();
  const auto beside = HostPath::parse(run.substr(0, run.rfind('/')));
  for (const HostPath& folder : {*HostPath::parse("/run"), beside ? *beside : place_.run}) {
    for (const HostPath& file :
         {folder / "crun" / id_ / "status", folder / "runc" / id_ / "state.json"}) {
      const auto text = files_.read(file);
      if (!text) continue;
      const auto recorded = parse_runtime_state(*text);
      if (recorded && recorded->pid == pid) return recorded->start_time;
    }
  }
  return std::nullopt;
}

void Reader::add_state(const EngineRecord& record, Container& out) {
  out.state = record.state;
  out.run.started = record.started;
  out.run.finished = record.finished;
  out.run.exit_code = record.exit_code;
  out.run.oom_killed = record.oom_killed;
  out.run.error = record.error;
  out.run.restart_count = record.restart_count;
  if (record.has_health_check) out.run.health = "starting";  // until the first one has ended
  const HostPath log = place_.folder(place_.run, "containers") / id_ / "healthcheck.log";
  if (const auto text = text_of(log)) {
    if (auto health = parse_health(*text)) {
      out.run.health = *std::move(health);
    } else {
      problem(std::move(health).error(), log);
    }
  }
  if (out.state != ContainerState::kRunning && out.state != ContainerState::kPaused) return;
  RecordedProcess process = record.process;
  if (!process.start_time && process.pid > 0) process.start_time = start_time(process.pid);
  out.run.pid = process.pid;
  out.run.start_time = process.start_time;
  out.run.liveness = store::check_process(files_.host(), process);
}

Container Reader::read(const ContainerRecord& record) {
  id_ = record.id;
  Container out;
  out.id = record.id;
  const EngineRecord engine = engine_record(record);
  out.name = !engine.name.empty() ? engine.name : record.names.empty() ? "" : record.names.front();
  out.created = engine.created.empty() ? record.created : engine.created;
  out.image_name = engine.image_name;
  out.config.labels = engine.labels;
  out.config.user = engine.user;
  out.config.entrypoint = engine.entrypoint;
  out.config.exposed_ports = engine.exposed_ports;
  out.config.raw = engine.raw;
  std::vector<std::string> names;
  if (!out.name.empty()) names.push_back(out.name);
  out.present_in.push_back({files_.store(), record.id, std::move(names)});
  add_pod(engine, out);
  add_image(record, out);
  if (engine.rootfs.empty()) {
    add_layers(record, out);
  } else {  // it has a layer as well, which nobody mounts
    problem(Error(ErrorCode::kUnsupported, "its root file system is the host's folder '" +
                                               base::escape(engine.rootfs) + "': not read"),
            podman_file_);
  }
  add_spec(engine, out);
  add_boundary(engine, out);
  add_state(engine, out);
  return out;
}

}  // namespace

Containers read_containers(EngineFiles& files, const Place& place, Layers& layers,
                           const std::vector<model::Image>& images) {
  Reader reader(files, place, layers, images);
  std::vector<Container> out;
  const HostPath kept = place.folder(place.root, "containers");
  // The last is a transient store's.
  for (const HostPath& path :
       {kept / "containers.json", kept / "volatile-containers.json",
        place.folder(place.run, "containers") / "volatile-containers.json"}) {
    auto text = files.read(path);
    if (!text && text.error().code() == ErrorCode::kNotFound) continue;
    auto records =
        text ? parse_containers(*text) : Result<Records<ContainerRecord>>(std::move(text).error());
    if (!records) {
      files.problem(std::move(records).error(), path, {});
      continue;
    }
    for (Error& error : records->bad) files.problem(std::move(error), path, {});
    for (const ContainerRecord& record : records->good) out.push_back(reader.read(record));
  }
  for (const ContainerRecord& record : reader.others(out)) out.push_back(reader.read(record));
  return {std::move(out), reader.has_crio()};
}

}  // namespace meridian::store::containers_storage
