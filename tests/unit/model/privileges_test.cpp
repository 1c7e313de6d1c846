// SPDX-License-Identifier: Apache-2.0
#include "model/privileges.hpp"

#include "model/capabilities.hpp"
#include "support/catch.hpp"

using namespace meridian;
using namespace meridian::model;

namespace {

std::vector<std::string> strings(std::span<const std::string_view> names) {
  return {names.begin(), names.end()};
}

/// As `docker run` without options.
OciSpec plain() {
  OciSpec spec;
  spec.process.capabilities.bounding = strings(default_capabilities());
  spec.process.capabilities.effective = spec.process.capabilities.bounding;
  for (const char* type : {"mount", "network", "uts", "pid", "ipc"}) {
    spec.namespaces.push_back({type, ""});
  }
  spec.seccomp = SpecSeccomp{"SCMP_ACT_ERRNO", {}, {}, {}, {}};
  spec.resources.devices = {{false, "", {}, {}, "rwm"}, {true, "c", 1, 3, "rwm"}};
  spec.masked_paths = {"/proc/kcore"};
  spec.readonly_paths = {"/proc/sys"};
  return spec;
}

Sharing sharing(const Privileges& privileges, std::string_view type) {
  return privileges.find_namespace(type)->sharing;
}

}  // namespace

TEST_CASE("privileges: a container without options has nothing beyond the default") {
  const Privileges given = privileges_of(plain());
  CHECK(given.added.empty());
  CHECK(given.dropped.empty());
  CHECK_FALSE(given.all_capabilities);
  CHECK_FALSE(given.all_devices);
  CHECK_FALSE(given.privileged);
  CHECK(given.seccomp == SeccompMode::kFilter);
  CHECK(sharing(given, "pid") == Sharing::kPrivate);
  CHECK(sharing(given, "cgroup") == Sharing::kHost);
  CHECK(sharing(given, "user") == Sharing::kHost);
  CHECK(given.host_uid == 0);
  CHECK(given.capabilities.bounding.front() == "CAP_CHOWN");
}

TEST_CASE("privileges: added and dropped capabilities, by number and once") {
  OciSpec spec = plain();
  spec.process.capabilities.bounding = {"CAP_SYS_ADMIN", "CAP_FUTURE", "CAP_CHOWN", "CAP_NET_ADMIN",
                                        "CAP_SYS_ADMIN"};
  spec.process.capabilities.effective = {"CAP_BPF"};
  const Privileges given = privileges_of(spec);
  CHECK(given.added ==
        std::vector<std::string>{"CAP_NET_ADMIN", "CAP_SYS_ADMIN", "CAP_BPF", "CAP_FUTURE"});
  CHECK(given.dropped.size() == 13);
  CHECK(given.capabilities.bounding ==
        std::vector<std::string>{"CAP_CHOWN", "CAP_NET_ADMIN", "CAP_SYS_ADMIN", "CAP_FUTURE"});
}

TEST_CASE("privileges: --privileged is all capabilities, all devices, no filter, no masks") {
  OciSpec spec = plain();
  spec.process.capabilities.bounding = strings(all_capabilities().first(38));
  spec.resources.devices = {{true, "", {}, {}, "rwm"}};
  spec.seccomp.reset();
  spec.masked_paths.clear();
  spec.readonly_paths.clear();
  CHECK(privileges_of(spec).privileged);
  SECTION("without a capability") {
    spec.process.capabilities.bounding.pop_back();
    CHECK_FALSE(privileges_of(spec).privileged);
  }
  SECTION("with a filter that allows everything") {
    spec.seccomp = SpecSeccomp{"SCMP_ACT_ALLOW", {}, {}, {}, {{{}, "SCMP_ACT_ERRNO", {}, {}}}};
    CHECK(privileges_of(spec).seccomp == SeccompMode::kAllowsAll);
    CHECK(privileges_of(spec).privileged);
    spec.seccomp->syscalls.push_back({{"mount"}, "SCMP_ACT_ERRNO", {}, {}});
    CHECK(privileges_of(spec).seccomp == SeccompMode::kFilter);
    CHECK_FALSE(privileges_of(spec).privileged);
  }
  SECTION("with a mask") {
    spec.masked_paths = {"/proc/kcore"};
    CHECK_FALSE(privileges_of(spec).privileged);
  }
}

