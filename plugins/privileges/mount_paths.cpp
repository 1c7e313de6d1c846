// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "host_path_table.hpp"
#include "paths.hpp"

namespace meridian::privileges {
namespace {

bool has_option(const Mount& mount, std::string_view wanted) {
  for (const std::string_view option : mount.options()) {
    if (option == wanted) return true;
  }
  return false;
}

/// "ro" covers the one mount; what is mounted below it came along as it was, unless "rro" says
/// otherwise (mount_setattr(2), AT_RECURSIVE) or nothing below came along.
bool leaves_writable_below(const Mount& mount) {
  return has_option(mount, "rbind") && !has_option(mount, "rro");
}

std::string evidence_of(const Mount& mount, const Subject& subject) {
  std::string text = "host path " + std::string(mount.source());
  text += mount.read_only() ? ", read-only" : ", writable";
  return text + ", " + subject.standing.text();
}

PathToHost path_of(const Mount& mount, const Subject& subject, std::string_view rule,
                   std::string_view message, Severity severity) {
  return {rule,
          "mount:" + std::string(mount.destination()),
          std::string(message),
          evidence_of(mount, subject),
          subject.standing.to_files(severity),
          subject.standing.confidence()};
}

/// By the name of what is mounted, wherever on the host it lies; else by the name that it gets.
std::optional<PathToHost> engine_socket(const Mount& mount, const std::string& source,
                                        const Subject& subject) {
  const bool by_source = is_engine_socket(source);
  if (!by_source && !is_engine_socket(mount.destination())) return std::nullopt;
  PathToHost path =
      path_of(mount, subject, "engine-socket",
              "starts a container with all of the host mounted; a read-only mount does "
              "not close a socket",
              Severity::kCritical);
  if (!by_source) path.confidence = Confidence::kMedium;
  return path;
}

std::optional<PathToHost> known_path(const Mount& mount, const std::string& source,
                                     const Subject& subject) {
  const HostPathWorth* const worth = worth_of(source);
  if (worth == nullptr) return std::nullopt;
  Severity severity = mount.read_only() ? worth->read_only : worth->writable;
  std::string message(worth->message);
  if (source == "/" && mount.read_only() && leaves_writable_below(mount)) {
    severity = worth->writable;
    message += "; proc/sys and sys below it are mounts of their own and stay writable";
  }
  if (severity == Severity::kUnknown) return std::nullopt;
  return path_of(mount, subject, worth->rule, message, severity);
}

/// Where the engine keeps its state, by the files that it mounts into every container itself:
/// ROOT/containers/ID/hosts over /etc/hosts. Empty: it mounts none.
std::string engine_root(const Privileges& privileges) {
  constexpr std::string_view kContainers = "/containers";
  constexpr std::size_t kIdLength = 64;
  for (const Mount mount : privileges.mounts()) {
    if (!mount.of_host() || mount.destination() != "/etc/hosts") continue;
    const std::string source = canonical(mount.source());
    const std::string folder = source.substr(0, source.rfind('/'));
    const std::size_t id = folder.rfind('/');
    if (id == std::string::npos || folder.size() - id - 1 != kIdLength) continue;
    const std::string_view parent = std::string_view(folder).substr(0, id);
    if (parent.size() <= kContainers.size() ||
        parent.substr(parent.size() - kContainers.size()) != kContainers) {
      continue;
    }
    return std::string(parent.substr(0, parent.size() - kContainers.size()));
  }
  return "";
}

/// As the table knows it: a relocated data root is judged as the one at its usual place.
std::string at_usual_place(std::string source, const std::string& root) {
  const bool inside = !root.empty() && source.compare(0, root.size(), root) == 0 &&
                      (source.size() == root.size() || source[root.size()] == '/');
  return inside ? source.replace(0, root.size(), kDockerRoot) : source;
}

bool is_shared(const Mount& mount) {
  return mount.propagation() == "shared" || mount.propagation() == "rshared";
}

}  // namespace

void mount_paths(const Subject& subject, Paths& out) {
  const std::string root = engine_root(subject.privileges);
  for (const Mount mount : subject.privileges.mounts()) {
    if (!mount.of_host()) continue;
    const std::string source = at_usual_place(canonical(mount.source()), root);
    // A path that the table knows says more of a socket than its name.
    auto path = known_path(mount, source, subject);
    if (!path || (path->rule != "engine-socket" && is_engine_socket(source))) {
      if (auto socket = engine_socket(mount, source, subject)) path = std::move(socket);
    }
    if (path) out.push_back(*std::move(path));
    if (is_shared(mount) && subject.standing.can("CAP_SYS_ADMIN")) {
      out.push_back({"shared-mount", "mount:" + std::string(mount.destination()),
                     "what it mounts below appears on the host, over files that the host uses",
                     "host path " + std::string(mount.source()) + ", " +
                         std::string(mount.propagation()) + ", CAP_SYS_ADMIN, " +
                         subject.standing.text(),
                     subject.standing.to_kernel(Severity::kHigh), subject.standing.confidence()});
    }
  }
}

}  // namespace meridian::privileges
