// SPDX-License-Identifier: Apache-2.0
//
// directory_store.hpp: "dir:PATH", a plain root file system as one image of one local layer.
#pragma once

#include <memory>
#include <string>

#include "base/unique_fd.hpp"
#include "store/store.hpp"

namespace meridian::store {

class DirectoryStore final : public Store {
 public:
  /// `path` is one of this process. kNotFound, kInvalid if it is no directory, kUnreadable.
  static Result<std::unique_ptr<Store>> open(const std::string& path);

  const model::Runtime& runtime() const override { return runtime_; }
  void read(std::size_t index, model::Inventory& out) override;
  Result<std::shared_ptr<const rootfs::Tree>> open_layer(const model::Layer& layer) const override;

 private:
  DirectoryStore(const std::string& path, base::UniqueFd directory);
  model::Runtime runtime_;
  base::UniqueFd directory_;
};

}  // namespace meridian::store
