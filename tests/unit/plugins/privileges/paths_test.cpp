// SPDX-License-Identifier: Apache-2.0
//
// Each rule with what opens its path and with near misses, over the spec of a container that asked
// for nothing dangerous, as Docker 28 wrote it. Through the host's own path from spec to report.
#include <fstream>
#include <functional>
#include <meridian/testing/testing.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "privileges_plugin.hpp"
#include "support/catch.hpp"

namespace meridian::privileges {
namespace {

using nlohmann::json;
using testing::image;

using Edit = std::function<void(json&)>;

json default_spec() {
  std::ifstream file(MERIDIAN_SOURCE_DIR "/tests/data/docker-28/config.json");
  return json::parse(file);
}

Edit capability(std::string name) {
  return [name](json& spec) {
    for (auto& set : spec["process"]["capabilities"]) set.push_back(name);
  };
}

Edit drop(std::string name) {
  return [name](json& spec) {
    for (auto& set : spec["process"]["capabilities"]) {
      set.erase(std::find(set.begin(), set.end(), name));
    }
  };
}

/// Writable and recursive, as `docker run -v`, if nothing is said.
Edit bind(std::string source, std::string destination, std::vector<std::string> options = {}) {
  return [=](json& spec) {
    json all = options;
    if (std::find(options.begin(), options.end(), "bind") == options.end()) all.push_back("rbind");
    spec["mounts"].push_back(
        {{"type", "bind"}, {"source", source}, {"destination", destination}, {"options", all}});
  };
}

Edit host_namespace(std::string type) {
  return [type](json& spec) {
    auto& list = spec["linux"]["namespaces"];
    list.erase(std::find(list.begin(), list.end(), json{{"type", type}}));
  };
}

Edit device_rule(json rule) {
  return [rule](json& spec) { spec["linux"]["resources"]["devices"].push_back(rule); };
}

Edit node(std::string path, std::string type, int major, int minor) {
  return [=](json& spec) {
    spec["linux"]["devices"].push_back(
        {{"path", path}, {"type", type}, {"major", major}, {"minor", minor}});
  };
}

Edit allow(std::string type, int major, int minor, std::string access) {
  return device_rule(
      {{"allow", true}, {"type", type}, {"major", major}, {"minor", minor}, {"access", access}});
}

void no_seccomp(json& spec) { spec["linux"].erase("seccomp"); }
void no_new_privileges(json& spec) { spec["process"]["noNewPrivileges"] = true; }
void as_user(json& spec) { spec["process"]["user"]["uid"] = 1000; }
void unmasked(json& spec) {
  spec["linux"].erase("maskedPaths");
  spec["linux"].erase("readonlyPaths");
}
void any_device(json& spec) {
  spec["linux"]["resources"]["devices"].push_back({{"allow", true}, {"access", "rwm"}});
}
void remapped(json& spec) {
  spec["linux"]["namespaces"].push_back({{"type", "user"}});
  spec["linux"]["uidMappings"] = {{{"containerID", 0}, {"hostID", 100000}, {"size", 65536}}};
}
void mapped_to_root(json& spec) {
  remapped(spec);
  spec["linux"]["uidMappings"][0]["hostID"] = 0;
}
Edit apparmor(std::string profile) {
  return [profile](json& spec) { spec["process"]["apparmorProfile"] = profile; };
}
Edit selinux(std::string label) {
  return [label](json& spec) { spec["process"]["selinuxLabel"] = label; };
}

/// Every capability that Linux 6.1 has.
void all_capabilities(json& spec) {
  for (const char* name : {"CAP_DAC_READ_SEARCH",
                           "CAP_LINUX_IMMUTABLE",
                           "CAP_NET_BROADCAST",
                           "CAP_NET_ADMIN",
                           "CAP_IPC_LOCK",
                           "CAP_IPC_OWNER",
                           "CAP_SYS_MODULE",
                           "CAP_SYS_RAWIO",
                           "CAP_SYS_PTRACE",
                           "CAP_SYS_PACCT",
                           "CAP_SYS_ADMIN",
                           "CAP_SYS_BOOT",
                           "CAP_SYS_NICE",
                           "CAP_SYS_RESOURCE",
                           "CAP_SYS_TIME",
                           "CAP_SYS_TTY_CONFIG",
                           "CAP_LEASE",
                           "CAP_AUDIT_CONTROL",
                           "CAP_MAC_OVERRIDE",
                           "CAP_MAC_ADMIN",
                           "CAP_SYSLOG",
                           "CAP_WAKE_ALARM",
                           "CAP_BLOCK_SUSPEND",
                           "CAP_AUDIT_READ",
                           "CAP_PERFMON",
                           "CAP_BPF",
                           "CAP_CHECKPOINT_RESTORE"}) {
    capability(name)(spec);
  }
}
void privileged(json& spec) {
  all_capabilities(spec);
  any_device(spec);
  no_seccomp(spec);
  unmasked(spec);
}

const char* text_of(Severity severity) {
  switch (severity) {
    case Severity::kLow:
      return "low";
    case Severity::kMedium:
      return "medium";
    case Severity::kHigh:
      return "high";
    case Severity::kCritical:
      return "critical";
    default:
      return "other";
  }
}

using Lines = std::vector<std::string>;

testing::Outcome scanned(const std::vector<Edit>& edits, const std::string& handler = "",
                         const std::string& origin = "recorded",
                         Boundary boundary = Boundary::kSharedKernel) {
  json spec = default_spec();
  for (const Edit& edit : edits) edit(spec);
  return testing::scan<PrivilegesPlugin>(image()
                                             .layer({})
                                             .container_spec(spec.dump(), origin)
                                             .runtime_handler(handler)
                                             .isolation({.boundary = boundary}));
}

/// "rule severity field", sorted.
Lines lines(const testing::Outcome& outcome) {
  Lines out;
  for (const testing::Found& found : outcome.findings()) {
    out.push_back(found.rule + " " + text_of(found.severity) + " " + found.field);
  }
  std::sort(out.begin(), out.end());
  return out;
}

struct Case {
  const char* name;
  std::vector<Edit> edits;
  Lines expected;
};

void check(const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    INFO(one.name);
    const auto outcome = scanned(one.edits);
    CHECK(lines(outcome) == one.expected);
    CHECK(outcome.gaps().empty());
    for (const testing::Found& found : outcome.findings()) {
      CHECK(found.target == TargetKind::kContainer);
      CHECK_FALSE(found.evidence.empty());
      CHECK_FALSE(found.remediation.empty());
    }
  }
}

}  // namespace

