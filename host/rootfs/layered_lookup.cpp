// SPDX-License-Identifier: Apache-2.0
#include "rootfs/layered_lookup.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/escape.hpp"
#include "base/limits.hpp"
#include "rootfs/overlay_markers.hpp"

namespace meridian::rootfs {
namespace {

using model::MarkerDialect;

class LayeredLookup {
 public:
  LayeredLookup(const std::vector<StackedLayer>& layers, const OverlayOptions& options,
                std::string_view name)
      : layers_(layers), options_(options), name_(name) {}
  Result<std::optional<Merged>> run(const std::vector<Place>& directory);

 private:
  struct Hit {
    RootfsPath path;
    Stat stat;
  };
  /// One part of name_: what comes before it and behind it there, both empty for a plain name.
  struct Part {
    std::string before;
    std::string name;
    std::string behind;
    bool is_last() const { return behind.empty(); }
  };

  Result<std::optional<Hit>> in_layer(const Place& directory, bool is_bottom);
  Result<std::optional<Hit>> part_in_layer(const Place& directory, const Part& part,
                                           bool is_bottom);
  Result<void> take_file(const StackedLayer& layer, const Hit& hit, const Part& part,
                         bool is_bottom);
  Result<void> take_directory(const StackedLayer& layer, const Hit& hit, const Part& part,
                              bool is_bottom);
  Result<void> take_redirect(const StackedLayer& layer, const Hit& hit, const Part& part);
  Result<void> check_permitted() const;
  bool follows(MarkerDialect dialect) const {
    return options_.follow_redirects && dialect != MarkerDialect::kKernelUser;
  }
  bool has_slash() const { return name_.front() == '/'; }
  static Error refused(const RootfsPath& path, std::string_view why) {
    return Error(ErrorCode::kRefused, "'" + base::escape(path.text()) + "': " + std::string(why));
  }

