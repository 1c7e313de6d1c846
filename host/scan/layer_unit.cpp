// SPDX-License-Identifier: Apache-2.0
#include "scan/layer_unit.hpp"

#include <string_view>

#include "scan/file_visitor.hpp"

namespace meridian::scan {

namespace {

/// In dialects that write deletions as files, those are no files of the layer.
bool is_marker(std::string_view name, model::MarkerDialect dialect) {
  const bool has_marker_files =
      dialect == model::MarkerDialect::kTar || dialect == model::MarkerDialect::kFuseOverlayfs;
  return has_marker_files && name.substr(0, 4) == ".wh.";
}

class LayerVisitor final : public FileVisitor {
 public:
  LayerVisitor(const model::Layer& layer, const lane::PluginSet& set, const Options& options,
               const base::Cancel& cancel, Progress& progress, lane::Run& run, LayerResult& result)
      : FileVisitor(*set.matcher, options, cancel),
        layer_(layer),
        progress_(progress),
        run_(run),
        result_(result) {}

  void problem(const rootfs::RootfsPath& path, const Error& error) override {
    run_.layer_gap({finding::gap_kind(error.code()), "", "", path.text(), error.message(), "", ""});
  }

 private:
  bool met(const rootfs::RootfsPath& path, const rootfs::Stat& stat) override {
    if (is_marker(path.name(), layer_.dialect)) return false;
    ++result_.files;
    result_.bytes += stat.size;
    progress_.files.fetch_add(1, std::memory_order_relaxed);
    progress_.bytes.fetch_add(stat.size, std::memory_order_relaxed);
    return true;
  }
  void wanted(const lane::FileItem& item) override {
    ++result_.opened;
    run_.file(item);
  }
  void unreadable(const plugin::Wanted& who, const rootfs::RootfsPath& path,
                  const Error& error) override {
    run_.unreadable(who, path.text(), error);
  }

  const model::Layer& layer_;
  Progress& progress_;
  lane::Run& run_;
  LayerResult& result_;
};

}  // namespace

void scan_layer(const model::Layer& layer, const lane::PluginSet& set, const Options& options,
                const base::Cancel& cancel, Progress& progress, lane::Run& run,
                LayerResult& result) {
  LayerVisitor visitor(layer, set, options, cancel, progress, run, result);
  auto walked = result.tree->walk(visitor);
  result.bytes_read = run.bytes_read();
  if (!walked) {
    result.end = UnitEnd::kUnreadable;
    result.failure = std::move(walked).error().in("layer " + layer.name());
    return;
  }
  if (cancel.stopped()) {
    result.end = UnitEnd::kInterrupted;
    return;
  }
  result.decoded_digest = result.tree->decoded_digest();
  result.stored_digest = result.tree->stored_digest();
  run.layer_done(layer);
  result.end = UnitEnd::kDone;
}

}  // namespace meridian::scan
