// SPDX-License-Identifier: Apache-2.0
#include "store/procfs/process_look.hpp"

#include <array>
#include <set>

namespace meridian::store {
namespace {

using model::Process;

// stat is one line of numbers and a name; status has some sixty lines, of which Groups may name
// 65536 groups.
constexpr std::size_t kMaxStat = 4096;
constexpr std::size_t kMaxStatus = 1 << 20;

constexpr const char* kArguments = "the command line";
constexpr const char* kExecutable = "the executable";
constexpr const char* kNamespaces = "the namespaces";
constexpr const char* kOpenFiles = "the open files";
constexpr const char* kListening = "the listening sockets";
constexpr const char* kEverything = "everything";

struct NamespaceName {
  const char* link;  // in /proc/<pid>/ns
  const char* type;
};
constexpr std::array<NamespaceName, 7> kNamespaceNames = {{{"mnt", "mount"},
                                                           {"pid", "pid"},
                                                           {"net", "network"},
                                                           {"ipc", "ipc"},
                                                           {"uts", "uts"},
                                                           {"user", "user"},
                                                           {"cgroup", "cgroup"}}};

/// What a string costs in memory beyond its bytes.
constexpr std::size_t kStringCost = sizeof(std::string);

}  // namespace

struct ProcessLook::Seen {
  std::string pid;
  const ProcFolder& folder;
  Process process;
  std::set<std::uint64_t> socket_inodes;
  std::uint64_t network = 0;  // its namespace

