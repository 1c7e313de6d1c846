// SPDX-License-Identifier: Apache-2.0
//
// fuzz_whiteout_names.cpp: any bytes as file names of a directory. Properties: a marker's target is
// no marker of the form that says "meta"; what the merged list shows, a look-up finds, and the
// other way round, in each dialect; no marker shows where names are markers.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "rootfs/layered_tree.hpp"
#include "rootfs/memory_tree.hpp"
#include "rootfs/overlay_markers.hpp"

namespace {

using namespace meridian;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "property violated: %s\n", what);
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 4096) return 0;
  constexpr std::array kDialects = {
      model::MarkerDialect::kNone, model::MarkerDialect::kKernelTrusted,
      model::MarkerDialect::kFuseOverlayfs, model::MarkerDialect::kTar};
  const auto dialect = kDialects.at(data[0] & 3u);
  // Behind the dialect lines: names of the upper layer, an empty line, names of the lower one.
  std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  auto upper = std::make_shared<rootfs::MemoryTree>();
  auto lower = std::make_shared<rootfs::MemoryTree>();
  rootfs::MemoryTree* tree = upper.get();
  while (!text.empty()) {
    const std::string_view name = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(name.size() + 1, text.size()));
    if (name.empty()) tree = lower.get();
    const auto path = rootfs::RootfsPath::parse(name);
    if (path && !path->is_root()) tree->add(*path, {});
  }
  const rootfs::LayeredTree merged({{lower, dialect}, {upper, dialect}});
  const auto shown = merged.list(rootfs::RootfsPath());
  require(shown.has_value(), "the root can be listed");
  std::set<std::string> names;
  for (const rootfs::DirEntry& entry : *shown) {
    names.insert(entry.name);
    require(!rootfs::is_marker_name(dialect, entry.name), "a marker is no entry");
    require(merged.stat(rootfs::RootfsPath() / entry.name).has_value(), "listed and not found");
  }
  for (const auto& layer : {upper, lower}) {
    const auto entries = layer->list(rootfs::RootfsPath());
    require(entries.has_value(), "the root of a layer can be listed");
    for (const rootfs::DirEntry& entry : *entries) {
      const bool listed = names.count(entry.name) != 0;
      require(merged.stat(rootfs::RootfsPath() / entry.name).has_value() == listed,
              "found and not listed");
      const auto gone = rootfs::whited_out_name(dialect, entry.name);
      require(gone.empty() || gone.substr(0, 4) != ".wh.", "a marker deletes no meta name");
    }
  }
  return 0;
}