TEST_CASE("privileges: device rules are read in order, a rule for everything starts anew") {
  OciSpec spec = plain();
  spec.resources.devices.push_back({true, "a", -1, -1, "m"});
  CHECK_FALSE(privileges_of(spec).all_devices);
  spec.resources.devices.push_back({true, "a", {}, {}, "rwm"});
  CHECK(privileges_of(spec).all_devices);
  spec.resources.devices.push_back({true, "c", 1, 1, "rwm"});
  CHECK(privileges_of(spec).all_devices);
  spec.resources.devices.push_back({false, "a", {}, {}, "rwm"});
  CHECK_FALSE(privileges_of(spec).all_devices);
  spec.resources.devices.push_back({true, "c", {}, {}, "rwm"});
  CHECK_FALSE(privileges_of(spec).all_devices);
}

TEST_CASE("privileges: a namespace is private, the host's, or one that was there") {
  OciSpec spec = plain();
  spec.namespaces = {{"network", "/run/docker/netns/default"},
                     {"ipc", "/proc/77/ns/ipc"},
                     {"pid", "/proc/1/ns/pid"},
                     {"mount", ""}};
  const Privileges given = privileges_of(spec);
  CHECK(sharing(given, "network") == Sharing::kHost);
  CHECK(sharing(given, "ipc") == Sharing::kJoined);
  CHECK(given.find_namespace("ipc")->path == "/proc/77/ns/ipc");
  CHECK(sharing(given, "pid") == Sharing::kHost);
  CHECK(sharing(given, "uts") == Sharing::kHost);
  CHECK(sharing(given, "mount") == Sharing::kPrivate);
}

TEST_CASE("privileges: a user namespace says who a user is on the host") {
  OciSpec spec = plain();
  spec.namespaces.push_back({"user", ""});
  spec.uid_mappings = {{0, 100000, 1000}, {1000, 5, 1}, {2000, 4294967295, 10}};
  const auto host_uid = [&spec](std::uint32_t uid) {
    spec.process.user.uid = uid;
    return privileges_of(spec).host_uid;
  };
  CHECK(host_uid(0) == 100000);
  CHECK(host_uid(999) == 100999);
  CHECK(host_uid(1000) == 5);
  CHECK(host_uid(1001) == std::nullopt);
  CHECK(host_uid(2009) == 4294967304);
}

TEST_CASE("privileges: who a user is on the host in a user namespace that was there") {
  OciSpec spec = plain();
  spec.process.user.uid = 7;
  spec.namespaces.push_back({"user", "/proc/1/ns/user"});
  CHECK(sharing(privileges_of(spec), "user") == Sharing::kHost);
  CHECK(privileges_of(spec).host_uid == 7);
  spec.namespaces.back().path = "/proc/77/ns/user";  // whose mappings are not in the spec
  CHECK(privileges_of(spec).host_uid == std::nullopt);
}

TEST_CASE("privileges: mounts say whether they are of the host, read-only, propagated") {
  OciSpec spec = plain();
  spec.mounts = {{"/proc", "proc", "proc", {"nosuid"}},
                 {"/a", "bind", "/", {"rbind", "ro", "rslave"}},
                 {"/b", "", "/srv", {"bind", "ro", "rw"}}};
  const Privileges given = privileges_of(spec);
  CHECK_FALSE(given.mounts[0].of_host);
  CHECK(given.mounts[1].of_host);
  CHECK(given.mounts[1].read_only);
  CHECK(given.mounts[1].propagation == "rslave");
  CHECK(given.mounts[2].of_host);
  CHECK_FALSE(given.mounts[2].read_only);
}

TEST_CASE("privileges: AppArmor and SELinux stand as the spec names them") {
  // Shortened from a podman spec on Fedora and a Docker one on Ubuntu; this kernel has neither.
  const auto selinux = OciSpec::parse(
      R"({"process":{"selinuxLabel":"system_u:system_r:container_t:s0:c1,c2"},
          "linux":{"mountLabel":"system_u:object_r:container_file_t:s0:c1,c2"}})");
  REQUIRE(selinux);
  CHECK(privileges_of(*selinux).selinux_label == "system_u:system_r:container_t:s0:c1,c2");
  CHECK(privileges_of(*selinux).apparmor_profile.empty());
  const auto unconfined = OciSpec::parse(R"({"process":{"apparmorProfile":"unconfined"}})");
  REQUIRE(unconfined);
  CHECK(privileges_of(*unconfined).apparmor_profile == "unconfined");
}
