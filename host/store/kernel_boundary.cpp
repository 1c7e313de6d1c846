// SPDX-License-Identifier: Apache-2.0
#include "store/kernel_boundary.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/escape.hpp"
#include "base/limits.hpp"
#include "store/containerd/toml.hpp"

namespace meridian::store {
namespace {

using model::Boundary;
using model::HostPath;
using model::KernelBoundary;

struct Known {
  std::string_view name;
  Boundary kind;
  const char* runtime;
};

/// OCI runtimes by the name of their program.
constexpr std::array kPrograms = {
    Known{"runc", Boundary::kSharedKernel, "runc"},
    Known{"docker-runc", Boundary::kSharedKernel, "runc"},
    Known{"crun", Boundary::kSharedKernel, "crun"},
    Known{"youki", Boundary::kSharedKernel, "youki"},
    Known{"sysbox-runc", Boundary::kSharedKernel, "Sysbox"},
    Known{"nvidia-container-runtime", Boundary::kSharedKernel, "runc, by NVIDIA's"},
    Known{"runsc", Boundary::kApplicationKernel, "gVisor"},
    Known{"krun", Boundary::kMicroVm, "krun"},
    Known{"kata-runtime", Boundary::kMicroVm, "Kata"},
    Known{"ignite", Boundary::kMicroVm, "Weave Ignite"}};

/// Beginnings of the types of containerd's shims that say what they run.
constexpr std::array kShims = {
    Known{"io.containerd.runsc.", Boundary::kApplicationKernel, "gVisor"},
    Known{"io.containerd.kata", Boundary::kMicroVm, "Kata"},
    Known{"aws.firecracker", Boundary::kMicroVm, "firecracker-containerd"}};

/// Those that run a program with the command line of runc, and which one if none is named.
constexpr std::array kProgramShims = {
    std::pair{std::string_view("io.containerd.runc."), "runc"},
    std::pair{std::string_view("io.containerd.runtime.v1.linux"), "runc"},
    std::pair{std::string_view("io.containerd.crun."), "crun"},
    std::pair{std::string_view("io.containerd.youki."), "youki"}};

constexpr std::array kPath = {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin",
                              "/usr/bin",        "/sbin",          "/bin"};

/// Where Kata looks for its configuration, in this order.
constexpr std::array kKataConfigs = {"/etc/kata-containers/configuration.toml",
                                     "/usr/share/defaults/kata-containers/configuration.toml",
                                     "/opt/kata/share/defaults/kata-containers/configuration.toml"};

/// Tables of Kata's configuration, and words in the names of its handlers.
constexpr std::array kHypervisors = {std::pair{"qemu", "QEMU"},
                                     std::pair{"clh", "Cloud Hypervisor"},
                                     std::pair{"cloud-hypervisor", "Cloud Hypervisor"},
                                     std::pair{"firecracker", "Firecracker"},
                                     std::pair{"fc", "Firecracker"},
                                     std::pair{"dragonball", "Dragonball"},
                                     std::pair{"stratovirt", "StratoVirt"},
                                     std::pair{"acrn", "ACRN"}};

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

/// Where `path` leads to after all links, as the kernel shows it.
Result<std::string> real_path(const rootfs::HostRoot& host, const HostPath& path) {
  MERIDIAN_TRY(const base::UniqueFd found, host.find(path));
  std::array<char, limits::kMaxPath> text{};
  const std::string link = "/proc/self/fd/" + std::to_string(found.get());
  const ssize_t size = ::readlink(link.c_str(), text.data(), text.size());
  if (size <= 0) return path.text();
  return std::string(text.data(), static_cast<std::size_t>(size));
}

class Judge {
 public:
  Judge(const rootfs::HostRoot& host, RuntimeClaim claim) : host_(host), claim_(std::move(claim)) {
    out_.evidence = std::move(claim_.evidence);
  }

  KernelBoundary judge() {
    if (!by_shim() && !claim_.program.empty()) by_program(claim_.program);
    if (out_.runtime == "Kata") add_hypervisor();
    return std::move(out_);
  }

