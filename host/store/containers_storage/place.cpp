// SPDX-License-Identifier: Apache-2.0
#include "store/containers_storage/place.hpp"

#include <array>
#include <utility>

#include "base/limits.hpp"
#include "store/containerd/toml.hpp"
#include "store/home_users.hpp"

namespace meridian::store::containers_storage {
namespace {

using model::HostPath;

constexpr const char* kRoot = "/var/lib/containers/storage";
constexpr const char* kRun = "/run/containers/storage";
/// The first that is there counts (containers-storage.conf(5)).
constexpr std::array kSystemFiles = {"/etc/containers/storage.conf",
                                     "/usr/share/containers/storage.conf"};
constexpr const char* kCrioFile = "/etc/crio/crio.conf";

/// The value of KEY in a table of storage.conf or crio.conf, if `path` names it.
bool is_key(const std::vector<std::string>& path, const char* table, const char* key) {
  return path.size() == 2 && path[0] == table && path[1] == key;
}

class Announcer {
 public:
  Announcer(const rootfs::HostRoot& host, std::vector<model::Problem>& problems)
      : host_(host), problems_(problems) {}

  std::vector<AnnouncedRoot> run();

 private:
  /// What the file says; false: it is not there, or a problem.
  bool read(const std::string& file, AnnouncedRoot& said);
  void add(const std::vector<std::string>& files, AnnouncedRoot usual);

  const rootfs::HostRoot& host_;
  std::vector<model::Problem>& problems_;
  std::vector<AnnouncedRoot> roots_;
};

bool Announcer::read(const std::string& file, AnnouncedRoot& said) {
  const auto path = HostPath::parse(file);
  if (!path) return false;
  auto text = host_.read_file(*path, limits::kMaxMetadataFile);
  if (!text && text.error().code() == ErrorCode::kNotFound) return false;
  auto parsed = text ? parse_storage_conf(*text) : Result<AnnouncedRoot>(std::move(text).error());
  if (!parsed) {
    problems_.push_back({std::move(parsed).error(), file, {}, model::kNoStore});
    return false;
  }
  said = *std::move(parsed);
  return true;
}

void Announcer::add(const std::vector<std::string>& files, AnnouncedRoot usual) {
  for (const std::string& file : files) {
    AnnouncedRoot said;
    if (!read(file, said)) continue;
    // Of users it may have a variable, which only their session knows.
    if (!said.root.empty() && said.root.find('$') == std::string::npos && said.root != usual.root) {
      usual.root = std::move(said.root);
      usual.found_by = file;
    }
    if (!said.run.empty() && said.run.find('$') == std::string::npos) usual.run = said.run;
    // crio.conf has none: those of storage.conf count for it.
    if (!said.additional.empty()) usual.additional = std::move(said.additional);
    break;
  }
  roots_.push_back(std::move(usual));
}

std::vector<AnnouncedRoot> Announcer::run() {
  add({kSystemFiles.begin(), kSystemFiles.end()}, {kRoot, kRun, "default location"});
  add({kCrioFile}, {roots_.front().root, roots_.front().run, "CRI-O", roots_.front().additional});
  if (roots_.back().root == roots_.front().root) roots_.pop_back();  // they share it, as is usual
  for (const HomeUser& user : home_users(host_, problems_)) {
    add({user.home + "/.config/containers/storage.conf"},
        {user.home + "/.local/share/containers/storage", "/run/user/" + user.number + "/containers",
         "rootless"});
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
  std::vector<std::string> files = {kCrioFile};
  const std::string folder = std::string(kCrioFile) + ".d";
  auto entries = host.list(*HostPath::parse(folder));
  if (entries) {
    for (const rootfs::DirEntry& entry : *entries) files.push_back(folder + "/" + entry.name);
  } else if (entries.error().code() != ErrorCode::kNotFound) {
    problems.push_back({std::move(entries).error(), folder, {}, model::kNoStore});
  }
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

std::vector<AnnouncedRoot> announced_roots(const rootfs::HostRoot& host,
                                           std::vector<model::Problem>& problems) {
  return Announcer(host, problems).run();
}

Result<std::vector<Place>> places_of(const rootfs::HostRoot& host, const AnnouncedRoot& announced) {
  MERIDIAN_TRY(const HostPath root, HostPath::parse(announced.root));
  MERIDIAN_TRY(const HostPath run, HostPath::parse(announced.run.empty() ? kRun : announced.run));
  MERIDIAN_TRY(const auto entries, host.list(root));
  std::vector<Place> places;
  constexpr std::string_view kEnd = "-images";
  for (const rootfs::DirEntry& entry : entries) {
    const std::string_view name = entry.name;
    if (name.size() <= kEnd.size() || name.substr(name.size() - kEnd.size()) != kEnd) continue;
    Place place{
        root, run, std::string(name.substr(0, name.size() - kEnd.size())), announced.found_by, {}};
    for (const std::string& more : announced.additional) {
      if (auto path = HostPath::parse(more)) place.additional.push_back(*std::move(path));
    }
    places.push_back(std::move(place));
  }
  if (places.empty()) {
    return Error(ErrorCode::kNotFound, "no images of any driver are there");
  }
  return places;
}

}  // namespace meridian::store::containers_storage
