// SPDX-License-Identifier: Apache-2.0
#include "store/docker/layer_db.hpp"

#include <charconv>

#include "base/escape.hpp"
#include "store/docker/records.hpp"

namespace meridian::store {
namespace {

using model::ChainId;
using model::DiffId;
using model::HostPath;
using model::Layer;
using model::LayerIdentity;
using model::LayerKind;

Result<std::string> driver_id(std::string text) {
  if (is_driver_id(text)) return text;
  return Error(ErrorCode::kCorrupt, "'" + base::escape(text) + "' is no id of a layer folder");
}

/// 0, "not known", when it cannot be read: no reason to leave a layer unread.
std::uint64_t read_size(const EngineFiles& files, const HostPath& path) {
  std::uint64_t value = 0;
  const auto text = files.read_line(path);
  if (!text) return 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  return error == std::errc() && end == text->data() + text->size() ? value : 0;
}

/// A file that a bottom layer, an empty image and the like do not have.
Result<std::optional<ChainId>> read_parent(const EngineFiles& files, const HostPath& path) {
  const auto text = files.read_line(path);
  if (!text && text.error().code() == ErrorCode::kNotFound) return std::optional<ChainId>();
  if (!text) return text.error();
  MERIDIAN_TRY(ChainId parent, ChainId::parse(*text));
  return std::optional<ChainId>(std::move(parent));
}

}  // namespace

LayerDb::LayerDb(EngineFiles& files, const GraphDriver& driver)
    : files_(files),
      driver_(driver),
      layers_(driver.database(files.root()) / "layerdb/sha256"),
      mounts_(driver.database(files.root()) / "layerdb/mounts") {}

Result<void> LayerDb::check_tree(const std::string& driver_id, HostPath& file) const {
  file = driver_.layer_tree(files_.root(), driver_id);
  return files_.check_directory(file);
}

Result<LayerDb::Entry> LayerDb::read(const ChainId& chain, HostPath& file) const {
  const HostPath folder = layers_ / chain.hex();
  Entry out;
  file = folder / "cache-id";
  MERIDIAN_TRY(std::string cache_id, files_.read_line(file));
  MERIDIAN_TRY(out.layer.id, driver_id(std::move(cache_id)));
  file = folder / "diff";
  MERIDIAN_TRY(const std::string diff, files_.read_line(file));
  MERIDIAN_TRY(out.layer.diff_id, DiffId::parse(diff));
  out.layer.size = read_size(files_, folder / "size");
  file = folder / "parent";
  MERIDIAN_TRY(out.parent, read_parent(files_, file));
  MERIDIAN_CHECK(check_tree(out.layer.id, file));
  out.layer.store = files_.store();
  out.layer.kind = LayerKind::kImage;
  out.layer.identity = LayerIdentity::kRecorded;
  out.layer.dialect = driver_.dialect;
  return out;
}

std::optional<LayerDb::Entry> LayerDb::find(const ChainId& chain, const std::string& object) {
  if (const auto known = found_.find(chain); known != found_.end()) return known->second;
  HostPath file = layers_;
  auto entry = read(chain, file);
  if (!entry) {
    files_.problem(std::move(entry).error(), file, object);
    return std::nullopt;
  }
  return found_.emplace(chain, *std::move(entry)).first->second;
}

std::map<std::string, HostPath> LayerDb::tar_splits() const {
  std::map<std::string, HostPath> paths;
  for (const auto& [chain, entry] : found_) {
    paths.emplace(entry.layer.id, layers_ / chain.hex() / "tar-split.json.gz");
  }
  return paths;
}

Result<LayerDb::Mount> LayerDb::read_mount(const std::string& container, HostPath& file) const {
  const HostPath folder = mounts_ / container;
  Mount out;
  file = folder / "mount-id";
  MERIDIAN_TRY(std::string mount_id, files_.read_line(file));
  MERIDIAN_TRY(out.mount_id, driver_id(std::move(mount_id)));
  file = folder / "init-id";
  auto init_id = files_.read_line(file);
  if (!init_id && init_id.error().code() != ErrorCode::kNotFound) return init_id.error();
  if (init_id) {
    MERIDIAN_TRY(out.init_id, driver_id(*std::move(init_id)));
  }
  file = folder / "parent";
  MERIDIAN_TRY(out.parent, read_parent(files_, file));
  return out;
}

std::optional<LayerDb::Mount> LayerDb::mount(const std::string& container) {
  HostPath file = mounts_;
  auto mount = read_mount(container, file);
  if (mount) return *std::move(mount);
  files_.problem(std::move(mount).error(), file, container);
  return std::nullopt;
}

std::optional<Layer> LayerDb::own_layer(const std::string& driver_id, LayerKind kind,
                                        const std::string& container) {
  HostPath file = layers_;
  if (auto there = check_tree(driver_id, file); !there) {
    files_.problem(std::move(there).error(), file, container);
    return std::nullopt;
  }
  Layer layer;
  layer.id = driver_id;
  layer.store = files_.store();
  layer.kind = kind;
  layer.identity = LayerIdentity::kLocal;
  layer.dialect = driver_.whole_trees ? model::MarkerDialect::kNone : driver_.dialect;
  return layer;
}

}  // namespace meridian::store
