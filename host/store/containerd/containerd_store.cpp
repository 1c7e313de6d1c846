// SPDX-License-Identifier: Apache-2.0
#include "store/containerd/containerd_store.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/escape.hpp"
#include "model/reference.hpp"
#include "store/containerd/containers.hpp"
#include "store/containerd/images.hpp"
#include "store/containerd/layers.hpp"

namespace meridian::store::containerd {
namespace {

constexpr const char* kDefaultNamespace = "default";

/// As people write them. Kubernetes' plugin also calls an image by its config, which is its id.
void name_for_people(model::Image& image) {
  std::vector<std::string> names;
  for (const std::string& name : image.names) {
    if (name != image.id) names.emplace_back(model::familiar_name(name));
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  image.names = std::move(names);
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ",") + word;
  return text;
}

}  // namespace

ContainerdStore::ContainerdStore(const rootfs::HostRoot& host, archive::Unpacker& unpacker,
                                 Place place, Metadata metadata, rootfs::TrustedAccess access)
    : host_(host),
      unpacker_(unpacker),
      place_(std::move(place)),
      metadata_(std::move(metadata)),
      processes_(host),
      access_(access) {
  runtime_ = {"containerd",    place_.root.text(), joined(metadata_->snapshotters()),
              place_.found_by, place_.version,     metadata_->name_space()};
}

void ContainerdStore::read(std::size_t index, model::Inventory& out) {
  EngineFiles files(host_, place_.root, index, out.problems);
  const Metadata metadata = *std::move(metadata_);
  metadata_.reset();
  report_damages(files, metadata.damages(), Metadata::file(place_.root));
  Layers layers(files, metadata, access_);
  ImageList list = read_images(files, metadata, layers);
  auto containers = read_containers(files, {place_.state, place_.config}, metadata, layers, list);
  for (model::Image& image : list.images) name_for_people(image);
  std::move(list.images.begin(), list.images.end(), std::back_inserter(out.images));
  std::move(containers.begin(), containers.end(), std::back_inserter(out.containers));
}

Result<std::shared_ptr<const rootfs::Tree>> ContainerdStore::open_layer(
    const model::Layer& layer) const {
  return containerd::open_layer(host_, unpacker_, place_.root, layer, access_);
}

model::ContentCheck ContainerdStore::check_content(const model::Layer& layer) const {
  return containerd::check_content(host_, unpacker_, place_.root, layer, access_);
}

Result<Witness> ContainerdStore::witness(const model::Layer& layer) const {
  return containerd::witness(host_, place_.root, layer, access_);
}

Result<std::vector<std::unique_ptr<Store>>> open_namespaces(const rootfs::HostRoot& host,
                                                            archive::Unpacker& unpacker,
                                                            const ContainerdStore::Place& place,
                                                            const std::set<std::string>& others,
                                                            std::vector<model::Problem>& problems) {
  MERIDIAN_TRY(auto all, Metadata::open_all(host, place.root));
  std::vector<std::unique_ptr<Store>> stores;
  bool foreign = false;
  for (Metadata& metadata : all) {
    const bool ours = others.count(metadata.name_space()) == 0;
    foreign = foreign || !ours;
    if (!ours || (metadata.is_empty() && metadata.containers().empty())) continue;
    if (!is_identifier(metadata.name_space())) {
      problems.push_back({Error(ErrorCode::kCorrupt, "'" + base::escape(metadata.name_space()) +
                                                         "' is no namespace of containerd"),
                          Metadata::file(place.root).text(),
                          {},
                          model::kNoStore});
      continue;
    }
    stores.push_back(std::make_unique<ContainerdStore>(host, unpacker, place, std::move(metadata)));
  }
  if (stores.empty() && !foreign) {
    MERIDIAN_TRY(Metadata none, Metadata::open(host, place.root, kDefaultNamespace));
    stores.push_back(std::make_unique<ContainerdStore>(host, unpacker, place, std::move(none)));
  }
  return stores;
}

}  // namespace meridian::store::containerd
