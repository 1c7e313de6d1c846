// SPDX-License-Identifier: Apache-2.0
//
// containerd_root.hpp: a containerd root made in code: databases, blobs, snapshots of overlayfs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/sha256.hpp"
#include "model/digest.hpp"
#include "support/bbolt_file.hpp"
#include "support/temp_dir.hpp"

namespace meridian::testing_support {

/// binary.PutUvarint of a small number.
inline std::string uvarint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  return bytes + static_cast<char>(value);
}

class ContainerdRoot {
 public:
  explicit ContainerdRoot(const TempDir& host, std::string root = "/var/lib/containerd",
                          std::string name_space = "moby")
      : host_(host), root_(std::move(root)), name_space_(std::move(name_space)) {
    meta_.buckets["v1"].values["version"] = "\x08";
  }

  const std::string& root() const { return root_; }
  std::string meta_file() const { return root_ + "/io.containerd.metadata.v1.bolt/meta.db"; }
  std::string snapshotter() const { return root_ + "/io.containerd.snapshotter.v1.overlayfs"; }
  std::string native() const { return root_ + "/io.containerd.snapshotter.v1.native"; }
  std::string blob_file(const std::string& digest) const {
    return root_ + "/io.containerd.content.v1.content/blobs/sha256/" + digest.substr(7);
  }
  static std::string digest(const std::string& bytes) {
    return "sha256:" + base::sha256_hex(bytes);
  }

  /// The content of a namespace in meta.db, to be changed before write().
  BboltTree& space() { return meta_.buckets["v1"].buckets[name_space_]; }
  BboltTree& meta() { return meta_; }
  BboltTree& snapshots() { return snapshots_.buckets["v1"].buckets["snapshots"]; }

  std::string add_blob(const std::string& bytes) {
    const std::string name = digest(bytes);
    host_.file(blob_file(name), bytes);
    space().buckets["content"].buckets["blob"].buckets[name].values["size"] =
        uvarint(2 * bytes.size());
    return name;
  }
  void label_blob(const std::string& blob, const std::string& diff_id) {
    space().buckets["content"].buckets["blob"].buckets[blob].buckets["labels"].values = {
        {"containerd.io/uncompressed", diff_id}};
  }
  static std::string descriptor(const std::string& type, const std::string& digest,
                                const std::string& more = "") {
    return R"({"mediaType":"application/vnd.oci.image.)" + type + R"(","digest":")" + digest +
           R"(","size":1)" + more + "}";
  }
  static std::string platform(const std::string& architecture, const std::string& os = "linux") {
    return R"(,"platform":{"architecture":")" + architecture + R"(","os":")" + os + R"("})";
  }
  /// Config and manifest of layers that are these texts; the layers themselves are nowhere yet.
  std::string add_manifest(const std::vector<std::string>& layers,
                           const std::string& architecture = "amd64") {
    std::string diffs, blobs;
    for (const std::string& layer : layers) {
      diffs += (diffs.empty() ? "\"" : ",\"") + digest(layer) + "\"";
      blobs += (blobs.empty() ? "" : ",") + descriptor("layer.v1.tar", digest(layer));
    }
    const std::string config =
        R"({"architecture":")" + architecture +
        R"(","os":"linux","config":{"Env":["A=1"]},"rootfs":{"type":"layers","diff_ids":[)" +
        diffs + "]}}";
    return add_blob(R"({"schemaVersion":2,"config":)" +
                    descriptor("config.v1+json", add_blob(config)) + R"(,"layers":[)" + blobs +
                    "]}");
  }
  std::string add_index(const std::vector<std::string>& descriptors) {
    std::string list;
    for (const auto& entry : descriptors) list += (list.empty() ? "" : ",") + entry;
    return add_blob(R"({"schemaVersion":2,"manifests":[)" + list + "]}");
  }
  void add_name(const std::string& name, const std::string& target) {
    space().buckets["images"].buckets[name].buckets["target"].values = {{"digest", target}};
  }

  /// A snapshot called `key`, on one called `parent`; its folder has one file, "from".
  void add_snapshot(const std::string& key, const std::string& parent, const std::string& content) {
    const std::uint64_t id = ++last_;
    const std::string name = name_space_ + "/" + std::to_string(id + 100) + "/" + key;
    auto& records = space().buckets["snapshots"].buckets["overlayfs"].buckets;
    records[key].values = {{"name", name}, {"parent", parent}};
    auto& snapshot = snapshots().buckets[name].values;
    snapshot = {{"id", uvarint(id)}, {"kind", "\x03"}, {"size", uvarint(2 * content.size())}};
    if (!parent.empty()) snapshot["parent"] = records[parent].values["name"];
    host_.file(snapshotter() + "/snapshots/" + std::to_string(id) + "/fs/from", content);
  }
  /// The snapshots of these layers; the key of the topmost.
  std::string unpack(const std::vector<std::string>& layers) {
    std::vector<model::DiffId> diff_ids;
    std::string below;
    for (const std::string& layer : layers) {
      diff_ids.push_back(*model::DiffId::parse(digest(layer)));
      const std::string chain = model::chain_id(diff_ids).text();
      if (space().buckets["snapshots"].buckets["overlayfs"].buckets.count(chain) == 0) {
        add_snapshot(chain, below, layer);
      }
      below = chain;
    }
    return below;
  }
  /// A whole root file system of the native snapshotter, with one file, "from".
  void add_native_snapshot(const std::string& key, const std::string& content) {
    const std::uint64_t id = ++last_;
    const std::string name = name_space_ + "/" + std::to_string(id + 100) + "/" + key;
    space().buckets["snapshots"].buckets["native"].buckets[key].values = {{"name", name}};
    native_.buckets["v1"].buckets["snapshots"].buckets[name].values = {{"id", uvarint(id)},
                                                                       {"kind", "\x02"}};
    host_.file(native() + "/snapshots/" + std::to_string(id) + "/from", content);
  }
  void add_container(const std::string& id, const std::string& on) {
    add_snapshot(id + "-init", on, "init");
    add_snapshot(id, id + "-init", "written");
  }

  void write() const {
    write_database(meta_file(), meta_);
    write_database(snapshotter() + "/metadata.db", snapshots_);
    if (!native_.buckets.empty()) write_database(native() + "/metadata.db", native_);
  }

 private:
  void write_database(const std::string& path, const BboltTree& tree) const {
    BboltFile file(4096);
    const auto root = file.add(tree);
    host_.file(path, file.finish(root));
  }

  const TempDir& host_;
  std::string root_;
  std::string name_space_;
  BboltTree meta_;
  BboltTree snapshots_;
  BboltTree native_;
  std::uint64_t last_ = 0;
};

}  // namespace meridian::testing_support
