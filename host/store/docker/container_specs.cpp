// SPDX-License-Identifier: Apache-2.0
#include "store/docker/container_specs.hpp"

#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "base/escape.hpp"
#include "base/limits.hpp"
#include "rootfs/layered_tree.hpp"
#include "store/docker/engine_facts.hpp"
#include "store/docker/host_devices.hpp"
#include "store/docker/runtime_files.hpp"
#include "store/docker/spec_mounts.hpp"
#include "store/docker/spec_synthesis.hpp"
#include "store/kernel_boundary.hpp"
#include "store/procfs/liveness.hpp"
#include "store/sandbox_state.hpp"

namespace meridian::store {
namespace {

using model::Container;
using model::ContainerState;
using model::HostPath;
using model::Liveness;
using model::SpecOrigin;

/// A file of the merged view, links followed; empty: it is not there.
Result<std::string> read_in(const rootfs::Tree& tree, std::string_view path) {
  const auto place = rootfs::resolve(tree, path);
  if (!place && place.error().code() == ErrorCode::kNotFound) return std::string();
  if (!place) return place.error();
  auto content = tree.open(*place);
  // As dockerd finds it: what is no file cannot be read, so nobody is listed there.
  if (!content && content.error().code() == ErrorCode::kInvalid) return std::string();
  if (!content) return content.error();
  return rootfs::read_content(**content, limits::kMaxMetadataFile);
}

using Peers = std::map<std::string, SpecContext::Peer, std::less<>>;

constexpr const char* kRunc = "runc";  // dockerd's own default

std::string default_handler(const DaemonSettings& daemon) {
  return daemon.default_handler.empty() ? kRunc : daemon.default_handler;
}

/// What the daemon's settings say of the runtime `name`.
RuntimeClaim handler_claim(const std::string& name, const DaemonSettings& daemon) {
  RuntimeClaim claim;
  claim.handler = name;
  claim.is_default = name == default_handler(daemon);
  if (const auto handler = daemon.handlers.find(name); handler != daemon.handlers.end()) {
    claim.program = handler->second.program;
    claim.shim = handler->second.shim;
    claim.config = handler->second.config;
    claim.arguments = handler->second.arguments;
    const std::string who = "the daemon's runtimes: " + base::escape(name);
    for (const auto& [field, value] :
         {std::pair("path", claim.program), std::pair("runtimeType", claim.shim),
          std::pair("ConfigPath", claim.config)}) {
      if (!value.empty())
        claim.evidence.push_back(who + ": " + field + " = " + base::escape(value));
    }
  } else if (name == kRunc) {
    claim.program = name;
  } else if (name.find('.') != std::string::npos) {
    claim.shim = name;  // a type of containerd's shims
  } else {
    claim.is_configured = false;
    claim.evidence.emplace_back("no settings of the daemon that were found name that runtime");
  }
  return claim;
}

/// What a container's record and the daemon's settings say of its runtime.
RuntimeClaim runtime_claim(const std::string& given, const std::string& file,
                           const DaemonSettings& daemon) {
  RuntimeClaim claim = handler_claim(given.empty() ? default_handler(daemon) : given, daemon);
  std::vector<std::string> evidence;
  if (!given.empty()) {
    evidence.push_back(file + ": Runtime = " + base::escape(given));
  } else if (!daemon.default_handler.empty()) {
    evidence.push_back("the daemon's default-runtime = " + base::escape(daemon.default_handler));
  }
  claim.evidence.insert(claim.evidence.begin(), std::make_move_iterator(evidence.begin()),
                        std::make_move_iterator(evidence.end()));
  return claim;
}

/// What a daemon with these settings could run containers with.
std::shared_ptr<const std::vector<model::KernelBoundary>> all_handlers(
    KernelBoundaries& boundaries, const DaemonSettings& daemon) {
  std::set<std::string> names = {kRunc, default_handler(daemon)};
  for (const auto& [name, handler] : daemon.handlers) names.insert(name);
  std::vector<model::KernelBoundary> out;
  for (const std::string& name : names) out.push_back(boundaries.of(handler_claim(name, daemon)));
  for (auto& one : boundaries.unused(out)) out.push_back(std::move(one));
  return std::make_shared<const std::vector<model::KernelBoundary>>(std::move(out));
}

class HostContext final : public SpecContext {
 public:
  HostContext(const rootfs::HostRoot& host, const Peers& peers, const OpenLayer& open_layer,
              const Container& container)
      : host_(host), peers_(peers), open_layer_(open_layer), container_(container) {}

