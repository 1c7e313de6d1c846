// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include "deploy/quote.hpp"
#include "deploy/render.hpp"
#include "deploy/seccomp_table.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"

using namespace meridian;
using namespace meridian::deploy;

namespace {

Request least() {
  Request request;
  request.version = "0.0.0";
  request.image = "meridian:0.0.0";
  request.plugins = {{"io.meridian.secrets", 64 << 20, 0, 0, {}}};
  return request;
}

/// Every line that there is, and foreign text wherever some can stand.
Request most() {
  Request request = least();
  request.image = "registry.example:5000/team/meridian:1@sha256:00";
  request.plugins.push_back({"org.example.unpacker", 0, 16 << 20, 2, {"processes"}});
  request.features = {Feature::kOpaqueDirectories};
  request.plugin_folders = {"/opt/it's, \"mine\"/$(id) `x` \\ ü"};
  request.only = {"io.meridian.secrets", "org.example.unpacker"};
  request.report = "/srv/re ports/$HOME";
  request.keep = "/srv/keep #1: a";
  request.memory = (std::uint64_t{1} << 30) + 1;
  request.milli_cpus = 1500;
  return request;
}

Plan plan_of(const Request& request) {
  auto plan = make_plan(request);
  REQUIRE(plan);
  return *plan;
}

std::set<std::string> words_of(std::string_view text) {
  std::istringstream stream{std::string(text)};
  return {std::istream_iterator<std::string>(stream), {}};
}

std::string refusal_of(const Request& request) {
  const auto plan = make_plan(request);
  return plan ? "" : plan.error().message();
}

}  // namespace

TEST_CASE("deploy: what is written, the least and the most") {
  for (const auto& [name, request] : {std::pair("least", least()), std::pair("most", most())}) {
    const std::string at = std::string("deploy/") + name;
    Plan plan = plan_of(request);
    test::check_golden(at + "-docker.txt", docker_script(plan));
    test::check_golden(at + "-compose.yaml", compose_file(plan));
    test::check_golden(at + "-seccomp.json", seccomp_profile(plan));
    plan.kind = Kind::kJob;
    test::check_golden(at + "-job.yaml", kubernetes_manifest(plan));
    plan.kind = Kind::kCronJob;
    test::check_golden(at + "-cronjob.yaml", kubernetes_manifest(plan));
    plan.kind = Kind::kDaemonSet;
    test::check_golden(at + "-daemonset.yaml", kubernetes_manifest(plan));
  }
}

TEST_CASE("deploy: one capability, unless a feature is asked for or a plugin needs it") {
  REQUIRE(plan_of(least()).capabilities.size() == 1);
  CHECK(plan_of(least()).capabilities.front().name == "DAC_READ_SEARCH");
  CHECK(plan_of(most()).capabilities.size() == 3);
  Request request = least();
  request.plugins.front().privileges = {"processes", "processes"};
  CHECK(plan_of(request).capabilities.size() == 2);
}

TEST_CASE("deploy: nothing is writable unless a folder is named or a plugin declares scratch") {
  const Plan plan = plan_of(least());
  CHECK_FALSE(plan.writes);
  for (const Mount& mount : plan.mounts) CHECK(mount.read_only);
  for (std::string Request::*const folder : {&Request::report, &Request::keep}) {
    Request request = least();
    request.*folder = "/srv/x";
    CHECK(plan_of(request).writes);
  }
  Request request = least();
  request.plugins.front().scratch = 1;
  CHECK(plan_of(request).writes);
}

TEST_CASE("deploy: memory and processes follow what plugins declare and how many jobs there are") {
  Request request = least();
  const Plan two = plan_of(request);
  CHECK(two.memory == std::uint64_t{512 + 2 * 64} << 20);
  request.milli_cpus = 3001;
  CHECK(plan_of(request).memory == std::uint64_t{512 + 4 * 64} << 20);
  CHECK(plan_of(request).processes > two.processes);
}