 private:
  bool by_shim();
  void by_program(const std::string& program);
  std::optional<std::string> find(const std::string& program);
  void take(const Known& known) {
    out_.kind = known.kind;
    out_.runtime = known.runtime;
  }
  void add_hypervisor();
  void could_not_look(const std::string& file, const Error& why) {
    unseen_ = true;
    out_.evidence.push_back(base::escape(file) + ": cannot be looked at: " + why.message());
  }

  const rootfs::HostRoot& host_;
  RuntimeClaim claim_;
  KernelBoundary out_;
  bool unseen_ = false;
};

bool Judge::by_shim() {
  for (const Known& known : kShims) {
    if (!starts_with(claim_.shim, known.name)) continue;
    take(known);
    return true;
  }
  for (const auto& [shim, program] : kProgramShims) {
    if (starts_with(claim_.shim, shim) && claim_.program.empty()) claim_.program = program;
  }
  return false;
}

std::optional<std::string> Judge::find(const std::string& program) {
  std::vector<std::string> places;
  if (!program.empty() && program.front() == '/') places.push_back(program);
  if (program.find('/') == std::string::npos) {
    for (const char* const folder : kPath) places.push_back(folder + ("/" + program));
  }
  for (const std::string& place : places) {
    const auto path = HostPath::parse(place);
    auto real = path ? real_path(host_, *path) : Result<std::string>(path.error());
    if (!real) {
      if (real.error().code() != ErrorCode::kNotFound) could_not_look(place, real.error());
      continue;
    }
    if (base_name(*real) != base_name(place)) {
      out_.evidence.push_back(base::escape(place) + ": leads to " + base::escape(base_name(*real)));
    }
    return *std::move(real);
  }
  return std::nullopt;
}

void Judge::by_program(const std::string& program) {
  const auto real = find(program);
  const std::string_view name = base_name(real ? *real : program);
  const auto known = std::find_if(kPrograms.begin(), kPrograms.end(),
                                  [name](const Known& one) { return one.name == name; });
  if (!real && !unseen_) out_.evidence.push_back(base::escape(program) + ": is not there");
  if (known == kPrograms.end()) return;
  // Less than the host's own kernel nobody has.
  if (real || known->kind == Boundary::kSharedKernel) take(*known);
}

void Judge::add_hypervisor() {
  std::vector<std::string> files;
  if (!claim_.config.empty()) files.push_back(claim_.config);
  // io.containerd.kata-qemu.v2: its name says it too.
  for (const auto& [word, name] : kHypervisors) {
    if (claim_.shim.find("-" + std::string(word) + ".") == std::string::npos) continue;
    out_.runtime = std::string("Kata with ") + name;
  }
  if (files.empty()) files.assign(kKataConfigs.begin(), kKataConfigs.end());
  for (const std::string& file : files) {
    const auto path = HostPath::parse(file);
    const auto text = path ? host_.read_file(*path, limits::kMaxManifestBytes)
                           : Result<std::string>(path.error());
    if (!text) {
      if (text.error().code() != ErrorCode::kNotFound) could_not_look(file, text.error());
      continue;
    }
    const std::string name = hypervisor_of(*text);
    if (name.empty()) continue;
    out_.runtime = "Kata with " + name;
    out_.evidence.push_back(base::escape(file) + ": hypervisor = " + name);
    return;
  }
}

}  // namespace

std::string hypervisor_of(std::string_view kata_configuration) {
  const auto entries = containerd::parse_toml(kata_configuration);
  if (!entries) return {};
  for (const auto& entry : *entries) {
    if (entry.path.size() < 2 || entry.path[0] != "hypervisor") continue;
    for (const auto& [word, name] : kHypervisors) {
      if (entry.path[1] == word) return name;
    }
    return base::escape(entry.path[1]);
  }
  return {};
}

KernelBoundary kernel_boundary(const rootfs::HostRoot& host, RuntimeClaim claim) {
  return Judge(host, std::move(claim)).judge();
}

}  // namespace meridian::store
