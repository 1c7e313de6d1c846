// SPDX-License-Identifier: Apache-2.0
#include "store/sandbox_state.hpp"

#include <string_view>
#include <utility>

#include "base/escape.hpp"

namespace meridian::store {
namespace {

using model::Boundary;
using model::HostPath;

/// As a part of a path.
bool is_name(const std::string& text) {
  return !text.empty() && text.find('/') == std::string::npos && text != "." && text != ".." &&
         text.find('\0') == std::string::npos;
}

}  // namespace

void add_state_evidence(const rootfs::HostRoot& host, std::vector<HostPath> roots,
                        const std::string& container, const std::string& sandbox,
                        model::KernelBoundary& boundary) {
  if (!is_name(container) || !is_name(sandbox)) return;
  std::vector<std::pair<HostPath, const char*>> files;
  if (boundary.kind == Boundary::kApplicationKernel) {
    roots.push_back(*HostPath::parse("/run/runsc"));
    for (const HostPath& root : roots)
      files.emplace_back(root / (container + "_sandbox:" + sandbox + ".state"),
                         "runsc's state of it");
  } else if (boundary.kind == Boundary::kMicroVm) {
    files = {
        {*HostPath::parse("/run/vc/sbs") / sandbox / "persist.json", "Kata's state of its sandbox"},
        {*HostPath::parse("/run/kata") / sandbox / "state.json", "Kata's state of its sandbox"},
        {*HostPath::parse("/run/vc/vm") / sandbox, "the folder of its virtual machine"}};
  }
  for (const auto& [file, what] : files) {
    if (host.exists(file))
      boundary.evidence.push_back(base::escape(file.text()) + " is there: " + what);
  }
}

std::string unseen_writes(const model::KernelBoundary& boundary, const rootfs::Tree& writable) {
  if (boundary.kind != Boundary::kApplicationKernel) return {};
  constexpr std::string_view kFile = ".gvisor.filestore.";
  const auto names = writable.list(rootfs::RootfsPath());
  if (!names) return "what it writes could not be looked for: " + names.error().message();
  for (const rootfs::DirEntry& one : *names) {
    if (one.name.compare(0, kFile.size(), kFile) == 0) {
      return "what it writes lies in gVisor's own file '" + base::escape(one.name) +
             "', not file by file";
    }
  }
  std::string overlay;  // the last one counts
  for (const model::RuntimeSetting& one : boundary.settings) {
    if (one.name == "overlay2") overlay = one.value == "none" ? "" : one.name + "=" + one.value;
    if (one.name == "overlay" && one.value != "false") overlay = one.name;
  }
  return overlay.empty() ? overlay
                         : "what it writes stays with gVisor (" + base::escape(overlay) + ")";
}

}  // namespace meridian::store
