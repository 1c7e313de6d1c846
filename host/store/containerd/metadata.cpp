// SPDX-License-Identifier: Apache-2.0
#include "store/containerd/metadata.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/escape.hpp"
#include "store/containerd/encoding.hpp"

namespace meridian::store::containerd {
namespace {

using bbolt::Bucket;
using bbolt::Database;
using bbolt::Entry;

constexpr std::string_view kSchema = "v1";

Result<Database> check_schema(Result<Database> database) {
  if (!database || !database->damages().empty() || database->root().bucket(kSchema)) {
    return database;
  }
  return Error(ErrorCode::kUnsupported, "is no metadata of containerd: it has no bucket 'v1'");
}

Result<ImageRecord> read_image(const Bucket& images, const Entry& entry) {
  const auto image = images.bucket(entry);
  const auto target = image ? image->bucket("target") : std::nullopt;
  if (!target) return Error(ErrorCode::kCorrupt, "has no target");
  MERIDIAN_TRY(model::Digest digest, model::Digest::parse(target->get("digest").value_or("")));
  return ImageRecord{std::string(entry.key), std::move(digest),
                     std::string(target->get("mediatype").value_or(""))};
}

std::map<std::string, std::string> read_map(const Bucket& parent, std::string_view key) {
  std::map<std::string, std::string> out;
  const auto bucket = parent.bucket(key);
  if (!bucket) return out;
  for (const Entry& entry : bucket->entries()) {
    if (!entry.is_bucket()) out.emplace(entry.key, entry.value);
  }
  return out;
}

Result<ContainerRecord> read_container(const Bucket& containers, const Entry& entry) {
  const auto record = containers.bucket(entry);
  if (!record) return Error(ErrorCode::kCorrupt, "is no bucket");
  if (!is_identifier(entry.key)) return Error(ErrorCode::kCorrupt, "is no id of containerd");
  const auto text = [&record](std::string_view key) {
    return std::string(record->get(key).value_or(""));
  };
  ContainerRecord out;
  out.id = entry.key;
  out.image = text("image");
  out.snapshotter = text("snapshotter");
  out.snapshot_key = text("snapshotKey");
  out.sandbox = text("sandboxid");
  if (const auto runtime = record->bucket("runtime")) {
    out.runtime = runtime->get("name").value_or("");
    out.options = runtime->get("options").value_or("");
  }
  out.spec = text("spec");
  out.created = parse_time(text("createdat"));
  out.labels = read_map(*record, "labels");
  out.extensions = read_map(*record, "extensions");
  return out;
}

}  // namespace

// Letters and digits with single '.', '_' or '-' between them.
bool is_identifier(std::string_view text) {
  constexpr std::size_t kLongest = 76;
  const auto is_alphanumeric = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  if (text.empty() || text.size() > kLongest) return false;
  bool between = true;  // at the start, or after one of ".-_"
  for (const char c : text) {
    const bool plain = is_alphanumeric(c);
    if (!plain && (between || (c != '.' && c != '_' && c != '-'))) return false;
    between = !plain;
  }
  return !between;
}

model::HostPath Metadata::file(const model::HostPath& root) {
  return root / "io.containerd.metadata.v1.bolt/meta.db";
}

Metadata::Metadata(std::shared_ptr<const Database> database, std::string name_space)
    : database_(std::move(database)), name_space_(std::move(name_space)) {}

Result<Metadata> Metadata::open(const rootfs::HostRoot& host, const model::HostPath& root,
                                std::string name_space) {
  MERIDIAN_TRY(Database database, check_schema(Database::open(host, file(root))));
  return Metadata(std::make_shared<const Database>(std::move(database)), std::move(name_space));
}

Result<std::vector<Metadata>> Metadata::open_all(const rootfs::HostRoot& host,
                                                 const model::HostPath& root) {
  MERIDIAN_TRY(Database database, check_schema(Database::open(host, file(root))));
  const auto shared = std::make_shared<const Database>(std::move(database));
  std::vector<Metadata> out;
  if (const auto schema = shared->root().bucket(kSchema)) {
    for (const Entry& entry : schema->entries()) {
      if (entry.is_bucket()) out.push_back(Metadata(shared, std::string(entry.key)));
    }
  }
  // A namespace says what it may have lost; where none is left nobody would.
  if (out.empty() && !shared->damages().empty()) return Error(shared->damages().front().error);
  return out;
}

Result<Metadata> Metadata::parse(std::string file, std::string name_space) {
  MERIDIAN_TRY(Database database, check_schema(Database::parse(std::move(file))));
  return Metadata(std::make_shared<const Database>(std::move(database)), std::move(name_space));
}

std::optional<Bucket> Metadata::find(std::initializer_list<std::string_view> path) const {
  std::optional<Bucket> bucket;
  if (database_) bucket = database_->root().bucket(kSchema);
  if (bucket) bucket = bucket->bucket(name_space_);
  for (const std::string_view key : path) {
    if (!bucket) break;
    bucket = bucket->bucket(key);
  }
  return bucket;
}

bool Metadata::is_empty() const {
  if (!damages().empty()) return false;
  for (const std::string_view kind : {"images", "snapshots"}) {
    if (const auto bucket = find({kind}); bucket && !bucket->entries().empty()) return false;
  }
  return true;
}

std::vector<Result<ImageRecord>> Metadata::images() const {
  std::vector<Result<ImageRecord>> out;
  const auto images = find({"images"});
  if (!images) return out;
  for (const Entry& entry : images->entries()) {
    auto record = read_image(*images, entry);
    if (!record) {
      record = std::move(record).error().in("image '" + base::escape(entry.key) + "'");
    }
    out.push_back(std::move(record));
  }
  return out;
}

std::vector<Result<ContainerRecord>> Metadata::containers() const {
  std::vector<Result<ContainerRecord>> out;
  const auto containers = find({"containers"});
  if (!containers) return out;
  for (const Entry& entry : containers->entries()) {
    auto record = read_container(*containers, entry);
    if (!record) {
      record = std::move(record).error().in("container '" + base::escape(entry.key) + "'");
    }
    out.push_back(std::move(record));
  }
  return out;
}

bool Metadata::has_blob(const model::Digest& digest) const {
  return find({"content", "blob", digest.text()}).has_value();
}

std::optional<model::DiffId> Metadata::uncompressed(const model::Digest& digest) const {
  const auto labels = find({"content", "blob", digest.text(), "labels"});
  const auto value = labels ? labels->get("containerd.io/uncompressed") : std::nullopt;
  const auto diff_id = model::DiffId::parse(value.value_or(""));
  return diff_id ? std::optional(*diff_id) : std::nullopt;
}

std::vector<std::string> Metadata::snapshotters() const {
  std::vector<std::string> names;
  const auto snapshots = find({"snapshots"});
  if (!snapshots) return names;
  for (const Entry& entry : snapshots->entries()) names.emplace_back(entry.key);
  return names;
}

std::optional<std::string> Metadata::snapshot(std::string_view snapshotter,
                                              std::string_view key) const {
  const auto record = find({"snapshots", snapshotter, key});
  const auto name = record ? record->get("name") : std::nullopt;
  return name ? std::optional<std::string>(*name) : std::nullopt;
}

std::vector<bbolt::Damage> Metadata::damages() const {
  const std::string other = std::string(kSchema) + "/";
  const std::string own = other + base::escape(name_space_);
  std::vector<bbolt::Damage> out;
  if (!database_) return out;
  const auto& all = database_->damages();
  std::copy_if(all.begin(), all.end(), std::back_inserter(out), [&](const bbolt::Damage& damage) {
    return damage.bucket.find(other) != 0 || (damage.bucket + "/").find(own + "/") == 0;
  });
  return out;
}

}  // namespace meridian::store::containerd