TEST_CASE("deploy: a value that is none is refused by name") {
  Request request = least();
  for (const char* const image : {"", "-v", "a b", "a'b", "a\nb", "a$b"}) {
    request.image = image;
    CHECK_THAT(refusal_of(request), Catch::Contains("--image"));
  }
  request = least();
  request.report = "relative";
  CHECK_THAT(refusal_of(request), Catch::Contains("--report 'relative'"));
  request.report = "/a\nb";
  CHECK_THAT(refusal_of(request), Catch::Contains("--report"));
  request.report = "/\xff";
  CHECK_THAT(refusal_of(request), Catch::Contains("--report"));
  request = least();
  request.schedule = "17 3 * * *\nkind: Pod";
  CHECK_THAT(refusal_of(request), Catch::Contains("--schedule"));
  request = least();
  request.memory = 1;
  CHECK_THAT(refusal_of(request), Catch::Contains("--memory"));
  request = least();
  request.milli_cpus = 1;
  CHECK_THAT(refusal_of(request), Catch::Contains("--cpus"));
  request = least();
  request.plugins.front().privileges = {"root, please"};
  CHECK_THAT(refusal_of(request), Catch::Contains("io.meridian.secrets needs 'root, please'"));
  for (const char* const never : {"CAP_NET_RAW", "network", "host-network", "host-pid"}) {
    request.plugins.front().privileges = {never};
    CHECK_THAT(refusal_of(request), Catch::Contains("its sandbox would take that from it"));
  }
  request.plugins.clear();
  CHECK_THAT(refusal_of(request), Catch::Contains("no plugin"));
}

TEST_CASE("deploy: foreign text stays one word") {
  CHECK(shell_word("a'b $c") == "'a'\\''b $c'");
  CHECK(shell_word("") == "''");
  CHECK(yaml_text("a\"b\\c\n\x01") == "\"a\\\"b\\\\c\\x0a\\x01\"");
  CHECK(csv_field("source=/a,\"b\"") == "\"source=/a,\"\"b\"\"\"");
  CHECK(without_variables("$A $$") == "$$A $$$$");
  CHECK(comment("a\nb", "  ") == "  # a\\x0ab\n");
}

TEST_CASE("seccomp table: what was recorded is answered, what leaves a container is not") {
  std::ifstream file(std::string(MERIDIAN_SOURCE_DIR) + "/tests/data/deploy/recorded_calls.txt");
  std::set<std::string> recorded;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line.front() != '#') recorded.insert(line);
  }
  REQUIRE(recorded.size() > 50);
  std::set<std::string> answered;
  for (const CallGroup& group : allowed_calls()) answered.merge(words_of(group.calls));
  for (const CallGroup& group : absent_calls()) answered.merge(words_of(group.calls));
  for (const MaskedCall& one : masked_calls()) answered.insert(std::string(one.call));
  for (const std::string& call : recorded) {
    CAPTURE(call);
    // Tried where the environment lets them, and done without where not.
    if (call == "mount" || call == "unshare") continue;
    CHECK(answered.contains(call));
  }
  for (const char* const call : {"open_by_handle_at",
                                 "name_to_handle_at",
                                 "mount",
                                 "umount2",
                                 "pivot_root",
                                 "chroot",
                                 "unshare",
                                 "setns",
                                 "ptrace",
                                 "process_vm_readv",
                                 "process_vm_writev",
                                 "bpf",
                                 "perf_event_open",
                                 "io_uring_setup",
                                 "socket",
                                 "connect",
                                 "bind",
                                 "mknod",
                                 "mknodat",
                                 "init_module",
                                 "finit_module",
                                 "kexec_load",
                                 "keyctl",
                                 "add_key",
                                 "userfaultfd",
                                 "fsopen",
                                 "move_mount",
                                 "mount_setattr",
                                 "pidfd_getfd",
                                 "personality",
                                 "quotactl",
                                 "swapon",
                                 "reboot",
                                 "iopl",
                                 "setuid",
                                 "setgid"}) {
    CAPTURE(call);
    CHECK_FALSE(answered.contains(call));
  }
}
