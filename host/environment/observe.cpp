// SPDX-License-Identifier: Apache-2.0
#include "environment/observe.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <filesystem>

#include "environment/own_files.hpp"
#include "environment/own_limits.hpp"
#include "lane/landlock.hpp"
#include "rootfs/trusted_access.hpp"
#include "store/procfs/parse.hpp"
#include "store/procfs/proc_folder.hpp"

namespace meridian::environment {

namespace {

using model::HostPath;

constexpr long kProcMagic = 0x9fa0;  // PROC_SUPER_MAGIC, linux/magic.h

std::uint64_t number_of(const std::string& text, int base, std::uint64_t otherwise) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc() && end != text.data() ? value : otherwise;
}

/// A handle of no bytes with no file system is never right: EINVAL or EBADF where the call goes
/// through, and with CAP_DAC_READ_SEARCH alone it does.
int try_open_by_handle() {
  struct {
    unsigned bytes = 0;
    int type = 0;
  } handle;
  return ::syscall(SYS_open_by_handle_at, -1, &handle, O_PATH) < 0 ? errno : 0;
}

int try_openat2() {
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  const base::UniqueFd found(
      static_cast<int>(::syscall(SYS_openat2, AT_FDCWD, "/", &how, sizeof how)));
  return found ? 0 : errno;
}

std::string scratch_folder() {
  const char* const named = std::getenv("TMPDIR");  // NOLINT(concurrency-mt-unsafe): one thread
  return named != nullptr && *named != '\0' ? named : "/tmp";
}

int try_scratch(const std::string& folder) {
  const base::UniqueFd file(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  return file ? 0 : errno;
}

/// Whether the folder, or the nearest there is above it, may be written to.
int try_folder(std::string folder) {
  while (true) {
    if (::faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) == 0) return 0;
    const std::size_t slash = folder.rfind('/');
    if (errno != ENOENT || slash == std::string::npos || folder == "/") return errno;
    folder = slash == 0 ? "/" : folder.substr(0, slash);
  }
}

KeptFolder try_kept(const std::string& folder) {
  return {folder, folder.empty() ? 0 : try_folder(folder)};
}

std::string label_of_process() {
  std::string label = own_text("/proc/self/attr/current", kMaxOwnText);
  while (!label.empty() && (label.back() == '\n' || label.back() == '\0')) label.pop_back();
  return label == "unconfined" ? "" : label;
}

/// One line that maps everything onto itself.
bool maps_every_user() {
  const std::string map = own_text("/proc/self/uid_map", kMaxOwnText);
  const std::size_t last = map.find_last_of("0123456789");
  if (last == std::string::npos) return true;  // not known
  const std::size_t from = map.find_last_not_of("0123456789", last) + 1;
  return number_of(map.substr(from), 10, 0) >= 0xFFFFFFFF &&
         std::count(map.begin(), map.end(), '\n') == 1;
}

void observe_process(Observed& seen) {
  const std::string status = own_text("/proc/self/status", kMaxOwnText);
  seen.capabilities = number_of(line_value(status, "CapEff"), 16, 0);
  seen.last_capability = static_cast<unsigned>(
      number_of(own_text("/proc/sys/kernel/cap_last_cap", kMaxOwnText), 10, CAP_LAST_CAP));
  const std::uint64_t user = own_namespace("user");
  seen.first_user_namespace = user == 0 || user == kFirstUserNamespace || seen.container.is_gvisor;
  seen.maps_every_user = maps_every_user();
  seen.reads_trusted = rootfs::trusted_access() == rootfs::TrustedAccess::kReadable;
  seen.label = label_of_process();
  seen.landlock_abi = lane::landlock_abi();
  seen.openat2_error = try_openat2();
  seen.scratch_folder = scratch_folder();
  seen.scratch_error = try_scratch(seen.scratch_folder);
  const std::string interfaces = own_text("/proc/self/net/dev", kMaxOwnText);
  // Two lines of heading, then one an interface.
  const auto lines = std::count(interfaces.begin(), interfaces.end(), '\n');
  seen.has_network = lines > 3 || (lines == 3 && interfaces.find(" lo:") == std::string::npos);
}

/// Text of a file of the machine's procfs; empty if there is none.
std::string machine_text(const rootfs::HostRoot& root, const char* path, std::uint64_t limit) {
  auto text = root.read_file(*HostPath::parse(path), limit);
  return text ? *std::move(text) : "";
}

/// The same process, in the same clock ticks, is first in both.
bool shares_pids(const rootfs::HostRoot& root) {
  const auto own = store::parse_process_stat(own_text("/proc/1/stat", kMaxOwnText));
  const auto theirs = store::parse_process_stat(machine_text(root, "/proc/1/stat", kMaxOwnText));
  return own && theirs && own->start_time == theirs->start_time && own->name == theirs->name;
}

/// Numbers of sockets are unique on a machine, and a network namespace shows its own alone.
bool shares_network(const rootfs::HostRoot& root) {
  store::Sockets own;
  store::Sockets theirs;
  store::parse_unix_sockets(own_text("/proc/self/net/unix", kMaxOwnText), own);
  if (own.empty()) return false;
  store::parse_unix_sockets(machine_text(root, "/proc/1/net/unix", kMaxOwnText), theirs);
  return std::any_of(own.begin(), own.end(),
                     [&](const auto& socket) { return theirs.contains(socket.first); });
}

void observe_procfs(const rootfs::HostRoot& root, Observed& seen) {
  const auto folder = root.find(*HostPath::parse("/proc"));
  struct statfs kind {};
  seen.has_proc_mount = folder && ::fstatfs(folder->get(), &kind) == 0 &&
                        static_cast<long>(kind.f_type) == kProcMagic;
  seen.has_procfs = store::has_procfs(root);
  if (!seen.has_procfs) return;
  std::string program;
  const store::Look look = store::ProcFolder(root).folder("1").link("exe", program);
  seen.first_process_error = look == store::Look::kRefused ? EACCES : 0;
  const std::string mounts = machine_text(root, "/proc/1/mountinfo", kMaxMountInfo);
  seen.knows_machine = !mounts.empty();
  seen.machine_mounts = store::parse_mount_details(mounts);
  if (seen.container.inside && seen.root != "/") {
    seen.shares_pids = shares_pids(root);
    seen.shares_network = shares_network(root);
  }
}

/// The place below the host root, its links followed.
std::string resolved(const rootfs::HostRoot& root, const std::string& seen_root,
                     const std::string& path) {
  const auto parsed = HostPath::parse(path);
  if (!parsed) return "";
  const auto found = root.find(*parsed);
  if (!found) return "";
  std::array<char, 4096> text{};  // the kernel's answer has at most a page
  const ssize_t size = ::readlink(("/proc/self/fd/" + std::to_string(found->get())).c_str(),
                                  text.data(), text.size());
  std::string place(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  const std::string top = seen_root == "/" ? "" : seen_root;
  if (place.compare(0, top.size(), top) != 0) return "";
  place.erase(0, top.size());
  return place.empty() ? "/" : place;
}

void observe_stores(const Subject& subject, Observed& seen) {
  std::vector<StorePlace>& stores = seen.stores;
  const auto known = [&stores](const std::string& path) {
    return std::any_of(stores.begin(), stores.end(),
                       [&path](const StorePlace& place) { return place.path == path; });
  };
  for (const std::string& path : subject.found) {
    if (!known(path)) stores.push_back({path, resolved(*subject.root, seen.root, path), "", false});
  }
  for (const std::string& line : subject.looked_at) {
    // "PATH (who announced it)"
    const std::string path = line.substr(0, line.find(" ("));
    if (path.empty() || path[0] != '/' || known(path)) continue;
    StorePlace place{path, resolved(*subject.root, seen.root, path), "no store is there", false};
    for (const model::Problem& problem : subject.problems) {
      if (problem.store != model::kNoStore || problem.path != path) continue;
      place.problem = problem.error.message();
      place.refused = problem.error.code() == ErrorCode::kUnreadable;
    }
    stores.push_back(std::move(place));
  }
}

void observe_root(const Subject& subject, Observed& seen) {
  seen.root = subject.root_directory;
  seen.root_error = subject.root_error;
  if (subject.root == nullptr) return;
  // As mounts are named.
  std::error_code failed;
  const auto canonical = std::filesystem::canonical(subject.root_directory, failed);
  if (!failed) seen.root = canonical.string();
  std::array<char, 64> value{};
  const ssize_t size =
      ::getxattr(seen.root.c_str(), "security.capability", value.data(), value.size());
  seen.attribute_error = size < 0 && errno != ENODATA ? errno : 0;
  observe_procfs(*subject.root, seen);
  observe_stores(subject, seen);
}

}  // namespace

BeforeConfinement observe_before_confinement() {
  BeforeConfinement seen;
  const std::string status = own_text("/proc/self/status", kMaxOwnText);
  const std::string mode = line_value(status, "Seccomp");
  if (!mode.empty()) seen.seccomp_mode = static_cast<int>(number_of(mode, 10, 0));
  seen.no_new_privileges = line_value(status, "NoNewPrivs") == "1";
  seen.open_by_handle_errno = try_open_by_handle();
  return seen;
}

Observed observe(const Subject& subject, const BeforeConfinement& before) {
  Observed seen;
  ContainerSigns signs = own_signs();
  seen.container = find_container(signs);
  seen.mounts = std::move(signs.mounts);
  seen.before = before;
  observe_process(seen);
  observe_root(subject, seen);
  seen.cache = try_kept(subject.cache_folder);
  seen.state = try_kept(subject.state_folder);
  seen.unlimited = own_limits(seen.mounts);
  seen.plugins = subject.plugins;
  return seen;
}

}  // namespace meridian::environment
