// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <set>
#include <utility>

#include "base/escape.hpp"
#include "store/docker/data_root.hpp"
#include "store/docker/image_stores.hpp"
#include "store/store.hpp"

namespace meridian::store {
namespace {

using model::HostPath;

enum class Announced { kByUser, kByConfiguration };

class Finder {
 public:
  explicit Finder(const rootfs::HostRoot& host) : host_(host) {}

  void look_at(const std::string& root, const std::string& found_by, Announced by,
               const std::string& exec_root = {});
  void problem(Error error, std::string path) {
    out_.problems.push_back({std::move(error), std::move(path), {}, model::kNoStore});
  }
  std::vector<model::Problem>& problems() { return out_.problems; }
  Discovery take() { return std::move(out_); }

 private:
  /// False for a root that was reached before, by another name.
  bool is_new(const HostPath& path);
  void add(const HostPath& path, const std::string& found_by, const std::string& exec_root) {
    if (!is_new(path)) return;
    for (auto& store : open_image_stores(host_, {path, found_by, exec_root}, out_.problems)) {
      out_.stores.push_back(std::move(store));
    }
  }

  const rootfs::HostRoot& host_;
  Discovery out_;
  std::set<std::pair<dev_t, ino_t>> roots_;
};

bool Finder::is_new(const HostPath& path) {
  const auto place = host_.find(path);
  struct stat st {};
  if (!place || ::fstat(place->get(), &st) != 0) return true;
  return roots_.emplace(st.st_dev, st.st_ino).second;
}

void Finder::look_at(const std::string& root, const std::string& found_by, Announced by,
                     const std::string& exec_root) {
  out_.looked_at.push_back(root + " (" + found_by + ")");
  auto path = HostPath::parse(root);
  if (!path) return problem(std::move(path).error(), root);
  const auto remapped = remapped_roots(host_, *path);
  auto here = check_data_root(host_, *path);
  if (here) add(*path, found_by, exec_root);
  for (const HostPath& inner : remapped) add(inner, found_by + ", userns-remap", exec_root);
  if (here || !remapped.empty()) return;
  // Docker need not be installed; but a place the user names, or one that cannot be looked at, is
  // worth a line.
  if (by == Announced::kByUser || here.error().code() != ErrorCode::kNotFound) {
    problem(std::move(here).error().in("store docker=" + base::escape(root)), root);
  }
}

}  // namespace

Discovery discover(const rootfs::HostRoot& root, const std::vector<StoreSpec>& specs,
                   DiscoverMode mode) {
  Finder finder(root);
  for (const StoreSpec& spec : specs) {
    auto checked = StoreSpec::parse(spec.kind + "=" + spec.root);
    if (checked) {
      finder.look_at(spec.root, "--store", Announced::kByUser, spec.state);
    } else {
      finder.problem(std::move(checked).error(), spec.root);
    }
  }
  if (mode == DiscoverMode::kEverything) {
    for (const AnnouncedRoot& announced : announced_roots(root, finder.problems())) {
      finder.look_at(announced.path, announced.found_by, Announced::kByConfiguration);
    }
  }
  return finder.take();
}

}  // namespace meridian::store