// Trap 5 of reference/veinmind.md, part 7: CAP_DAC_OVERRIDE is in the default set.
TEST_CASE("privileges: a container that asks for nothing has no finding, not even a low one") {
  const auto outcome = scanned({});
  CHECK(lines(outcome).empty());
  CHECK(outcome.gaps().empty());
  CHECK(lines(scanned({as_user})).empty());
  CHECK(lines(scanned({no_new_privileges})).empty());
  CHECK(lines(scanned({remapped})).empty());
  CHECK(lines(scanned({apparmor("docker-default")})).empty());
  CHECK(lines(scanned({selinux("system_u:system_r:container_t:s0:c1,c2")})).empty());
}

TEST_CASE("privileges: an image has no spec, so nothing is said of it") {
  const auto outcome = testing::scan<PrivilegesPlugin>(image().layer({}));
  CHECK(outcome.findings().empty());
  CHECK(outcome.gaps().empty());
}

TEST_CASE("privileges: a container without a spec is a gap, never clean") {
  const auto outcome = testing::scan<PrivilegesPlugin>(image().layer({}).writable({}));
  CHECK(outcome.findings().empty());
  REQUIRE(outcome.gaps().size() == 1);
  CHECK(outcome.gaps()[0].kind == "unreadable");
}

TEST_CASE("privileges: --privileged is one path, and mounts and namespaces are others") {
  check({
      {"privileged", {privileged}, {"privileged critical privileged"}},
      {"as a user", {privileged, as_user}, {"privileged high privileged"}},
      {"as a user who stays one",
       {privileged, as_user, no_new_privileges},
       {"privileged medium privileged"}},
      {"with the host's processes and engine",
       {privileged, host_namespace("pid"), bind("/run/docker.sock", "/s")},
       {"engine-socket critical mount:/s", "host-pid-ptrace critical namespace:pid",
        "privileged critical privileged"}},
      {"nearly: seccomp stands",
       {all_capabilities},
       {"cap-bpf high capability:CAP_BPF",
        "cap-dac-read-search critical capability:CAP_DAC_READ_SEARCH",
        "cap-sys-admin critical capability:CAP_SYS_ADMIN",
        "cap-sys-module critical capability:CAP_SYS_MODULE",
        "cap-sys-rawio high capability:CAP_SYS_RAWIO", "extra-capabilities low capabilities"}},
  });
}

