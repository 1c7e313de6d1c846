// SPDX-License-Identifier: Apache-2.0
#include "store/containerd/images.hpp"

#include <algorithm>
#include <deque>
#include <set>
#include <utility>
#include <variant>

#include "base/escape.hpp"
#include "base/limits.hpp"
#include "store/oci_layout/descriptor.hpp"

namespace meridian::store::containerd {
namespace {

using model::Digest;
using model::HostPath;
using model::Image;

/// One thing that names lead to.
struct Target {
  std::string media_type;
  std::vector<std::string> names;
};

class Reader {
 public:
  Reader(EngineFiles& files, const Metadata& metadata, Layers& layers)
      : files_(files), metadata_(metadata), layers_(layers) {}

  void read(const Digest& digest, const Target& target);
  ImageList take() { return std::move(out_); }

 private:
  struct Step {
    Digest digest;
    std::string media_type;
    std::size_t depth = 0;
  };
  void follow(const Step& step);
  void follow_index(const Index& index, const Step& step);
  void take_manifest(const Manifest& manifest, const Digest& digest);
  void take_image(std::size_t image);
  Result<std::string> read_blob(const Digest& digest, std::uint64_t limit);
  void problem(Error error, const Digest& blob) {
    files_.problem(std::move(error), blob_path(files_.root(), blob), object_);
  }

  EngineFiles& files_;
  const Metadata& metadata_;
  Layers& layers_;
  ImageList out_;
  std::uint64_t json_bytes_ = 0;
  // Of the target at hand.
  std::deque<Step> queue_;
  std::size_t queued_ = 0;
  std::set<Digest> met_;  // each is followed once
  std::string object_;
  std::vector<std::size_t> taken_;
};

Result<std::string> Reader::read_blob(const Digest& digest, std::uint64_t limit) {
  if (!metadata_.has_blob(digest)) {
    return Error(ErrorCode::kNotFound, "is not in the content store");
  }
  if (json_bytes_ >= limits::kMaxLayoutJson) {
    return Error(ErrorCode::kLimit, "indexes, manifests and configs have more than " +
                                        std::to_string(limits::kMaxLayoutJson) + " bytes in all");
  }
  MERIDIAN_TRY(std::string text, files_.host().read_file(blob_path(files_.root(), digest), limit));
  json_bytes_ += text.size();
  const Digest content = model::digest_of(text);
  if (digest.text().substr(0, 7) == "sha256:" && content != digest) {
    problem(Error(ErrorCode::kIntegrity, "its content is " + content.text()), digest);
  }
  return text;
}

void Reader::take_image(std::size_t image) {
  if (std::find(taken_.begin(), taken_.end(), image) == taken_.end()) taken_.push_back(image);
}

void Reader::take_manifest(const Manifest& manifest, const Digest& digest) {
  const Digest& claimed = manifest.config.digest;
  if (!is_image_config(manifest.config.media_type)) {
    return problem(
        Error(ErrorCode::kUnsupported, "is no image but an artifact of type '" +
                                           base::escape(manifest.config.media_type) + "'"),
        digest);
  }
  auto text = read_blob(claimed, limits::kMaxMetadataFile);
  if (!text) return problem(std::move(text).error(), claimed);
  auto config = model::ImageConfig::parse(*text);
  if (!config) return problem(std::move(config).error(), claimed);
  Image image;
  image.config_digest = model::digest_of(*text);
  image.id = image.config_digest->text();
  image.config = *std::move(config);
  image.layers = layers_.of_image(image.config.diff_ids, manifest.layers, image.id);
  const auto commands = image.config.layer_commands();
  for (std::size_t i = 0; i < image.layers.size(); ++i) {
    image.layers[i].created_by = commands[i];
    image.size += image.layers[i].size;
  }
  out_.by_digest.emplace(digest.text(), out_.images.size());
  take_image(out_.images.size());
  out_.images.push_back(std::move(image));
}

void Reader::follow_index(const Index& index, const Step& step) {
  if (step.depth == limits::kMaxIndexDepth) {
    return problem(Error(ErrorCode::kLimit, "indexes inside indexes, deeper than " +
                                                std::to_string(limits::kMaxIndexDepth)),
                   step.digest);
  }
  for (const auto& entry : index.manifests) {
    if (!entry) {
      problem(entry.error(), step.digest);
      continue;
    }
    // What was not pulled has no blob here.
    if (entry->is_attestation() || !metadata_.has_blob(entry->digest)) continue;
    if (!met_.insert(entry->digest).second) continue;
    if (++queued_ > limits::kMaxLayoutManifests) {
      return problem(
          Error(ErrorCode::kLimit, "more than " + std::to_string(limits::kMaxLayoutManifests) +
                                       " manifests and indexes: the rest is not read"),
          step.digest);
    }
    queue_.push_back({entry->digest, entry->media_type, step.depth + 1});
  }
}

void Reader::follow(const Step& step) {
  const auto known = out_.by_digest.find(step.digest.text());
  if (known != out_.by_digest.end()) return take_image(known->second);
  auto text = read_blob(step.digest, limits::kMaxManifestBytes);
  if (!text) return problem(std::move(text).error(), step.digest);
  auto document = parse_document(*text, step.media_type);
  if (!document) return problem(std::move(document).error(), step.digest);
  if (const Index* const index = std::get_if<Index>(&*document)) return follow_index(*index, step);
  take_manifest(std::get<Manifest>(*document), step.digest);
}

void Reader::read(const Digest& digest, const Target& target) {
  object_ = digest.text();
  taken_.clear();
  queued_ = 0;
  met_ = {digest};
  const std::size_t before = files_.problem_count();
  queue_.push_back({digest, target.media_type, 0});
  while (!queue_.empty()) {
    const Step step = std::move(queue_.front());
    queue_.pop_front();
    follow(step);
  }
  for (const std::size_t index : taken_) {
    Image& image = out_.images[index];
    image.names.insert(image.names.end(), target.names.begin(), target.names.end());
    image.present_in.push_back({files_.store(), digest.text(), target.names});
  }
  if (taken_.size() == 1) out_.by_digest.emplace(digest.text(), taken_.front());
  if (taken_.empty() && files_.problem_count() == before) {
    problem(Error(ErrorCode::kNotFound, "none of the platforms of image '" +
                                            base::escape(target.names.front()) + "' is here"),
            digest);
  }
}

}  // namespace

ImageList read_images(EngineFiles& files, const Metadata& metadata, Layers& layers) {
  const HostPath file = Metadata::file(files.root());
  std::map<Digest, Target> targets;
  auto records = metadata.images();
  if (records.size() > limits::kMaxObjects) {
    files.problem(Error(ErrorCode::kLimit, std::to_string(records.size()) + " images, the first " +
                                               std::to_string(limits::kMaxObjects) + " are read"),
                  file, {});
    records.erase(records.begin() + std::ptrdiff_t{limits::kMaxObjects}, records.end());
  }
  for (auto& record : records) {
    if (!record) {
      files.problem(std::move(record).error(), file, {});
      continue;
    }
    Target& target = targets[record->target];
    target.media_type = std::move(record->media_type);
    target.names.push_back(std::move(record->name));
  }
  Reader reader(files, metadata, layers);
  for (const auto& [digest, target] : targets) reader.read(digest, target);
  return reader.take();
}

}  // namespace meridian::store::containerd
