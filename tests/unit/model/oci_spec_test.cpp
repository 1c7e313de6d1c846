// SPDX-License-Identifier: Apache-2.0
#include "model/oci_spec.hpp"

#include "support/catch.hpp"

using namespace meridian;
using model::OciSpec;

namespace {

// Shortened from what dockerd 20.10 wrote for a container with many options.
constexpr std::string_view kSpec = R"({"ociVersion":"1.0.2-dev",
 "process":{"terminal":true,"user":{"uid":1000,"gid":50,"additionalGids":[50,10]},
  "args":["sleep","6000"],"env":["PATH=/bin"],"cwd":"/",
  "capabilities":{"bounding":["CAP_CHOWN","CAP_KILL"]},
  "rlimits":[{"type":"RLIMIT_CORE","hard":18446744073709551615,"soft":0}],
  "noNewPrivileges":true,"apparmorProfile":"docker-default","oomScoreAdj":-500},
 "root":{"path":"/var/lib/docker/overlay2/x/merged","readonly":true},"hostname":"h",
 "mounts":[{"destination":"/proc","type":"proc","source":"proc","options":["nosuid"]}],
 "hooks":{"prestart":[{"path":"/proc/7/exe","args":["libnetwork-setkey"]}]},
 "linux":{"sysctl":{"net.ipv4.ip_forward":"1"},
  "uidMappings":[{"containerID":0,"hostID":100000,"size":65536}],
  "resources":{"devices":[{"allow":false,"access":"rwm"},
    {"allow":true,"type":"c","major":42,"minor":-1,"access":"rwm"}],
   "memory":{"limit":67108864,"swappiness":0,"disableOOMKiller":false},"cpu":{"shares":0},
   "pids":{"limit":100},
   "blockIO":{"weight":0,"throttleReadBpsDevice":[{"major":254,"minor":0,"rate":1048576}]}},
  "cgroupsPath":"/docker/x","namespaces":[{"type":"mount"},{"type":"network","path":"/proc/8/ns/net"}],
  "devices":[{"path":"/dev/mynull","type":"c","major":1,"minor":3,"fileMode":438,"uid":0,"gid":0}],
  "seccomp":{"defaultAction":"SCMP_ACT_ERRNO","architectures":["SCMP_ARCH_X86_64"],
   "syscalls":[{"names":["personality"],"action":"SCMP_ACT_ALLOW",
    "args":[{"index":0,"value":131072,"op":"SCMP_CMP_EQ"}]}]},
  "rootfsPropagation":"rslave","maskedPaths":["/proc/kcore"],"readonlyPaths":["/proc/sys"]}})";

}  // namespace

TEST_CASE("oci_spec: what an engine writes is read") {
  const auto spec = OciSpec::parse(kSpec);
  REQUIRE(spec);
  CHECK(spec->process.user.uid == 1000);
  CHECK(spec->process.user.additional_gids == std::vector<std::uint32_t>{50, 10});
  CHECK(spec->process.rlimits.at(0).hard == 18446744073709551615ull);
  CHECK(spec->process.oom_score_adj == -500);
  CHECK(spec->process.no_new_privileges);
  CHECK(spec->process.apparmor_profile == "docker-default");
  CHECK(spec->root_readonly);
  CHECK(spec->mounts.at(0).has_option("nosuid"));
  CHECK(spec->hooks.at("prestart").at(0).args.at(0) == "libnetwork-setkey");
  CHECK(spec->uid_mappings.at(0).host_id == 100000);
  CHECK(spec->resources.devices.at(1).minor == -1);
  CHECK_FALSE(spec->resources.devices.at(0).major);
  CHECK(spec->resources.memory->swappiness == 0);
  CHECK(spec->resources.memory->disable_oom_killer == false);
  CHECK_FALSE(spec->resources.memory->swap);
  CHECK(spec->resources.pids_limit == 100);
  CHECK(spec->resources.block_io->read_bps.at(0).value == 1048576);
  REQUIRE(spec->find_namespace("network"));
  CHECK(spec->find_namespace("network")->path == "/proc/8/ns/net");
  CHECK(spec->find_namespace("pid") == nullptr);
  CHECK(spec->devices.at(0).file_mode == 438);
  CHECK(spec->seccomp->syscalls.at(0).args.at(0).value == 131072);
  CHECK(spec->rootfs_propagation == "rslave");
}

TEST_CASE("oci_spec: its text parses to the same value") {
  const auto spec = OciSpec::parse(kSpec);
  REQUIRE(spec);
  const auto again = OciSpec::parse(spec->text());
  REQUIRE(again);
  CHECK(*again == *spec);
}

TEST_CASE("oci_spec: members that are missing are empty, unknown ones are skipped") {
  const auto spec = OciSpec::parse(R"({"future":{"x":1},"linux":null})");
  REQUIRE(spec);
  CHECK(*spec == OciSpec{});
}

TEST_CASE("oci_spec: a wrong type, a number out of range or no object says where") {
  for (const auto& [text, place] : std::vector<std::pair<std::string, std::string>>{
           {R"({"process":{"user":{"uid":4294967296}}})", "'uid': is out of range"},
           {R"({"process":{"user":{"uid":-1}}})", "'uid': is number"},
           {R"({"process":{"user":{"uid":1.5}}})", "'uid': is number"},
           {R"({"process":{"rlimits":[{"hard":1},{"hard":"x"}]}})", "'rlimits'[1]: 'hard'"},
           {R"({"linux":{"devices":[{"major":9223372036854775808}]}})", "'major': is out of range"},
           {R"({"mounts":{}})", "'mounts': is object"},
           {"[]", "is no JSON object"}}) {
    const auto spec = OciSpec::parse(text);
    REQUIRE_FALSE(spec);
    CHECK(spec.error().code() == ErrorCode::kCorrupt);
    INFO(spec.error().message());
    CHECK(spec.error().message().find(place) != std::string::npos);
  }
}
