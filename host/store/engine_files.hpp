// SPDX-License-Identifier: Apache-2.0
//
// engine_files.hpp: the files below one engine's root, and the list of what was wrong with them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "model/inventory.hpp"
#include "rootfs/host_root.hpp"

namespace meridian::store {

class EngineFiles {
 public:
  /// As store number `store`; borrows the others.
  EngineFiles(const rootfs::HostRoot& host, model::HostPath root, std::size_t store,
              std::vector<model::Problem>& problems)
      : host_(host), root_(std::move(root)), store_(store), problems_(problems) {}

  const rootfs::HostRoot& host() const { return host_; }
  const model::HostPath& root() const { return root_; }
  std::size_t store() const { return store_; }

  Result<std::string> read(const model::HostPath& path) const;
  /// A file that holds one short line, without the white space around it.
  Result<std::string> read_line(const model::HostPath& path) const;
  /// Names in a folder, none if it is not there; a failure is a problem. Past limits::kMaxObjects
  /// the rest is one too.
  std::vector<std::string> list(const model::HostPath& path);
  Result<void> check_directory(const model::HostPath& path) const;

  /// `object`: the id of the image or container that lost something; empty: the store itself.
  void problem(Error error, const model::HostPath& path, std::string object);
  std::size_t problem_count() const { return problems_.size(); }
  /// Takes back all but the first `count`: what they were about has been removed meanwhile.
  void forget_problems_after(std::size_t count) {
    problems_.erase(problems_.begin() + static_cast<std::ptrdiff_t>(count), problems_.end());
  }

 private:
  const rootfs::HostRoot& host_;
  model::HostPath root_;
  std::size_t store_;
  std::vector<model::Problem>& problems_;
};

/// What a container lacks whose image has lost layers; nullopt: none are lost.
std::optional<Error> lost_layers(const model::Image& image);

}  // namespace meridian::store
