// SPDX-License-Identifier: Apache-2.0
#include "store/containers_storage/place.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <utility>

#include "base/escape.hpp"
#include "base/limits.hpp"
#include "store/containerd/toml.hpp"

namespace meridian::store::containers_storage {
namespace {

using model::HostPath;

constexpr const char* kRoot = "/var/lib/containers/storage";
constexpr const char* kRun = "/run/containers/storage";
/// The first that is there counts (containers-storage.conf(5)).
constexpr std::array kSystemFiles = {"/etc/containers/storage.conf",
                                     "/usr/share/containers/storage.conf"};
constexpr const char* kCrioFile = "/etc/crio/crio.conf";
const HomeUser kSuperuser = {"0", "/root", "root"};

/// The value of KEY in a table of storage.conf or crio.conf, if `path` names it.
bool is_key(const std::vector<std::string>& path, const char* table, const char* key) {
  return path.size() == 2 && path[0] == table && path[1] == key;
}

/// Files of a folder that end in ".conf", sorted.
std::vector<std::string> drop_ins(const rootfs::HostRoot& host, const std::string& folder,
                                  std::vector<model::Problem>& problems) {
  std::vector<std::string> files;
  const auto path = HostPath::parse(folder);
  auto entries =
      path ? host.list(*path) : Result<std::vector<rootfs::DirEntry>>(Error(path.error()));
  if (!entries) {
    if (entries.error().code() != ErrorCode::kNotFound) {
      problems.push_back({std::move(entries).error(), folder, {}, model::kNoStore});
    }
    return files;
  }
  constexpr std::string_view kEnd = ".conf";
  for (const rootfs::DirEntry& entry : *entries) {
    const std::string_view name = entry.name;
    if (name.size() > kEnd.size() && name.substr(name.size() - kEnd.size()) == kEnd) {
      files.push_back(folder + "/" + entry.name);
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

class Announcer {
 public:
  Announcer(const rootfs::HostRoot& host, std::vector<model::Problem>& problems)
      : host_(host), problems_(problems) {}

  std::vector<AnnouncedRoot> run();

 private:
  /// What the file says; nullopt: it is not there, or a problem.
  std::optional<AnnouncedRoot> read(const std::string& file);
  /// `path` as it is for that user; empty: it is empty, or nobody but he knows, which is a problem.
  std::string expanded(const std::string& path, const HomeUser& user, const std::string& file);
  /// What the file says of one user's place goes over what was known of it.
  void take(const AnnouncedRoot& said, const std::string& file, const HomeUser& user,
            AnnouncedRoot& into);
  void add_system();
  void add_crio();
  void add_user(const HomeUser& user);
  /// Podman before 6 reads none of them: a root that they name is looked at besides.
  void add_drop_ins(const std::vector<std::string>& folders, const HomeUser& user,
                    std::size_t usual);

  const rootfs::HostRoot& host_;
  std::vector<model::Problem>& problems_;
  std::vector<AnnouncedRoot> roots_;
  /// File and rootless_storage_path, of the whole machine.
  std::vector<std::pair<std::string, std::string>> rootless_;
  std::set<std::string> not_known_;  // files whose variables have been said to be unknown
};

std::optional<AnnouncedRoot> Announcer::read(const std::string& file) {
  const auto path = HostPath::parse(file);
  if (!path) return std::nullopt;
  auto text = host_.read_file(*path, limits::kMaxMetadataFile);
  if (!text && text.error().code() == ErrorCode::kNotFound) return std::nullopt;
  auto parsed = text ? parse_storage_conf(*text) : Result<AnnouncedRoot>(std::move(text).error());
  if (parsed) return *std::move(parsed);
  problems_.push_back({std::move(parsed).error(), file, {}, model::kNoStore});
  return std::nullopt;
}

std::string Announcer::expanded(const std::string& path, const HomeUser& user,
                                const std::string& file) {
  auto whole = expand_path(path, user);
  if (whole) return *std::move(whole);
  if (not_known_.insert(file).second) {
    problems_.push_back(
        {Error(ErrorCode::kUnsupported,
               "'" + base::escape(path) + "' has a variable that only its user's session knows"),
         file,
         {},
         model::kNoStore});
  }
  return {};
}

void Announcer::take(const AnnouncedRoot& said, const std::string& file, const HomeUser& user,
                     AnnouncedRoot& into) {
  auto root = expanded(said.root, user, file);
  if (!root.empty() && root != into.root) {
    into.root = std::move(root);
    into.found_by = file;
  }
  if (auto run = expanded(said.run, user, file); !run.empty()) into.run = std::move(run);
  if (auto store = expanded(said.image_store, user, file); !store.empty()) {
    into.image_store = std::move(store);
  }
  // crio.conf has none: those of storage.conf count for it.
  if (!said.additional.empty()) into.additional = said.additional;
}

void Announcer::add_drop_ins(const std::vector<std::string>& folders, const HomeUser& user,
                             std::size_t usual) {
  for (const std::string& folder : folders) {
    for (const std::string& file : drop_ins(host_, folder, problems_)) {
      const auto said = read(file);
      if (!said) continue;
      if (!said->rootless.empty()) rootless_.emplace_back(file, said->rootless);
      AnnouncedRoot other = roots_[usual];
      take(*said, file, user, other);
      if (other.root != roots_[usual].root) {
        roots_.push_back(std::move(other));
      } else {
        roots_[usual] = std::move(other);
      }
    }
  }
}

void Announcer::add_system() {
  roots_.push_back({kRoot, kRun, "default location"});
  for (const char* const file : kSystemFiles) {
    const auto said = read(file);
    if (!said) continue;
    take(*said, file, kSuperuser, roots_.front());
    if (!said->rootless.empty()) rootless_.emplace_back(file, said->rootless);
    break;
  }
  // containers-config(5).
  add_drop_ins(
      {"/usr/share/containers/storage.conf.d", "/usr/share/containers/storage.rootful.conf.d",
       "/etc/containers/storage.conf.d", "/etc/containers/storage.rootful.conf.d"},
      kSuperuser, 0);
}

/// A root of CRI-O's own; usually it has podman's.
void Announcer::add_crio() {
  AnnouncedRoot crio = roots_.front();
  crio.engine = kCrio;
  std::vector<std::string> files = drop_ins(host_, std::string(kCrioFile) + ".d", problems_);
  files.insert(files.begin(), kCrioFile);
  for (const std::string& file : files) {
    if (const auto said = read(file)) take(*said, file, kSuperuser, crio);
  }
  if (crio.root != roots_.front().root) roots_.push_back(std::move(crio));
}

void Announcer::add_user(const HomeUser& user) {
  AnnouncedRoot usual{user.home + "/.local/share/containers/storage",
                      "/run/user/" + user.number + "/containers", "rootless: " + user.name};
  const std::string folder = user.home + "/.config/containers/storage.conf";
  auto own = read(folder);
  if (own) {
    // There it counts only where no graphroot is named.
    if (own->root.empty()) own->root = own->rootless;
    take(*own, folder, user, usual);
  } else {
    for (const auto& [file, path] : rootless_) {
      if (auto root = expanded(path, user, file); !root.empty() && root != usual.root) {
        usual.root = std::move(root);
        usual.found_by = file + ", rootless: " + user.name;
      }
    }
  }
  const std::size_t place = roots_.size();
  roots_.push_back(std::move(usual));
  add_drop_ins({folder + ".d"}, user, place);
}

std::vector<AnnouncedRoot> Announcer::run() {
  add_system();
  add_crio();
  for (const HomeUser& user : home_users(host_, problems_)) {
    if (user.number != kSuperuser.number) add_user(user);
  }
  return std::move(roots_);
}

}  // namespace

Result<AnnouncedRoot> parse_storage_conf(std::string_view toml) {
  MERIDIAN_TRY(const auto entries, containerd::parse_toml(toml));
  AnnouncedRoot out;
  for (const auto& entry : entries) {
    const auto& path = entry.path;
    if (is_key(path, "storage", "graphroot") || is_key(path, "crio", "root")) out.root = entry.text;
    if (is_key(path, "storage", "runroot") || is_key(path, "crio", "runroot")) out.run = entry.text;
    if (is_key(path, "storage", "imagestore") || is_key(path, "crio", "imagestore")) {
      out.image_store = entry.text;
    }
    if (is_key(path, "storage", "rootless_storage_path")) out.rootless = entry.text;
    if (path.size() == 3 && path[0] == "storage" && path[1] == "options" &&
        path[2] == "additionalimagestores") {
      out.additional = entry.texts;
    }
  }
  return out;
}

// crio.conf(5): [crio.runtime.runtimes.NAME].
Result<CrioRuntimes> parse_crio_runtimes(std::string_view toml) {
  MERIDIAN_TRY(const auto entries, containerd::parse_toml(toml));
  CrioRuntimes out;
  for (const auto& entry : entries) {
    const auto& path = entry.path;
    if (path.size() != 5 || path[0] != "crio" || path[1] != "runtime" || path[2] != "runtimes") {
      continue;
    }
    CrioRuntime& one = out[path[3]];
    if (path[4] == "runtime_path") one.path = entry.text;
    if (path[4] == "runtime_type") one.type = entry.text;
    if (path[4] == "runtime_config_path") one.config = entry.text;
  }
  return out;
}

CrioRuntimes crio_runtimes(const rootfs::HostRoot& host, std::vector<model::Problem>& problems) {
  std::vector<std::string> files = drop_ins(host, std::string(kCrioFile) + ".d", problems);
  files.insert(files.begin(), kCrioFile);
  CrioRuntimes all;
  for (const std::string& file : files) {
    auto text = host.read_file(*HostPath::parse(file), limits::kMaxMetadataFile);
    if (!text && text.error().code() == ErrorCode::kNotFound) continue;
    auto said = text ? parse_crio_runtimes(*text) : Result<CrioRuntimes>(std::move(text).error());
    if (!said) {
      problems.push_back({std::move(said).error(), file, {}, model::kNoStore});
      continue;
    }
    for (auto& [name, one] : *said) {
      one.source = file;
      all[name] = std::move(one);
    }
  }
  return all;
}

// os.ExpandEnv's words, as containers/storage has them expanded; "$UID" is its own.
std::optional<std::string> expand_path(std::string_view path, const HomeUser& user) {
  std::string out;
  while (!path.empty()) {
    const std::size_t at = path.find('$');
    out += path.substr(0, at);
    if (at == std::string_view::npos) break;
    path.remove_prefix(at + 1);
    const bool in_braces = !path.empty() && path.front() == '{';
    if (in_braces) path.remove_prefix(1);
    const auto end = std::find_if(path.begin(), path.end(), [](char c) {
      return !((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               c == '_');
    });
    const std::string_view name = path.substr(0, static_cast<std::size_t>(end - path.begin()));
    path.remove_prefix(name.size());
    if (in_braces) {
      if (path.empty() || path.front() != '}') return std::nullopt;
      path.remove_prefix(1);
    }
    if (name == "HOME") {
      out += user.home;
    } else if (name == "UID") {
      out += user.number;
    } else if (name == "USER" || name == "LOGNAME") {
      out += user.name;
    } else {
      return std::nullopt;
    }
  }
  return out;
}

std::vector<AnnouncedRoot> announced_roots(const rootfs::HostRoot& host,
                                           std::vector<model::Problem>& problems) {
  return Announcer(host, problems).run();
}

Result<std::vector<Place>> places_of(const rootfs::HostRoot& host, const AnnouncedRoot& announced) {
  MERIDIAN_TRY(const HostPath root, HostPath::parse(announced.root));
  MERIDIAN_TRY(const HostPath run, HostPath::parse(announced.run.empty() ? kRun : announced.run));
  MERIDIAN_TRY(auto entries, host.list(root));
  std::vector<HostPath> additional;
  if (!announced.image_store.empty()) {
    MERIDIAN_TRY(const HostPath images, HostPath::parse(announced.image_store));
    auto more = host.list(images);
    if (!more && more.error().code() != ErrorCode::kNotFound) return std::move(more).error();
    if (more) std::move(more->begin(), more->end(), std::back_inserter(entries));
    additional.push_back(images);
  }
  for (const std::string& more : announced.additional) {
    if (auto path = HostPath::parse(more)) additional.push_back(*std::move(path));
  }
  std::set<std::string> drivers;
  constexpr std::string_view kEnd = "-images";
  for (const rootfs::DirEntry& entry : entries) {
    const std::string_view name = entry.name;
    if (name.size() <= kEnd.size() || name.substr(name.size() - kEnd.size()) != kEnd) continue;
    drivers.emplace(name.substr(0, name.size() - kEnd.size()));
  }
  std::vector<Place> places;
  for (const std::string& driver : drivers) {
    places.push_back({root, run, driver, announced.found_by, additional, announced.engine});
  }
  if (places.empty()) {
    return Error(ErrorCode::kNotFound, "no images of any driver are there");
  }
  return places;
}

}  // namespace meridian::store::containers_storage