  std::optional<Peer> peer(const std::string& container) const override {
    const auto found = peers_.find(container);
    return found == peers_.end() ? std::nullopt : std::optional(found->second);
  }
  std::vector<model::SpecDevice> devices(const std::string& path) const override {
    return devices_at(host_, path);
  }
  std::vector<model::SpecDevice> all_devices() const override { return privileged_devices(host_); }
  Result<AccountFiles> accounts() const override {
    std::vector<rootfs::StackedLayer> stack;
    std::map<std::string, std::shared_ptr<const rootfs::Tree>> opened;  // each of a circle once
    for (const model::Layer& layer : container_.layers) {
      auto& known = opened[layer.id];
      if (!known) {
        auto tree = open_layer_(layer);
        if (!tree) return std::move(tree).error().in("layer " + layer.name());
        known = *std::move(tree);
      }
      stack.push_back({known, layer.dialect});
    }
    const rootfs::LayeredTree tree(std::move(stack));
    AccountFiles files;
    MERIDIAN_TRY(files.passwd, read_in(tree, "etc/passwd"));
    MERIDIAN_TRY(files.group, read_in(tree, "etc/group"));
    return files;
  }

 private:
  const rootfs::HostRoot& host_;
  const Peers& peers_;
  const OpenLayer& open_layer_;
  const Container& container_;
};

class SpecReader {
 public:
  SpecReader(EngineFiles& files, const DaemonSettings& daemon, const OpenLayer& open_layer,
             const std::vector<ReadContainer>& containers)
      : files_(files),
        daemon_(daemon),
        open_layer_(open_layer),
        runtime_(files.host(), exec_roots(daemon.exec_root, containers),
                 remap_name(files.root().text())),
        facts_(read_engine_facts(files.host(), files.root())),
        boundaries_(files.host()) {
    facts_.data_root = recorded_root(containers);
    facts_.exec_root = runtime_.exec_root();
    for (const ReadContainer& one : containers) {
      if (!one.record) continue;
      const SpecContext::Peer peer{one.record->run.pid, one.record->shm_path};
      peers_.emplace(one.container.id, peer);
      if (!one.record->name.empty()) peers_.emplace(one.record->name, peer);
    }
  }

  void add(ReadContainer& one);

 private:
  static std::vector<std::string> exec_roots(const std::string& given,
                                             const std::vector<ReadContainer>& containers);
  std::string recorded_root(const std::vector<ReadContainer>& containers) const;
  std::optional<HostConfig> read_host_config(Container& container);
  void check_liveness(Container& container);
  std::optional<model::OciSpec> recorded_spec(Container& container);
  std::optional<model::OciSpec> made_spec(const ReadContainer& one, const HostConfig& host);
  void report_lost_devices(const HostContext& context, const Container& container,
                           const HostConfig& host);
  void add_privileges(Container& container, const model::OciSpec& spec, const HostConfig* host);
  HostPath folder(const std::string& id) const { return files_.root() / "containers" / id; }
  void problem(Error error, const std::string& file, const std::string& id) {
    files_.problem(std::move(error), *HostPath::parse(file), id);
  }

