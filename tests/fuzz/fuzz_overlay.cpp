// SPDX-License-Identifier: Apache-2.0
//
// fuzz_overlay.cpp: any bytes as a stack of layers with markers. Properties: the walk and look-ups
// agree; every place of origin exists in its layer; nothing shows under a name with ".."; it ends.
//
// Bytes: the dialect (2 bits of the first), then per entry layer (2 bits), type (3), attribute (3),
// a name of names up to NUL, an attribute's value up to NUL.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rootfs/layered_tree.hpp"
#include "rootfs/memory_tree.hpp"

namespace {

using namespace meridian;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "property violated: %s\n", what);
  std::abort();
}

std::string line_of(const rootfs::Stat& stat) {
  return std::to_string(static_cast<int>(stat.type)) + " " + std::to_string(stat.size);
}

class Recorder final : public rootfs::Visitor {
 public:
  rootfs::WalkStep entry(const rootfs::RootfsPath& path, const rootfs::Stat& stat,
                         Opener&) override {
    seen[path.text()] = line_of(stat);
    // A redirect to "/a" below "/a" doubles with every layer; four of them are bounded all the
    // same.
    return seen.size() < 5000 ? rootfs::WalkStep::kGoOn : rootfs::WalkStep::kStop;
  }
  void problem(const rootfs::RootfsPath& path, const Error&) override { refused.push_back(path); }
  std::map<std::string, std::string> seen;
  std::vector<rootfs::RootfsPath> refused;
};

std::string_view take(std::string_view& bytes) {
  const std::string_view text = bytes.substr(0, bytes.find('\0'));
  bytes.remove_prefix(std::min(text.size() + 1, bytes.size()));
  return text;
}

void add(std::vector<std::shared_ptr<rootfs::MemoryTree>>& layers, std::string_view& bytes) {
  static constexpr const char* kNames[] = {"opaque",         "redirect", "metacopy", "whiteout",
                                           "overlay.opaque", "origin",   "x",        ""};
  const auto head = static_cast<unsigned char>(bytes.front());
  bytes.remove_prefix(1);
  const auto path = rootfs::RootfsPath::parse(take(bytes));
  const std::string value(take(bytes));
  if (!path || path->is_root()) return;
  rootfs::MemoryEntry entry;
  const unsigned type = (head >> 2) & 7u;
  if (type < 3) entry.stat.type = rootfs::EntryType::kDirectory;
  if (type == 3) entry.stat.type = rootfs::EntryType::kCharDevice;
  if (type == 4) entry.stat.type = rootfs::EntryType::kSymlink;
  if (type == 5) entry.content = "bytes";
  const std::string name = kNames[(head >> 5) & 7u];
  if (!name.empty()) {
    entry.xattrs["trusted.overlay." + name] = entry.xattrs["user.overlay." + name] = value;
  }
  layers[head & 3u]->add(*path, std::move(entry));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 2048) return 0;
  constexpr std::array kDialects = {
      model::MarkerDialect::kKernelTrusted, model::MarkerDialect::kKernelUser,
      model::MarkerDialect::kFuseOverlayfs, model::MarkerDialect::kTar};
  const auto dialect = kDialects.at(data[0] & 3u);
  std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::vector<std::shared_ptr<rootfs::MemoryTree>> layers;
  for (int i = 0; i < 4; ++i) layers.push_back(std::make_shared<rootfs::MemoryTree>());
  while (!bytes.empty()) add(layers, bytes);
  std::vector<rootfs::StackedLayer> stack;
  for (const auto& layer : layers) stack.push_back({layer, dialect});
  const rootfs::LayeredTree merged(stack, {true, true});
  Recorder recorder;
  require(merged.walk(recorder).has_value(), "a stack in memory can be walked");
  for (const auto& [text, line] : recorder.seen) {
    const auto path = rootfs::RootfsPath::parse(text);
    require(path && path->text() == text, "a path stays inside");
    const auto stat = merged.stat(*path);
    require(stat && line_of(*stat) == line, "a look-up finds what the walk met");
    const auto origin = merged.origin(*path);
    require(origin.has_value(), "what shows has an origin");
    for (const rootfs::Place& place : {origin->entry, origin->content}) {
      require(layers[place.layer]->stat(place.path).has_value(), "the origin is there");
    }
  }
  for (const rootfs::RootfsPath& path : recorder.refused) {
    require(!merged.stat(path) || !merged.list(path), "refused by the walk and not by a look-up");
  }
  return 0;
}