TEST_CASE("privileges: capabilities that open a path, and what they take") {
  check({
      {"sys-admin",
       {capability("CAP_SYS_ADMIN")},
       {"cap-sys-admin critical capability:CAP_SYS_ADMIN"}},
      {"sys-admin, AppArmor refuses mounts",
       {capability("CAP_SYS_ADMIN"), apparmor("docker-default")},
       {"cap-sys-admin high capability:CAP_SYS_ADMIN"}},
      {"sys-admin, AppArmor off",
       {capability("CAP_SYS_ADMIN"), apparmor("unconfined")},
       {"cap-sys-admin critical capability:CAP_SYS_ADMIN", "mac-unconfined low apparmor"}},
      {"module",
       {capability("CAP_SYS_MODULE")},
       {"cap-sys-module critical capability:CAP_SYS_MODULE"}},
      {"handles",
       {capability("CAP_DAC_READ_SEARCH")},
       {"cap-dac-read-search critical capability:CAP_DAC_READ_SEARCH"}},
      {"raw I/O", {capability("CAP_SYS_RAWIO")}, {"cap-sys-rawio high capability:CAP_SYS_RAWIO"}},
      {"boot without seccomp",
       {capability("CAP_SYS_BOOT"), no_seccomp},
       {"cap-sys-boot high capability:CAP_SYS_BOOT", "no-seccomp medium seccomp"}},
      {"boot: the filter refuses kexec_load",
       {capability("CAP_SYS_BOOT")},
       {"extra-capabilities low capabilities"}},
      {"bpf and perfmon",
       {capability("CAP_BPF"), capability("CAP_PERFMON")},
       {"cap-bpf high capability:CAP_BPF"}},
      {"bpf alone", {capability("CAP_BPF")}, {"extra-capabilities low capabilities"}},
      {"others",
       {capability("CAP_NET_ADMIN"), capability("CAP_SYS_TIME")},
       {"extra-capabilities low capabilities"}},
      {"fewer than the default", {drop("CAP_NET_RAW")}, {}},
      {"as a user, whom a set-user-ID program may help",
       {capability("CAP_SYS_ADMIN"), as_user},
       {"cap-sys-admin high capability:CAP_SYS_ADMIN"}},
      {"as a user who stays one", {capability("CAP_SYS_ADMIN"), as_user, no_new_privileges}, {}},
      {"in a user namespace of its own", {capability("CAP_SYS_ADMIN"), remapped}, {}},
      {"in one whose root is the host's", {capability("CAP_SYS_MODULE"), mapped_to_root}, {}},
  });
}

TEST_CASE("privileges: what is in evidence of a capability is what opens the path") {
  const auto outcome = scanned({capability("CAP_SYS_ADMIN"), no_seccomp});
  CHECK(outcome.finding("cap-sys-admin", TargetKind::kContainer).evidence ==
        "CAP_SYS_ADMIN, no seccomp filter, user 0");
  const auto extra = scanned({capability("CAP_SYS_TIME"), capability("CAP_NET_ADMIN")});
  CHECK(extra.finding("extra-capabilities", TargetKind::kContainer).evidence ==
        "CAP_NET_ADMIN CAP_SYS_TIME, user 0");
}

