// SPDX-License-Identifier: Apache-2.0
#include "store/docker/spec_mounts.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/escape.hpp"
#include "store/docker/seccomp_profile.hpp"

namespace meridian::store {
namespace {

using model::SpecMount;

constexpr const char* kResolvConf = "/etc/resolv.conf";
constexpr const char* kHostname = "/etc/hostname";
constexpr const char* kHosts = "/etc/hosts";
constexpr const char* kShm = "/dev/shm";

/// One mount before its options are put together.
struct Wanted {
  std::string source;
  std::string destination;
  bool writable = true;
  bool non_recursive = false;
  std::string propagation;
  bool is_tmpfs = false;
  std::string data;  // of a tmpfs
  bool read_only_top = false;
};

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const auto at = text.find(separator);
    parts.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

/// A flag of mount(2) by what it sets: options of one group undo each other.
int flag_group(std::string_view option) {
  static constexpr std::array<std::pair<std::string_view, int>, 32> kFlags = {{
      {"ro", 1},          {"rw", 1},           {"suid", 2},         {"nosuid", 2},
      {"dev", 3},         {"nodev", 3},        {"exec", 4},         {"noexec", 4},
      {"sync", 5},        {"async", 5},        {"dirsync", 6},      {"remount", 7},
      {"mand", 8},        {"nomand", 8},       {"atime", 9},        {"noatime", 9},
      {"diratime", 10},   {"nodiratime", 10},  {"bind", 11},        {"rbind", 12},
      {"relatime", 13},   {"norelatime", 13},  {"strictatime", 14}, {"nostrictatime", 14},
      {"unbindable", 15}, {"runbindable", 15}, {"private", 15},     {"rprivate", 15},
      {"shared", 15},     {"rshared", 15},     {"slave", 15},       {"rslave", 15},
  }};
  const auto found = std::find_if(kFlags.begin(), kFlags.end(),
                                  [option](const auto& flag) { return flag.first == option; });
  return found == kFlags.end() ? 0 : found->second;
}

bool is_tmpfs_key(std::string_view key) {
  constexpr std::array<std::string_view, 7> kKeys = {"size",      "mode",      "uid", "gid",
                                                     "nr_inodes", "nr_blocks", "mpol"};
  return std::find(kKeys.begin(), kKeys.end(), key) != kKeys.end();
}

// moby/sys/mount, MergeTmpfsOptions: of options that undo each other the last counts.
Result<std::vector<std::string>> merge_tmpfs_options(const std::vector<std::string>& options) {
  std::set<int> flags;
  std::set<std::string> keys;
  std::vector<std::string> merged;
  for (auto option = options.rbegin(); option != options.rend(); ++option) {
    if (*option == "defaults") continue;
    if (const int group = flag_group(*option); group != 0) {
      if (flags.insert(group).second) merged.push_back(*option);
      continue;
    }
    const auto equals = option->find('=');
    const std::string key = option->substr(0, equals);
    if (equals == std::string::npos || !is_tmpfs_key(key)) {
      return Error(ErrorCode::kCorrupt, "'" + base::escape(*option) + "' is no option of a tmpfs");
    }
    if (keys.insert(key).second) merged.push_back(*option);
  }
  std::reverse(merged.begin(), merged.end());
  return merged;
}

std::string octal(std::uint64_t number) {
  std::string digits;
  do {
    digits.insert(digits.begin(), static_cast<char>('0' + (number & 7)));
    number >>= 3;
  } while (number != 0);
  return digits;
}

// volume/mounts, ConvertTmpfsOptions.
std::string tmpfs_data(const MountPoint& point) {
  std::vector<std::string> options;
  if (point.read_only) options.emplace_back("ro");
  if (point.tmpfs_mode != 0) options.push_back("mode=" + octal(point.tmpfs_mode));
  if (point.tmpfs_size != 0) {
    std::int64_t size = point.tmpfs_size;
    std::string suffix;
    for (const auto& [letter, shift] :
         {std::pair("g", 30), std::pair("m", 20), std::pair("k", 10)}) {
      const std::int64_t unit = std::int64_t{1} << shift;
      if (size % unit != 0) continue;
      size /= unit;
      suffix = letter;
      break;
    }
    options.push_back("size=" + std::to_string(size) + suffix);
  }
  std::string data;
  for (const std::string& option : options) data += (data.empty() ? "" : ",") + option;
  return data;
}

const MountPoint* find_point(const ContainerRecord& record, std::string_view destination) {
  const auto found = std::find_if(
      record.mounts.begin(), record.mounts.end(),
      [destination](const MountPoint& point) { return point.mount.destination == destination; });
  return found == record.mounts.end() ? nullptr : &*found;
}

bool is_engine_file(std::string_view destination) {
  return destination == kResolvConf || destination == kHostname || destination == kHosts;
}

// A local volume that was not mounted when the record was written has no source there.
std::string source_of(const MountPoint& point, const std::string& data_root) {
  const model::Mount& mount = point.mount;
  if (!mount.source.empty() || mount.type != "volume" || mount.name.empty()) return mount.source;
  if (mount.driver != "local" && !mount.driver.empty()) return {};
  return data_root + "/volumes/" + mount.name + "/_data";
}

/// Where the engine will make its file at the first start.
std::string made_at(const ContainerRecord& record, const HostConfig& host,
                    const EngineFacts& engine, const std::string& recorded, const char* name) {
  if (!recorded.empty() || record.started_before || record.network_disabled) return recorded;
  if (!joined_container(host.network_mode).empty()) return {};
  return engine.data_root + "/containers/" + record.id + "/" + name;
}

class Collector {
 public:
  Collector(const ContainerRecord& record, const HostConfig& host, const EngineFacts& engine,
            const SpecContext& context)
      : record_(record), host_(host), engine_(engine), context_(context) {}

