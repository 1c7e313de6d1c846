// SPDX-License-Identifier: Apache-2.0
//
// oci_layout.cpp: breadth first from index.json, no recursion: what is foreign decides no depth.
#include "store/oci_layout/oci_layout.hpp"

#include <deque>
#include <map>
#include <utility>

#include "base/escape.hpp"
#include "base/limits.hpp"
#include "model/json.hpp"
#include "store/image_store.hpp"
#include "store/oci_layout/descriptor.hpp"
#include "store/oci_layout/platform_choice.hpp"
#include "store/source_index.hpp"

namespace meridian::store {
namespace {

constexpr const char* kIndexFile = "index.json";
constexpr const char* kLayoutFile = "oci-layout";

/// How an entry of index.json is called, for itself and all it leads to.
struct Called {
  std::string name;  // the full name where a writer says it, else the tag; may be empty
  std::string tag;
};

std::string annotation(const Descriptor& entry, const std::string& key) {
  const auto found = entry.annotations.find(key);
  return found == entry.annotations.end() ? std::string() : found->second;
}

/// podman writes the full name as the tag; Docker and containerd have an annotation of their own.
Called called(const Descriptor& entry) {
  Called out;
  out.tag = annotation(entry, "org.opencontainers.image.ref.name");
  out.name = annotation(entry, "io.containerd.image.name");
  if (out.name.empty()) out.name = out.tag;
  return out;
}

class LayoutReader {
 public:
  LayoutReader(ImageStore& store, const std::optional<model::Platform>& platform)
      : store_(store), platform_(platform) {}

  Result<void> read(const std::string& wanted);
  /// Why an index has nothing for the platform, if that was so.
  const std::optional<Error>& platform_error() const { return platform_error_; }

 private:
  /// A blob on the way to an image that is not what it is called.
  struct Doubt {
    Error error;
    std::string file;
  };
  struct Step {
    Descriptor entry;
    Called called;
    std::size_t depth = 0;  // indexes above it, index.json left out
    std::vector<Doubt> doubts;
  };
  Result<void> check_version();
  Result<std::vector<Descriptor>> read_top(const std::string& wanted);
  void take_top(const std::vector<Descriptor>& entries);
  void follow(Step step);
  void add_names(const std::string& image_id, const Called& called);
  Result<void> take_index(const Index& index, const Step& step);
  Result<void> take_manifest(const Manifest& manifest, const Step& step);
  NamedLayer layer_of(const Descriptor& layer) const;
  /// Queues what the platform decides of `entries`, as steps like `model`.
  void choose(const std::vector<Descriptor>& entries, const Step& model, const std::string& file);
  void queue(Step step);
  Result<std::string> read_blob(Step& step);
  Result<void> count_json(std::uint64_t bytes);
  void say_doubts(const Step& step, const std::string& object);
  /// kIntegrity where the stored bytes cannot be those of the descriptor.
  void check_size(const Descriptor& entry, const ImageFiles::Found& found,
                  const std::string& object);
  static std::string object_of(const Step& step) {
    return step.called.name.empty() ? step.entry.digest.text() : step.called.name;
  }

