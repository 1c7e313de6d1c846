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
    folder.file("/opt/gvisor/runsc", "...gvisor.dev/gvisor/runsc/cli...");
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

TEST_CASE("boundary: what is called runsc is looked into", "[store]") {
  const Machine machine;
  machine.folder.file("/opt/copy/runsc", "...github.com/opencontainers/runc/libcontainer...");
  machine.folder.file("/opt/script/runsc", "#!/bin/sh\nexec runc \"$@\"\n");
  const auto copy = kernel_boundary(*machine.host, claim("", "/opt/copy/runsc"));
  CHECK(copy.kind == Boundary::kSharedKernel);
  CHECK(copy.runtime == "runc");
  CHECK(copy.state == model::HandlerState::kReady);
  CHECK(copy.binary.find("/opt/copy/runsc") != std::string::npos);
  CHECK(copy.evidence ==
        std::vector<std::string>{"/opt/copy/runsc: nothing in it is of gVisor; it is runc"});
  const auto script = kernel_boundary(*machine.host, claim("", "/opt/script/runsc"));
  CHECK(script.kind == Boundary::kUnknown);
  CHECK(script.evidence ==
        std::vector<std::string>{"/opt/script/runsc: nothing in it is of gVisor"});
  // At the border of two reads.
  std::string long_one((1 << 20) - 5, 'x');
  machine.folder.file("/opt/long/runsc", long_one + "gvisor.dev/gvisor" + long_one);
  CHECK(kernel_boundary(*machine.host, claim("", "/opt/long/runsc")).runtime == "gVisor");
}

TEST_CASE("boundary: what stands behind a handler, and what is installed besides", "[store]") {
  const Machine machine;
  const auto state = [&machine](RuntimeClaim one) {
    return std::string(model::to_text(kernel_boundary(*machine.host, std::move(one)).state));
  };
  CHECK(state(claim("", "runc")) == "ready");
  CHECK(state(claim("", "/gone/runsc")) == "no-program");
  CHECK(state(claim("io.containerd.kata.v2", "")) == "no-program");
  machine.folder.file("/usr/bin/containerd-shim-kata-v2", "x");
  CHECK(state(claim("io.containerd.kata.v2", "")) == "ready");
  RuntimeClaim stranger;
  stranger.is_configured = false;
  CHECK(state(stranger) == "not-configured");

  KernelBoundaries boundaries(*machine.host);
  const auto unused = boundaries.unused({boundaries.of(claim("", "runc"))});
  REQUIRE(unused.size() == 1);  // its runsc in PATH is runc
  CHECK(unused[0].runtime == "Kata with Cloud Hypervisor");
  CHECK(unused[0].handler.empty());
  CHECK(boundaries.unused({boundaries.of(claim("io.containerd.kata.v2", ""))}).empty());
}

TEST_CASE("boundary: settings from the command line and from files", "[store]") {
  const Machine machine;
  machine.folder.file(
      "/etc/runsc.toml",
      "log_path = '/x'\n[runsc_config]\n  platform = \"ptrace\"\n  debug = true # y\n");
  machine.folder.file("/etc/kata.toml",
                      "[hypervisor.qemu]\nenable_debug = true\nenable_annotations = [\"path\", "
                      "\"kernel\"]\n[agent.kata]\ndebug_console_enabled = true\n[x]\ny = 1\n");
  const auto settings = [&machine](RuntimeClaim one) {
    std::string text;
    for (const auto& setting : kernel_boundary(*machine.host, std::move(one)).settings) {
      text += setting.name + "=" + setting.value + ";";
    }
    return text;
  };
  RuntimeClaim flags = claim("", "/opt/gvisor/runsc");
  flags.arguments = {"--platform=ptrace", "-debug", "--network", "host", "--strace", "--x="};
  CHECK(settings(flags) == "platform=ptrace;debug=true;network=host;strace=true;x=;");
  CHECK(settings(claim("io.containerd.runsc.v1", "", "/etc/runsc.toml")) ==
        "platform=ptrace;debug=true;");
  CHECK(settings(claim("io.containerd.kata.v2", "", "/etc/kata.toml")) ==
        "hypervisor.qemu.enable_debug=true;hypervisor.qemu.enable_annotations=path,kernel;"
        "agent.kata.debug_console_enabled=true;");
  const auto gone = kernel_boundary(*machine.host, claim("io.containerd.runsc.v1", "", "/no.toml"));
  CHECK(gone.evidence.back().find("/no.toml: cannot be looked at") == 0);
}

TEST_CASE("boundary: the hypervisor of any text", "[store][hostile]") {
  CHECK(hypervisor_of("[hypervisor.qemu]\npath = '/x'\n") == "QEMU");
  CHECK(hypervisor_of("[hypervisor.dragonball]\npath = '/x'\n") == "Dragonball");
  CHECK(hypervisor_of("[hypervisor.\"n\\new\"]\npath = '/x'\n") == "n\\x0aew");
  CHECK(hypervisor_of("[agent]\nx = '/x'\n").empty());
  CHECK(hypervisor_of("[hypervisor.").empty());
}

}  // namespace meridian::store
