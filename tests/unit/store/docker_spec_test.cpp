// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>

#include "model/capabilities.hpp"
#include "store/docker/engine_facts.hpp"
#include "store/docker/host_devices.hpp"
#include "store/docker/seccomp_profile.hpp"
#include "store/docker/spec_mounts.hpp"
#include "store/docker/spec_synthesis.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace meridian;
using namespace meridian::store;
using model::OciSpec;

namespace {

class NoHost final : public SpecContext {
 public:
  std::map<std::string, Peer> peers;
  AccountFiles files;
  std::optional<Peer> peer(const std::string& container) const override {
    const auto found = peers.find(container);
    return found == peers.end() ? std::nullopt : std::optional(found->second);
  }
  std::vector<model::SpecDevice> devices(const std::string&) const override { return {}; }
  std::vector<model::SpecDevice> all_devices() const override { return {}; }
  Result<AccountFiles> accounts() const override { return files; }
};

EngineFacts facts() {
  EngineFacts engine;
  engine.data_root = "/var/lib/docker";
  engine.exec_root = "/run/docker";
  const auto all = model::all_capabilities();
  engine.all_capabilities = {all.begin(), all.end()};
  return engine;
}

std::string data(const char* name) {
  std::ifstream file(std::string(MERIDIAN_SOURCE_DIR "/tests/data/docker-28/") + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

ContainerRecord record() {
  ContainerRecord out;
  out.id = std::string(64, 'c');
  out.path = "sleep";
  out.started_before = true;
  out.config.platform = {"linux", "amd64", ""};
  return out;
}

/// The order of one depth is chance.
std::map<std::string, model::SpecMount> by_destination(
    const std::vector<model::SpecMount>& mounts) {
  std::map<std::string, model::SpecMount> out;
  for (const model::SpecMount& mount : mounts) out.emplace(mount.destination, mount);
  return out;
}

OciSpec made(const ContainerRecord& of, const HostConfig& host, const EngineFacts& engine = facts(),
             const NoHost& context = {}) {
  const auto spec = synthesise_spec(of, host, "/merged", engine, context);
  INFO((spec ? std::string() : spec.error().message()));
  REQUIRE(spec);
  return *spec;
}

}  // namespace

TEST_CASE("docker spec: Docker 28's own record gives the spec it started") {
  auto of = parse_container(data("config.v2.json"));
  REQUIRE(of);
  const auto host = HostConfig::parse(data("hostconfig.json"));
  REQUIRE(host);
  const auto started = OciSpec::parse(data("config.json"));
  REQUIRE(started);
  CHECK(of->since_28);
  EngineFacts engine = facts();
  engine.kernel = "6.18.5";
  const OciSpec spec = made(*of, *host, engine);
  CHECK(by_destination(spec.mounts) == by_destination(started->mounts));
  CHECK(spec.resources == started->resources);
  CHECK(spec.process == started->process);
  CHECK(spec.namespaces == started->namespaces);
  CHECK(spec.sysctl == started->sysctl);
  CHECK(spec.masked_paths == started->masked_paths);
  CHECK(spec.seccomp->architectures == started->seccomp->architectures);
  CHECK(spec.seccomp->default_errno_ret == started->seccomp->default_errno_ret);
  const auto wanted = model::privileges_of(*started);
  const auto given = model::privileges_of(spec);
  CHECK(given.capabilities == wanted.capabilities);
  CHECK(given.all_devices == wanted.all_devices);
  CHECK(given.seccomp == wanted.seccomp);
}

TEST_CASE("docker spec: 28 makes it otherwise than 20.10") {
  const auto host = HostConfig::parse(
      R"({"NetworkMode":"host","Annotations":{"a":"b"},"Binds":["/x:/x:ro"],"Runtime":"runc"})");
  REQUIRE(host);
  const auto with = [](const char* version) {
    auto of = parse_container(std::string(R"({"ID":"c",)") + version +
                              R"("Path":"x","Config":{"User":"7"},"MountPoints":{)" +
                              R"("/x":{"Type":"bind","Source":"/x","Destination":"/x"},)" +
                              R"("/y":{"Type":"bind","Source":"/y","Destination":"/y",)" +
                              R"("Spec":{"BindOptions":{"ReadOnlyNonRecursive":true}}}}})");
    REQUIRE(of);
    return *of;
  };
  EngineFacts engine = facts();
  engine.kernel = "5.12.0";
  const OciSpec before = made(with(""), *host, engine);
  CHECK(before.find_namespace("network") != nullptr);
  CHECK(before.process.capabilities.effective.empty());
  CHECK(by_destination(before.mounts).at("/x").has_option("ro"));
  CHECK(before.annotations == std::map<std::string, std::string>{{"a", "b"}});
  const OciSpec since = made(with(R"("ImagePlatform":{"architecture":"amd64"},)"), *host, engine);
  CHECK(since.find_namespace("network") == nullptr);
  CHECK_FALSE(since.process.capabilities.effective.empty());
  CHECK(by_destination(since.mounts).at("/x").has_option("rro"));
  CHECK(by_destination(since.mounts).at("/y").has_option("ro"));
  engine.kernel = "5.11";
  const OciSpec old = made(with(R"("ImagePlatform":{"architecture":"amd64"},)"), *host, engine);
  CHECK(by_destination(old.mounts).at("/x").has_option("ro"));
}

TEST_CASE("docker spec: a container that joins one that does not run names it") {
  HostConfig host;
  host.network_mode = "container:abc";
  NoHost context;
  CHECK(made(record(), host, facts(), context).find_namespace("network")->path ==
        "container:abc/net");
  context.peers["abc"] = {77, ""};
  CHECK(made(record(), host, facts(), context).find_namespace("network")->path ==
        "/proc/77/ns/net");
}

TEST_CASE("docker spec: the host's network is the host's before the first start too") {
  HostConfig host;
  host.network_mode = "host";
  auto of = record();
  of.started_before = false;
  const auto privileges = model::privileges_of(made(of, host));
  CHECK(privileges.find_namespace("network")->sharing == model::Sharing::kHost);
}

TEST_CASE("docker spec: userns-remap gives a user namespace, unless the container asks for none") {
  EngineFacts engine = facts();
  engine.uid_mappings = {{0, 100000, 65536}};
  engine.gid_mappings = engine.uid_mappings;
  HostConfig host;
  const OciSpec spec = made(record(), host, engine);
  REQUIRE(spec.find_namespace("user"));
  CHECK(model::privileges_of(spec).host_uid == 100000);
  CHECK(spec.sysctl.count("net.ipv4.ping_group_range") == 0);
  host.userns_mode = "host";
  CHECK(made(record(), host, engine).find_namespace("user") == nullptr);
}

TEST_CASE("docker spec: AppArmor's profile is the recorded one, before a start the host's choice") {
  EngineFacts engine = facts();
  engine.apparmor = true;
  auto of = record();
  HostConfig host;
  CHECK(made(of, host, engine).process.apparmor_profile.empty());
  of.started_before = false;
  CHECK(made(of, host, engine).process.apparmor_profile == "docker-default");
  host.privileged = true;
  CHECK(made(of, host, engine).process.apparmor_profile == "unconfined");
  of.apparmor_profile = "mine";
  CHECK(made(of, host, engine).process.apparmor_profile == "mine");
  of.process_label = "system_u:system_r:container_t:s0:c1,c2";
  of.mount_label = "system_u:object_r:container_file_t:s0:c1,c2";
  CHECK(made(of, host, engine).process.selinux_label == of.process_label);
  CHECK(made(of, host, engine).mount_label == of.mount_label);
}

TEST_CASE("docker spec: files that the engine makes at the first start are there before it") {
  auto of = record();
  of.started_before = false;
  const OciSpec spec = made(of, {});
  const auto found = std::find_if(spec.mounts.begin(), spec.mounts.end(), [](const auto& mount) {
    return mount.destination == "/etc/hosts";
  });
  REQUIRE(found != spec.mounts.end());
  CHECK(found->source == "/var/lib/docker/containers/" + of.id + "/hosts");
}

TEST_CASE("docker spec: what dockerd would refuse is no spec") {
  HostConfig host;
  NoHost context;
  const auto fails = [&](const ContainerRecord& of) {
    return !synthesise_spec(of, host, "/merged", facts(), context);
  };
  auto of = record();
  CHECK_FALSE(fails(of));
  of.config.user = "nobody-there";
  CHECK(fails(of));
  of = record();
  host.tmpfs["/t"] = "evil=1";
  CHECK(fails(of));
  host.tmpfs.clear();
  for (const char* rule :
       {"", "c", "c 1:2", "d 1:2 r", "c x:2 r", "c 1:-2 r", "c 1:2 z", "c 1 :2 r"}) {
    host.device_cgroup_rules = {rule};
    INFO(rule);
    CHECK(fails(of));
  }
  host.device_cgroup_rules = {"a *:* rwm"};
  CHECK_FALSE(fails(of));
  of.seccomp_profile = "{\"defaultAction\":7}";
  CHECK(fails(of));
}

TEST_CASE("docker spec: capabilities as older engines stored them, in any case and without CAP_") {
  HostConfig host;
  host.cap_add = {"sys_admin"};
  host.cap_drop = {"all"};
  CHECK(made(record(), host).process.capabilities.bounding ==
        std::vector<std::string>{"CAP_SYS_ADMIN"});
}

TEST_CASE("docker spec: a seccomp profile's conditions") {
  const std::string profile = R"({"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":1,
    "archMap":[{"architecture":"SCMP_ARCH_AARCH64","subArchitectures":["SCMP_ARCH_ARM"]}],
    "syscalls":[{"names":["a"],"action":"SCMP_ACT_ALLOW","includes":{"minKernel":"5.11"}},
     {"names":["b"],"action":"SCMP_ACT_ALLOW","includes":{"caps":["CAP_A","CAP_B"]}},
     {"names":["c"],"action":"SCMP_ACT_ALLOW","excludes":{"caps":["CAP_A","CAP_B"]}},
     {"name":"d","action":"SCMP_ACT_ERRNO","errnoRet":38,"includes":{"arches":["arm64"]}}]})";
  const auto names = [&](const SeccompHost& host) {
    const auto filter = filter_of(profile, host);
    REQUIRE(filter);
    REQUIRE(*filter);
    std::string all;
    for (const auto& rule : (*filter)->syscalls) all += rule.names.at(0);
    return all;
  };
  CHECK(names({"amd64", "5.10.0-1", {}}) == "c");
  CHECK(names({"amd64", "5.11.7", {"CAP_A"}}) == "a");
  CHECK(names({"amd64", "6.0", {"CAP_A", "CAP_B"}}) == "ab");
  CHECK(names({"arm64", "", {}}) == "cd");
  CHECK(filter_of(profile, {"arm64", "", {}}).value()->architectures ==
        std::vector<std::string>{"SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"});
  CHECK_FALSE(filter_of("{}", {}).value());
  CHECK_FALSE(filter_of("[]", {}));
}

