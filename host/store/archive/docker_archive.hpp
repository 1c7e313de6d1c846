// SPDX-License-Identifier: Apache-2.0
//
// docker_archive.hpp: a file of `docker save` (and of podman and skopeo): manifest.json, configs,
// layers. Layers are read in place; nothing is unpacked.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "store/archive/archive_files.hpp"
#include "store/archive/archive_manifest.hpp"
#include "store/store.hpp"

namespace meridian::store {

class DockerArchive final : public Store {
 public:
  /// `wanted`: a REF (model::matches) or "@N", the Nth image; empty: all. kNotFound if the archive
  /// has no such image, with what it has; kCorrupt if it is none; kUnsupported for an OCI layout.
  static Result<std::unique_ptr<Store>> open(const std::string& path, const std::string& wanted);
  static Result<std::unique_ptr<Store>> create(ArchiveFiles files, const std::string& name,
                                               const std::string& wanted);

  const model::Runtime& runtime() const override { return runtime_; }
  void read(std::size_t index, model::Inventory& out) override;
  Result<std::shared_ptr<const rootfs::Tree>> open_layer(const model::Layer& layer) const override;

 private:
  DockerArchive(ArchiveFiles files, const std::string& name);
  void add_image(const ArchiveImage& entry);
  Result<void> read_config(const ArchiveImage& entry, model::Image& image);
  void add_again(const ArchiveImage& entry, model::Image& image,
                 const std::vector<std::string>& layers);
  void add_layers(const ArchiveImage& entry, model::Image& image);
  model::Layer make_layer(const ArchiveFiles::Found& found);
  void problem(Error error, std::string member, const std::string& object);
  Result<void> keep(const std::string& wanted);

  ArchiveFiles files_;
  model::Runtime runtime_;
  std::vector<model::Image> images_;
  std::vector<model::Problem> problems_;
  struct Known {
    std::size_t image;                // index in images_
    std::vector<std::string> layers;  // as the manifest names them
  };
  std::map<std::string, Known> by_id_;
  std::map<std::string, rootfs::BlobRange> layers_;       // by Layer::id
  std::map<model::DiffId, std::string> first_claimants_;  // diffID -> Layer::id
};

}  // namespace meridian::store