  EngineFiles& files_;
  const DaemonSettings& daemon_;
  const OpenLayer& open_layer_;
  RuntimeFiles runtime_;
  EngineFacts facts_;
  Peers peers_;
  KernelBoundaries boundaries_;
  std::shared_ptr<const std::vector<model::KernelBoundary>> handlers_;
};

std::vector<std::string> SpecReader::exec_roots(const std::string& given,
                                                const std::vector<ReadContainer>& containers) {
  std::vector<std::string> roots;
  if (!given.empty()) roots.push_back(given);
  for (const ReadContainer& one : containers) {
    if (!one.record) continue;
    std::string root = exec_root_of(one.record->sandbox_key);
    if (!root.empty()) roots.push_back(std::move(root));
  }
  return roots;
}

// The engine's own name of the data root: below a host root, or through a link, ours is another.
std::string SpecReader::recorded_root(const std::vector<ReadContainer>& containers) const {
  for (const ReadContainer& one : containers) {
    if (!one.record) continue;
    const std::string end = "/containers/" + one.container.id + "/hostname";
    const std::string& path = one.record->hostname_path;
    if (path.size() > end.size() && path.substr(path.size() - end.size()) == end) {
      return path.substr(0, path.size() - end.size());
    }
  }
  return files_.root().text();
}

std::optional<HostConfig> SpecReader::read_host_config(Container& container) {
  const HostPath path = folder(container.id) / "hostconfig.json";
  auto text = files_.read(path);
  if (!text) {
    files_.problem(std::move(text).error(), path, container.id);
    return std::nullopt;
  }
  auto host = HostConfig::parse(*text);
  container.host_config_json = *std::move(text);
  if (host) return *std::move(host);
  files_.problem(std::move(host).error(), path, container.id);
  return std::nullopt;
}

void SpecReader::check_liveness(Container& container) {
  const ContainerState state = container.state;
  const bool between = state == ContainerState::kRestarting && container.run.pid == 0;
  const bool runs = state == ContainerState::kRunning || state == ContainerState::kPaused ||
                    state == ContainerState::kRestarting;
  if (!runs || between) return;
  RecordedProcess process{container.run.pid, {}};
  std::string file;
  auto text = runtime_.state(container.id, file);
  if (!text) {
    problem(std::move(text).error(), file, container.id);
  } else if (*text) {
    auto recorded = parse_runtime_state(**text);
    if (recorded) {
      process = *recorded;
    } else {
      problem(std::move(recorded).error(), file, container.id);
    }
  }
  container.run.pid = process.pid;
  container.run.start_time = process.start_time;
  container.run.liveness = check_process(files_.host(), process);
}

std::optional<model::OciSpec> SpecReader::recorded_spec(Container& container) {
  const Liveness liveness = container.run.liveness;
  if (liveness == Liveness::kNotRunning || liveness == Liveness::kStale) return std::nullopt;
  std::string file;
  auto text = runtime_.spec(container.id, file);
  if (!text) {
    problem(std::move(text).error(), file, container.id);
    return std::nullopt;
  }
  if (!*text) return std::nullopt;
  auto spec = model::OciSpec::parse(**text);
  if (!spec) {
    problem(std::move(spec).error(), file, container.id);
    return std::nullopt;
  }
  container.spec_json = **std::move(text);
  container.spec_origin = SpecOrigin::kRecorded;
  return *std::move(spec);
}

// dockerd would not start it; what it would be given is not known. With --privileged it leaves a
// mapping to the same name to its /dev.
void SpecReader::report_lost_devices(const HostContext& context, const Container& container,
                                     const HostConfig& host) {
  std::vector<std::string> lost;
  for (const DeviceMapping& mapping : host.devices) {
    if (host.privileged && mapping.on_host == mapping.in_container) continue;
    if (context.devices(mapping.on_host).empty()) lost.push_back(mapping.on_host);
  }
  if (lost.empty()) return;
  std::string message = "its runtime spec lacks the device '" + base::escape(lost.front()) + "'";
  if (lost.size() > 1) message += " and " + std::to_string(lost.size() - 1) + " more";
  files_.problem(Error(ErrorCode::kNotFound, message + ": no node is found there"),
                 folder(container.id) / "hostconfig.json", container.id);
}

std::optional<model::OciSpec> SpecReader::made_spec(const ReadContainer& one,
                                                    const HostConfig& host) {
  const HostContext context(files_.host(), peers_, open_layer_, one.container);
  const std::string root = facts_.data_root + "/" + one.mounted_at;
  auto spec = synthesise_spec(*one.record, host, root, facts_, context);
  if (spec) {
    report_lost_devices(context, one.container, host);
    return *std::move(spec);
  }
  files_.problem(std::move(spec).error().in("no runtime spec can be made of its records"),
                 folder(one.container.id) / "hostconfig.json", one.container.id);
  return std::nullopt;
}

void SpecReader::add_privileges(Container& container, const model::OciSpec& spec,
                                const HostConfig* host) {
  container.privileges = model::privileges_of(spec);
  if (host == nullptr) return;
  container.privileges->runtime_handler = host->runtime;
  for (model::NamespacePrivilege& one : container.privileges->namespaces) {
    if (one.type == "network") one.container = joined_container(host->network_mode);
    if (one.type == "pid") one.container = joined_container(host->pid_mode);
    if (one.type == "ipc") one.container = joined_container(host->ipc_mode);
  }
}

void SpecReader::add(ReadContainer& one) {
  if (!one.record) return;
  Container& container = one.container;
  const std::size_t before = files_.problem_count();
  const auto host = read_host_config(container);
  if (host) {
    const HostPath file = folder(container.id) / "hostconfig.json";
    container.boundary = boundaries_.of(runtime_claim(host->runtime, file.text(), daemon_));
    add_state_evidence(files_.host(), runtime_.state_folders(), container.id, container.id,
                       container.boundary);
    if (!handlers_) handlers_ = all_handlers(boundaries_, daemon_);
    container.handlers = handlers_;
  }
  check_liveness(container);
  container.mounts = listed_mounts(*one.record, host ? &*host : nullptr, facts_.data_root);
  container.engine_files = engine_files(*one.record);
  auto spec = recorded_spec(container);
  // Of a driver that is not read there is no root file system to look its user up in.
  if (!spec && host && !one.mounted_at.empty()) {
    spec = made_spec(one, *host);
    if (spec) {
      container.spec_json = spec->text();
      container.spec_origin = SpecOrigin::kSynthesised;
    }
  }
  if (spec) add_privileges(container, *spec, host ? &*host : nullptr);
  if (files_.problem_count() == before) return;
  const auto still_there = files_.check_directory(folder(container.id));
  if (!still_there && still_there.error().code() == ErrorCode::kNotFound) {
    files_.forget_problems_after(before);
  }
}

}  // namespace

void add_specs(EngineFiles& files, const DaemonSettings& daemon, const OpenLayer& open_layer,
               std::vector<ReadContainer>& containers) {
  SpecReader reader(files, daemon, open_layer, containers);
  for (ReadContainer& one : containers) reader.add(one);
}

}  // namespace meridian::store
