// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstdint>

#include "paths.hpp"

namespace meridian::privileges {
namespace {

constexpr std::int64_t kAny = -1;

/// Character devices that lead to the host (Documentation/admin-guide/devices.txt).
struct KnownDevice {
  std::int64_t major;
  std::int64_t minor;
  std::string_view capability;  // that the kernel asks of who opens it; empty: none
  std::string_view message;
};
constexpr std::array kCharacterDevices = {
    KnownDevice{1, 1, "CAP_SYS_RAWIO", "the machine's memory"},
    KnownDevice{1, 2, "CAP_SYS_RAWIO", "the kernel's memory"},
    KnownDevice{1, 4, "CAP_SYS_RAWIO", "the machine's I/O ports"},
    KnownDevice{10, 223, "", "types on the host's keyboard"},
    KnownDevice{21, kAny, "", "sends commands to a disk past its file system"},
    KnownDevice{90, kAny, "", "the host's flash memory"},
};

// Block devices that hold nothing of the host's: RAM disks, floppies, CD-ROMs.
constexpr std::array<std::int64_t, 3> kHarmlessDisks = {1, 2, 11};

bool has(std::string_view access, char what) { return access.find(what) != std::string_view::npos; }

struct Access {
  char type;  // b or c
  std::int64_t major;
  std::int64_t minor;
  std::string access;  // of r, w
};

/// What the rules leave, as runc's emulator reads them: in order, a later one wins.
std::vector<Access> access_of(const meridian_privileges& raw) {
  std::vector<Access> out;
  for (std::uint64_t i = 0; i < raw.device_rule_count; ++i) {
    const meridian_device_rule& rule = *raw.device_rules[i];
    const std::string_view type = view(rule.type);
    const std::string_view access = view(rule.access);
    const bool every = type.empty() || type == "a";
    if (rule.allow == 0) {
      std::erase_if(out, [&](const Access& one) {
        const bool same_type = every || type[0] == one.type;
        const bool same_major = rule.major == kAny || rule.major == one.major;
        const bool same_minor = rule.minor == kAny || rule.minor == one.minor;
        return same_type && same_major && same_minor && has(access, 'r') && has(access, 'w');
      });
      continue;
    }
    std::string granted;
    if (has(access, 'r')) granted += 'r';
    if (has(access, 'w')) granted += 'w';
    if (granted.empty()) continue;
    if (every || type == "b") out.push_back({'b', rule.major, rule.minor, granted});
    if (every || type == "c") out.push_back({'c', rule.major, rule.minor, granted});
  }
  return out;
}

/// The node in the container's /dev that an access is for; empty: none was made.
std::string node_of(const meridian_privileges& raw, const Access& access) {
  for (std::uint64_t i = 0; i < raw.device_count; ++i) {
    const meridian_device& device = *raw.devices[i];
    const std::string_view type = view(device.type);
    if (type.empty() || type[0] != access.type || device.major != access.major) continue;
    if (access.minor == kAny || device.minor == access.minor) return std::string(view(device.path));
  }
  return "";
}

std::string number(std::int64_t value) { return value == kAny ? "*" : std::to_string(value); }

std::string text_of(const Access& access) {
  return std::string(1, access.type) + " " + number(access.major) + ":" + number(access.minor) +
         " " + access.access;
}

/// A rule with "*" covers several: one that this container can use counts.
const KnownDevice* usable(const Access& access, const Standing& standing) {
  const auto covers = [](std::int64_t rule, std::int64_t device) {
    return rule == kAny || device == kAny || rule == device;
  };
  for (const KnownDevice& device : kCharacterDevices) {
    if (!device.capability.empty() && !standing.can(device.capability)) continue;
    if (covers(access.major, device.major) && covers(access.minor, device.minor)) return &device;
  }
  return nullptr;
}

/// One access, as a path; severity kUnknown: it is none.
PathToHost path_of(const Access& access, const Subject& subject) {
  const bool writes = has(access.access, 'w');
  PathToHost path;
  path.confidence = subject.standing.confidence();
  if (access.type == 'b') {
    const bool harmless = std::find(kHarmlessDisks.begin(), kHarmlessDisks.end(), access.major) !=
                          kHarmlessDisks.end();
    if (harmless) return path;
    path.rule = "host-disk-device";
    path.message = writes ? "reads and rewrites file systems of the host past all permissions"
                          : "reads file systems of the host past all permissions";
    path.severity = subject.standing.to_kernel(writes ? Severity::kCritical : Severity::kHigh);
    return path;
  }
  const KnownDevice* const device = usable(access, subject.standing);
  if (device == nullptr) return path;
  path.rule = "host-device";
  path.message = device->message;
  path.severity = subject.standing.to_kernel(Severity::kHigh);
  return path;
}

}  // namespace

void device_paths(const Subject& subject, Paths& out) {
  const bool makes_nodes = subject.standing.can("CAP_MKNOD");
  if (subject.privileges.all_devices() && makes_nodes) {
    out.push_back({"all-devices", "devices", "makes a node of any disk of the host and rewrites it",
                   "device rules allow everything, CAP_MKNOD, " + subject.standing.text(),
                   subject.standing.to_kernel(Severity::kCritical), subject.standing.confidence()});
    return;
  }
  for (const Access& access : access_of(*subject.privileges.raw())) {
    const std::string node = node_of(*subject.privileges.raw(), access);
    if (node.empty() && !makes_nodes) continue;
    PathToHost path = path_of(access, subject);
    if (path.severity == Severity::kUnknown) continue;
    path.field = node.empty() ? "device:" + text_of(access) : "device:" + node;
    path.evidence = "device " + text_of(access) + (node.empty() ? ", CAP_MKNOD, " : ", ") +
                    subject.standing.text();
    out.push_back(std::move(path));
  }
}

}  // namespace meridian::privileges
