// SPDX-License-Identifier: Apache-2.0
#include "scan/layer_unit.hpp"

#include <string_view>

namespace meridian::scan {

namespace {

/// Ends a long read once the scan is ending.
class CancellableContent final : public rootfs::Content {
 public:
  CancellableContent(rootfs::Content& content, const base::Cancel& cancel)
      : content_(content), cancel_(cancel) {}
  std::uint64_t size() const override { return content_.size(); }
  Result<std::size_t> read(std::uint64_t offset, void* buffer, std::size_t capacity) override {
    if (cancel_.stopped()) return Error(ErrorCode::kCancelled, "the scan was ended");
    return content_.read(offset, buffer, capacity);
  }
  int fd() const override { return content_.fd(); }

 private:
  rootfs::Content& content_;
  const base::Cancel& cancel_;
};

/// In dialects that write deletions as files, those are no files of the layer.
bool is_marker(std::string_view name, model::MarkerDialect dialect) {
  const bool has_marker_files =
      dialect == model::MarkerDialect::kTar || dialect == model::MarkerDialect::kFuseOverlayfs;
  return has_marker_files && name.substr(0, 4) == ".wh.";
}

class LayerVisitor final : public rootfs::Visitor {
 public:
  LayerVisitor(const model::Layer& layer, const lane::PluginSet& set, const Options& options,
               const base::Cancel& cancel, Progress& progress, lane::Run& run, LayerResult& result)
      : layer_(layer),
        set_(set),
        options_(options),
        cancel_(cancel),
        progress_(progress),
        run_(run),
        result_(result) {}

  rootfs::WalkStep entry(const rootfs::RootfsPath& path, const rootfs::Stat& stat,
                         Opener& opener) override {
    if (cancel_.stopped()) return rootfs::WalkStep::kStop;
    for (const plugin::Glob& glob : options_.exclude) {
      if (glob.matches(path.text())) return rootfs::WalkStep::kSkipChildren;
    }
    if (stat.type != rootfs::EntryType::kRegular || is_marker(path.name(), layer_.dialect)) {
      return rootfs::WalkStep::kGoOn;
    }
    ++result_.files;
    result_.bytes += stat.size;
    progress_.files.fetch_add(1, std::memory_order_relaxed);
    progress_.bytes.fetch_add(stat.size, std::memory_order_relaxed);
    wanted_.files.clear();
    wanted_.patterns.clear();
    set_.matcher->wants(path.text(), stat, wanted_);
    if (wanted_.nothing()) return rootfs::WalkStep::kGoOn;
    auto content = opener.open();
    if (!content) {
      run_.unreadable(wanted_, path.text(), content.error());
      return rootfs::WalkStep::kGoOn;
    }
    ++result_.opened;
    CancellableContent cancellable(**content, cancel_);
    run_.file({path, stat, cancellable, opener, wanted_});
    return rootfs::WalkStep::kGoOn;
  }

  void problem(const rootfs::RootfsPath& path, const Error& error) override {
    run_.layer_gap({finding::gap_kind(error.code()), "", "", path.text(), error.message(), "", ""});
  }

 private:
  const model::Layer& layer_;
  const lane::PluginSet& set_;
  const Options& options_;
  const base::Cancel& cancel_;
  Progress& progress_;
  lane::Run& run_;
  LayerResult& result_;
  plugin::Wanted wanted_;
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
  if (result.decoded_digest && layer.diff_id && *result.decoded_digest != layer.diff_id->text()) {
    run.layer_gap({finding::GapKind::kIntegrity, "", "", "",
                   "layer " + layer.name() + " decodes to " + *result.decoded_digest, "", ""});
  }
  run.layer_done(layer);
  result.end = UnitEnd::kDone;
}

}  // namespace meridian::scan
