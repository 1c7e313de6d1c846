// SPDX-License-Identifier: Apache-2.0
//
// Each rule with what it is about and with a near miss, through the host's own path to the report.
#include <fstream>
#include <meridian/testing/testing.hpp>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "isolation_plugin.hpp"
#include "support/catch.hpp"

namespace meridian::isolation {
namespace {

using nlohmann::json;
using testing::image;
using testing::ImageBuilder;
using testing::Isolated;

constexpr Boundary kShared = Boundary::kSharedKernel;
constexpr Boundary kGvisor = Boundary::kApplicationKernel;
constexpr Boundary kVm = Boundary::kMicroVm;

json default_spec() {
  std::ifstream file(MERIDIAN_SOURCE_DIR "/tests/data/docker-28/config.json");
  json spec = json::parse(file);
  auto& mounts = spec["mounts"];
  mounts.erase(std::find_if(mounts.begin(), mounts.end(),
                            [](const json& one) { return one["destination"] == "/ctx"; }));
  return spec;  // a volume and the engine's own files are left
}

ImageBuilder container(Isolated isolation, const json& spec = default_spec()) {
  ImageBuilder builder = image().layer({}).isolation(std::move(isolation));
  return builder.container_spec(spec.dump());
}

testing::Outcome run(const ImageBuilder& builder,
                     const json& settings = {
                         {"dangerous", {"privileged", "CAP_SYS_ADMIN", "host-pid"}}}) {
  return testing::scan<IsolationPlugin>(builder, {.settings = settings.dump()});
}

std::set<std::string> rules(const testing::Outcome& outcome) {
  std::set<std::string> out;
  for (const auto& one : outcome.findings()) out.insert(one.rule);
  return out;
}

using Rules = std::set<std::string>;

Isolated runc() { return {.boundary = kShared, .handler = "runc", .runtime = "runc"}; }
Isolated gvisor(std::vector<testing::Setting> settings = {}) {
  return {.boundary = kGvisor,
          .handler = "runsc",
          .runtime = "gVisor",
          .settings = std::move(settings)};
}
Isolated kata(std::vector<testing::Setting> settings = {}) {
  return {.boundary = kVm, .handler = "kata", .runtime = "Kata", .settings = std::move(settings)};
}

}  // namespace

TEST_CASE("isolation: a container that asks for nothing has no finding, whatever runs it") {
  for (const Isolated& one : {runc(), gvisor({{"platform", "systrap"}}), kata()}) {
    const auto outcome = run(container(one));
    CHECK(rules(outcome) == Rules{});
    CHECK(outcome.gaps().empty());
  }
}

TEST_CASE("isolation: dangerous privileges with the host's kernel, and what would be better") {
  json spec = default_spec();
  for (auto& set : spec["process"]["capabilities"]) set.push_back("CAP_SYS_ADMIN");
  const auto outcome = run(container(runc(), spec)
                               .handler(runc())
                               .handler(gvisor())
                               .handler({.boundary = kVm,
                                         .state = HandlerState::kNotConfigured,
                                         .runtime = "Kata",
                                         .binary = "/opt/kata/bin/kata-runtime"}));
  const auto found = outcome.finding("shared-kernel-privileges", TargetKind::kContainer);
  CHECK(found.evidence == "CAP_SYS_ADMIN");
  CHECK(found.message ==
        "it shares the host's kernel and has what is dangerous there: CAP_SYS_ADMIN; this host has "
        "runtime 'runsc' (gVisor), Kata at /opt/kata/bin/kata-runtime, of which its engine was not "
        "told");
  CHECK(rules(run(container(gvisor(), spec))) == Rules{});
  CHECK(rules(run(container(runc(), spec), {{"dangerous", json::array()}})) == Rules{});
  spec["linux"]["namespaces"].push_back({{"type", "user"}});
  CHECK(rules(run(container(runc(), spec))) == Rules{});
}

TEST_CASE("isolation: an image that is not trusted, with the host's kernel or an unknown one") {
  const json policy = {{"trusted_images", {"docker.io/library/*"}}};
  const auto named = [](Isolated one, const char* name) {
    return container(std::move(one)).image_name(name);
  };
  CHECK(rules(run(named(runc(), "alpine"), policy)) == Rules{});
  CHECK(rules(run(named(runc(), "evil/miner"), policy)) == Rules{"shared-kernel-untrusted"});
  CHECK(rules(run(named({}, "evil/miner"), policy)) == Rules{"shared-kernel-untrusted"});
  CHECK(rules(run(named(kata(), "evil/miner"), policy)) == Rules{});
}

TEST_CASE("isolation: a runtime that is called like a sandbox and is none") {
  const Isolated liar{.boundary = kShared,
                      .handler = "runsc",
                      .runtime = "runc",
                      .program = "/usr/local/bin/runsc",
                      .binary = "/usr/sbin/runc"};
  CHECK(rules(run(container(liar))) == Rules{"sandbox-in-name-only"});
  Isolated stranger = liar;
  stranger.boundary = Boundary::kUnknown;
  stranger.runtime = "";
  CHECK(rules(run(container(stranger))) == Rules{"sandbox-in-name-only"});
  Isolated unseen = stranger;
  unseen.state = HandlerState::kUnknown;
  const auto outcome = run(container(unseen));
  CHECK(rules(outcome) == Rules{});
  CHECK(outcome.gaps().size() == 1);
}

TEST_CASE("isolation: a handler without its program, and one that nobody configured") {
  const Isolated gone{.state = HandlerState::kNoProgram, .handler = "vm", .program = "/opt/vm"};
  CHECK(rules(run(container(gone))) == Rules{"handler-without-program"});
  const Isolated unknown{.state = HandlerState::kNotConfigured, .handler = "kata-qemu"};
  CHECK(rules(run(container(unknown))) == Rules{"handler-not-configured"});
  CHECK(run(container(unknown)).gaps().empty());
}

TEST_CASE("isolation: settings that open a sandbox are named with their place") {
  const auto outcome = run(container(gvisor({{"platform", "ptrace", "/etc/docker/daemon.json"},
                                             {"network", "host"},
                                             {"debug", "false"}})));
  CHECK(rules(outcome) == Rules{"gvisor-ptrace", "gvisor-host-network"});
  const auto found = outcome.finding("gvisor-ptrace", TargetKind::kContainer);
  CHECK(found.field == "setting:platform");
  CHECK(found.evidence == "platform = ptrace");
  CHECK(found.message.find("(/etc/docker/daemon.json)") != std::string::npos);
  CHECK(rules(run(container(kata({{"agent.kata.debug_console_enabled", "true"}})))) ==
        Rules{"kata-debug-console"});
  CHECK(rules(run(container(runc()))) == Rules{});
}

TEST_CASE("isolation: namespaces, paths and devices of the host in a sandbox") {
  json spec = default_spec();
  auto& namespaces = spec["linux"]["namespaces"];
  namespaces.erase(std::find(namespaces.begin(), namespaces.end(), json{{"type", "pid"}}));
  spec["mounts"].push_back(
      {{"type", "bind"}, {"source", "/srv"}, {"destination", "/data"}, {"options", {"rbind"}}});
  spec["linux"]["devices"].push_back(
      {{"path", "/dev/vfio/1"}, {"type", "c"}, {"major", 240}, {"minor", 0}});
  const Rules all = {"sandbox-host-namespace", "sandbox-host-path", "sandbox-device"};
  CHECK(rules(run(container(kata(), spec))) == all);
  CHECK(rules(run(container(gvisor(), spec))) == all);
  CHECK(rules(run(container(runc(), spec))) == Rules{"shared-kernel-privileges"});
}

TEST_CASE("isolation: what is not known is a gap, and a word that is none is refused") {
  const auto outcome =
      run(container({.state = HandlerState::kUnknown, .evidence = {"x: is a riddle"}}));
  REQUIRE(outcome.gaps().size() == 1);
  CHECK(outcome.gaps().front().message.find("x: is a riddle") != std::string::npos);
  CHECK_THROWS_AS(run(container(runc()), {{"dangerous", {"everything"}}}), std::runtime_error);
}

TEST_CASE("isolation: RuntimeClasses of a host's node") {
  const auto one = [](const char* name, const char* handler, const char* state, const char* kind) {
    return json{{"name", name},   {"handler", handler}, {"file", "/m/c.yaml"},
                {"state", state}, {"kind", kind},       {"runtime", "runc"}};
  };
  const auto scanned = [](const json& node) { return run(image().layer({}).host(node.dump())); };
  const auto outcome = scanned({{"runtime_classes",
                                 {one("fast", "crun", "not-configured", "unknown"),
                                  one("vm", "kata", "no-program", "unknown"),
                                  one("gvisor", "other", "ready", "shared-kernel"),
                                  one("plain", "runc", "ready", "shared-kernel"),
                                  one("kata", "kata", "ready", "micro-vm")}}});
  CHECK(rules(outcome) ==
        Rules{"handler-not-configured", "handler-without-program", "sandbox-in-name-only"});
  const auto& found = outcome.finding("handler-not-configured", TargetKind::kHost);
  CHECK(found.field == "runtime-class:fast");
  CHECK(found.evidence == "/m/c.yaml: handler: crun");
  CHECK(outcome.gaps().empty());
  const auto unknown = scanned({{"runtime_classes", {one("a", "b", "unknown", "unknown")}}});
  CHECK(unknown.findings().empty());
  REQUIRE(unknown.gaps().size() == 1);
  CHECK(unknown.gaps().front().kind == "missing-data");
  CHECK(scanned({}).gaps().size() == 1);  // null is no node
  CHECK(scanned({{"runtime_classes", {1, "x"}}}).gaps().empty());
}

}  // namespace meridian::isolation
