// SPDX-License-Identifier: Apache-2.0
#include "store/containerd/containers.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include "base/escape.hpp"
#include "base/limits.hpp"
#include "base/utc_time.hpp"
#include "store/containerd/cri.hpp"
#include "store/containerd/encoding.hpp"
#include "store/containerd/stacked_layers.hpp"
#include "store/containerd/task_files.hpp"
#include "store/kernel_boundary.hpp"
#include "store/procfs/liveness.hpp"
#include "store/sandbox_state.hpp"

namespace meridian::store::containerd {
namespace {

using model::Container;
using model::ContainerState;
using model::HostPath;
using model::Image;
using model::SpecOrigin;

constexpr std::string_view kContainerMetadata = "io.cri-containerd.container.metadata";
constexpr std::string_view kSandboxMetadata = "io.cri-containerd.sandbox.metadata";
constexpr std::string_view kNerdctlName = "nerdctl/name";
constexpr const char* kRunc = "runc";  // a handler that the plugin has without being told
constexpr std::string_view kCriFolder = "io.containerd.grpc.v1.cri";

/// A label; empty: it is not there.
std::string label(const ContainerRecord& record, std::string_view key) {
  const auto found = record.labels.find(std::string(key));
  return found == record.labels.end() ? std::string() : found->second;
}

/// Nanoseconds since 1970; as Docker writes it where it never was.
std::string moment(std::int64_t nanoseconds) {
  if (nanoseconds <= 0) return "0001-01-01T00:00:00Z";
  return base::to_text(base::UtcTime(
      std::chrono::floor<std::chrono::seconds>(std::chrono::nanoseconds(nanoseconds))));
}

bool is_bind(const model::SpecMount& mount) {
  return mount.type == "bind" || mount.has_option("bind") || mount.has_option("rbind");
}

model::Mount listed(const model::SpecMount& mount) {
  model::Mount out;
  out.type = "bind";
  out.source = mount.source;
  out.destination = mount.destination;
  out.writable = !mount.has_option("ro");
  for (const std::string& option : mount.options) {
    const bool names_propagation = option.find("shared") != std::string::npos ||
                                   option.find("slave") != std::string::npos ||
                                   option.find("private") != std::string::npos;
    if (names_propagation) out.propagation = option;
    out.mode += (out.mode.empty() ? "" : ",") + option;
  }
  return out;
}

class Reader {
 public:
  Reader(EngineFiles& files, const Daemon& daemon, const Metadata& metadata, Layers& layers,
         const ImageList& images)
      : files_(files),
        daemon_(daemon),
        boundaries_(files.host()),
        meta_(Metadata::file(files.root())),
        layers_(layers),
        tasks_(files.host(), daemon.state, metadata.name_space()),
        name_space_(metadata.name_space()) {
    for (const Image& image : images.images) {
      for (const model::Presence& place : image.present_in) {
        for (const std::string& name : place.names) by_name_.emplace(name, &image);
      }
    }
  }

  Container read(const ContainerRecord& record);
  /// Containers name their pod's sandbox; what it is called stands in the sandbox's own record.
  void add_pods(std::vector<Container>& containers) const;
  /// What the configuration says of the handlers that the pods name.
  void add_handlers(std::vector<Container>& containers);

 private:
  void problem(Error error, const std::string& file) {
    files_.problem(std::move(error), *HostPath::parse(file), id_);
  }
  std::optional<CriMetadata> cri_metadata(const ContainerRecord& record, std::string_view name);
  void add_cri(const ContainerRecord& record, Container& out);
  void add_image(const ContainerRecord& record, Container& out);
  void add_layers(const ContainerRecord& record, Container& out);
  void add_spec(const ContainerRecord& record, Container& out);
  void add_boundary(const ContainerRecord& record, Container& out);
  RuntimeClaim claim_of(const std::string& name, const CriHandler& handler) const;
  void add_mounts(const model::OciSpec& spec, Container& out) const;
  void add_state(const ContainerRecord& record, Container& out);
  std::optional<CriStatus> cri_status(const ContainerRecord& record);
  void check_process(const ContainerRecord& record, std::int64_t pid, Container& out);