TEST_CASE("docker spec: users and groups as the files of the root file system have them") {
  const AccountFiles files{"root:x:0:0::/:/bin/sh\napp:x:1000:100::/:/bin/sh\nbad\n",
                           "root:x:0:\nwheel:x:10:root,app\n\n  staff:x:50:app\n"};
  const auto user = [&](std::string_view name, std::vector<std::string> add = {}) {
    const auto found = find_user(files, name, add);
    REQUIRE(found);
    return *found;
  };
  using Gids = std::vector<std::uint32_t>;
  CHECK(user("").additional_gids == Gids{0, 10});
  CHECK(user("app").uid == 1000);
  CHECK(user("app").gid == 100);
  CHECK(user("app").additional_gids == Gids{100, 10, 50});
  CHECK(user("1000").gid == 100);
  CHECK(user("app:staff").additional_gids == Gids{50});
  CHECK(user("7:8").gid == 8);
  CHECK(user("7", {"staff", "10", "1234"}).additional_gids == Gids{0, 10, 50, 1234});
  CHECK(find_user(files, "nobody", {}).error().code() == ErrorCode::kNotFound);
  CHECK_FALSE(find_user(files, "app:nobody", {}));
  CHECK_FALSE(find_user(files, "app", {"nobody"}));
  CHECK_FALSE(find_user(files, "4294967295", {}));
  CHECK(find_user({}, "", {}).value().uid == 0);
  std::string crowd;
  for (int i = 0; i < 70000; ++i) crowd += "g:x:" + std::to_string(i) + ":app\n";
  CHECK(find_user({files.passwd, crowd}, "app", {}).error().code() == ErrorCode::kLimit);
}

TEST_CASE("docker spec: subordinate ids of one user, one range after the other") {
  const auto ids = remapped_ids(
      "a:100000:1000\nbad\ndockremap:500000:10\ndockremap:200000:5\nb:1:2:3\n", 500000);
  REQUIRE(ids.size() == 2);
  CHECK(ids[0].host_id == 200000);
  CHECK(ids[1].container_id == 5);
  CHECK(ids[1].host_id == 500000);
  CHECK(remapped_ids("", 7).at(0).size == 65536);
  CHECK(remap_name("/var/lib/docker/100000.100000") == "100000.100000");
  CHECK(remap_name("/var/lib/docker").empty());
  CHECK(remap_name("/x/1.y").empty());
}

TEST_CASE("docker spec: a folder without nodes, a file and nothing are no devices") {
  const testing_support::TempDir host;
  host.file("dev/file", "x");
  host.directory("dev/empty");
  host.symlink("dev/loop", "loop");
  const auto root = rootfs::HostRoot::open(host.path()).value();
  for (const char* path : {"/dev/file", "/dev/empty", "/dev/none", "/dev/loop", "dev", "/dev"}) {
    INFO(path);
    CHECK(devices_at(*root, path).empty());
  }
  CHECK(privileged_devices(*root).empty());
}