  ImageStore& store_;
  const std::optional<model::Platform>& platform_;
  std::deque<Step> queue_;
  std::size_t queued_ = 0;
  std::uint64_t json_bytes_ = 0;
  std::map<model::Digest, std::string> images_;  // manifest -> image id, or "" if unreadable
  std::optional<Error> platform_error_;
};

Result<void> LayoutReader::read(const std::string& wanted) {
  MERIDIAN_CHECK(check_version());
  auto entries = read_top(wanted);
  if (!entries) return std::move(entries).error();
  take_top(*entries);
  while (!queue_.empty()) {
    Step step = std::move(queue_.front());
    queue_.pop_front();
    follow(std::move(step));
  }
  return {};
}

Result<void> LayoutReader::check_version() {
  const auto found = store_.files().find(kLayoutFile);
  if (!found) return {};  // what counts is index.json
  MERIDIAN_TRY(const std::string text, store_.files().read(*found, limits::kMaxManifestBytes));
  const auto json = model::Json::parse(text);
  const auto version = json && json->is_object() ? json->text("imageLayoutVersion")
                                                 : Result<std::string>(std::string());
  if (version && version->substr(0, 2) == "1.") return {};
  store_.problem(
      Error(ErrorCode::kUnsupported, "says no layout version 1.x: it is read as if it did"),
      kLayoutFile, {});
  return {};
}

Result<std::vector<Descriptor>> LayoutReader::read_top(const std::string& wanted) {
  auto found = store_.files().find(kIndexFile);
  if (!found) {
    return Error(ErrorCode::kCorrupt, found.error().message() + ": not an OCI layout");
  }
  MERIDIAN_TRY(const std::string text, store_.files().read(*found, limits::kMaxMetadataFile));
  auto document = parse_document(text, {});
  if (!document) return std::move(document).error().in(kIndexFile);
  const Index* const index = std::get_if<Index>(&*document);
  if (index == nullptr) return Error(ErrorCode::kCorrupt, "index.json is a manifest, no index");
  const auto number = source_index(wanted);
  if (number && *number >= index->manifests.size()) {
    return no_such_index(store_.files().name(), index->manifests.size(), wanted);
  }
  std::vector<Descriptor> entries;
  for (std::size_t i = 0; i < index->manifests.size(); ++i) {
    if (number && *number != i) continue;
    if (const auto& entry = index->manifests[i]; entry) {
      entries.push_back(*entry);
    } else {
      store_.problem(entry.error(), kIndexFile, {});
    }
  }
  return entries;
}

/// Each entry of index.json is an image of its own, unless several share a name and say for which
/// platform they are: then it does what an index inside it would do.
void LayoutReader::take_top(const std::vector<Descriptor>& entries) {
  std::map<std::pair<std::string, std::string>, std::vector<Descriptor>> platforms;
  for (const Descriptor& entry : entries) {
    if (entry.is_attestation()) continue;
    const Called names = called(entry);
    if (entry.platform) {
      platforms[{names.name, names.tag}].push_back(entry);
    } else {
      queue({entry, names, 0, {}});
    }
  }
  for (const auto& [key, group] : platforms) {
    const Step model{group.front(), called(group.front()), 0, {}};
    if (group.size() == 1 && !platform_) {
      queue(model);
    } else {
      choose(group, model, kIndexFile);
    }
  }
}

void LayoutReader::queue(Step step) {
  if (++queued_ <= limits::kMaxLayoutManifests) return queue_.push_back(std::move(step));
  if (queued_ != limits::kMaxLayoutManifests + 1) return;  // said once
  store_.problem(
      Error(ErrorCode::kLimit, "more than " + std::to_string(limits::kMaxLayoutManifests) +
                                   " manifests and indexes: the rest is not read"),
      kIndexFile, {});
}

void LayoutReader::choose(const std::vector<Descriptor>& entries, const Step& model,
                          const std::string& file) {
  auto chosen = choose_platform(entries, platform_, [this](const Descriptor& entry) {
    return store_.files().has(entry.blob());
  });
  if (!chosen) {
    if (!platform_error_) platform_error_ = chosen.error();
    return store_.problem(std::move(chosen).error(), file, model.called.name);
  }
  for (Descriptor& entry : *chosen) {
    queue({std::move(entry), model.called, model.depth, model.doubts});
  }
}

void LayoutReader::follow(Step step) {
  const auto known = images_.find(step.entry.digest);
  if (known != images_.end()) {
    // Read before, by another name. What could not be read was said then.
    if (!known->second.empty()) add_names(known->second, step.called);
    return;
  }
  if (!is_manifest_type(step.entry.media_type)) {
    images_[step.entry.digest] = "";
    return store_.problem(
        Error(ErrorCode::kUnsupported, "media type '" + base::escape(step.entry.media_type) +
                                           "' is neither index nor manifest"),
        step.entry.blob(), object_of(step));
  }
  const auto done = [&]() -> Result<void> {
    MERIDIAN_TRY(const std::string text, read_blob(step));
    MERIDIAN_TRY(const Document document, parse_document(text, step.entry.media_type));
    if (const Index* index = std::get_if<Index>(&document)) return take_index(*index, step);
    return take_manifest(std::get<Manifest>(document), step);
  }();
  if (done) return;
  images_.emplace(step.entry.digest, "");
  say_doubts(step, object_of(step));
  store_.problem(done.error(), step.entry.blob(), object_of(step));
}

void LayoutReader::add_names(const std::string& image_id, const Called& called) {
  if (!called.name.empty()) store_.add_name(image_id, called.name);
  if (!called.tag.empty()) store_.add_selector(image_id, called.tag);
}

void LayoutReader::say_doubts(const Step& step, const std::string& object) {
  for (const Doubt& doubt : step.doubts) store_.problem(doubt.error, doubt.file, object);
}

Result<void> LayoutReader::count_json(std::uint64_t bytes) {
  json_bytes_ += bytes;
  if (json_bytes_ <= limits::kMaxLayoutJson) return {};
  return Error(ErrorCode::kLimit, "indexes, manifests and configs of more than " +
                                      std::to_string(limits::kMaxLayoutJson) + " bytes in all");
}

Result<std::string> LayoutReader::read_blob(Step& step) {
  const Descriptor& entry = step.entry;
  MERIDIAN_TRY(const auto found, store_.files().find(entry.blob()));
  MERIDIAN_CHECK(count_json(found.size));
  MERIDIAN_TRY(std::string text, store_.files().read(found, limits::kMaxManifestBytes));
  const std::string content = model::digest_of(text).text();
  const std::string& claimed = entry.digest.text();
  if (claimed.substr(0, 7) == "sha256:" && claimed != content) {
    // Which image it is about is known later.
    step.doubts.push_back(
        {Error(ErrorCode::kIntegrity, "manifest " + claimed + ": its content is " + content),
         entry.blob()});
  }
  return text;
}

void LayoutReader::check_size(const Descriptor& entry, const ImageFiles::Found& found,
                              const std::string& object) {
  if (!entry.size || *entry.size == found.size) return;
  store_.problem(Error(ErrorCode::kIntegrity, "blob " + entry.digest.text() + " of " +
                                                  std::to_string(*entry.size) + " bytes has " +
                                                  std::to_string(found.size)),
                 entry.blob(), object);
}

Result<void> LayoutReader::take_index(const Index& index, const Step& step) {
  if (step.depth >= limits::kMaxIndexDepth) {
    return Error(ErrorCode::kLimit,
                 "indexes inside indexes, deeper than " + std::to_string(limits::kMaxIndexDepth));
  }
  std::vector<Descriptor> entries;
  for (const Result<Descriptor>& entry : index.manifests) {
    if (entry) {
      entries.push_back(*entry);
    } else {
      store_.problem(entry.error(), step.entry.blob(), object_of(step));
    }
  }
  Step below = step;
  ++below.depth;
  choose(entries, below, step.entry.blob());
  return {};
}

NamedLayer LayoutReader::layer_of(const Descriptor& layer) const {
  const std::string type = "'" + base::escape(layer.media_type) + "'";
  const auto without = [&](ErrorCode code, const std::string& why) {
    return NamedLayer{layer.blob(), layer.digest, Error(code, why)};
  };
  switch (layer_form(layer.media_type)) {
    case LayerForm::kEncrypted:
      return without(ErrorCode::kUnsupported, "an encrypted layer, " + type);
    case LayerForm::kUnknown:
      return without(ErrorCode::kUnsupported, "a layer of media type " + type);
    case LayerForm::kTar:
      break;
  }
  auto found = store_.files().find(layer.blob());
  if (!found && is_foreign(layer)) {
    return without(ErrorCode::kUnsupported,
                   "a foreign layer, which is not here but at " +
                       (layer.urls.empty() ? "a place that is not said"
                                           : "'" + base::escape(layer.urls.front()) + "'"));
  }
  return {layer.blob(), layer.digest, std::move(found)};
}

Result<void> LayoutReader::take_manifest(const Manifest& manifest, const Step& step) {
  if (!is_image_config(manifest.config.media_type)) {
    return Error(ErrorCode::kUnsupported, "is no image but an artifact of type '" +
                                              base::escape(manifest.config.media_type) + "'");
  }
  model::Image image;
  image.present_in.push_back({0, step.entry.digest.text(), {}});
  const auto config = store_.files().find(manifest.config.blob());
  if (config) MERIDIAN_CHECK(count_json(config->size));
  auto read = store_.read_config(config, manifest.config.blob(), manifest.config.digest, image);
  const std::string object = image.id.empty() ? object_of(step) : image.id;
  if (!read) {
    images_.emplace(step.entry.digest, "");
    say_doubts(step, object);
    store_.problem(std::move(read).error(), manifest.config.blob(), object);
    return {};
  }
  say_doubts(step, object);
  check_size(manifest.config, *config, object);
  std::vector<NamedLayer> layers;
  for (const Descriptor& layer : manifest.layers) {
    layers.push_back(layer_of(layer));
    if (layers.back().found) check_size(layer, *layers.back().found, object);
  }
  images_.emplace(step.entry.digest, image.id);
  store_.add(std::move(image), step.entry.blob(), layers);
  add_names(object, step.called);
  return {};
}

}  // namespace

Result<std::unique_ptr<Store>> read_oci_layout(std::unique_ptr<const ImageFiles> files,
                                               const std::string& kind, const LayoutWish& wish) {
  auto store = std::make_unique<ImageStore>(std::move(files), kind);
  LayoutReader reader(*store, wish.platform);
  const std::string shown = base::escape(store->runtime().root);
  if (auto done = reader.read(wish.name); !done) return std::move(done).error().in(shown);
  // A platform that nothing is there for is a mistake of who asked, not an empty layout.
  if (store->empty() && reader.platform_error()) {
    return Error(*reader.platform_error()).in(shown);
  }
  if (!wish.name.empty() && !source_index(wish.name)) MERIDIAN_CHECK(store->keep(wish.name));
  return std::unique_ptr<Store>(std::move(store));
}

}  // namespace meridian::store
