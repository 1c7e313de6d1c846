// SPDX-License-Identifier: Apache-2.0
//
// The whole of an image archive: index, links, manifest.json, configs.
// Property: each layer that the store yields can be opened unless it says that it is missing, and
// each problem has a reason.
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

#include "store/archive/archive_files.hpp"
#include "store/archive/docker_archive.hpp"
#include "support/fuzz_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace meridian;
  // A copy of the descriptor: the store closes it.
  auto& input = testing_support::FuzzFile::fresh();
  auto file = std::make_shared<base::UniqueFd>(::dup(input.fd()));
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  input.add(bytes);
  auto files = store::ArchiveFiles::index(archive::local_unpacker(), std::move(file), "fuzz.tar");
  if (!files) return 0;
  auto opened = store::read_docker_archive(*std::move(files), "");
  if (!opened) return 0;
  model::Inventory inventory;
  (*opened)->read(0, inventory);
  for (const auto& image : inventory.images) {
    if (image.id.empty() || !image.config_digest) std::abort();
    for (const auto& layer : image.layers) {
      if (layer.missing == (*opened)->open_layer(layer).has_value()) std::abort();
    }
  }
  for (const auto& problem : inventory.problems) {
    if (problem.error.message().empty()) std::abort();
  }
  return 0;
}
