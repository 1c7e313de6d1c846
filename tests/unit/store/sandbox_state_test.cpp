// SPDX-License-Identifier: Apache-2.0
#include "store/sandbox_state.hpp"

#include <fcntl.h>

#include "base/unique_fd.hpp"
#include "rootfs/directory_tree.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

namespace meridian::store {
namespace {

using testing_support::TempDir;

model::KernelBoundary of(model::Boundary kind, std::vector<model::RuntimeSetting> settings = {}) {
  model::KernelBoundary made;
  made.kind = kind;
  made.settings = std::move(settings);
  return made;
}

constexpr auto kGvisor = model::Boundary::kApplicationKernel;

}  // namespace

TEST_CASE("sandbox state: gVisor's and Kata's files name the container and its sandbox") {
  const TempDir folder;
  folder.file("run/mine/c1_sandbox:s1.state", "{}");
  folder.file("run/runsc/c2_sandbox:c2.state", "{}");
  folder.file("run/vc/sbs/s1/persist.json", "{}");
  const auto host = rootfs::HostRoot::open(folder.path());
  REQUIRE(host);
  const auto evidence = [&](model::Boundary kind, const std::string& container,
                            const std::string& sandbox) {
    model::KernelBoundary boundary = of(kind);
    add_state_evidence(**host, {*model::HostPath::parse("/run/mine")}, container, sandbox,
                       boundary);
    return boundary.evidence;
  };
  using Texts = std::vector<std::string>;
  CHECK(evidence(kGvisor, "c1", "s1") ==
        Texts{"/run/mine/c1_sandbox:s1.state is there: runsc's state of it"});
  CHECK(evidence(kGvisor, "c2", "c2") ==
        Texts{"/run/runsc/c2_sandbox:c2.state is there: runsc's state of it"});
  CHECK(evidence(kGvisor, "c1", "c1").empty());
  CHECK(evidence(model::Boundary::kMicroVm, "c1", "s1") ==
        Texts{"/run/vc/sbs/s1/persist.json is there: Kata's state of its sandbox"});
  CHECK(evidence(model::Boundary::kSharedKernel, "c1", "s1").empty());
  CHECK(evidence(kGvisor, "../mine/c1", "s1").empty());
}

TEST_CASE("sandbox state: what gVisor keeps for itself is not in the layer") {
  const TempDir plain, kept;
  plain.file("etc/x", "x");
  kept.file(".gvisor.filestore.s1", "x");
  const auto why = [](const TempDir& folder, const model::KernelBoundary& boundary) {
    const rootfs::DirectoryTree tree(
        base::UniqueFd(::open(folder.path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)), "layer");
    return unseen_writes(boundary, tree);
  };
  CHECK(why(plain, of(kGvisor)).empty());
  CHECK(why(kept, of(kGvisor)) ==
        "what it writes lies in gVisor's own file '.gvisor.filestore.s1', not file by file");
  CHECK(why(kept, of(model::Boundary::kMicroVm)).empty());
  CHECK(why(plain, of(kGvisor, {{"overlay2", "all:memory", "x"}})) ==
        "what it writes stays with gVisor (overlay2=all:memory)");
  CHECK(why(plain, of(kGvisor, {{"overlay2", "all:memory", "x"}, {"overlay2", "none", "x"}}))
            .empty());
  CHECK(why(plain, of(kGvisor, {{"overlay", "true", "x"}})) ==
        "what it writes stays with gVisor (overlay)");
}

}  // namespace meridian::store
