// SPDX-License-Identifier: Apache-2.0
#include "store/archive/docker_archive.hpp"

#include <optional>
#include <utility>

#include "base/escape.hpp"
#include "base/limits.hpp"
#include "store/archive/archive_files.hpp"
#include "store/archive/archive_manifest.hpp"
#include "store/image_store.hpp"
#include "store/source_index.hpp"

namespace meridian::store {
namespace {

constexpr const char* kManifest = "manifest.json";

Result<std::vector<ArchiveImage>> read_manifest(const ImageFiles& files) {
  const auto found = files.find(kManifest);
  if (!found) {
    if (files.has("index.json")) {
      return Error(ErrorCode::kUnsupported,
                   "is an OCI layout without manifest.json: oci-archive:PATH reads it");
    }
    if (files.has("repositories")) {
      return Error(ErrorCode::kUnsupported,
                   "has repositories and no manifest.json: written by Docker before 1.10");
    }
    return Error(ErrorCode::kCorrupt, found.error().message() + ": not an image archive");
  }
  MERIDIAN_TRY(const std::string text, files.read(*found, limits::kMaxMetadataFile));
  auto images = parse_archive_manifest(text);
  if (!images) return std::move(images).error().in(kManifest);
  return images;
}

/// "<hex>.json" of the old layout, "blobs/sha256/<hex>" of the new one: the digest that it claims.
std::optional<model::Digest> claimed_digest(std::string_view member) {
  const auto slash = member.rfind('/');
  std::string_view name = slash == std::string_view::npos ? member : member.substr(slash + 1);
  auto digest = model::Digest::from_hex(name.substr(0, name.find('.')));
  if (!digest) return std::nullopt;
  return *std::move(digest);
}

/// A layer of the new layout is named by the digest of its bytes; of the old one by its diffID or
/// by an id that is no digest.
std::optional<model::Digest> blob_digest(std::string_view member) {
  constexpr std::string_view kBlobs = "blobs/sha256/";
  if (member.substr(0, kBlobs.size()) != kBlobs) return std::nullopt;
  auto digest = model::Digest::from_hex(member.substr(kBlobs.size()));
  if (!digest) return std::nullopt;
  return *std::move(digest);
}

void add_image(ImageStore& store, const ArchiveImage& entry) {
  model::Image image;
  image.names = entry.names;
  auto done = store.read_config(store.files().find(entry.config), entry.config,
                                claimed_digest(entry.config), image);
  if (!done) {
    const std::string object = !image.id.empty()     ? image.id
                               : entry.names.empty() ? std::string()
                                                     : entry.names.front();
    return store.problem(std::move(done).error(), entry.config, object);
  }
  std::vector<NamedLayer> layers;
  for (const std::string& member : entry.layers) {
    layers.push_back({member, blob_digest(member), store.files().find(member)});
  }
  store.add(std::move(image), kManifest, layers);
}

}  // namespace

Result<std::unique_ptr<Store>> open_docker_archive(archive::Unpacker& unpacker,
                                                   const std::string& path,
                                                   const std::string& wanted) {
  MERIDIAN_TRY(auto files, ArchiveFiles::open(unpacker, path));
  return read_docker_archive(std::move(files), wanted);
}

Result<std::unique_ptr<Store>> read_docker_archive(std::unique_ptr<const ImageFiles> files,
                                                   const std::string& wanted) {
  auto entries = read_manifest(*files);
  if (!entries) return std::move(entries).error().in(base::escape(files->name()));
  auto store = std::make_unique<ImageStore>(std::move(files), "docker-archive");
  const auto index = source_index(wanted);
  if (index && *index >= entries->size()) {
    return no_such_index(store->runtime().root, entries->size(), wanted);
  }
  for (std::size_t i = 0; i < entries->size(); ++i) {
    if (!index || *index == i) add_image(*store, (*entries)[i]);
  }
  if (!index && !wanted.empty()) MERIDIAN_CHECK(store->keep(wanted));
  return std::unique_ptr<Store>(std::move(store));
}

}  // namespace meridian::store