  const std::vector<StackedLayer>& layers_;
  const OverlayOptions& options_;
  std::string name_;  // in the next layer: one part, or "/a/b" from its root
  bool stop_ = false;
  bool is_directory_ = false;  // the topmost hit
  bool metacopy_ = false;      // the last hit has no bytes
  bool redirected_ = false;
  RootfsPath marked_;  // the hit that said so last, for errors
  MarkerDialect marked_dialect_ = MarkerDialect::kNone;
};

Result<std::optional<Merged>> LayeredLookup::run(const std::vector<Place>& directory) {
  Merged merged;
  std::vector<Place> from_roots;
  const std::vector<Place>* places = &directory;
  for (std::size_t i = 0; !stop_ && i < places->size();) {
    const Place& place = (*places)[i];
    MERIDIAN_CHECK(check_permitted());
    const bool is_bottom =
        follows(layers_[place.layer].dialect) ? place.layer == 0 : i + 1 == places->size();
    MERIDIAN_TRY(auto hit, in_layer(place, is_bottom));
    if (hit) {
      if (merged.places.empty()) merged.stat = hit->stat;
      // Of a chain of metacopy files only the first (attributes) and the last (bytes) matter.
      if (merged.places.empty() || !metacopy_) {
        merged.places.push_back({place.layer, std::move(hit->path)});
      }
    }
    if (!stop_ && has_slash() && places == &directory) {
      // From here on by the layers' roots.
      for (std::size_t below = place.layer; below-- > 0;) {
        from_roots.push_back({below, RootfsPath()});
      }
      places = &from_roots;
      i = 0;
    } else {
      ++i;
    }
  }
  MERIDIAN_CHECK(check_permitted());
  if (metacopy_) {
    return Error(ErrorCode::kCorrupt, "'" + base::escape(marked_.text()) +
                                          "': a metacopy file whose bytes are in no lower layer");
  }
  if (merged.places.empty()) return std::optional<Merged>();
  return std::optional<Merged>(std::move(merged));
}

/// What was said by a hit before may have to be refused now.
Result<void> LayeredLookup::check_permitted() const {
  if (redirected_ && !follows(marked_dialect_)) {
    return refused(marked_, "the mount does not follow its redirect");
  }
  if (metacopy_ && (!options_.metacopy || marked_dialect_ == MarkerDialect::kKernelUser)) {
    return refused(marked_, "a metacopy file in a stack that is mounted without metacopy");
  }
  return {};
}

Result<std::optional<LayeredLookup::Hit>> LayeredLookup::in_layer(const Place& directory,
                                                                  bool is_bottom) {
  if (!has_slash()) return part_in_layer(directory, {"", name_, ""}, is_bottom);
  Place here = directory;
  // Counted from the end, for what stands before may be renamed for the next layer on the way.
  std::size_t rest = name_.size() - 1;
  for (;;) {
    const std::size_t at = name_.size() - rest;
    const std::size_t end = std::min(name_.find('/', at), name_.size());
    const Part part{name_.substr(0, at), name_.substr(at, end - at), name_.substr(end)};
    MERIDIAN_TRY(auto hit, part_in_layer(here, part, is_bottom));
    if (!hit || part.is_last()) return hit;
    rest -= part.name.size() + 1;
    here.path = std::move(hit->path);
  }
}

Result<std::optional<LayeredLookup::Hit>> LayeredLookup::part_in_layer(const Place& directory,
                                                                       const Part& part,
                                                                       bool is_bottom) {
  const StackedLayer& layer = layers_[directory.layer];
  const auto nothing = std::optional<Hit>();
  if (is_marker_name(layer.dialect, part.name)) return nothing;
  Hit hit{directory.path / part.name, {}};
  MERIDIAN_TRY(const bool deleted, has_whiteout_file(*layer.tree, layer.dialect, hit.path));
  stop_ = stop_ || deleted;
  if (deleted && whiteout_file_hides_own(layer.dialect)) return nothing;
  auto stat = layer.tree->stat(hit.path);
  if (!stat && stat.error().code() != ErrorCode::kNotFound) return std::move(stat).error();
  if (!stat) return nothing;
  hit.stat = *stat;
  MERIDIAN_TRY(const bool whiteout, is_whiteout(*layer.tree, layer.dialect, hit.path, *stat));
  const bool bytes_wanted = part.is_last() && metacopy_;
  if (whiteout || (bytes_wanted && stat->type != EntryType::kRegular)) {
    stop_ = true;
    return nothing;
  }
  if (stat->type != EntryType::kDirectory) {
    stop_ = true;
    if (is_directory_ || !part.is_last()) return nothing;
    MERIDIAN_CHECK(take_file(layer, hit, part, is_bottom));
  } else {
    MERIDIAN_CHECK(take_directory(layer, hit, part, is_bottom));
  }
  return std::optional<Hit>(std::move(hit));
}

Result<void> LayeredLookup::take_file(const StackedLayer& layer, const Hit& hit, const Part& part,
                                      bool is_bottom) {
  metacopy_ = false;
  if (hit.stat.type == EntryType::kRegular) {
    MERIDIAN_TRY(metacopy_, is_metacopy(*layer.tree, layer.dialect, hit.path));
  }
  if (!metacopy_) return {};
  stop_ = false;
  marked_ = hit.path;
  marked_dialect_ = layer.dialect;
  return is_bottom ? Result<void>() : take_redirect(layer, hit, part);
}

Result<void> LayeredLookup::take_directory(const StackedLayer& layer, const Hit& hit,
                                           const Part& part, bool is_bottom) {
  is_directory_ = is_directory_ || part.is_last();
  if (is_bottom) return {};
  MERIDIAN_TRY(const bool opaque, is_opaque(*layer.tree, layer.dialect, hit.path));
  stop_ = stop_ || opaque;
  return opaque ? Result<void>() : take_redirect(layer, hit, part);
}

Result<void> LayeredLookup::take_redirect(const StackedLayer& layer, const Hit& hit,
                                          const Part& part) {
  MERIDIAN_TRY(const auto redirect, redirect_of(*layer.tree, layer.dialect, hit.path));
  if (!redirect) return {};
  redirected_ = true;
  marked_ = hit.path;
  marked_dialect_ = layer.dialect;
  if (redirect->front() == '/') {
    // An opaque parent on the way here no longer counts: this names its own place below.
    stop_ = false;
    name_ = *redirect + part.behind;
  } else {
    name_ = part.before + *redirect + part.behind;
  }
  if (name_.size() > limits::kMaxPath) {
    return Error(ErrorCode::kLimit,
                 "'" + base::escape(hit.path.text()) + "': its redirects are too long");
  }
  return {};
}

}  // namespace

Result<std::optional<Merged>> look_up(const std::vector<StackedLayer>& layers,
                                      const OverlayOptions& options, const Merged& directory,
                                      std::string_view name) {
  return LayeredLookup(layers, options, name).run(directory.places);
}

}  // namespace meridian::rootfs