TEST_CASE(
    "privileges: namespaces of the host, alone and with the capability that makes use of them") {
  check({
      {"pid", {host_namespace("pid")}, {"host-pid high namespace:pid"}},
      {"pid and ptrace",
       {host_namespace("pid"), capability("CAP_SYS_PTRACE")},
       {"host-pid-ptrace critical namespace:pid"}},
      {"ptrace in its own",
       {capability("CAP_SYS_PTRACE")},
       {"extra-capabilities low capabilities"}},
      {"network", {host_namespace("network")}, {"host-network medium namespace:network"}},
      {"network and admin",
       {host_namespace("network"), capability("CAP_NET_ADMIN")},
       {"host-network-admin high namespace:network"}},
      {"ipc", {host_namespace("ipc")}, {"host-ipc medium namespace:ipc"}},
      {"uts", {host_namespace("uts")}, {"host-uts low namespace:uts"}},
      {"mount", {host_namespace("mount")}, {"host-mount-namespace critical namespace:mount"}},
      {"as a user", {host_namespace("pid"), as_user}, {"host-pid medium namespace:pid"}},
      {"joined to another container",
       {[](json& spec) { spec["linux"]["namespaces"][3]["path"] = "/proc/4242/ns/pid"; }},
       {}},
      {"of the host by its path",
       {[](json& spec) { spec["linux"]["namespaces"][3]["path"] = "/proc/1/ns/pid"; }},
       {"host-pid high namespace:pid"}},
  });
}

TEST_CASE("privileges: what the kernel is not asked to refuse") {
  check({
      {"no filter", {no_seccomp}, {"no-seccomp medium seccomp"}},
      {"a filter that refuses nothing",
       {[](json& spec) {
         spec["linux"]["seccomp"] = {{"defaultAction", "SCMP_ACT_ALLOW"}};
       }},
       {"no-seccomp medium seccomp"}},
      {"a filter that refuses something",
       {[](json& spec) {
         spec["linux"]["seccomp"] = {
             {"defaultAction", "SCMP_ACT_ALLOW"},
             {"syscalls", {{{"names", {"mount"}}, {"action", "SCMP_ACT_ERRNO"}}}}};
       }},
       {}},
      {"AppArmor off", {apparmor("unconfined")}, {"mac-unconfined low apparmor"}},
      {"SELinux off", {selinux("system_u:system_r:spc_t:s0")}, {"mac-unconfined low selinux"}},
      {"unmasked", {unmasked}, {"writable-proc-sys critical path:/proc/sys"}},
      {"unmasked, as a user", {unmasked, as_user}, {"writable-proc-sys high path:/proc/sys"}},
      {"unmasked, in a user namespace", {unmasked, remapped}, {}},
      {"only masks lifted", {[](json& spec) { spec["linux"].erase("maskedPaths"); }}, {}},
      {"unmasked, /proc read-only",
       {unmasked, [](json& spec) { spec["mounts"][0]["options"].push_back("ro"); }},
       {}},
  });
}

TEST_CASE("privileges: devices, by node and by rule") {
  check({
      {"disk",
       {node("/dev/sda", "b", 8, 0), allow("b", 8, 0, "rwm")},
       {"host-disk-device critical device:/dev/sda"}},
      {"disk, to read",
       {node("/dev/sda", "b", 8, 0), allow("b", 8, 0, "r")},
       {"host-disk-device high device:/dev/sda"}},
      {"disk, node without a rule", {node("/dev/sda", "b", 8, 0)}, {}},
      {"disks by a rule, CAP_MKNOD makes the node",
       {allow("b", 8, -1, "rwm")},
       {"host-disk-device critical device:b 8:* rw"}},
      {"disks by a rule, no CAP_MKNOD", {allow("b", 8, -1, "rwm"), drop("CAP_MKNOD")}, {}},
      {"a rule to make nodes only", {allow("b", -1, -1, "m")}, {}},
      {"a rule that a later one takes back",
       {allow("b", 8, 0, "rw"),
        device_rule({{"allow", false}, {"type", "b"}, {"major", 8}, {"access", "rwm"}})},
       {}},
      {"CD-ROM", {node("/dev/sr0", "b", 11, 0), allow("b", 11, 0, "rwm")}, {}},
      {"all devices", {any_device}, {"all-devices critical devices"}},
      {"all devices, no CAP_MKNOD", {any_device, drop("CAP_MKNOD")}, {}},
      {"memory without CAP_SYS_RAWIO", {node("/dev/mem", "c", 1, 1), allow("c", 1, 1, "rw")}, {}},
      {"memory",
       {node("/dev/mem", "c", 1, 1), allow("c", 1, 1, "rw"), capability("CAP_SYS_RAWIO")},
       {"cap-sys-rawio high capability:CAP_SYS_RAWIO", "host-device high device:/dev/mem"}},
      {"SCSI generic",
       {node("/dev/sg0", "c", 21, 0), allow("c", 21, 0, "rw")},
       {"host-device high device:/dev/sg0"}},
      {"characters by a rule, CAP_MKNOD makes the node",
       {allow("c", -1, -1, "rwm")},
       {"host-device high device:c *:* rw"}},
      {"characters by a rule, no CAP_MKNOD", {allow("c", -1, -1, "rwm"), drop("CAP_MKNOD")}, {}},
      {"memory by a rule, without CAP_SYS_RAWIO", {allow("c", 1, -1, "rw")}, {}},
      {"memory by a rule",
       {allow("c", 1, -1, "rw"), capability("CAP_SYS_RAWIO")},
       {"cap-sys-rawio high capability:CAP_SYS_RAWIO", "host-device high device:c 1:* rw"}},
      {"memory by a rule, CAP_SYS_RAWIO without CAP_MKNOD",
       {allow("c", 1, -1, "rw"), capability("CAP_SYS_RAWIO"), drop("CAP_MKNOD")},
       {"cap-sys-rawio high capability:CAP_SYS_RAWIO"}},
      {"tun, fuse, kvm",
       {node("/dev/net/tun", "c", 10, 200), allow("c", 10, 200, "rwm"),
        node("/dev/fuse", "c", 10, 229), allow("c", 10, 229, "rwm"), node("/dev/kvm", "c", 10, 232),
        allow("c", 10, 232, "rwm")},
       {}},
  });
}

