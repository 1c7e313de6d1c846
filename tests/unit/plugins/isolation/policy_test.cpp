// SPDX-License-Identifier: Apache-2.0
//
// Names of images as people type them, and the settings that open a sandbox.
#include "policy.hpp"

#include <fstream>
#include <set>

#include "setting_table.hpp"
#include "store/runtime_settings.hpp"
#include "support/catch.hpp"

namespace meridian::isolation {

TEST_CASE("policy: an image is called as its engine would complete the name") {
  CHECK(full_name("alpine:3") == "docker.io/library/alpine:3");
  CHECK(full_name("grafana/grafana") == "docker.io/grafana/grafana");
  CHECK(full_name("registry.example/x") == "registry.example/x");
  CHECK(full_name("localhost/x") == "localhost/x");
  CHECK(full_name("localhost:5000/x") == "localhost:5000/x");
  CHECK(full_name("").empty());
}

TEST_CASE("policy: without a list every image is trusted, with one only those in it") {
  const Policy none{{}, {}, {}};
  CHECK(none.trusts("anything"));
  CHECK(none.trusts(""));
  const Policy some{{}, {"docker.io/library/*", "registry.example/*"}, {"*/unsafe:*"}};
  CHECK(some.trusts("alpine:3"));
  CHECK(some.trusts("registry.example/team/app@sha256:00"));
  CHECK_FALSE(some.trusts("grafana/grafana"));
  CHECK_FALSE(some.trusts("registry.example/unsafe:1"));
  CHECK_FALSE(some.trusts(""));
}

TEST_CASE("settings: those that open a sandbox, and near misses") {
  const auto rule = [](Boundary boundary, const char* name, const char* value) {
    const SettingWorth* const worth = worth_of(boundary, name, value);
    return worth == nullptr ? std::string() : std::string(worth->rule);
  };
  constexpr Boundary kGvisor = Boundary::kApplicationKernel, kVm = Boundary::kMicroVm;
  CHECK(rule(kGvisor, "network", "host") == "gvisor-host-network");
  CHECK(rule(kGvisor, "network", "sandbox").empty());
  CHECK(rule(kGvisor, "platform", "ptrace") == "gvisor-ptrace");
  CHECK(rule(kGvisor, "platform", "systrap").empty());
  CHECK(rule(kGvisor, "file-access", "shared") == "gvisor-shared-files");
  CHECK(rule(kGvisor, "file-access", "exclusive").empty());
  CHECK(rule(kGvisor, "debug", "true") == "gvisor-debug");
  CHECK(rule(kGvisor, "debug", "false").empty());
  CHECK(rule(kGvisor, "host-uds", "none").empty());
  CHECK(rule(kGvisor, "host-uds", "open") == "gvisor-host-sockets");
  CHECK(rule(kVm, "network", "host").empty());
  CHECK(rule(kVm, "agent.kata.debug_console_enabled", "true") == "kata-debug-console");
  CHECK(rule(kVm, "agent.kata.debug_console_enabled", "false").empty());
  CHECK(rule(kVm, "hypervisor.qemu.enable_debug", "true") == "kata-debug");
  CHECK(rule(kVm, "hypervisor.enable_debug", "true").empty());
  CHECK(rule(kVm, "hypervisor.a.b.enable_debug", "true").empty());
  CHECK(rule(kVm, "hypervisor.qemu.enable_annotations", "enable_iommu,kernel_params").empty());
  CHECK(rule(kVm, "hypervisor.qemu.enable_annotations", "path") == "kata-open-annotations");
  CHECK(rule(kVm, "hypervisor.clh.enable_annotations", ".*") == "kata-open-annotations");
  CHECK(rule(kVm, "hypervisor.qemu.cold_plug_vfio", "no-port").empty());
  CHECK(rule(kVm, "hypervisor.qemu.cold_plug_vfio", "root-port") == "sandbox-device");
}

TEST_CASE("settings: a whole configuration of Kata's", "[plugins]") {
  std::ifstream file(MERIDIAN_SOURCE_DIR "/tests/data/kata/configuration.toml");
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const auto settings = store::settings_of_kata(text, "configuration.toml");
  REQUIRE(settings);
  std::set<std::string> rules;
  for (const model::RuntimeSetting& one : *settings) {
    const auto* const worth = worth_of(Boundary::kMicroVm, one.name, one.value);
    if (worth != nullptr) rules.insert(std::string(worth->rule) + " " + one.name);
  }
  CHECK(rules == std::set<std::string>{"kata-debug-console agent.kata.debug_console_enabled",
                                       "sandbox-device hypervisor.qemu.hot_plug_vfio",
                                       "sandbox-host-path runtime.sandbox_bind_mounts"});
}

}  // namespace meridian::isolation
