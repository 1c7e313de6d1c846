// SPDX-License-Identifier: Apache-2.0
//
// Which kernel a container has: by the program behind the name, not by the name.
#include "store/kernel_boundary.hpp"

#include <filesystem>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

namespace meridian::store {

using model::Boundary;
using testing_support::TempDir;

namespace {

struct Row {
  const char* what;
  RuntimeClaim claim;
  Boundary kind;
  const char* runtime;
};

/// A machine with runc, runsc and a runsc that is runc.
struct Machine {
  TempDir folder;
  std::unique_ptr<rootfs::HostRoot> host;
  Machine() {
    folder.file("/usr/sbin/runc", "x");
    folder.file("/usr/bin/crun", "x");
    folder.file("/opt/gvisor/runsc", "x");
    folder.file("/opt/other/run", "x");
    folder.directory("/usr/local/bin");
    std::filesystem::create_symlink("/usr/sbin/runc", folder.at("/usr/local/bin/runsc"));
    folder.file("/etc/kata-containers/configuration.toml",
                "[hypervisor.clh]\npath = \"/usr/bin/cloud-hypervisor\"\n[agent.kata]\n");
    folder.file("/opt/kata/fc.toml", "[hypervisor.firecracker]\npath = \"/x\"\n");
    host = rootfs::HostRoot::open(folder.path()).value();
  }
};

RuntimeClaim claim(std::string shim, std::string program, std::string config = "") {
  return {std::move(shim), std::move(program), std::move(config), {}};
}

}  // namespace

TEST_CASE("boundary: the program behind the name decides", "[store]") {
  const Machine machine;
  const std::vector<Row> rows = {
      {"runc from PATH", claim("", "runc"), Boundary::kSharedKernel, "runc"},
      {"crun by its path", claim("", "/usr/bin/crun"), Boundary::kSharedKernel, "crun"},
      {"a runc that is not there", claim("", "/snap/runc"), Boundary::kSharedKernel, "runc"},
      {"gVisor", claim("", "/opt/gvisor/runsc"), Boundary::kApplicationKernel, "gVisor"},
      {"a runsc that is runc", claim("", "/usr/local/bin/runsc"), Boundary::kSharedKernel, "runc"},
      {"the same from PATH", claim("", "runsc"), Boundary::kSharedKernel, "runc"},
      {"a runsc that is not there", claim("", "/gone/runsc"), Boundary::kUnknown, ""},
      {"a name that says nothing", claim("", "/opt/other/run"), Boundary::kUnknown, ""},
      {"a path that leads out", claim("", "/../../../usr/bin/env"), Boundary::kUnknown, ""},
      {"runc's shim", claim("io.containerd.runc.v2", ""), Boundary::kSharedKernel, "runc"},
      {"runc's shim with runsc", claim("io.containerd.runc.v2", "/opt/gvisor/runsc"),
       Boundary::kApplicationKernel, "gVisor"},
      {"gVisor's shim", claim("io.containerd.runsc.v1", ""), Boundary::kApplicationKernel,
       "gVisor"},
      {"Kata, configured by its file", claim("io.containerd.kata.v2", ""), Boundary::kMicroVm,
       "Kata with Cloud Hypervisor"},
      {"Kata with a file of its own", claim("io.containerd.kata.v2", "", "/opt/kata/fc.toml"),
       Boundary::kMicroVm, "Kata with Firecracker"},
      {"Kata whose name says it", claim("io.containerd.kata-qemu.v2", "", "/gone.toml"),
       Boundary::kMicroVm, "Kata with QEMU"},
      {"firecracker-containerd", claim("aws.firecracker", ""), Boundary::kMicroVm,
       "firecracker-containerd"},
      {"an unknown shim", claim("com.example.runtime.v2", ""), Boundary::kUnknown, ""},
      {"nothing", claim("", ""), Boundary::kUnknown, ""},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    const auto found = kernel_boundary(*machine.host, row.claim);
    CHECK(model::to_text(found.kind) == std::string(model::to_text(row.kind)));
    CHECK(found.runtime == row.runtime);
  }
}

TEST_CASE("boundary: the evidence names what was looked at", "[store]") {
  const Machine machine;
  RuntimeClaim given = claim("", "/usr/local/bin/runsc");
  given.evidence = {"hostconfig.json: Runtime = runsc"};
  const auto found = kernel_boundary(*machine.host, std::move(given));
  CHECK(found.evidence == std::vector<std::string>{"hostconfig.json: Runtime = runsc",
                                                   "/usr/local/bin/runsc: leads to runc"});
  const auto lost = kernel_boundary(*machine.host, claim("", "/gone/runsc"));
  CHECK(lost.evidence == std::vector<std::string>{"/gone/runsc: is not there"});
}

TEST_CASE("boundary: what cannot be looked at is not said to be missing", "[store]") {
  const Machine machine;
  std::filesystem::create_symlink("/opt/circle", machine.folder.at("/opt/circle"));
  const auto found = kernel_boundary(*machine.host, claim("", "/opt/circle"));
  CHECK(found.kind == Boundary::kUnknown);
  REQUIRE(found.evidence.size() == 1);
  CHECK(found.evidence[0].find("/opt/circle: cannot be looked at: ") == 0);
}

TEST_CASE("boundary: the hypervisor of any text", "[store][hostile]") {
  CHECK(hypervisor_of("[hypervisor.qemu]\npath = '/x'\n") == "QEMU");
  CHECK(hypervisor_of("[hypervisor.dragonball]\npath = '/x'\n") == "Dragonball");
  CHECK(hypervisor_of("[hypervisor.\"n\\new\"]\npath = '/x'\n") == "n\\x0aew");
  CHECK(hypervisor_of("[agent]\nx = '/x'\n").empty());
  CHECK(hypervisor_of("[hypervisor.").empty());
}

}  // namespace meridian::store