TEST_CASE("privileges: of devices that a rule covers the one is told that can be used") {
  const auto message = [](const std::vector<Edit>& edits) {
    return scanned(edits).finding("host-device", TargetKind::kContainer).message;
  };
  const Edit any = allow("c", -1, -1, "rw");
  CHECK(message({any}).find("keyboard") != std::string::npos);
  CHECK(message({any, capability("CAP_SYS_RAWIO")}).find("memory") != std::string::npos);
}

TEST_CASE("privileges: mounts of the host, writable and read-only") {
  check({
      {"socket",
       {bind("/var/run/docker.sock", "/var/run/docker.sock")},
       {"engine-socket critical mount:/var/run/docker.sock"}},
      {"socket, read-only: it answers all the same",
       {bind("/run/docker.sock", "/s", {"ro"})},
       {"engine-socket critical mount:/s"}},
      {"socket of an engine elsewhere",
       {bind("/srv/e/docker.sock", "/s")},
       {"engine-socket critical mount:/s"}},
      {"socket by another name",
       {bind("/srv/link", "/run/docker.sock")},
       {"engine-socket critical mount:/run/docker.sock"}},
      {"rootless socket",
       {bind("/run/user/1000/podman/podman.sock", "/s")},
       {"engine-socket high mount:/s"}},
      {"socket of another program", {bind("/run/mysqld/mysqld.sock", "/s")}, {}},
      {"socket, root is nobody outside",
       {bind("/run/docker.sock", "/s"), remapped},
       {"engine-socket medium mount:/s"}},
      {"root", {bind("/", "/host")}, {"host-root-mount critical mount:/host"}},
      {"root, read-only at the top: /proc below is not",
       {bind("/", "/host", {"ro"})},
       {"host-root-mount critical mount:/host"}},
      {"root, read-only all the way",
       {bind("/", "/host", {"ro", "rro"})},
       {"host-root-mount high mount:/host"}},
      {"root alone, read-only",
       {bind("/", "/host", {"bind", "ro"})},
       {"host-root-mount high mount:/host"}},
      {"etc", {bind("/etc", "/e")}, {"host-config-mount critical mount:/e"}},
      {"etc, read-only", {bind("/etc", "/e", {"ro"})}, {"host-config-mount high mount:/e"}},
      {"time zone, read-only", {bind("/etc/localtime", "/etc/localtime", {"ro"})}, {}},
      {"home", {bind("/root", "/r")}, {"host-home-mount critical mount:/r"}},
      {"programs", {bind("/usr/local/bin", "/b")}, {"host-programs-mount critical mount:/b"}},
      {"programs, read-only", {bind("/usr/bin", "/b", {"ro"})}, {}},
      {"proc", {bind("/proc", "/p")}, {"host-proc-mount critical mount:/p"}},
      {"proc, read-only", {bind("/proc", "/p", {"ro"})}, {"host-proc-mount low mount:/p"}},
      {"sys", {bind("/sys", "/y")}, {"host-sys-mount critical mount:/y"}},
      {"control groups", {bind("/sys/fs/cgroup", "/g")}, {"host-cgroup-mount medium mount:/g"}},
      {"control groups, read-only", {bind("/sys/fs/cgroup", "/g", {"ro"})}, {}},
      {"dev", {bind("/dev", "/d")}, {"host-dev-mount low mount:/d"}},
      {"engine's state", {bind("/var/lib/docker", "/l")}, {"engine-state-mount critical mount:/l"}},
      {"engine's state where it was moved to",
       {bind("/tmp/stores/dk28g/data/containers", "/l", {"ro"})},
       {"engine-state-mount medium mount:/l"}},
      {"a volume of that engine", {bind("/tmp/stores/dk28g/data/volumes/other/_data", "/l")}, {}},
      {"a folder whose name begins like it", {bind("/tmp/stores/dk28g/database", "/l")}, {}},
      {"bus",
       {bind("/run/dbus/system_bus_socket", "/b", {"ro"})},
       {"host-service-socket critical mount:/b"}},
      {"later options win",
       {bind("/etc", "/e", {"ro", "rw"})},
       {"host-config-mount critical mount:/e"}},
      {"data", {bind("/srv/data", "/data"), bind("/home/ada/project", "/src")}, {}},
      {"etc as a user who stays one",
       {bind("/etc", "/e"), as_user, no_new_privileges},
       {"host-config-mount medium mount:/e"}},
      {"shared, nothing to mount with", {bind("/srv/data", "/data", {"rshared"})}, {}},
      {"shared, CAP_SYS_ADMIN",
       {bind("/srv/data", "/data", {"rshared"}), capability("CAP_SYS_ADMIN")},
       {"cap-sys-admin critical capability:CAP_SYS_ADMIN", "shared-mount high mount:/data"}},
      {"slave, CAP_SYS_ADMIN",
       {bind("/srv/data", "/data", {"rslave"}), capability("CAP_SYS_ADMIN")},
       {"cap-sys-admin critical capability:CAP_SYS_ADMIN"}},
      {"a tmpfs over /etc is nothing of the host's",
       {[](json& spec) {
         spec["mounts"].push_back({{"type", "tmpfs"}, {"source", "/etc"}, {"destination", "/e"}});
       }},
       {}},
  });
}

