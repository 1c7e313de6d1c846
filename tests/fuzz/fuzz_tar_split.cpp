// SPDX-License-Identifier: Apache-2.0
//
// fuzz_tar_split.cpp: any bytes as a layer's tar-split record. Properties: read twice is equal;
// every path stays inside; only overlay attributes are kept, and never metacopy. Compared with an
// empty tree it ends the same twice, never intact where it names a file.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "rootfs/memory_tree.hpp"
#include "store/docker/tar_split.hpp"
#include "store/layer_check.hpp"
#include "support/fuzz_file.hpp"

namespace {

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "property violated: %s\n", what);
  std::abort();
}

void check_layer(const std::shared_ptr<meridian::base::UniqueFd>& file, std::size_t size) {
  using namespace meridian;
  const rootfs::MemoryTree nothing;
  const auto diff_id = model::DiffId::parse("sha256:" + std::string(64, '0')).value();  // of no tar
  const auto look = [&] {
    return store::check_split_layer(archive::local_unpacker(),
                                    {file, 0, size, archive::BlobForm::kTarSplit}, "fuzz",
                                    {&nothing}, diff_id);
  };
  const auto first = look();
  const auto second = look();
  require(first.state == second.state && first.computed == second.computed, "two looks are equal");
  require(first.state != model::ContentState::kIntact, "no tar has that digest");
  require(first.state != model::ContentState::kUnknown || first.reason.has_value(), "it says why");
  require(first.differences.size() <= model::kMaxDifferences, "within its bounds");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace meridian;
  if (size > 1 << 20) return 0;
  auto& file = testing_support::FuzzFile::fresh();
  file.add({reinterpret_cast<const char*>(data), size});
  const auto read = [&] {
    return store::markers_of_split(archive::local_unpacker(),
                                   {file.file(), 0, size, archive::BlobForm::kTarSplit}, "fuzz");
  };
  check_layer(file.file(), size);
  const auto first = read();
  const auto second = read();
  require(first.has_value() == second.has_value(), "two readings end alike");
  if (!first || !second) return 0;
  require(*first == *second, "two readings are equal");
  for (const auto& [path, markers] : *first) {
    require(("/" + path.text() + "/").find("/../") == std::string::npos, "inside");
    for (const auto& [name, value] : markers) {
      require(name.rfind("trusted.overlay.", 0) == 0, "an overlay attribute");
      require(name != "trusted.overlay.metacopy", "no metacopy");
    }
  }
  return 0;
}
