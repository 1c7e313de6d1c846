// SPDX-License-Identifier: Apache-2.0
#include "store/kernel_boundary.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <utility>

#include "base/escape.hpp"
#include "base/limits.hpp"
#include "store/containerd/toml.hpp"
#include "store/program_mark.hpp"
#include "store/runtime_settings.hpp"

namespace meridian::store {
namespace {

using model::Boundary;
using model::HandlerState;
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

constexpr std::array kPath = {
    "/usr/local/sbin", "/usr/local/bin", "/usr/sbin",           "/usr/bin",
    "/sbin",           "/bin",           "/opt/containerd/bin", "/opt/kata/bin"};

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

constexpr std::string_view kRunsc = "runsc";

/// What a host may have that its engine does not use.
std::vector<RuntimeClaim> installable() {
  return {{"", "runsc", "", {}},
          {"io.containerd.runsc.v1", "", "", {}},
          {"io.containerd.kata.v2", "", "", {}},
          {"", "kata-runtime", "", {}},
          {"aws.firecracker", "", "", {}}};
}

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

/// containerd's runtime/v2/shim.BinaryName: the last two words of the type, or a path.
std::string shim_program(const std::string& type) {
  if (type.empty() || type.front() == '/') return type;
  const auto last = type.rfind('.');
  if (last == std::string::npos || last == 0) return {};
  const auto before = type.rfind('.', last - 1);
  const std::size_t begin = before == std::string::npos ? 0 : before + 1;
  return "containerd-shim-" + type.substr(begin, last - begin) + "-" + type.substr(last + 1);
}

}  // namespace

class Judge {
 public:
  Judge(KernelBoundaries& machine, RuntimeClaim claim)
      : machine_(machine), host_(machine.host_), claim_(std::move(claim)) {
    out_.evidence = std::move(claim_.evidence);
    out_.handler = claim_.handler;
    out_.is_default = claim_.is_default;
  }

  KernelBoundary judge() {
    if (!by_shim() && !claim_.program.empty()) by_program(claim_.program);
    out_.settings = settings_of_arguments(
        claim_.arguments,
        "the daemon's runtimes: " + base::escape(claim_.handler) + ": runtimeArgs");
    if (out_.kind == Boundary::kApplicationKernel && !claim_.config.empty()) add_runsc();
    if (out_.runtime == "Kata") add_hypervisor();
    if (!claim_.is_configured) out_.state = HandlerState::kNotConfigured;
    return std::move(out_);
  }

 private:
  bool by_shim();
  void by_program(const std::string& program);
  std::optional<std::string> find(const std::string& program);
  std::optional<std::string_view> mark_of_content(const std::string& place);
  void take(const Known& known) {
    out_.kind = known.kind;
    out_.runtime = known.runtime;
  }
  void take_place(const std::string& program, const std::optional<std::string>& real) {
    out_.program = program;
    out_.binary = real.value_or("");
    out_.state = real      ? HandlerState::kReady
                 : unseen_ ? HandlerState::kUnknown
                           : HandlerState::kNoProgram;
  }
  void add_runsc();
  void add_hypervisor();
  void add_settings(Result<std::vector<model::RuntimeSetting>> settings, const std::string& file);
  void could_not_look(const std::string& file, const Error& why) {
    unseen_ = true;
    out_.evidence.push_back(base::escape(file) + ": cannot be looked at: " + why.message());
  }

  KernelBoundaries& machine_;
  const rootfs::HostRoot& host_;
  RuntimeClaim claim_;
  KernelBoundary out_;
  std::string found_at_;  // the last that find() found
  bool unseen_ = false;
};

bool Judge::by_shim() {
  for (const Known& known : kShims) {
    if (!starts_with(claim_.shim, known.name)) continue;
    take(known);
    const std::string program = shim_program(claim_.shim);
    const auto real = find(program);
    take_place(program, real);
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
    found_at_ = place;
    if (base_name(*real) != base_name(place)) {
      out_.evidence.push_back(base::escape(place) + ": leads to " + base::escape(base_name(*real)));
    }
    return *std::move(real);
  }
  return std::nullopt;
}

// Its name says that it is a sandbox, and everybody relies on that: who is nothing of it, or whom
// nobody can look into, is none.
std::optional<std::string_view> Judge::mark_of_content(const std::string& place) {
  auto known = machine_.marks_.find(place);
  if (known == machine_.marks_.end()) {
    const auto path = HostPath::parse(place);
    auto mark = path ? program_mark(host_, *path) : Result<std::string_view>(path.error());
    known = machine_.marks_.emplace(place, std::move(mark)).first;
  }
  if (known->second) return *known->second;
  could_not_look(place, known->second.error());
  return std::nullopt;
}

void Judge::by_program(const std::string& program) {
  const auto real = find(program);
  take_place(program, real);
  std::string_view name = base_name(real ? *real : program);
  if (!real && !unseen_) out_.evidence.push_back(base::escape(program) + ": is not there");
  if (real && name == kRunsc) {
    const auto mark = mark_of_content(found_at_);
    if (!mark) return;
    if (*mark != kRunsc) {
      out_.evidence.push_back(base::escape(found_at_) + ": nothing in it is of gVisor" +
                              (mark->empty() ? "" : "; it is " + std::string(*mark)));
    }
    name = *mark;
  }
  const auto known = std::find_if(kPrograms.begin(), kPrograms.end(),
                                  [name](const Known& one) { return one.name == name; });
  if (known == kPrograms.end()) return;
  // Less than the host's own kernel nobody has.
  if (real || known->kind == Boundary::kSharedKernel) take(*known);
}

void Judge::add_settings(Result<std::vector<model::RuntimeSetting>> settings,
                         const std::string& file) {
  if (!settings) return could_not_look(file, settings.error());
  std::move(settings->begin(), settings->end(), std::back_inserter(out_.settings));
}

void Judge::add_runsc() {
  const auto path = HostPath::parse(claim_.config);
  const auto text =
      path ? host_.read_file(*path, limits::kMaxManifestBytes) : Result<std::string>(path.error());
  if (!text) return could_not_look(claim_.config, text.error());
  add_settings(settings_of_runsc(*text, base::escape(claim_.config)), claim_.config);
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
    add_settings(settings_of_kata(*text, base::escape(file)), file);
    out_.runtime = "Kata with " + name;
    out_.evidence.push_back(base::escape(file) + ": hypervisor = " + name);
    return;
  }
}

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

KernelBoundary KernelBoundaries::of(RuntimeClaim claim) {
  return Judge(*this, std::move(claim)).judge();
}

std::vector<KernelBoundary> KernelBoundaries::unused(const std::vector<KernelBoundary>& handlers) {
  std::vector<KernelBoundary> out;
  for (const RuntimeClaim& claim : installable()) {
    KernelBoundary found = of(claim);
    const bool is_there = found.state == HandlerState::kReady && found.kind != Boundary::kUnknown &&
                          found.kind != Boundary::kSharedKernel;
    const auto same = [&found](const KernelBoundary& one) {
      return one.kind == found.kind && one.state == HandlerState::kReady;
    };
    const auto has = [&same](const auto& list) {
      return std::any_of(list.begin(), list.end(), same);
    };
    if (!is_there || has(handlers) || has(out)) continue;
    found.state = HandlerState::kNotConfigured;
    out.push_back(std::move(found));
  }
  return out;
}

KernelBoundary kernel_boundary(const rootfs::HostRoot& host, RuntimeClaim claim) {
  return KernelBoundaries(host).of(std::move(claim));
}

}  // namespace meridian::store