// Trap 1: its configuration is judged when it is stopped, too; what is found stays the same
// finding.
TEST_CASE("privileges: a synthesised spec gives the same findings, and the message says so") {
  const std::vector<Edit> edits = {capability("CAP_SYS_ADMIN"), bind("/etc", "/e")};
  const auto recorded = scanned(edits);
  const auto synthesised = scanned(edits, "", "synthesised");
  REQUIRE(recorded.findings().size() == 2);
  REQUIRE(synthesised.findings().size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(recorded.findings()[i].fingerprint == synthesised.findings()[i].fingerprint);
    CHECK(recorded.findings()[i].message.find("was started with") != std::string::npos);
    CHECK(synthesised.findings()[i].message.find("would start it with") != std::string::npos);
  }
}

TEST_CASE("privileges: behind a sandbox's kernel the ways through the kernel are worth less") {
  const std::vector<Edit> edits = {capability("CAP_SYS_ADMIN"), bind("/etc", "/e")};
  CHECK(
      lines(scanned(edits, "runsc", "recorded", Boundary::kApplicationKernel)) ==
      Lines{"cap-sys-admin high capability:CAP_SYS_ADMIN", "host-config-mount critical mount:/e"});
  // Whatever it is called.
  CHECK(lines(scanned(edits, "runsc")) == Lines{"cap-sys-admin critical capability:CAP_SYS_ADMIN",
                                                "host-config-mount critical mount:/e"});
}

}  // namespace meridian::privileges