  std::vector<Wanted> collect() {
    add_points();
    add_engine_file(kResolvConf, record_.resolv_conf_path, "resolv.conf");
    add_engine_file(kHostname, record_.hostname_path, "hostname");
    add_engine_file(kHosts, record_.hosts_path, "hosts");
    add_shm();
    add_tmpfs();
    const auto depth = [](const Wanted& one) {
      return std::count(one.destination.begin(), one.destination.end(), '/');
    };
    std::stable_sort(wanted_.begin(), wanted_.end(),
                     [&depth](const Wanted& a, const Wanted& b) { return depth(a) < depth(b); });
    return std::move(wanted_);
  }

 private:
  void add_points() {
    for (const MountPoint& point : record_.mounts) {
      const model::Mount& mount = point.mount;
      const bool by_tmpfs = host_.tmpfs.count(mount.destination) != 0 || mount.type == "tmpfs";
      if (by_tmpfs || is_engine_file(mount.destination)) continue;
      wanted_.push_back({source_of(point, engine_.data_root),
                         mount.destination,
                         mount.writable,
                         point.non_recursive,
                         mount.propagation,
                         false,
                         {},
                         point.read_only_top});
    }
  }

  void add_engine_file(const char* destination, const std::string& recorded, const char* name) {
    const MountPoint* const point = find_point(record_, destination);
    std::string source = point != nullptr ? source_of(*point, engine_.data_root)
                                          : made_at(record_, host_, engine_, recorded, name);
    if (source.empty()) source = recorded;
    if (source.empty()) return;
    const bool writable = point != nullptr ? point->mount.writable : !host_.readonly_rootfs;
    const bool top = point != nullptr && point->read_only_top;
    wanted_.push_back(
        {std::move(source), destination, writable, false, "rprivate", false, {}, top});
  }

  bool has_destination(const char* destination) const {
    return find_point(record_, destination) != nullptr || host_.tmpfs.count(destination) != 0;
  }

  void add_shm() {
    if (host_.ipc_mode == "private" || host_.ipc_mode == "none") return;
    if (has_destination(kShm)) return;
    std::string path = record_.shm_path;
    const std::string joined(joined_container(host_.ipc_mode));
    if (host_.ipc_mode == "host") {
      path = kShm;
    } else if (!joined.empty()) {
      if (const auto peer = context_.peer(joined)) path = peer->shm_path;
    } else if (path.empty() && !record_.started_before && host_.ipc_mode == "shareable") {
      path = engine_.data_root + "/containers/" + record_.id + "/mounts/shm";
    }
    if (path.empty()) return;
    wanted_.push_back({std::move(path), kShm, true, false, "rprivate", false, {}});
  }

  void add_tmpfs() {
    for (const auto& [destination, data] : host_.tmpfs) {
      wanted_.push_back({"tmpfs", destination, true, false, {}, true, data});
    }
    for (const MountPoint& point : record_.mounts) {
      if (point.mount.type != "tmpfs") continue;
      wanted_.push_back(
          {"tmpfs", point.mount.destination, true, false, {}, true, tmpfs_data(point)});
    }
  }