  EngineFiles& files_;
  const Daemon& daemon_;
  KernelBoundaries boundaries_;
  std::shared_ptr<const std::vector<model::KernelBoundary>> handlers_;
  HostPath meta_;
  Layers& layers_;
  TaskFiles tasks_;
  std::string name_space_;
  std::map<std::string, const Image*, std::less<>> by_name_;
  std::string id_;                                              // of the container at hand
  std::map<std::string, model::Pod, std::less<>> pods_;         // by sandbox
  std::map<std::string, std::string, std::less<>> handler_of_;  // by sandbox: the RuntimeClass's
};

std::optional<CriMetadata> Reader::cri_metadata(const ContainerRecord& record,
                                                std::string_view name) {
  const auto extension = record.extensions.find(std::string(name));
  if (extension == record.extensions.end()) return std::nullopt;
  const auto any = parse_any(extension->second);
  auto metadata = any ? parse_cri_metadata(any->value) : Result<CriMetadata>(any.error());
  if (metadata) return *std::move(metadata);
  problem(std::move(metadata).error().in("extension " + std::string(name)), meta_.text());
  return std::nullopt;
}

// Names as people ask for them: NAMESPACE/POD of a sandbox, NAMESPACE/POD/NAME of a container. The
// second is made by add_pods().
void Reader::add_cri(const ContainerRecord& record, Container& out) {
  if (const auto sandbox = cri_metadata(record, kSandboxMetadata)) {
    out.pod = model::Pod{record.id, sandbox->name, sandbox->pod_namespace, sandbox->pod_uid,
                         sandbox->handler};
    out.name = sandbox->pod_namespace + "/" + sandbox->name;
    pods_[record.id] = *out.pod;
    handler_of_[record.id] = sandbox->handler;
    return;
  }
  const auto container = cri_metadata(record, kContainerMetadata);
  if (!container && record.sandbox.empty()) return;
  model::Pod pod;
  pod.sandbox = container && !container->sandbox.empty() ? container->sandbox : record.sandbox;
  pod.name = label(record, "io.kubernetes.pod.name");
  pod.name_space = label(record, "io.kubernetes.pod.namespace");
  pod.uid = label(record, "io.kubernetes.pod.uid");
  out.pod = std::move(pod);
  if (container) out.name = container->name;
}

void Reader::add_pods(std::vector<Container>& containers) const {
  for (Container& one : containers) {
    if (!one.pod || one.pod->sandbox == one.id) continue;
    if (const auto pod = pods_.find(one.pod->sandbox); pod != pods_.end()) one.pod = pod->second;
    if (one.name.empty() || one.pod->name.empty()) continue;
    one.name = one.pod->name_space + "/" + one.pod->name + "/" + one.name;
    one.present_in.front().names = {one.name};
  }
}

void Reader::add_image(const ContainerRecord& record, Container& out) {
  out.image_name = record.image;
  const auto found = by_name_.find(record.image);
  if (found == by_name_.end()) return;
  const Image& image = *found->second;
  out.image_id = image.id;
  out.image_env = image.config.env;
  out.image_labels = image.config.labels;
  out.config.platform = image.config.platform;
}

void Reader::add_layers(const ContainerRecord& record, Container& out) {
  if (record.snapshotter.empty() && record.snapshot_key.empty()) {
    return files_.problem(
        Error(ErrorCode::kUnsupported, "its root file system is none of containerd's snapshots"),
        meta_, id_);
  }
  auto stack = layers_.stack(record.snapshotter, record.snapshot_key, id_);
  if (stack.empty()) return;
  const auto found = by_name_.find(record.image);
  const Image* const image = found == by_name_.end() ? nullptr : found->second;
  std::optional<model::Layer> own;
  if (stack.front().key == record.snapshot_key) {
    own = std::move(stack.front().layer);
    own->kind = model::LayerKind::kWritable;
    stack.erase(stack.begin());
  }
  if (!own || !is_whole_tree(*own)) {
    out.layers = image_layers(image, std::move(stack), [this](Error error) {
      files_.problem(std::move(error), meta_, id_);
    });
  }
  if (own) out.layers.push_back(*std::move(own));
}

void Reader::add_mounts(const model::OciSpec& spec, Container& out) const {
  // Files that the plugin makes for a pod or container, beside its other records.
  const std::string made = (files_.root() / kCriFolder).text() + "/";
  for (const model::SpecMount& mount : spec.mounts) {
    if (!is_bind(mount)) continue;
    if (mount.source.rfind(made, 0) == 0) {
      out.engine_files[mount.destination] = mount.source;
    } else {
      out.mounts.push_back(listed(mount));
    }
  }
  std::stable_sort(out.mounts.begin(), out.mounts.end(),
                   [](const auto& a, const auto& b) { return a.destination < b.destination; });
}

void Reader::add_spec(const ContainerRecord& record, Container& out) {
  if (record.spec.empty()) return;
  const auto any = parse_any(record.spec);
  if (!any) return problem(Error(any.error()).in("its runtime spec"), meta_.text());
  auto spec = model::OciSpec::parse(any->value);
  if (!spec) return problem(std::move(spec).error().in("its runtime spec"), meta_.text());
  out.spec_json = any->value;
  out.spec_origin = SpecOrigin::kRecorded;
  out.privileges = model::privileges_of(*spec);
  out.privileges->runtime_handler = record.runtime;
  out.config.env = spec->process.env;
  out.config.cmd = spec->process.args;
  out.config.working_dir = spec->process.cwd;
  const std::string& cgroup = spec->cgroups_path;
  if (!cgroup.empty() && cgroup.front() == '/') out.cgroup = cgroup;
  add_mounts(*spec, out);
}

void Reader::add_boundary(const ContainerRecord& record, Container& out) {
  if (record.runtime.empty()) return;
  const std::string where = meta_.text() + ": containers/" + record.id + "/runtime/";
  RuntimeClaim claim;
  claim.shim = record.runtime;
  claim.evidence.push_back(where + "name = " + base::escape(record.runtime));
  const auto options = parse_runtime_options(record.options);
  if (!options) return problem(Error(options.error()).in("its runtime's options"), meta_.text());
  claim.program = options->binary;
  claim.config = options->config;
  for (const auto& [name, value] :
       {std::pair("BinaryName", options->binary), std::pair("ConfigPath", options->config)}) {
    if (!value.empty()) {
      claim.evidence.push_back(where + "options: " + name + " = " + base::escape(value));
    }
  }
  out.boundary = boundaries_.of(std::move(claim));
  // Roots that the shims of runsc and runc give their programs, wherever containerd has its state.
  std::vector<HostPath> roots;
  for (const char* const root : {"/run/containerd/runsc", "/run/containerd/runc"}) {
    roots.push_back(*HostPath::parse(root) / name_space_);
  }
  add_state_evidence(files_.host(), std::move(roots), record.id,
                     out.pod ? out.pod->sandbox : record.id, out.boundary);
}

RuntimeClaim Reader::claim_of(const std::string& name, const CriHandler& handler) const {
  RuntimeClaim claim{handler.type, handler.binary, handler.config, {}, name};
  if (claim.shim.empty() && name == kRunc) claim.shim = "io.containerd.runc.v2";
  claim.is_default = name == daemon_.config->default_handler;
  const std::string who = "containerd's configuration: runtimes." + base::escape(name);
  for (const auto& [field, value] :
       {std::pair("runtime_type", handler.type), std::pair("BinaryName", handler.binary),
        std::pair("ConfigPath", handler.config)}) {
    if (!value.empty()) claim.evidence.push_back(who + ": " + field + " = " + base::escape(value));
  }
  return claim;
}

// Who the containers' records name is what runs them now; the configuration is what would run them
// after the next start.
void Reader::add_handlers(std::vector<Container>& containers) {
  if (!daemon_.config) return;
  CriHandlers known = daemon_.config->handlers;
  known.try_emplace(kRunc);
  std::vector<model::KernelBoundary> all;
  for (const auto& [name, handler] : known) all.push_back(boundaries_.of(claim_of(name, handler)));
  for (auto& one : boundaries_.unused(all)) all.push_back(std::move(one));
  handlers_ = std::make_shared<const std::vector<model::KernelBoundary>>(std::move(all));
  for (Container& one : containers) {
    one.handlers = handlers_;
    if (!one.pod) continue;
    const auto handler = handler_of_.find(one.pod->sandbox);
    if (handler == handler_of_.end()) continue;
    one.boundary.handler = handler->second;
    one.boundary.is_default = handler->second.empty();
    if (handler->second.empty() || known.count(handler->second) != 0) continue;
    one.boundary.state = model::HandlerState::kNotConfigured;
    one.boundary.evidence.push_back("containerd's configuration has no runtime " +
                                    base::escape(handler->second));
  }
}

std::optional<CriStatus> Reader::cri_status(const ContainerRecord& record) {
  if (label(record, kCriKind) != "container") return std::nullopt;
  const HostPath path = files_.root() / kCriFolder / "containers" / record.id / "status";
  auto text = files_.read(path);
  auto status = text ? parse_cri_status(*text) : Result<CriStatus>(std::move(text).error());
  if (status) return *std::move(status);
  problem(std::move(status).error(), path.text());
  return std::nullopt;
}

void Reader::check_process(const ContainerRecord& record, std::int64_t pid, Container& out) {
  RecordedProcess process{pid, {}};
  std::string file;
  auto text = tasks_.state(record, file);
  if (!text) {
    problem(std::move(text).error(), file);
  } else if (*text) {
    auto recorded = parse_runtime_state(**text);
    if (!recorded) {
      problem(std::move(recorded).error(), file);
    } else if (recorded->pid == pid) {
      process = *recorded;
    }
  }
  out.run.pid = process.pid;
  out.run.start_time = process.start_time;
  out.run.liveness = store::check_process(files_.host(), process);
}

// A record without a task was never started, or its task was removed, which leaves no trace.
void Reader::add_state(const ContainerRecord& record, Container& out) {
  out.state = ContainerState::kCreated;
  const auto status = cri_status(record);
  if (status) {
    out.run.started = moment(status->started);
    out.run.finished = moment(status->finished);
    out.run.exit_code = status->exit_code;
    out.run.oom_killed = status->reason == "OOMKilled";
    out.run.error = status->message;
    if (status->finished != 0) out.state = ContainerState::kExited;
    if (status->started == 0 || status->finished != 0) return;
    out.state = ContainerState::kRunning;
    return check_process(record, status->pid, out);
  }
  if (!tasks_.exists(record.id)) return;
  std::string file;
  const auto pid = tasks_.pid(record.id, file);
  if (!pid) problem(Error(pid.error()), file);
  if (!pid || !*pid) return;
  out.state = ContainerState::kRunning;
  check_process(record, **pid, out);
  // Nothing records the end of a task that stays: its process is the only witness.
  if (out.run.liveness != model::Liveness::kStale) return;
  out.state = ContainerState::kExited;
  out.run = {};
}

Container Reader::read(const ContainerRecord& record) {
  id_ = record.id;
  Container out;
  out.id = record.id;
  out.created = record.created;
  out.config.labels = record.labels;
  out.name = label(record, kNerdctlName);
  add_cri(record, out);
  std::vector<std::string> names;
  if (!out.name.empty()) names.push_back(out.name);
  out.present_in.push_back({files_.store(), record.id, std::move(names)});
  add_image(record, out);
  add_layers(record, out);
  add_spec(record, out);
  add_boundary(record, out);
  add_state(record, out);
  return out;
}

}  // namespace

std::vector<Container> read_containers(EngineFiles& files, const Daemon& daemon,
                                       const Metadata& metadata, Layers& layers,
                                       const ImageList& images) {
  Reader reader(files, daemon, metadata, layers, images);
  std::vector<Container> out;
  const HostPath file = Metadata::file(files.root());
  auto records = metadata.containers();
  if (records.size() > limits::kMaxObjects) {
    files.problem(
        Error(ErrorCode::kLimit, std::to_string(records.size()) + " containers, the first " +
                                     std::to_string(limits::kMaxObjects) + " are read"),
        file, {});
    records.erase(records.begin() + std::ptrdiff_t{limits::kMaxObjects}, records.end());
  }
  for (auto& record : records) {
    if (record) {
      out.push_back(reader.read(*record));
    } else {
      files.problem(std::move(record).error(), file, {});
    }
  }
  reader.add_pods(out);
  reader.add_handlers(out);
  return out;
}

}  // namespace meridian::store::containerd
