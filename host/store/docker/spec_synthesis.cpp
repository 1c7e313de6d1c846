// SPDX-License-Identifier: Apache-2.0
#include "store/docker/spec_synthesis.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <utility>

#include "base/escape.hpp"
#include "model/capabilities.hpp"
#include "store/docker/seccomp_profile.hpp"
#include "store/docker/spec_mounts.hpp"

namespace meridian::store {
namespace {

using model::OciSpec;
using model::SpecDevice;
using model::SpecDeviceRule;

constexpr const char* kInitInContainer = "/sbin/docker-init";

bool contains(const std::vector<std::string>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

std::string upper_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
  });
  return text;
}

/// oci.DefaultLinuxSpec.
OciSpec default_spec() {
  OciSpec spec;
  spec.version = "1.0.2-dev";  // 20.10's; the version of another daemon is not on disk
  spec.mounts = {{"/proc", "proc", "proc", {"nosuid", "noexec", "nodev"}},
                 {"/dev", "tmpfs", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"}},
                 {"/dev/pts",
                  "devpts",
                  "devpts",
                  {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}},
                 {"/sys", "sysfs", "sysfs", {"nosuid", "noexec", "nodev", "ro"}},
                 {"/sys/fs/cgroup", "cgroup", "cgroup", {"ro", "nosuid", "noexec", "nodev"}},
                 {"/dev/mqueue", "mqueue", "mqueue", {"nosuid", "noexec", "nodev"}},
                 {"/dev/shm", "tmpfs", "shm", {"nosuid", "noexec", "nodev", "mode=1777"}}};
  for (const char* type : {"mount", "network", "uts", "pid", "ipc"}) {
    spec.namespaces.push_back({type, ""});
  }
  const auto allow = [](std::int64_t major, std::int64_t minor) {
    return SpecDeviceRule{true, "c", major, minor, "rwm"};
  };
  spec.resources.devices = {{false, "", {}, {}, "rwm"},
                            allow(1, 5),
                            allow(1, 3),
                            allow(1, 9),
                            allow(1, 8),
                            allow(5, 0),
                            allow(5, 1),
                            {false, "c", 10, 229, "rwm"}};
  spec.masked_paths = {"/proc/asound",      "/proc/acpi",          "/proc/kcore",
                       "/proc/keys",        "/proc/latency_stats", "/proc/timer_list",
                       "/proc/timer_stats", "/proc/sched_debug",   "/proc/scsi",
                       "/sys/firmware"};
  spec.readonly_paths = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"};
  return spec;
}

/// The variables that the engine sets, then the container's: a later value takes the place of an
/// earlier one, a name without '=' removes it (moby, container/env.go).
std::vector<std::string> environment(const ContainerRecord& record) {
  std::vector<std::string> out = {
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      "HOSTNAME=" + record.hostname};
  if (record.tty) out.emplace_back("TERM=xterm");
  const std::size_t own = out.size();
  for (const std::string& variable : record.config.env) {
    const auto equals = variable.find('=');
    const std::string name = variable.substr(0, equals) + "=";
    const auto end = out.begin() + static_cast<std::ptrdiff_t>(own);
    const auto same = std::find_if(out.begin(), end, [&name](const std::string& set) {
      return set.compare(0, name.size(), name) == 0;
    });
    if (equals == std::string::npos) {
      if (same != end) same->clear();
    } else if (same != end) {
      *same = variable;
    } else {
      out.push_back(variable);
    }
  }
  out.erase(std::remove(out.begin(), out.end(), std::string()), out.end());
  return out;
}

class Synthesis {
 public:
  Synthesis(const ContainerRecord& record, const HostConfig& host, const EngineFacts& engine,
            const SpecContext& context)
      : record_(record), host_(host), engine_(engine), context_(context), spec_(default_spec()) {}

  Result<OciSpec> make(const std::string& root_path) {
    add_common(root_path);
    add_cgroups();
    add_resources();
    for (const auto& [name, value] : host_.sysctls) spec_.sysctl[name] = value;
    MERIDIAN_CHECK(add_devices());
    if (record_.since_28) add_default_rules();
    MERIDIAN_TRY(const AccountFiles accounts, context_.accounts());
    MERIDIAN_TRY(spec_.process.user, find_user(accounts, record_.config.user, host_.group_add));
    add_rlimits();
    add_namespaces();
    add_capabilities();
    MERIDIAN_CHECK(add_seccomp());
    MERIDIAN_CHECK(add_mounts(record_, host_, engine_, context_, spec_));
    add_labels();
    add_paths();
    return std::move(spec_);
  }

 private:
  void add_common(const std::string& root_path);
  void add_cgroups();
  void add_resources();
  void add_block_io();
  Result<void> add_devices();
  Result<void> add_device_rules();
  void add_default_rules();
  void add_rlimits();
  void add_namespaces();
  void add_capabilities();
  Result<void> add_seccomp();
  void add_labels();
  void add_paths();

  bool in_user_namespace() const {
    return !engine_.uid_mappings.empty() && host_.userns_mode != "host";
  }
  void set_namespace(const std::string& type, const std::string& path);
  void remove_namespace(std::string_view type);
  void join(const std::string& type, const std::string& container);
  void set_mode(const std::string& type, const std::string& mode);
  std::vector<model::SpecBlockRate> rates(const std::vector<DeviceRate>& of) const;

  const ContainerRecord& record_;
  const HostConfig& host_;
  const EngineFacts& engine_;
  const SpecContext& context_;
  OciSpec spec_;
};

void Synthesis::add_common(const std::string& root_path) {
  if (record_.since_28) spec_.version = "1.2.1";  // 28.5's
  spec_.root_path = root_path;
  spec_.annotations = host_.annotations;
  spec_.root_readonly = host_.readonly_rootfs;
  auto& process = spec_.process;
  const bool own_pids = host_.pid_mode != "host" && joined_container(host_.pid_mode).empty();
  if (own_pids && host_.init.value_or(false)) {
    process.args = {kInitInContainer, "--"};
    spec_.mounts.push_back({kInitInContainer, "bind", engine_.init_path, {"bind", "ro"}});
  }
  process.args.push_back(record_.path);
  process.args.insert(process.args.end(), record_.args.begin(), record_.args.end());
  process.cwd = record_.config.working_dir.empty() ? "/" : record_.config.working_dir;
  process.env = environment(record_);
  process.terminal = record_.tty;
  process.oom_score_adj = host_.oom_score_adj;
  process.no_new_privileges = record_.no_new_privileges;
  spec_.hostname = record_.hostname;
  if (!record_.domainname.empty()) spec_.sysctl["kernel.domainname"] = record_.domainname;
  if (host_.network_mode != "host" && joined_container(host_.network_mode).empty()) {
    if (!in_user_namespace()) spec_.sysctl["net.ipv4.ping_group_range"] = "0 2147483647";
    spec_.sysctl["net.ipv4.ip_unprivileged_port_start"] = "0";
  }
}

// As with native.cgroupdriver=cgroupfs; which driver a daemon uses is in none of these files.
void Synthesis::add_cgroups() {
  const std::string& parent = host_.cgroup_parent;
  spec_.cgroups_path = parent.empty() ? "/docker" : parent;
  if (spec_.cgroups_path.back() != '/') spec_.cgroups_path += '/';
  spec_.cgroups_path += record_.id;
}

std::optional<std::int64_t> above_zero(std::int64_t value) {
  return value > 0 ? std::optional(value) : std::nullopt;
}
std::optional<std::int64_t> not_zero(std::int64_t value) {
  return value != 0 ? std::optional(value) : std::nullopt;
}
std::optional<std::uint64_t> natural(std::int64_t value) {
  return value != 0 ? std::optional(static_cast<std::uint64_t>(value)) : std::nullopt;
}

void Synthesis::add_resources() {
  model::SpecMemory memory;
  memory.limit = above_zero(host_.memory);
  memory.reservation = above_zero(host_.memory_reservation);
  memory.swap = above_zero(host_.memory_swap);
  memory.kernel = not_zero(host_.kernel_memory);
  memory.kernel_tcp = not_zero(host_.kernel_memory_tcp);
  if (host_.memory_swappiness) {
    memory.swappiness = static_cast<std::uint64_t>(*host_.memory_swappiness);
  }
  memory.disable_oom_killer = host_.oom_kill_disable;
  spec_.resources.memory = memory;

  model::SpecCpu cpu;
  const bool zero_is_said = !record_.since_28;
  if (host_.cpu_shares > 0 || (host_.cpu_shares == 0 && zero_is_said)) {
    cpu.shares = static_cast<std::uint64_t>(host_.cpu_shares);
  }
  cpu.cpus = host_.cpuset_cpus;
  cpu.mems = host_.cpuset_mems;
  if (host_.nano_cpus > 0) {
    constexpr std::int64_t kPeriod = 100'000;    // microseconds
    constexpr std::int64_t kNanosEach = 10'000;  // nano CPUs of one microsecond of the period
    cpu.period = static_cast<std::uint64_t>(kPeriod);
    cpu.quota = host_.nano_cpus / kNanosEach;
  }
  if (host_.cpu_period != 0) cpu.period = natural(host_.cpu_period);
  if (host_.cpu_quota != 0) cpu.quota = host_.cpu_quota;
  cpu.realtime_period = natural(host_.cpu_realtime_period);
  cpu.realtime_runtime = not_zero(host_.cpu_realtime_runtime);
  if (zero_is_said || cpu != model::SpecCpu()) spec_.resources.cpu = std::move(cpu);

  if (host_.pids_limit) {
    spec_.resources.pids_limit = *host_.pids_limit > 0 ? *host_.pids_limit : -1;
  }
  add_block_io();
}

std::vector<model::SpecBlockRate> Synthesis::rates(const std::vector<DeviceRate>& of) const {
  std::vector<model::SpecBlockRate> out;
  for (const DeviceRate& rate : of) {
    const auto nodes = context_.devices(rate.path);
    if (nodes.empty()) continue;
    out.push_back({nodes.front().major, nodes.front().minor, rate.value});
  }
  return out;
}

void Synthesis::add_block_io() {
  model::SpecBlockIo io;
  if (host_.blkio_weight != 0 || !record_.since_28) io.weight = host_.blkio_weight;
  io.weight_device = rates(host_.blkio_weight_device);
  io.read_bps = rates(host_.read_bps);
  io.write_bps = rates(host_.write_bps);
  io.read_iops = rates(host_.read_iops);
  io.write_iops = rates(host_.write_iops);
  spec_.resources.block_io = std::move(io);
}

/// "c 42:* rmw", as dockerd's expression for them has it.
Result<SpecDeviceRule> parse_rule(const std::string& text) {
  const auto wrong = [&text] {
    return Error(ErrorCode::kCorrupt, "'" + base::escape(text) + "' is no device cgroup rule");
  };
  if (text.size() < 2 || std::string_view("acb").find(text[0]) == std::string_view::npos ||
      text[1] != ' ') {
    return wrong();
  }
  SpecDeviceRule rule{true, text.substr(0, 1), {}, {}, {}};
  const auto colon = text.find(':');
  const auto space = text.find(' ', 2);
  if (colon == std::string::npos || space == std::string::npos || colon > space) return wrong();
  const auto number = [](std::string_view digits) -> std::optional<std::int64_t> {
    if (digits == "*") return -1;
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    const bool whole = error == std::errc() && end == digits.data() + digits.size() && value >= 0;
    return whole ? std::optional(value) : std::nullopt;
  };
  const std::string_view view = text;
  rule.major = number(view.substr(2, colon - 2));
  rule.minor = number(view.substr(colon + 1, space - colon - 1));
  rule.access = text.substr(space + 1);
  if (!rule.major || !rule.minor || rule.access.empty() ||
      rule.access.find_first_not_of("rwm") != std::string::npos) {
    return wrong();
  }
  return rule;
}

/// The nodes of a mapping under the names that they have in the container.
std::vector<SpecDevice> mapped(const DeviceMapping& mapping, std::vector<SpecDevice> nodes) {
  for (SpecDevice& node : nodes) node.path.insert(0, mapping.in_container);
  return nodes;
}

Result<void> Synthesis::add_device_rules() {
  auto& rules = spec_.resources.devices;
  for (const DeviceMapping& mapping : host_.devices) {
    const auto nodes = mapped(mapping, context_.devices(mapping.on_host));
    for (const SpecDevice& node : nodes) {
      spec_.devices.push_back(node);
      rules.push_back({true, node.type, node.major, node.minor, mapping.permissions});
    }
  }
  for (const std::string& text : host_.device_cgroup_rules) {
    MERIDIAN_TRY(SpecDeviceRule rule, parse_rule(text));
    rules.push_back(std::move(rule));
  }
  return {};
}

Result<void> Synthesis::add_devices() {
  if (!host_.privileged) return add_device_rules();
  spec_.devices = context_.all_devices();
  for (const DeviceMapping& mapping : host_.devices) {
    if (mapping.on_host == mapping.in_container) continue;
    for (SpecDevice& node : mapped(mapping, context_.devices(mapping.on_host))) {
      spec_.devices.push_back(std::move(node));
    }
  }
  spec_.resources.devices = {{true, "", {}, {}, "rwm"}};
  return {};
}

// 28 sets its own rules before those that it made with them.
void Synthesis::add_default_rules() {
  auto rules = default_spec().resources.devices;
  auto& made = spec_.resources.devices;
  made.insert(made.begin(), rules.begin(), rules.end());
}

void Synthesis::add_rlimits() {
  for (const Ulimit& limit : host_.ulimits) {
    // -1 is all bits set: no limit.
    spec_.process.rlimits.push_back({"RLIMIT_" + upper_case(limit.name),
                                     static_cast<std::uint64_t>(limit.hard),
                                     static_cast<std::uint64_t>(limit.soft)});
  }
}

void Synthesis::set_namespace(const std::string& type, const std::string& path) {
  const auto same =
      std::find_if(spec_.namespaces.begin(), spec_.namespaces.end(),
                   [&type](const model::SpecNamespace& one) { return one.type == type; });
  if (same != spec_.namespaces.end()) {
    same->path = path;
  } else {
    spec_.namespaces.push_back({type, path});
  }
}

void Synthesis::remove_namespace(std::string_view type) {
  spec_.namespaces.erase(
      std::remove_if(spec_.namespaces.begin(), spec_.namespaces.end(),
                     [type](const model::SpecNamespace& one) { return one.type == type; }),
      spec_.namespaces.end());
}

void Synthesis::join(const std::string& type, const std::string& container) {
  const auto peer = context_.peer(container);
  // Of one that does not run there is no path yet; the engine would refuse to start.
  const std::string place = peer && peer->pid > 0 ? "/proc/" + std::to_string(peer->pid) + "/ns/"
                                                  : "container:" + container + "/";
  set_namespace(type, place + (type == "network" ? "net" : type));
  if (in_user_namespace()) set_namespace("user", place + "user");
}

void Synthesis::set_mode(const std::string& type, const std::string& mode) {
  if (const auto joined = joined_container(mode); !joined.empty()) {
    join(type, std::string(joined));
  } else if (mode == "host") {
    remove_namespace(type);
  }
}

void Synthesis::add_namespaces() {
  if (in_user_namespace()) {
    set_namespace("user", "");
    spec_.uid_mappings = engine_.uid_mappings;
    spec_.gid_mappings = engine_.gid_mappings;
  }
  if (!record_.network_disabled) {
    if (const auto joined = joined_container(host_.network_mode); !joined.empty()) {
      join("network", std::string(joined));
    } else if (host_.network_mode == "host" && record_.since_28) {
      remove_namespace("network");
    } else if (host_.network_mode == "host") {
      // The host's own has a name there like any other.
      set_namespace("network", record_.sandbox_key.empty() ? engine_.exec_root + "/netns/default"
                                                           : record_.sandbox_key);
    }
  }
  set_mode("ipc", host_.ipc_mode);
  set_mode("pid", host_.pid_mode);
  set_mode("uts", host_.uts_mode);
  if (host_.uts_mode == "host") spec_.hostname.clear();
  if (host_.cgroupns_mode == "private") set_namespace("cgroup", "");
}

/// "sys_admin", "CAP_SYS_ADMIN" -> "CAP_SYS_ADMIN"; before 20.10 they are stored as typed.
std::vector<std::string> normal_capabilities(const std::vector<std::string>& names) {
  std::vector<std::string> out;
  for (const std::string& name : names) {
    std::string normal = upper_case(name);
    if (normal != "ALL" && normal.compare(0, 4, "CAP_") != 0) normal.insert(0, "CAP_");
    out.push_back(std::move(normal));
  }
  return out;
}

// oci/caps, TweakCapabilities and SetCapabilities.
void Synthesis::add_capabilities() {
  const auto added = normal_capabilities(host_.cap_add);
  const auto dropped = normal_capabilities(host_.cap_drop);
  std::vector<std::string> given;
  if (host_.privileged) {
    given = engine_.all_capabilities;
  } else if (contains(added, "ALL")) {
    for (const std::string& name : engine_.all_capabilities) {
      if (!contains(dropped, name)) given.push_back(name);
    }
  } else if (contains(dropped, "ALL")) {
    given = added;
  } else {
    for (const std::string_view name : model::default_capabilities()) {
      if (!contains(dropped, name)) given.emplace_back(name);
    }
    given.insert(given.end(), added.begin(), added.end());
  }
  spec_.process.capabilities.bounding = given;
  if (spec_.process.user.uid != 0 && !record_.since_28) return;
  spec_.process.capabilities.effective = given;
  spec_.process.capabilities.permitted = std::move(given);
}

Result<void> Synthesis::add_seccomp() {
  const std::string& profile = record_.seccomp_profile;
  if (profile == "unconfined" || host_.privileged) return {};
  const std::string architecture =
      record_.architecture.empty() ? record_.config.platform.architecture : record_.architecture;
  if (profile.empty() || profile == "builtin") {
    spec_.seccomp = default_filter(architecture);
    if (record_.since_28) spec_.seccomp->default_errno_ret = EPERM;
    return {};
  }
  MERIDIAN_TRY(spec_.seccomp, filter_of(profile, {architecture, engine_.kernel,
                                                  spec_.process.capabilities.bounding}));
  return {};
}

// The profile is recorded at each start; before the first one it is what the host makes of it.
void Synthesis::add_labels() {
  spec_.process.apparmor_profile = record_.apparmor_profile;
  if (record_.apparmor_profile.empty() && !record_.started_before && engine_.apparmor) {
    spec_.process.apparmor_profile = host_.privileged ? "unconfined" : "docker-default";
  }
  spec_.process.selinux_label = record_.process_label;
  spec_.mount_label = record_.mount_label;
}

void Synthesis::add_paths() {
  if (host_.privileged) {
    spec_.masked_paths.clear();
    spec_.readonly_paths.clear();
  }
  if (host_.masked_paths) spec_.masked_paths = *host_.masked_paths;
  if (host_.readonly_paths) spec_.readonly_paths = *host_.readonly_paths;
}

}  // namespace

Result<OciSpec> synthesise_spec(const ContainerRecord& record, const HostConfig& host,
                                const std::string& root_path, const EngineFacts& engine,
                                const SpecContext& context) {
  return Synthesis(record, host, engine, context).make(root_path);
}

}  // namespace meridian::store
