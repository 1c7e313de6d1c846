// SPDX-License-Identifier: Apache-2.0
#include "scan/layer_unit.hpp"

#include <memory>
#include <string>
#include <utility>

#include "base/escape.hpp"
#include "rootfs/overlay_markers.hpp"
#include "scan/file_visitor.hpp"

namespace meridian::scan {

namespace {

class LayerVisitor final : public FileVisitor {
 public:
  LayerVisitor(const model::Layer& layer, const lane::PluginSet& set, const Options& options,
               const base::Cancel& cancel, Progress& progress, lane::Run& run, LayerResult& result)
      : FileVisitor(*set.matcher, run, options, cancel),
        layer_(layer),
        progress_(progress),
        result_(result) {}
  ~LayerVisitor() override { tell_progress(); }
  LayerVisitor(const LayerVisitor&) = delete;
  LayerVisitor& operator=(const LayerVisitor&) = delete;

  void problem(const rootfs::RootfsPath& path, const Error& error) override {
    run_.layer_gap({finding::gap_kind(error.code()), "", "", path.text(), error.message(), "", ""});
  }

 private:
  void met_directory(const rootfs::RootfsPath& path, Opener& opener) override {
    note_redirect(path, opener);
  }
  bool met(const rootfs::RootfsPath& path, const rootfs::Stat& stat, Opener& opener) override {
    // Deletions that are written as files are no files of the layer.
    if (rootfs::is_marker_name(layer_.dialect, path.name())) return false;
    has_bytes_ = !stat.sparse || !is_metacopy(path, opener);
    ++result_.files;
    result_.bytes += stat.size;
    if (result_.files - told_files_ >= kToldAtOnce) tell_progress();
    return true;
  }
  /// All threads of the scan write there: not for each file.
  void tell_progress() {
    progress_.files.fetch_add(result_.files - std::exchange(told_files_, result_.files),
                              std::memory_order_relaxed);
    progress_.bytes.fetch_add(result_.bytes - std::exchange(told_bytes_, result_.bytes),
                              std::memory_order_relaxed);
  }
  Result<std::unique_ptr<rootfs::Content>> open(Opener& opener) override {
    if (has_bytes_) return opener.open();
    return Error(ErrorCode::kUnsupported,
                 "metacopy: attributes only; its bytes are in a lower layer, and are looked at "
                 "there under their name there");
  }
  void wanted(const lane::FileItem& item) override {
    ++result_.opened;
    run_.file(item);
  }
  void unreadable(const plugin::Wanted& who, const rootfs::RootfsPath& path,
                  const Error& error) override {
    run_.unreadable(who, path.text(), error);
  }

  /// What the layers below call this directory or metacopy file, for placing findings.
  void note_redirect(const rootfs::RootfsPath& path, Opener& opener) {
    const char* const name = rootfs::redirect_attribute(layer_.dialect);
    if (name == nullptr) return;
    auto to = opener.xattr(name);
    if (!to && to.error().code() != ErrorCode::kNotFound) problem(path, to.error());
    if (!to) return;
    if (result_.redirects.size() >= rootfs::MergedNames::kMaxRedirects) {
      problem(path, Error(ErrorCode::kLimit,
                          "more than " + std::to_string(rootfs::MergedNames::kMaxRedirects) +
                              " redirected directories"));
      return;
    }
    result_.redirects.push_back({path, *std::move(to)});
  }

  bool is_metacopy(const rootfs::RootfsPath& path, Opener& opener) {
    const char* const name = rootfs::metacopy_attribute(layer_.dialect);
    if (name == nullptr) return false;
    const auto value = opener.xattr(name);
    if (!value && value.error().code() != ErrorCode::kNotFound) problem(path, value.error());
    if (value) note_redirect(path, opener);
    return value.has_value();
  }

  static constexpr std::uint64_t kToldAtOnce = 64;  // files

  const model::Layer& layer_;
  Progress& progress_;
  LayerResult& result_;
  std::uint64_t told_files_ = 0, told_bytes_ = 0;
  bool has_bytes_ = true;  // of the file met last
};

}  // namespace

void scan_layer(const model::Layer& layer, const lane::PluginSet& set, const Options& options,
                const base::Cancel& cancel, Progress& progress, lane::Run& run, const Walk& walk,
                LayerResult& result) {
  LayerVisitor visitor(layer, set, options, cancel, progress, run, result);
  auto walked = walk(visitor);
  if (!walked && walked.error().code() == ErrorCode::kCancelled) {
    result.end = UnitEnd::kInterrupted;
    return;
  }
  if (!walked) {
    result.end = UnitEnd::kUnreadable;
    result.failure = std::move(walked).error().in("layer " + layer.name());
    return;
  }
  if (cancel.stopped()) {
    result.end = UnitEnd::kInterrupted;
    return;
  }
  if (!result.redirects.empty()) {
    run.layer_gap({finding::GapKind::kUnsupported, "", "", result.redirects.front().path.text(),
                   "redirected: the layers below have it as '" +
                       base::escape(result.redirects.front().to) + "', and conditions on paths " +
                       "were asked of the names there (" + std::to_string(result.redirects.size()) +
                       " such in this layer)",
                   "", ""});
  }
  if (result.tree) {
    result.decoded_digest = result.tree->decoded_digest();
    result.stored_digest = result.tree->stored_digest();
  }
  run.layer_done(layer);
  result.end = UnitEnd::kDone;
}

}  // namespace meridian::scan
