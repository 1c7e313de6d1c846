// SPDX-License-Identifier: Apache-2.0
#include "host_path_table.hpp"

#include <array>

#include "support/catch.hpp"

namespace meridian::privileges {
namespace {

struct Row {
  std::string_view path;
  std::string_view rule;  // empty: nothing
  Severity writable = Severity::kUnknown;
  Severity read_only = Severity::kUnknown;
};

constexpr Severity kCritical = Severity::kCritical;
constexpr Severity kHigh = Severity::kHigh;
constexpr Severity kMedium = Severity::kMedium;
constexpr Severity kLow = Severity::kLow;
constexpr Severity kNothing = Severity::kUnknown;

constexpr std::array kRows = {
    Row{"/", "host-root-mount", kCritical, kHigh},
    Row{"/var/run", "engine-socket", kCritical, kCritical},
    Row{"/run/user/1000", "engine-socket", kHigh, kHigh},
    Row{"/run/user/1000/docker.sock", "engine-socket", kHigh, kHigh},
    Row{"/run/dbus/system_bus_socket", "host-service-socket", kCritical, kCritical},
    Row{"/run/systemd", "host-service-socket", kCritical, kCritical},
    Row{"/run/systemd/system/x.service", "host-config-mount", kCritical, kNothing},
    Row{"/run/udev", "host-config-mount", kHigh, kNothing},
    Row{"/run/systemd/resolve", ""},
    Row{"/run/secrets/mine", ""},
    Row{"/var/lib/docker", "engine-state-mount", kCritical, kHigh},
    Row{"/var/lib/docker/containers", "engine-state-mount", kCritical, kMedium},
    Row{"/var/lib/docker/containers/ab12/hosts", ""},
    Row{"/var/lib/docker/volumes/data/_data", ""},
    Row{"/var/lib/dockerish", ""},
    Row{"/var/lib/kubelet/pods", "engine-state-mount", kCritical, kHigh},
    Row{"/var/lib/kubelet/pods/0a-1b/volumes/kubernetes.io~secret/x", ""},
    Row{"/var/lib/kubelet/device-plugins", ""},
    Row{"/var/lib/kubelet/pki/kubelet.key", "engine-state-mount", kCritical, kHigh},
    Row{"/var/lib/postgresql", ""},
    Row{"/etc", "host-config-mount", kCritical, kHigh},
    Row{"/etc/localtime", "host-config-mount", kLow, kNothing},
    Row{"/etc/ssl/certs", "host-config-mount", kLow, kNothing},
    Row{"/etc/shadow", "host-config-mount", kCritical, kHigh},
    Row{"/etc/passwd", "host-config-mount", kCritical, kNothing},
    Row{"/etc/cron.d/job", "host-config-mount", kCritical, kNothing},
    Row{"/etc/cron.dx", "host-config-mount", kLow, kNothing},
    Row{"/etc/kubernetes/pki", "host-config-mount", kCritical, kHigh},
    Row{"/var/spool/cron/crontabs", "host-config-mount", kCritical, kNothing},
    Row{"/etcd", ""},
    Row{"/root", "host-home-mount", kCritical, kMedium},
    Row{"/root/project", ""},
    Row{"/root/.ssh/id_ed25519", "host-home-mount", kCritical, kHigh},
    Row{"/home/ada", "host-home-mount", kHigh, kMedium},
    Row{"/home/ada/project", ""},
    Row{"/home/ada/.ssh", "host-home-mount", kHigh, kHigh},
    Row{"/bin", "host-programs-mount", kCritical, kNothing},
    Row{"/lib/modules/6.1", "host-programs-mount", kCritical, kNothing},
    Row{"/usr/share/zoneinfo", ""},
    Row{"/usr/local/share/data", ""},
    Row{"/binaries", ""},
    Row{"/boot/efi", "host-programs-mount", kHigh, kNothing},
    Row{"/proc", "host-proc-mount", kCritical, kLow},
    Row{"/proc/sys/kernel/core_pattern", "host-proc-mount", kCritical, kNothing},
    Row{"/proc/1/root", "host-proc-mount", kCritical, kHigh},
    Row{"/proc/meminfo", ""},
    Row{"/sys", "host-sys-mount", kCritical, kLow},
    Row{"/sys/class/net", ""},
    Row{"/sys/kernel/debug/tracing", "host-sys-mount", kHigh, kMedium},
    Row{"/sys/fs/cgroup", "host-cgroup-mount", kMedium, kNothing},
    Row{"/dev", "host-dev-mount", kLow, kLow},
    Row{"/dev/shm", ""},
    Row{"/srv/data", ""},
    Row{"/tmp", ""},
};

}  // namespace

TEST_CASE("host_path_table: what each path is worth, and what lies beside it is not") {
  for (const Row& row : kRows) {
    INFO(row.path);
    const HostPathWorth* const worth = worth_of(canonical(row.path));
    CHECK((worth == nullptr ? "" : worth->rule) == row.rule);
    if (worth == nullptr) continue;
    CHECK(worth->writable == row.writable);
    CHECK(worth->read_only == row.read_only);
    CHECK_FALSE(worth->message.empty());
  }
}

TEST_CASE("canonical: one spelling for each path, whatever was typed") {
  CHECK(canonical("/") == "/");
  CHECK(canonical("") == "/");
  CHECK(canonical("//") == "/");
  CHECK(canonical("/etc/") == "/etc");
  CHECK(canonical("/srv/../etc/./cron.d//x/") == "/etc/cron.d/x");
  CHECK(canonical("/../../etc") == "/etc");
  CHECK(canonical("/var/run/docker.sock") == "/run/docker.sock");
  CHECK(canonical("/var/runner") == "/var/runner");
  CHECK(canonical("/sbin/init") == "/usr/sbin/init");
  CHECK(canonical("/lib64") == "/usr/lib64");
  const std::string too_long = "/etc/" + std::string(100000, '/');
  CHECK(canonical(too_long) == too_long);
}

TEST_CASE("is_engine_socket: by name, wherever it lies") {
  CHECK(is_engine_socket("/run/docker.sock"));
  CHECK(is_engine_socket("/srv/engine/containerd.sock"));
  CHECK(is_engine_socket("crio.sock"));
  CHECK_FALSE(is_engine_socket("/run/docker.sock.d/x"));
  CHECK_FALSE(is_engine_socket("/run/mysqld/mysqld.sock"));
  CHECK_FALSE(is_engine_socket("/run/my-docker.sock"));
  CHECK_FALSE(is_engine_socket(""));
}

}  // namespace meridian::privileges
