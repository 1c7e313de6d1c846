// SPDX-License-Identifier: Apache-2.0
#include "store/annotation_settings.hpp"

#include <vector>

#include "support/catch.hpp"

namespace meridian::store {
namespace {

using Texts = std::vector<std::string>;

model::KernelBoundary boundary(model::Boundary kind,
                               std::vector<std::pair<std::string, std::string>> settings) {
  model::KernelBoundary made;
  made.kind = kind;
  for (auto& [name, value] : settings) made.settings.push_back({name, value, "file"});
  return made;
}

/// "name=value (source)" of all settings then.
Texts after(model::KernelBoundary from, const std::map<std::string, std::string>& annotations) {
  add_annotation_settings(annotations, from);
  Texts texts;
  for (const auto& one : from.settings)
    texts.push_back(one.name + "=" + one.value + " (" + one.source + ")");
  return texts;
}

constexpr auto kGvisor = model::Boundary::kApplicationKernel;
constexpr auto kVm = model::Boundary::kMicroVm;

}  // namespace

TEST_CASE(
    "annotation settings: gVisor takes some flags from anybody, the others where it was told to") {
  const std::map<std::string, std::string> said{{"dev.gvisor.flag.network", "host"},
                                                {"dev.gvisor.flag.strace", "true"},
                                                {"dev.gvisor.flag.", "x"},
                                                {"other", "y"}};
  CHECK(after(boundary(kGvisor, {{"network", "sandbox"}}), said) ==
        Texts{"network=sandbox (file)", "strace=true (annotation dev.gvisor.flag.strace)"});
  CHECK(after(boundary(kGvisor, {{"network", "sandbox"}, {"allow-flag-override", "true"}}), said) ==
        Texts{"allow-flag-override=true (file)",
              "network=host (annotation dev.gvisor.flag.network)",
              "strace=true (annotation dev.gvisor.flag.strace)"});
  CHECK(
      after(boundary(kGvisor, {{"allow-flag-override", "true"}, {"allow-flag-override", "false"}}),
            {{"dev.gvisor.flag.network", "host"}})
          .size() == 2);
}

TEST_CASE("annotation settings: Kata's, as far as enable_annotations goes") {
  const std::map<std::string, std::string> said{
      {"io.katacontainers.config.hypervisor.kernel_params", "x"},
      {"io.katacontainers.config.hypervisor.path", "/p"},
      {"io.katacontainers.config.runtime.disable_new_netns", "true"},
      {"io.katacontainers.config.agent.enable_tracing", "true"},
      {"io.katacontainers.config.runtime.", "z"}};
  const std::string agent =
      "agent.kata.enable_tracing=true (annotation io.katacontainers.config.agent.enable_tracing)";
  const std::string network =
      "runtime.disable_new_netns=true (annotation "
      "io.katacontainers.config.runtime.disable_new_netns)";
  CHECK(after(boundary(kVm, {}), said) == Texts{agent, network});
  CHECK(after(boundary(kVm, {{"hypervisor.qemu.enable_annotations", "enable_iommu,kernel_.*"}}),
              said) == Texts{"hypervisor.qemu.enable_annotations=enable_iommu,kernel_.* (file)",
                             agent,
                             "hypervisor.qemu.kernel_params=x (annotation "
                             "io.katacontainers.config.hypervisor.kernel_params)",
                             network});
  CHECK(after(boundary(kVm, {{"hypervisor.clh.enable_annotations", ".*"},
                             {"hypervisor.clh.path", "/old"}}),
              said)
            .size() == 5);
  // A pattern that is not understood counts as one that lets it in.
  CHECK(after(boundary(kVm, {{"hypervisor.clh.enable_annotations", "(path|image)"}}),
              {{"io.katacontainers.config.hypervisor.path", "/p"}})
            .size() == 2);
}

TEST_CASE("annotation settings: nothing of a container that has the host's kernel") {
  CHECK(after(boundary(model::Boundary::kSharedKernel, {}),
              {{"dev.gvisor.flag.debug", "true"}, {"io.katacontainers.config.runtime.x", "y"}})
            .empty());
}

}  // namespace meridian::store
