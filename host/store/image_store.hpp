// SPDX-License-Identifier: Apache-2.0
//
// image_store.hpp: the images that a reader found in files (an archive, an OCI layout), and their
// layers, read in place; nothing is unpacked.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "store/image_files.hpp"
#include "store/store.hpp"

namespace meridian::store {

/// A layer as a manifest names it.
struct NamedLayer {
  std::string name;                     // for people: a member, a blob
  std::optional<model::Digest> digest;  // of the stored bytes, where the manifest says one
  Result<ImageFiles::Found> found;      // or why it cannot be read
};

class ImageStore final : public Store {
 public:
  ImageStore(std::unique_ptr<const ImageFiles> files, std::string kind);

  const model::Runtime& runtime() const override { return runtime_; }
  void read(std::size_t index, model::Inventory& out) override;
  Result<std::shared_ptr<const rootfs::Tree>> open_layer(const model::Layer& layer) const override;
  Result<Witness> witness(const model::Layer& layer) const override;

  // For the reader of one format, which fills the store before anybody else sees it.
  const ImageFiles& files() const { return *files_; }
  /// Reads the config behind `found`: `image` gets its id, its digest and its content; kIntegrity
  /// becomes a problem of the image where `claimed` is another digest.
  Result<void> read_config(const Result<ImageFiles::Found>& found, const std::string& name,
                           const std::optional<model::Digest>& claimed, model::Image& image);
  /// `image` has config and names, and may have a presence. One that is there already gets those;
  /// other layers than its own are then a problem of `manifest`. What cannot be read keeps its
  /// place in the stack.
  void add(model::Image image, const std::string& manifest, const std::vector<NamedLayer>& layers);
  /// Of an image that is there.
  void add_name(const std::string& image_id, const std::string& name);
  /// `word` selects the image in keep(), besides what model::matches knows.
  void add_selector(const std::string& image_id, const std::string& word);
  /// `object`: the image concerned, by id or as far as it is known.
  void problem(Error error, const std::string& file, const std::string& object);
  /// Drops every image that `wanted` does not mean, and its problems. kNotFound says what there is.
  Result<void> keep(const std::string& wanted);
  bool empty() const { return images_.empty(); }

 private:
  struct Known {
    std::size_t image = 0;            // index in images_
    std::vector<std::string> layers;  // as the manifest names them
  };
  void add_again(const model::Image& again, const std::string& manifest, const Known& known,
                 const std::vector<std::string>& layers);
  model::Layer make_layer(const NamedLayer& named, const model::Image& image);

  std::unique_ptr<const ImageFiles> files_;
  model::Runtime runtime_;
  std::vector<model::Image> images_;
  std::vector<model::Problem> problems_;
  std::map<std::string, Known> by_id_;
  std::map<std::string, std::set<std::string>> selectors_;  // image id -> words
  // By Layer::id: where it is, or why it cannot be read.
  std::map<std::string, Result<ImageFiles::Found>> layers_;
  std::map<model::DiffId, std::string> first_claimants_;  // diffID -> Layer::id
};

}  // namespace meridian::store