  const ContainerRecord& record_;
  const HostConfig& host_;
  const EngineFacts& engine_;
  const SpecContext& context_;
  std::vector<Wanted> wanted_;
};

/// Whether what is mounted read-only is so with all below it ("rro"): where kernel and runtime can.
/// What is not known (another runtime than runc, a kernel) is the plain "ro", which promises less.
bool mounts_recursively_read_only(const ContainerRecord& record, const HostConfig& host,
                                  const EngineFacts& engine) {
  const bool known = host.runtime.empty() || host.runtime == "runc";
  return record.since_28 && known && kernel_is_at_least(engine.kernel, "5.12");
}

Result<SpecMount> to_mount(const Wanted& wanted, bool recursive) {
  if (wanted.is_tmpfs) {
    std::vector<std::string> options = {"noexec", "nosuid", "nodev", "rprivate"};
    if (!wanted.data.empty()) {
      for (std::string& option : split(wanted.data, ',')) options.push_back(std::move(option));
    }
    MERIDIAN_TRY(auto merged, merge_tmpfs_options(options));
    return SpecMount{wanted.destination, "tmpfs", wanted.source, std::move(merged)};
  }
  std::vector<std::string> options = {wanted.non_recursive ? "bind" : "rbind"};
  if (!wanted.writable) options.emplace_back(recursive && !wanted.read_only_top ? "rro" : "ro");
  if (!wanted.propagation.empty()) options.push_back(wanted.propagation);
  return SpecMount{wanted.destination, "bind", wanted.source, std::move(options)};
}

// One shared or slave mount needs a root that passes mounts on.
void propagate(const Wanted& wanted, std::string& root) {
  const std::string& way = wanted.propagation;
  if (way == "shared" || way == "rshared") root = "shared";
  if (way != "slave" && way != "rslave") return;
  // The engine itself gives rslave to what holds its data root, and takes a private root if the
  // host's mount cannot pass anything on; that a host's root is shared is what systemd makes.
  if (root.empty()) root = "rslave";
}

void remove_option(SpecMount& mount, std::string_view option) {
  mount.options.erase(std::remove(mount.options.begin(), mount.options.end(), option),
                      mount.options.end());
}

/// dockerd's own mounts, without those that the user replaces.
std::vector<SpecMount> own_mounts(const HostConfig& host, const std::set<std::string>& replaced,
                                  std::vector<SpecMount> mounts) {
  std::vector<SpecMount> kept;
  for (SpecMount& mount : mounts) {
    if (replaced.count(mount.destination) != 0) continue;
    if (replaced.count("/dev") != 0 && starts_with(mount.destination, "/dev/")) continue;
    if (mount.destination == kShm) {
      if (host.ipc_mode == "none") continue;
      mount.options.push_back("size=" + std::to_string(host.shm_size));
    }
    kept.push_back(std::move(mount));
  }
  return kept;
}

void make_read_only(const std::set<std::string>& by_user, std::vector<SpecMount>& mounts) {
  const std::set<std::string> exempt = {"/proc", "/dev/pts", kShm, "/dev/mqueue", "/dev"};
  for (SpecMount& mount : mounts) {
    if (exempt.count(mount.destination) != 0 || by_user.count(mount.destination) != 0) continue;
    if (!mount.has_option("ro")) mount.options.emplace_back("ro");
  }
}

}  // namespace

Result<void> add_mounts(const ContainerRecord& record, const HostConfig& host,
                        const EngineFacts& engine, const SpecContext& context,
                        model::OciSpec& spec) {
  const std::vector<Wanted> wanted = Collector(record, host, engine, context).collect();
  std::set<std::string> by_user;
  for (const Wanted& one : wanted) by_user.insert(one.destination);
  spec.mounts = own_mounts(host, by_user, std::move(spec.mounts));
  const bool recursive = mounts_recursively_read_only(record, host, engine);
  for (const Wanted& one : wanted) {
    MERIDIAN_TRY(SpecMount mount, to_mount(one, recursive));
    spec.mounts.push_back(std::move(mount));
    if (!one.is_tmpfs) propagate(one, spec.rootfs_propagation);
  }
  if (host.readonly_rootfs) make_read_only(by_user, spec.mounts);
  const bool free_cgroups =
      host.privileged || !engine.uid_mappings.empty() || record.writable_cgroups;
  for (SpecMount& mount : spec.mounts) {
    if (host.privileged && mount.destination == "/sys") remove_option(mount, "ro");
    if (free_cgroups && mount.type == "cgroup") remove_option(mount, "ro");
  }
  return {};
}

std::vector<model::Mount> listed_mounts(const ContainerRecord& record, const HostConfig* host,
                                        const std::string& data_root) {
  std::map<std::string, model::Mount> by_destination;
  for (const MountPoint& point : record.mounts) {
    model::Mount mount = point.mount;
    mount.source = source_of(point, data_root);
    if (mount.type == "tmpfs") mount.mode = tmpfs_data(point);
    by_destination[mount.destination] = std::move(mount);
  }
  if (host != nullptr) {
    for (const auto& [destination, options] : host->tmpfs) {
      model::Mount mount;
      mount.type = "tmpfs";
      mount.destination = destination;
      mount.mode = options;
      const auto parts = split(options, ',');
      for (const std::string& part : parts) {
        if (part == "ro" || part == "rw") mount.writable = part == "rw";
      }
      by_destination[destination] = std::move(mount);
    }
  }
  std::vector<model::Mount> mounts;
  mounts.reserve(by_destination.size());
  for (auto& [destination, mount] : by_destination) mounts.push_back(std::move(mount));
  return mounts;
}

std::map<std::string, std::string> engine_files(const ContainerRecord& record) {
  std::map<std::string, std::string> files;
  const std::array<std::pair<const char*, const std::string*>, 3> places = {
      {{kHosts, &record.hosts_path},
       {kHostname, &record.hostname_path},
       {kResolvConf, &record.resolv_conf_path}}};
  for (const auto& [destination, path] : places) {
    if (!path->empty() && find_point(record, destination) == nullptr) {
      files.emplace(destination, *path);
    }
  }
  return files;
}

}  // namespace meridian::store