  std::string path() const { return "/proc/" + pid; }
};

std::uint64_t namespace_of(const ProcFolder& process, const char* link) {
  std::string text;
  if (process.folder("ns").link(link, text) != Look::kSeen) return 0;
  return inode_of_link(text, link);
}

std::vector<std::uint64_t> namespaces_of(const ProcFolder& process) {
  std::vector<std::uint64_t> inodes;
  inodes.reserve(kNamespaceNames.size());
  for (const auto& [link, type] : kNamespaceNames) inodes.push_back(namespace_of(process, link));
  return inodes;
}

std::optional<std::uint64_t> ProcessLook::enter(const ProcFolder& folder,
                                                std::optional<std::uint64_t> start_time) {
  std::string text;
  if (folder.text("stat", kMaxStat, text) != Look::kSeen) return std::nullopt;
  const auto stat = parse_process_stat(text);
  if (!stat || (start_time && *start_time != stat->start_time)) return std::nullopt;
  if (folder.text("status", kMaxStatus, text) == Look::kSeen) {
    const auto status = parse_process_status(text);
    if (status && !status->pids.empty()) level_ = status->pids.size() - 1;
  }
  // One number alone is the one that procfs itself goes by.
  return level_.value_or(0) == 0 ? 0 : namespace_of(folder, "pid");
}

void ProcessLook::note(ErrorCode code, const std::string& what, const std::string& path) {
  Missing& missing = missing_[{code, what}];
  if (missing.count++ == 0) missing.path = path;
}

/// Of one that is gone the links in ns/ are refused, not absent (proc_ns_readlink).
bool ProcessLook::has_ended(const Seen& seen) {
  std::string text;
  const Look look = seen.folder.text("stat", kMaxStat, text);
  if (look != Look::kSeen) return look == Look::kGone;
  const auto stat = parse_process_stat(text);
  return stat && (stat->state == 'Z' || stat->state == 'X');
}

void ProcessLook::note(Look look, const std::string& what, const Seen& seen) {
  switch (look) {
    case Look::kSeen:
    case Look::kGone:
      return;
    case Look::kCut:
      return note(ErrorCode::kLimit, what, seen.path());
    case Look::kRefused:
      if (has_ended(seen)) return;
      return note(ErrorCode::kPrivilege, what, seen.path());
    case Look::kFailed:
      return note(ErrorCode::kUnreadable, what, seen.path());
  }
}

std::vector<model::ProcessGap> ProcessLook::gaps() const {
  std::vector<model::ProcessGap> gaps;
  for (const auto& [key, missing] : missing_) {
    const auto& [code, what] = key;
    std::string message = what;
    if (missing.path != "/proc") {
      message +=
          " of " + std::to_string(missing.count) + (missing.count == 1 ? " process" : " processes");
    }
    std::string mend;
    if (code == ErrorCode::kLimit) {
      message += ": more than is kept, the rest is left out";
    } else if (code == ErrorCode::kPrivilege) {
      message += ": cannot be seen by this process";
      mend = "give it CAP_SYS_PTRACE in the user namespace of those processes";
    } else {
      message += ": cannot be read";
    }
    gaps.push_back({Error(code, std::move(message)), missing.path, std::move(mend)});
  }
  return gaps;
}

bool ProcessLook::afford(std::size_t bytes, const char* what, const Seen& seen) {
  if (kept_bytes_ + bytes > limits::kMaxProcessBytes) {
    note(Look::kCut, what, seen);
    return false;
  }
  kept_bytes_ += bytes;
  return true;
}

void ProcessLook::read_arguments(Seen& seen) {
  std::string text;
  const Look look = seen.folder.text("cmdline", limits::kMaxCommandLine, text);
  note(look, kArguments, seen);
  if (look != Look::kSeen && look != Look::kCut) return;
  auto arguments = parse_arguments(text);
  if (afford(text.size() + arguments.size() * kStringCost, kArguments, seen)) {
    seen.process.arguments = std::move(arguments);
  }
}

void ProcessLook::read_executable(Seen& seen) {
  const Look look = seen.folder.link("exe", seen.process.executable);
  note(look, kExecutable, seen);
  seen.process.executable_deleted = take_deleted_mark(seen.process.executable);
}

void ProcessLook::read_namespaces(Seen& seen) {
  const ProcFolder folder = seen.folder.folder("ns");
  for (std::size_t i = 0; i < kNamespaceNames.size(); ++i) {
    const auto& [link, type] = kNamespaceNames.at(i);
    std::string text;
    const Look look = folder.link(link, text);
    if (look != Look::kSeen) {
      note(look, kNamespaces, seen);
      if (look != Look::kGone) return;  // so are the others
      continue;
    }
    model::ProcessNamespace one{type, inode_of_link(text, link), std::nullopt};
    const std::uint64_t of_host = i < host_namespaces_.size() ? host_namespaces_[i] : 0;
    if (of_host != 0) one.of_host = of_host == one.inode;
    if (one.type == "network") seen.network = one.inode;
    seen.process.namespaces.push_back(std::move(one));
  }
}

void ProcessLook::read_open_files(Seen& seen) {
  const ProcFolder folder = seen.folder.folder("fd");
  const std::size_t left = limits::kMaxOpenFilesInAll - kept_files_;
  std::vector<std::uint64_t> numbers;
  const Look listed = folder.numbers(std::min(limits::kMaxOpenFiles, left), numbers);
  note(listed, kOpenFiles, seen);
  if (listed != Look::kSeen && listed != Look::kCut) return;
  std::vector<model::OpenFile> files;
  for (const std::uint64_t number : numbers) {
    model::OpenFile file;
    file.descriptor = static_cast<std::uint32_t>(number);
    const Look look = folder.link(std::to_string(number), file.target);
    if (look == Look::kGone) continue;  // closed meanwhile
    if (look != Look::kSeen) return note(look, kOpenFiles, seen);
    file.deleted = take_deleted_mark(file.target);
    if (!afford(sizeof file + file.target.size(), kOpenFiles, seen)) break;
    const std::uint64_t socket = inode_of_link(file.target, "socket");
    if (socket != 0) seen.socket_inodes.insert(socket);
    file.target.shrink_to_fit();
    files.push_back(std::move(file));
  }
  kept_files_ += files.size();
  seen.process.open_files = std::move(files);
}

/// Those of its network namespace. nullopt: they cannot be seen through this process; another one
/// of the same namespace may show them.
std::optional<Sockets> ProcessLook::read_sockets(const Seen& seen) {
  Sockets found;
  const ProcFolder net = seen.folder.folder("net");
  for (const char* const protocol : {"tcp", "tcp6", "udp", "udp6", "unix"}) {
    std::string text;
    // A kernel without IPv6 has no tcp6.
    const Look look = net.text(protocol, limits::kMaxSocketTable, text);
    note(look, kListening, seen);
    if (look == Look::kRefused || look == Look::kFailed) return std::nullopt;
    if (std::string_view(protocol) == "unix") {
      parse_unix_sockets(text, found);
    } else {
      parse_inet_sockets(text, protocol, found);
    }
  }
  // One that ended meanwhile has no tables left, one that moved shows those of another namespace.
  const std::uint64_t now = namespace_of(seen.folder, "net");
  if (now == seen.network) return found;
  if (now != 0) note(Look::kFailed, kListening, seen);
  return std::nullopt;
}

/// The listening sockets of its network namespace; nullptr: they cannot be seen.
const Sockets* ProcessLook::sockets_of(const Seen& seen) {
  auto known = sockets_.find(seen.network);
  if (known == sockets_.end()) {
    if (sockets_.size() == limits::kMaxNetworkNamespaces) {
      note(Look::kCut, kListening, seen);
      return nullptr;
    }
    auto found = read_sockets(seen);
    if (!found) return nullptr;
    constexpr std::size_t kCost = sizeof(Sockets::value_type) + kStringCost;
    std::size_t bytes = 0;
    for (const auto& [inode, socket] : *found) bytes += kCost + socket.address.size();
    if (!afford(bytes, kListening, seen)) found.reset();
    known = sockets_.emplace(seen.network, std::move(found)).first;
  } else if (!known->second) {
    note(Look::kCut, kListening, seen);
  }
  return known->second ? &*known->second : nullptr;
}

void ProcessLook::read_listening(Seen& seen) {
  if (!seen.process.open_files) return;
  std::vector<model::ListeningSocket> listening;
  if (!seen.socket_inodes.empty()) {
    const Sockets* const sockets = seen.network == 0 ? nullptr : sockets_of(seen);
    if (sockets == nullptr) return;
    for (const std::uint64_t inode : seen.socket_inodes) {
      const auto socket = sockets->find(inode);
      if (socket == sockets->end()) continue;
      if (!afford(sizeof socket->second + socket->second.address.size(), kListening, seen)) break;
      listening.push_back(socket->second);
    }
  }
  seen.process.listening = std::move(listening);
}

std::optional<Process> ProcessLook::read(std::uint64_t pid, const ProcFolder& folder) {
  Seen seen{std::to_string(pid), folder, {}, {}, 0};
  std::string text;
  Look look = seen.folder.text("stat", kMaxStat, text);
  if (look == Look::kGone) return std::nullopt;
  auto stat = parse_process_stat(text);
  if (look == Look::kSeen) look = seen.folder.text("status", kMaxStatus, text);
  if (look == Look::kGone) return std::nullopt;
  auto status = parse_process_status(text);
  if (look != Look::kSeen || !stat || !status) {
    note(look == Look::kSeen ? Look::kFailed : look, kEverything, seen);
    return std::nullopt;
  }
  Process& process = seen.process;
  process.pid = static_cast<std::int64_t>(pid);
  process.parent = stat->parent;
  process.start_time = stat->start_time;
  process.name = std::move(stat->name);
  process.uid = status->uid;
  process.gid = status->gid;
  process.capabilities = std::move(status->capabilities);
  if (level_ && *level_ < status->pids.size()) process.inside_pid = status->pids[*level_];
  read_arguments(seen);
  read_executable(seen);
  read_namespaces(seen);
  read_open_files(seen);
  read_listening(seen);
  // The folder stays with its process: the next one of that number does not answer in it.
  if (folder.text("stat", kMaxStat, text) == Look::kGone) return std::nullopt;
  return std::move(seen.process);
}

}  // namespace meridian::store
